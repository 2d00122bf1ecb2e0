/**
 * Every suite over the vectors beside this repository. Where they are missing the suites are counted
 * as skipped, by name; continuous integration fails without them.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../tidy/source.js";
import { Report, type Suite } from "./suite.js";

const VECTORS = join(ROOT, "../shared/vectors");

interface Expectation {
  readonly suite: string;
  readonly folder: string;
  /** At least so many cases pass: a suite that finds nothing proves nothing. */
  readonly passed: number;
  /** What may be unsupported, by the beginning of its name. */
  readonly unsupported: readonly string[];
  /** What fails, and why, is a row of test/kernel/KNOWN.md. */
  readonly failing?: readonly string[];
}

const EXPECTATIONS: readonly Expectation[] = [
  { suite: "endpointslice", folder: "endpointslice", passed: 150, unsupported: [] },
  { suite: "dns", folder: "dns", passed: 3240, unsupported: [] },
  { suite: "objects", folder: "objects", passed: 600, unsupported: [] },
  { suite: "kubectl", folder: "kubectl", passed: 306, unsupported: [] },
  { suite: "kubeproxy", folder: "kubeproxy", passed: 30_432, unsupported: [] },
  {
    suite: "netpol",
    folder: "netpol",
    passed: 27_330,
    unsupported: ["netpol-analyzer/", "network-config-analyzer/", "policy-assistant/", "selector/"],
  },
  {
    suite: "kernel",
    folder: "kernel",
    passed: 3747,
    unsupported: [],
    failing: ["services-ipvs-1008#3", "services-ipvs-1008#3/objects"],
  },
  { suite: "linux", folder: "linux", passed: 6109, unsupported: [] },
];

describe.skipIf(!existsSync(VECTORS))("what real programs answered", () => {
  it.each(EXPECTATIONS)(
    "$suite",
    async ({ suite, folder, passed, unsupported, failing = [] }) => {
      const report = new Report();
      const module = (await import(`./suites/${suite}.ts`)) as { suite: Suite };
      await module.suite(join(VECTORS, folder), report);
      const failures = report.failures.filter(({ id }) => !failing.includes(id));
      expect(failures.slice(0, 5)).toEqual([]);
      expect(failures).toHaveLength(report.failures.length - failing.length);
      const known = (id: string) => unsupported.some((name) => id.includes(name));
      expect(report.unsupported.filter(({ id }) => !known(id))).toEqual([]);
      expect(report.passed).toBeGreaterThanOrEqual(passed);
    },
    600_000,
  );
});
