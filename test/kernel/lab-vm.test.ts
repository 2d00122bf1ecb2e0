/**
 * Clusters in ipvs mode on a real kernel that has IPVS, in a virtual machine. Run where a runner is
 * named (`KUBEWIRE_VM_RUNNER=kernel-vm`) and the package is built; a small machine takes minutes.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../tidy/source.js";

const runner = process.env["KUBEWIRE_VM_RUNNER"];
const CLI = join(ROOT, "dist/bin/cli.js");
const why =
  runner === undefined
    ? "no KUBEWIRE_VM_RUNNER"
    : existsSync(CLI)
      ? undefined
      : "the package is not built";

describe.skipIf(why !== undefined)(`ipvs mode in a virtual machine (${why ?? "here"})`, () => {
  test("the model says of every probe what the kernel did, connections of IPVS included", () => {
    const words = `lab diff --kernel vm --vm-runner ${runner} --vm-seconds 3000 --proxy ipvs`;
    const count = "--cases 10 --probes 8 --lanes 3 --seed ci --json";
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [CLI, ...words.split(" "), ...count.split(" ")],
      { encoding: "utf8", maxBuffer: 1 << 26 },
    );
    const sum = JSON.parse(stdout.trim().split("\n").at(-1) ?? "null");
    expect(sum.reproductions, stderr).toEqual([]);
    expect(sum).toMatchObject({ cases: 10, differing: 0 });
    expect(sum.probes).toBeGreaterThan(50);
  }, 3_100_000);
});
