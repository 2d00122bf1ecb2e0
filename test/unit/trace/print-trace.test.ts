import { expect, test } from "vitest";
import {
  chooseFate,
  describeStep,
  drawMermaid,
  type Fate,
  type FateKind,
  type Palette,
  PLAIN_PALETTE,
  printFate,
  printTrace,
  type Step,
  type Trace,
  TraceRecorder,
} from "../../../src/trace/index.js";
import { FATE_KINDS } from "../../../src/trace/json/schema-parts.js";
import { droppedTrace, floodedTrace, serviceTrace } from "../../support/trace/samples.js";

const SAMPLES: readonly (readonly [string, Trace])[] = [
  ["service", serviceTrace()],
  ["dropped", droppedTrace()],
  ["flooded", floodedTrace()],
];

const golden = (name: string) => `../../golden/trace/${name}.txt`;

test.each(SAMPLES)("%s: text at three levels", async (name, trace) => {
  for (const level of ["summary", "hops", "everything"] as const) {
    const printed = `${printTrace(trace, { level })}\n`;
    await expect(printed).toMatchFileSnapshot(golden(`${name}.${level}`));
  }
});

test.each(SAMPLES)("%s: a sequence diagram", async (name, trace) => {
  await expect(`${drawMermaid(trace)}\n`).toMatchFileSnapshot(golden(`${name}.mermaid`));
});

test("the samples have every kind of step, and each has words", () => {
  const kinds: Record<Step["kind"], number> = {
    ...{ send: 0, receive: 0, transmit: 0, bridge: 0, route: 0, neighbor: 0, chain: 0, rule: 0 },
    ...{ policy: 0, conntrack: 0, nat: 0, ttl: 0, encapsulate: 0, decapsulate: 0, fragment: 0 },
    ...{ reassemble: 0, answer: 0, ipvs: 0, deliver: 0, note: 0, fate: 0 },
  };
  const steps = SAMPLES.flatMap(([, trace]) => trace.hops.flatMap((hop) => hop.steps));
  for (const step of steps) {
    kinds[step.kind]++;
    expect(describeStep(step).text).not.toMatch(/undefined|\[object|^$/);
  }
  expect(Object.entries(kinds).filter(([, count]) => count === 0)).toEqual([]);
});

test("every fate has words", () => {
  const said = FATE_KINDS.map((kind) => printFate({ kind, netns: "node-a" }));
  expect(new Set(said).size).toBe(FATE_KINDS.length);
  expect(said.join()).not.toContain("undefined");
});

test("colours are only added: without them the text is the same", () => {
  const seen = new Set<string>();
  const painting = (name: keyof Palette) => (text: string) => {
    seen.add(name);
    return `\u0001${text}\u0002`;
  };
  const palette: Palette = {
    strong: painting("strong"),
    quiet: painting("quiet"),
    good: painting("good"),
    bad: painting("bad"),
    change: painting("change"),
    origin: painting("origin"),
  };
  for (const [, trace] of SAMPLES) {
    for (const level of ["summary", "hops", "everything"] as const) {
      const painted = printTrace(trace, { level, palette });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the marks set above.
      expect(painted.replace(/[\u0001\u0002]/g, "")).toBe(printTrace(trace, { level }));
    }
  }
  expect([...seen].sort((x, y) => (x < y ? -1 : 1))).toEqual(
    Object.keys(PLAIN_PALETTE).sort((x, y) => (x < y ? -1 : 1)),
  );
});

test("at level hops the recorder keeps no chains and rules, and the text is the same", () => {
  const whole = serviceTrace();
  const recorder = new TraceRecorder({ id: whole.id, level: "hops" });
  for (const hop of whole.hops) {
    const tell = recorder.enter(hop.netns, hop.atUs);
    hop.steps.forEach(tell);
  }
  const short = recorder.finish();
  expect(short.hops.flatMap((hop) => hop.steps).some((s) => s.kind === "rule")).toBe(false);
  expect(printTrace(short)).toBe(printTrace(whole));
});

test.each<[FateKind[], FateKind]>([
  [["not-for-us", "delivered", "not-for-us"], "delivered"],
  [["dropped", "not-for-us"], "dropped"],
  [["not-for-us", "bridge-drop"], "bridge-drop"],
  [["dropped", "consumed"], "consumed"],
  [[], "unknown"],
])("of fates %j the journey's is %s", (kinds, chosen) => {
  const steps = kinds.map((kind): Step => ({ kind: "fate", fate: { kind, netns: "n" } as Fate }));
  expect(chooseFate([{ netns: "n", atUs: 0, steps }]).kind).toBe(chosen);
});
