/** Cases by seed, and the smallest case that still fails. */
import fc from "fast-check";
import { openRandom } from "../../base/index.js";
import type { Cluster } from "../../cluster/index.js";
import type { Probe } from "../../fabric/index.js";
import { type CaseOptions, labCase } from "./arbitrary.js";
import { makeCluster, printCase } from "./cluster.js";
import { makeProbes } from "./probes.js";
import type { CaseSpec } from "./spec.js";

/** A case that was made: the cluster, what it was made from, and what is tried in it. */
export interface ClusterCase {
  readonly spec: CaseSpec;
  readonly cluster: Cluster;
  /** The objects as a user would apply them. */
  readonly manifest: string;
  readonly probes: readonly Probe[];
}

/** Makes a case of what describes it. */
export function makeCase(spec: CaseSpec): ClusterCase {
  const manifest = printCase(spec);
  const cluster = makeCluster(spec, manifest);
  return { spec, cluster, manifest, probes: makeProbes(spec, cluster) };
}

/** The cases of a seed, by number. */
export class LabCases {
  readonly #seed: string;
  readonly #options: CaseOptions;

  constructor(seed: string, options: CaseOptions = {}) {
    this.#seed = seed;
    this.#options = options;
  }

  /**
   * Tries one case; when it fails, smaller and smaller ones, as long as they fail.
   *
   * Returns: the first and the smallest case that failed; undefined if the case holds.
   */
  async try(
    number: number,
    holds: (one: ClusterCase) => Promise<boolean>,
  ): Promise<{ readonly first: ClusterCase; readonly smallest: ClusterCase } | undefined> {
    let first: ClusterCase | undefined;
    let fault: { readonly error: unknown } | undefined;
    const property = fc.asyncProperty(labCase(this.#options), async (spec) => {
      const made = makeCase(spec);
      const isFine = await holds(made).catch((error: unknown) => {
        // A case that cannot be tried is no difference, and nothing to be made smaller.
        fault ??= { error };
        return true;
      });
      if (!isFine) first ??= made;
      return isFine;
    });
    const seed = openRandom(`${this.#seed}-${number}`, "testing/lab-case").nextU32() | 0;
    const found = await fc.check(property, { seed, numRuns: 1, unbiased: true });
    if (fault !== undefined) throw fault.error;
    const smallest = found.counterexample?.[0];
    if (!found.failed || smallest === undefined || first === undefined) return undefined;
    return { first, smallest: makeCase(smallest) };
  }
}
