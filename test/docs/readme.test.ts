/** Every program in the README runs, and prints what the README says it prints. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openDoors, runExample } from "../support/run-example.js";
import { ROOT } from "../tidy/source.js";

const FILE = join(ROOT, "README.md");

/** A program, and the two texts below it: what it prints, and an excerpt of the golden lesson. */
const PATTERN = /```ts\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/;

it("the first screen is true", async () => {
  const readme = readFileSync(FILE, "utf8");
  const [, program = "", printed = "", excerpt = ""] = PATTERN.exec(readme) ?? [];
  const run = await runExample(program, await openDoors());
  const actual = `${run.printed.join("\n").trimEnd()}\n`;
  const hop = hopOf(readFileSync(join(ROOT, "test/golden/lesson/ip4.everything.txt"), "utf8"));
  if (process.env.UPDATE_README === "1") {
    const updated = readme.replace(PATTERN, (all) =>
      all
        .replace(`\`\`\`text\n${printed}\`\`\``, () => `\`\`\`text\n${actual}\`\`\``)
        .replace(
          new RegExp(`\`\`\`text\\n${escapePattern(excerpt)}\`\`\`$`),
          () => `\`\`\`text\n${hop}\`\`\``,
        ),
    );
    writeFileSync(FILE, updated);
    return;
  }
  expect(printed).toBe(actual);
  expect(excerpt).toBe(hop);
});

/** How node-1 treats the first packet to the Service, in the golden lesson. */
function hopOf(lesson: string): string {
  const service = lesson.slice(lesson.lastIndexOf("curl http://pod-b-service"));
  const packet = service.slice(service.search(/^#\d+ .*:80 tcp S[ :]/m));
  const hop = packet.slice(packet.search(/^node-1 /m));
  return `${hop.slice(0, hop.search(/\n\n/)).trimEnd()}\n`;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
