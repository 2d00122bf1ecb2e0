/** One case of the differential: drawn, recorded, replayed, compared. */
import {
  compareProbe,
  type LabRecording,
  type RecordedNetnses,
} from "../../../src/agents/index.js";
import { type Got, type Probe, replayRecording } from "../../../src/fabric/index.js";
import { recordScenario } from "./record.js";
import type { Scenario } from "./scenario.js";

/** A probe the model disagrees about. */
export interface ProbeDifference {
  readonly index: number;
  readonly probe: Probe;
  readonly aspects: readonly string[];
  /** What the model says it does not know: then it has given no answer, and no wrong one. */
  readonly unknown?: string;
}

/** What became of one case. */
export interface CaseOutcome {
  readonly scenario: Scenario;
  readonly recording: LabRecording;
  readonly refused: readonly string[];
  /** What the kernel did every time, and the model does not. */
  readonly differences: readonly ProbeDifference[];
  /** What the kernel did once, but did otherwise, as the model says, when it was recorded again. */
  readonly passing: readonly ProbeDifference[];
}

/** How often a scenario that differs is recorded again. */
const AGAIN = 3;

/**
 * Runs one case; its namespaces are gone afterwards.
 *
 * A probe that differs is no fault of the model if the same kernel, asked again, agrees with it: then
 * chance decided (a timer, a limit, a machine too busy). Such probes are told apart, and counted.
 */
export async function runCase(scenario: Scenario, prefix: string): Promise<CaseOutcome> {
  const { recording, refused } = await recordScenario(scenario, prefix);
  const first = compareWithReplay(recording);
  let differences = first;
  for (let i = 0; i < AGAIN && differences.some((d) => d.unknown === undefined); i++) {
    const again = compareWithReplay((await recordScenario(scenario, prefix)).recording);
    const differing = new Set(again.map(({ index }) => index));
    differences = differences.filter(({ index }) => differing.has(index));
  }
  const passing = first.filter((d) => !differences.includes(d));
  return { scenario, recording, refused, differences, passing };
}

/** Replays a recording and tells where the model says something else. */
export function compareWithReplay(recording: LabRecording): ProbeDifference[] {
  let ours: readonly Got[];
  try {
    ours = replayRecording(recording).probes;
  } catch (error) {
    const aspects = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    return recording.probes.slice(0, 1).map(({ probe }, index) => ({ index, probe, aspects }));
  }
  const netnses = recording.namespaces as RecordedNetnses;
  return recording.probes.flatMap(({ probe, got }, index) => {
    const aspects = compareProbe(netnses, got, ours[index]);
    if (aspects.length === 0) return [];
    const unknown = ours[index]?.unknown;
    return [{ index, probe, aspects, ...(unknown === undefined ? {} : { unknown }) }];
  });
}
