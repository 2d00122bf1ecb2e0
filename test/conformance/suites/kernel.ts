/** Suite `kernel`: recordings of whole scenarios on a real kernel are replayed, probe by probe. */
import { type Got, type Recording, replayRecording } from "../../../src/fabric/index.js";
import { listFiles, readJson } from "../files.js";
import { compareProbe, type RecordedNetnses } from "../kernel/compare.js";
import type { Report, Suite } from "../suite.js";

interface RecordedFile extends Omit<Recording, "probes"> {
  readonly mode?: string;
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
    replay(recording, report);
  }
};

function replay(recording: RecordedFile, report: Report): void {
  const idOf = (i: number) => `${recording.name}#${i}`;
  let ours: readonly Got[] = [];
  let failure: string | undefined;
  try {
    ours = replayRecording(recording).probes;
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
