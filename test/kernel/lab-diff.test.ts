import { describe, expect, test } from "vitest";
import {
  compareRecording,
  diffCase,
  Lab,
  makeCase,
  planLab,
  recordLab,
  runProgram,
} from "../../src/agents/index.js";
import { Cluster } from "../../src/cluster/index.js";
import { whyNoKernel } from "../support/kernel/netns.js";

const why = whyNoKernel();
/** More on a nightly run: `KUBEWIRE_LAB_CASES=500 npx vitest run test/kernel/lab-diff.test.ts`. */
const CASES = Number(process.env.KUBEWIRE_LAB_CASES ?? 2);
const PROBES = Number(process.env.KUBEWIRE_LAB_PROBES ?? 12);

describe.skipIf(why !== undefined)(`random clusters on a real kernel (${why ?? "here"})`, () => {
  test.each(Array.from({ length: CASES }, (_, i) => `ci-${i}`))(
    "%s: the model says of every probe what the kernel did",
    async (seed) => {
      const name = `d-${process.pid}`;
      const result = await diffCase(seed, { probesPerCase: PROBES, name });
      const told = result.differences.map(({ probe, aspects, manifest }) => ({
        probe,
        aspects,
        manifest,
      }));
      expect(told).toEqual([]);
      expect(result.probes).toBe(PROBES);
      // A cluster where nothing can be reached proves nothing.
      expect(result.results.size).toBeGreaterThan(1);
    },
    300_000,
  );

  test("a lab refuses names that are taken, and leaves them alone", async () => {
    const compiled = Cluster.create({ nodes: 1, dns: false }).compile();
    const name = `clash-${process.pid}`;
    const { switchName } = planLab(name, compiled);
    runProgram(["ip", "netns", "add", switchName]);
    try {
      await expect(Lab.open(compiled, { name })).rejects.toMatchObject({ code: "EEXIST" });
      const left = runProgram(["ip", "netns", "list"]).split("\n");
      const ours = left.filter((line) => line.includes(name)).map((line) => line.split(" ")[0]);
      expect(ours).toEqual([switchName]);
    } finally {
      runProgram(["ip", "netns", "del", switchName]);
    }
  });

  test("a recording that tells other results than the kernel gave is noticed", async () => {
    const { cluster, probes } = makeCase("ci-0", { probesPerCase: 6 });
    const lab = await Lab.open(cluster.compile(), {
      name: `w-${process.pid}`,
      plainMasquerade: true,
    });
    try {
      const recording = await recordLab(lab, "wrong", probes);
      const broken = recording.probes.map(({ probe, got }) => ({
        probe,
        got: { ...got, result: got.result === "ok" ? "timeout" : "ok" },
      }));
      const about = { seed: "wrong", manifest: "" };
      const { differences } = compareRecording({ ...recording, probes: broken }, about);
      expect(differences.length).toBe(probes.length);
    } finally {
      lab.close();
    }
  }, 300_000);
});
