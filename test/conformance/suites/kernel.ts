/**
 * Suite `kernel`: recordings of whole scenarios on a real kernel are replayed, probe by probe: from
 * the dumps alone, and where the Services behind the rules were recorded, with the rules compiled
 * from them.
 */
import {
  configsOf,
  type Got,
  type Recording,
  replayOn,
  replayRecording,
} from "../../../src/fabric/index.js";
import { listFiles, readJson } from "../files.js";
import { compareProbe, type RecordedNetnses } from "../kernel/compare.js";
import {
  compileRecorded,
  type RecordedCluster,
  type RecordedMode,
} from "../kernel/from-objects.js";
import type { Report, Suite } from "../suite.js";

interface RecordedFile extends Omit<Recording, "probes"> {
  readonly mode?: RecordedMode;
  /** The Services behind the rules. */
  readonly cluster?: RecordedCluster;
  readonly probes: readonly {
    readonly probe: Recording["probes"][0]["probe"];
    readonly got: Got;
  }[];
}

/** Runs every recording at or below a folder. */
export const suite: Suite = (dir, report) => {
  for (const file of listFiles(dir, ".json")) {
    const recording = readJson<RecordedFile>(file);
    if (recording.namespaces === undefined || recording.probes === undefined) continue;
    check(recording, report, {
      idOf: (i) => `${recording.name}#${i}`,
      replay: () => replayRecording(recording).probes,
    });
    const { cluster, mode } = recording;
    if (cluster === undefined || mode === undefined) continue;
    check(recording, report, {
      idOf: (i) => `${recording.name}#${i}/objects`,
      replay: () =>
        replayOn(compileRecorded(configsOf(recording), cluster, mode), recording).probes,
    });
  }
};

/** One way to answer a recording's probes. */
interface Replay {
  readonly idOf: (probe: number) => string;
  readonly replay: () => readonly Got[];
}

function check(recording: RecordedFile, report: Report, { idOf, replay }: Replay): void {
  let ours: readonly Got[] = [];
  let failure: string | undefined;
  try {
    ours = replay();
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  recording.probes.forEach(({ probe, got }, i) => {
    if (failure !== undefined) {
      report.fail(idOf(i), `the replay threw: ${failure}`);
      return;
    }
    const differs = compareProbe(recording.namespaces as RecordedNetnses, got, ours[i]);
    const what = `${probe.from} ${probe.proto} ${probe.dst}:${probe.dport}`;
    if (differs.length === 0) report.pass(idOf(i));
    else report.fail(idOf(i), `${what}: ${differs.join("; ")}`);
  });
}
