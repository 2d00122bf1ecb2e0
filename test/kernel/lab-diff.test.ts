import { describe, expect, test } from "vitest";
import {
  type CaseResult,
  compareRecording,
  diffLab,
  Lab,
  planLab,
  recordLab,
  runProgram,
} from "../../src/agents/index.js";
import { Cluster } from "../../src/cluster/index.js";
import { LabCases } from "../../src/testing/index.js";
import { whyNoKernel } from "../support/kernel/netns.js";

const why = whyNoKernel();
const CASES = 26;
const PROBES = 45;

describe.skipIf(why !== undefined)(`random clusters on a real kernel (${why ?? "here"})`, () => {
  test("the model says of every probe what the kernel did", async () => {
    const source = new LabCases("ci", { probes: PROBES });
    const lab = `d-${process.pid}`;
    const outcomes = await diffLab({ source, seed: "ci", cases: CASES, lab, lanes: 4 });
    const told = outcomes.flatMap(({ reproduction }) =>
      reproduction === undefined
        ? []
        : [{ manifest: reproduction.manifest, differences: reproduction.result.differences }],
    );
    expect(told).toEqual([]);
    const results = outcomes.map(({ result }) => result);
    expect(results.length).toBe(CASES);
    expect(results.reduce((sum, r) => sum + r.probes, 0)).toBeGreaterThanOrEqual(1000);
    expectVariety(results);
  }, 600_000);

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
    const cluster = Cluster.create({ nodes: 1, dns: false });
    const lab = await Lab.open(cluster.compile(), { name: `w-${process.pid}` });
    try {
      const probe = { from: "external", proto: "tcp", dst: "192.168.0.11", sport: 20_000 } as const;
      const probes = [10_250, 9].map((dport) => ({ ...probe, dport }));
      const recording = await recordLab(lab, "wrong", probes);
      expect(compareRecording(recording).differences).toEqual([]);
      const broken = recording.probes.map(({ probe, got }) => ({
        probe,
        got: { ...got, result: got.result === "ok" ? "timeout" : "ok" },
      }));
      const { differences } = compareRecording({ ...recording, probes: broken });
      expect(differences.length).toBe(probes.length);
    } finally {
      lab.close();
    }
  }, 60_000);
});

/** Clusters where nothing can be reached, or where all is alike, prove nothing. */
function expectVariety(results: readonly CaseResult[]): void {
  const counts = new Map<string, number>();
  for (const [result, count] of results.flatMap((r) => [...r.results])) {
    counts.set(result, (counts.get(result) ?? 0) + count);
  }
  for (const result of ["ok", "timeout", "ECONNREFUSED", "ENETUNREACH"]) {
    expect(counts.get(result), result).toBeGreaterThan(100);
  }
  // What a node may not send by its own rules is told to the sender at once.
  expect(counts.get("EPERM")).toBeGreaterThan(0);
}
