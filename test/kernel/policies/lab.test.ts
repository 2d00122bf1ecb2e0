import { describe, expect, test } from "vitest";
import { whyNoKernel } from "../../support/kernel/netns.js";
import { tryPolicies } from "./lab.js";

const why = whyNoKernel();

describe.skipIf(why !== undefined)(`policies on a real kernel (${why ?? "here"})`, () => {
  test("the kernel lets through what the judge allows, as iptables and as nftables", async () => {
    const report = await tryPolicies(`p-${process.pid}`, { count: 2, seed: 5 });
    expect(report.differences).toEqual([]);
    expect(Math.min(report.allowed, report.denied)).toBeGreaterThan(10);
  }, 300_000);

  test("a policy that the kernel is not told of is noticed", async () => {
    const report = await tryPolicies(`f-${process.pid}`, { count: 2, seed: 5, forget: 9 });
    expect(report.differences.length).toBeGreaterThan(0);
  }, 300_000);
});
