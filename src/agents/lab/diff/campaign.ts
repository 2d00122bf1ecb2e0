/** Trying many cases, several labs at a time: most of a probe is waiting. */
import { RefusedError } from "../../../base/index.js";
import { type CaseResult, type DiffOptions, diffCase, type LabCase } from "./diff.js";

/** Where cases come from, by number, and what makes a failing one smaller. */
export interface CaseSource {
  /** Tries one case, then, while it fails, smaller ones; undefined if the case holds. */
  try(
    number: number,
    holds: (one: LabCase) => Promise<boolean>,
  ): Promise<{ readonly smallest: LabCase } | undefined>;
}

/** How many cases are tried, and how. */
export interface CampaignOptions extends Pick<DiffOptions, "replay" | "machine"> {
  readonly source: CaseSource;
  readonly cases: number;
  /** Begins the cases' names. */
  readonly seed: string;
  /** Number of the first case. Default: 0. */
  readonly first?: number;
  /** Labs that are up at the same time. Default: 3. */
  readonly lanes?: number;
  /** Begins the labs' names. Default: `diff`. */
  readonly lab?: string;
  /** How long a difference is made smaller, milliseconds. Default: 120000. */
  readonly shrinkMs?: number;
  /** Told after every case. */
  readonly onCase?: (outcome: CaseOutcome) => void;
}

/** What became of one case. */
export interface CaseOutcome {
  readonly result: CaseResult;
  /** Where there is a difference: the smallest case that still has one. */
  readonly reproduction?: { readonly manifest: string; readonly result: CaseResult };
  /**
   * A difference that did not come again when the same case was tried a second time: a segment was
   * sent again because the machine was busy, say. It is told, and is none of the model's.
   */
  readonly unsteady?: CaseResult;
}

/**
 * Tries cases on the real kernel and in the model.
 *
 * Returns: what became of each case, in their order.
 * Errors: as `Lab.open`.
 */
export async function diffLab(options: CampaignOptions): Promise<readonly CaseOutcome[]> {
  const { cases, first = 0, lanes = 3, lab = "diff" } = options;
  const outcomes: CaseOutcome[] = [];
  let next = 0;
  const work = async (lane: number) => {
    while (next < cases) {
      const at = next++;
      const outcome = await tryCase(first + at, `${lab}-${lane}`, options).catch((error) => {
        // The other lanes end with the case they are at.
        next = cases;
        throw error;
      });
      outcomes[at] = outcome;
      options.onCase?.(outcome);
    }
  };
  const count = Math.max(1, Math.min(lanes, cases));
  await Promise.all(Array.from({ length: count }, (_, lane) => work(lane)));
  return outcomes;
}

async function tryCase(
  number: number,
  lab: string,
  { source, seed, replay, machine, shrinkMs = 120_000 }: CampaignOptions,
): Promise<CaseOutcome> {
  const name = `${seed}-${number}`;
  const until = performance.now() + shrinkMs;
  const tried: CaseResult[] = [];
  const failing = new Map<string, CaseResult>();
  let unsteady: CaseResult | undefined;
  const found = await source.try(number, async (one) => {
    // When the time is over everything smaller holds, which ends the search.
    if (tried.length > 0 && performance.now() > until) return true;
    const options = { lab, ...(replay && { replay }), ...(machine && { machine }) };
    let result = await diffPatiently(name, one, options);
    if (tried.length === 0 && result.differences.length > 0) {
      const again = await diffPatiently(name, one, options);
      if (again.differences.length === 0) [unsteady, result] = [result, again];
    }
    tried.push(result);
    if (result.differences.length > 0) failing.set(keyOf(one), result);
    return result.differences.length === 0;
  });
  const result = tried[0];
  if (result === undefined) throw new Error(`${name}: nothing was tried`);
  const smallest = found && failing.get(keyOf(found.smallest));
  if (found === undefined || smallest === undefined) {
    return { result, ...(unsteady && { unsteady }) };
  }
  const { manifest } = found.smallest;
  const options = { lab, ...(replay && { replay }), ...(machine && { machine }) };
  const narrowed = await withDifferingProbes(found.smallest, smallest, options);
  return { result, reproduction: { manifest, result: narrowed ?? smallest } };
}

/** The same cluster with the probes alone that differ in it; undefined if then all agree. */
async function withDifferingProbes(
  one: LabCase,
  { name, probes, differences }: CaseResult,
  options: DiffOptions,
): Promise<CaseResult | undefined> {
  if (differences.length === probes) return undefined;
  const differing = differences.map(({ probe }) => probe);
  const narrowed = await diffPatiently(name, { ...one, probes: differing }, options);
  return narrowed.differences.length > 0 ? narrowed : undefined;
}

/** How often a case is recorded anew when the kernel lost traces: its buffers were full. */
const TRIES = 3;

async function diffPatiently(
  name: string,
  one: LabCase,
  options: DiffOptions,
): Promise<CaseResult> {
  for (let tries = 1; ; tries++) {
    try {
      return await diffCase(name, one, options);
    } catch (error) {
      const isLost = error instanceof RefusedError && error.code === "ENOBUFS";
      if (!isLost || tries === TRIES) throw error;
    }
  }
}

function keyOf({ manifest, probes }: LabCase): string {
  return JSON.stringify([manifest, probes]);
}
