/**
 * Comparing the model with the real kernel on random clusters: a cluster is built as namespaces,
 * probed and recorded; the model replays the recording from the dumps alone; every probe must agree
 * in every aspect.
 */
import { type Got, replayRecording } from "../../../fabric/index.js";
import { compareProbe, type RecordedNetnses } from "../compare.js";
import { Lab } from "../lab.js";
import { type LabRecording, recordLab } from "../record/record.js";
import { type CaseOptions, makeCase } from "./random-case.js";

/** How many cases are tried, and where they come from. */
export interface DiffOptions extends CaseOptions {
  readonly seed: string;
  readonly cases: number;
  /** Name of the labs; they are built one after the other. Default: `diff`. */
  readonly name?: string;
  /** Told after every case. */
  readonly onCase?: (result: CaseResult) => void;
}

/** What a case gave. */
export interface CaseResult {
  readonly seed: string;
  readonly probes: number;
  /** Results of the probes on the kernel, counted. */
  readonly results: ReadonlyMap<string, number>;
  readonly differences: readonly Difference[];
}

/** A probe on which model and kernel differ. */
export interface Difference {
  readonly seed: string;
  readonly probe: LabRecording["probes"][number]["probe"];
  /** One sentence for each aspect. */
  readonly aspects: readonly string[];
  /** The objects of the cluster, to try it again by hand. */
  readonly manifest: string;
  readonly recording: LabRecording;
}

/**
 * Tries random clusters on the real kernel and in the model.
 *
 * Returns: every difference; none is the goal.
 * Errors: as `Lab.open`.
 */
export async function diffLab(options: DiffOptions): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (let i = 0; i < options.cases; i++) {
    const result = await diffCase(`${options.seed}-${i}`, options);
    options.onCase?.(result);
    results.push(result);
  }
  return results;
}

/** Tries the one case of a seed. */
export async function diffCase(
  seed: string,
  { name = "diff", ...options }: CaseOptions & Pick<DiffOptions, "name"> = {},
): Promise<CaseResult> {
  const { cluster, probes, manifest } = makeCase(seed, options);
  const lab = await Lab.open(cluster.compile(), { name, plainMasquerade: true });
  let recording: LabRecording;
  try {
    recording = await recordLab(lab, seed, probes);
  } finally {
    lab.close();
  }
  return { seed, ...compareRecording(recording, { seed, manifest }) };
}

/** Replays a recording and compares it probe by probe. */
export function compareRecording(
  recording: LabRecording,
  about: { readonly seed: string; readonly manifest: string },
): Omit<CaseResult, "seed"> {
  const ours = replayRecording(recording).probes;
  const results = new Map<string, number>();
  const differences: Difference[] = [];
  recording.probes.forEach(({ probe, got }, i) => {
    results.set(got.result, (results.get(got.result) ?? 0) + 1);
    const aspects = compareProbe(
      recording.namespaces as RecordedNetnses,
      got,
      ours[i] as Got | undefined,
    );
    if (aspects.length > 0) differences.push({ ...about, probe, aspects, recording });
  });
  return { probes: recording.probes.length, results, differences };
}
