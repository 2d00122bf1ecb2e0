/**
 * Comparing the model with the real kernel: a cluster is built as namespaces, probed and recorded; the
 * model replays the recording from the dumps alone; every probe must agree in every aspect.
 */
import type { Cluster } from "../../../cluster/index.js";
import { type Got, type Probe, replayRecording } from "../../../fabric/index.js";
import { compareProbe, type RecordedNetnses } from "../compare.js";
import { Lab } from "../lab.js";
import type { Machine } from "../machine/machine.js";
import { type LabRecording, recordLab } from "../record/record.js";

/** A cluster, and what is tried in it. */
export interface LabCase {
  readonly cluster: Cluster;
  /** The objects as a user would apply them. */
  readonly manifest: string;
  readonly probes: readonly Probe[];
}

/** What a case gave. */
export interface CaseResult {
  readonly name: string;
  readonly probes: number;
  /** Results of the probes on the kernel, counted. */
  readonly results: ReadonlyMap<string, number>;
  readonly differences: readonly Difference[];
  readonly recording: LabRecording;
}

/** A probe on which model and kernel differ. */
export interface Difference {
  readonly probe: Probe;
  /** One sentence for each aspect. */
  readonly aspects: readonly string[];
}

/** Where and how a case is tried. */
export interface DiffOptions {
  /** Name of the lab. Default: `diff`. */
  readonly lab?: string;
  /** The model that replays; a broken one is for tests. Default: `replayRecording`. */
  readonly replay?: typeof replayRecording;
  /** Where labs are built. Default: here. */
  readonly machine?: Machine;
}

/**
 * Tries one case on the real kernel and in the model.
 *
 * Errors: as `Lab.open`.
 */
export async function diffCase(
  name: string,
  { cluster, probes }: LabCase,
  options: DiffOptions = {},
): Promise<CaseResult> {
  const lab = await Lab.open(cluster.compile(), {
    name: options.lab ?? "diff",
    withoutChance: true,
    ...(options.machine && { machine: options.machine }),
  });
  let recording: LabRecording;
  try {
    recording = await recordLab(lab, name, probes);
  } finally {
    lab.close();
  }
  return compareRecording(recording, options.replay);
}

/** Replays a recording and compares it probe by probe. */
export function compareRecording(recording: LabRecording, replay = replayRecording): CaseResult {
  const ours = replay(recording).probes;
  const results = new Map<string, number>();
  const differences: Difference[] = [];
  recording.probes.forEach(({ probe, got }, i) => {
    results.set(got.result, (results.get(got.result) ?? 0) + 1);
    const aspects = compareProbe(
      recording.namespaces as RecordedNetnses,
      got,
      ours[i] as Got | undefined,
      { anyTunnelPorts: true },
    );
    if (aspects.length > 0) differences.push({ probe, aspects });
  });
  return { name: recording.name, probes: recording.probes.length, results, differences, recording };
}
