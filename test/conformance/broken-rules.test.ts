/** The flows of kube-proxy's own tests notice a kernel that leaves out a part of its rules. */
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { withoutFilter, withoutMark } from "../support/broken/broken-rules.js";
import { readJson } from "./files.js";
import type { NodeChange } from "./kubeproxy/model-replay.js";
import { checkModelUnits, type UnitFlowsFile } from "./kubeproxy/model-units.js";
import { Report } from "./suite.js";

const DIR = "../shared/vectors/kubeproxy";

function replay(mode: "iptables" | "nftables", change?: NodeChange): Report {
  const report = new Report();
  const file = readJson<UnitFlowsFile>(`${DIR}/${mode}-flows.json`);
  checkModelUnits(mode, { mode, ...(change && { change }) }, file, report);
  return report;
}

describe.skipIf(!existsSync(DIR)).each(["iptables", "nftables"] as const)("%s mode", (mode) => {
  test("all flows go as they should", () => {
    const report = replay(mode);
    expect(report.failures).toEqual([]);
    expect(report.passed).toBeGreaterThan(100);
  });

  test.each([
    ["without the mark of masquerading", withoutMark, /another source/],
    ["without filter chains", withoutFilter, /not (?:REJECT|DROP)|a target/],
  ])("%s", (_what, change, wrong) => {
    const { failures, passed } = replay(mode, change);
    expect(failures.length).toBeGreaterThan(10);
    expect(failures.filter(({ detail }) => !wrong.test(detail))).toEqual([]);
    // What does not need that part still goes as before.
    expect(passed).toBeGreaterThan(0);
  });
});
