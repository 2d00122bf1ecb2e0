import { describe, expect, it } from "vitest";
import type { TraceLevel } from "../../src/trace/index.js";
import { giveLesson, type LessonStep } from "../../src/workbench/index.js";

function tell(steps: readonly LessonStep[], level: TraceLevel): string {
  return steps
    .map(({ command, answer }) => {
      const packets = answer.trace.count === 0 ? "" : `\n${answer.trace.print({ level })}\n`;
      return `$ ${command}\n${answer.stdout}${answer.stderr}${packets}\n`;
    })
    .join("");
}

describe("the lesson", () => {
  it.each([
    ["ip4", ["ip4"]],
    ["ip6", ["ip6"]],
    ["dual-ip4-ip6", ["ip4", "ip6"]],
    ["dual-ip6-ip4", ["ip6", "ip4"]],
  ] as const)("over %s", async (name, families) => {
    const steps = giveLesson({ families });
    expect(steps.map(({ answer }) => answer.exit)).toEqual([0, 0, 0, 0, 0, 0]);
    await expect(tell(steps, "hops")).toMatchFileSnapshot(`../golden/lesson/${name}.txt`);
  });

  it("with every hook and rule", async () => {
    const text = tell(giveLesson(), "everything");
    await expect(text).toMatchFileSnapshot("../golden/lesson/ip4.everything.txt");
  });

  it("gives the same bytes twice, and others for another seed", () => {
    const first = tell(giveLesson(), "everything");
    expect(tell(giveLesson(), "everything")).toBe(first);
    expect(tell(giveLesson({ seed: "lesson-2" }), "everything")).not.toBe(first);
  });
});
