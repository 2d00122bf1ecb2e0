/**
 * Facts about Linux, recorded on a real kernel: the model says the same of each, and a share is asked of
 * this machine's kernel again (`KUBEWIRE_FACTS=all` asks every one).
 */
import { describe, expect, test } from "vitest";
import type { LabRecording } from "../../src/agents/index.js";
import { whyNoKernel } from "../support/kernel/netns.js";
import { compareWithReplay, runCase } from "./differential/case.js";
import { familiesOf, nameOf, scenarioOf } from "./facts/fact.js";
import { GROUPS } from "./facts/groups.js";
import { type KeptGroup, readKept, restore } from "./facts/recorded.js";
import { ROUTER } from "./facts/topology.js";

const why = whyNoKernel();
const LIVE_EVERY = process.env.KUBEWIRE_FACTS === "all" ? 1 : 25;
const bases = readKept<Record<string, LabRecording["namespaces"]>>("topologies");

const groups = Object.entries(GROUPS).map(([name, facts]) => ({
  name,
  kept: new Map(readKept<KeptGroup>(name).facts.map((fact) => [fact.name, fact])),
  cases: facts.flatMap((fact) => familiesOf(fact).map((family) => ({ fact, family }))),
}));

describe.each(groups)("facts about $name", ({ name, kept, cases }) => {
  test("are all recorded, and no others", () => {
    expect([...kept.keys()]).toEqual(cases.map(({ fact, family }) => nameOf(fact, family)));
    expect(kept.size).toBe(cases.length);
    const recorded = [...kept.values()].reduce((sum, { probes }) => sum + probes.length, 0);
    const asked = cases.reduce((sum, { fact }) => sum + fact.probes.length, 0);
    expect(recorded).toBeGreaterThan(0.9 * asked);
  });

  test.each(cases.map((one) => ({ ...one, title: nameOf(one.fact, one.family) })))(
    `${name}: $title`,
    ({ fact, family, title }) => {
      const one = kept.get(title);
      if (one === undefined) throw new Error("not recorded");
      const { name: topology } = fact.on ?? ROUTER;
      const recording = restore(one, bases[topology] ?? {}, scenarioOf(fact, family));
      // A recorder that was too slow for a probe ended there.
      expect(one.probes.length).toBeGreaterThan(0);
      expect(compareWithReplay(recording)).toEqual([]);
    },
  );
});

describe.skipIf(why !== undefined)(`facts asked again of a real kernel (${why ?? "here"})`, () => {
  const asked = { probes: 0 };
  const all = groups.flatMap(({ cases }) => cases).filter((_, i) => i % LIVE_EVERY === 0);
  test.concurrent.each(
    all.map((one, lane) => ({ ...one, lane, title: nameOf(one.fact, one.family) })),
  )(
    "$title",
    async ({ fact, family, lane }) => {
      const scenario = scenarioOf(fact, family);
      const done = await runCase(scenario, `kwt${process.pid}-${lane}`);
      expect(done.refused).toEqual([]);
      expect(done.differences).toEqual([]);
      asked.probes += done.recording.probes.length;
    },
    120_000,
  );
  test("a busy machine asks less, but not nothing", () => {
    expect(asked.probes).toBeGreaterThan(all.length / 2);
  });
});
