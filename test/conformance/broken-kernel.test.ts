import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compareProbe, type RecordedNetnses } from "../../src/agents/index.js";
import { type Got, type Recording, replayRecording } from "../../src/fabric/index.js";
import {
  type WrongModel,
  withoutBrNetfilter,
  withoutRelated,
  withWrongHookOrder,
} from "../support/broken/broken-kernel.js";
import { readJson } from "./files.js";

const DIR = "../shared/vectors/kernel";

interface File extends Omit<Recording, "probes"> {
  readonly probes: readonly (Recording["probes"][0] & { readonly got: Got })[];
}

/** The probes of a file that a model disagrees about, as `file#probe`. */
function caught(name: string, model: WrongModel): string[] {
  const recording = readJson<File>(`${DIR}/${name}.json`);
  const ours = model(recording);
  const netnses = recording.namespaces as RecordedNetnses;
  return recording.probes.flatMap(({ got }, i) =>
    compareProbe(netnses, got, ours[i]).length === 0 ? [] : [`${name}#${i}`],
  );
}

/** What each wrong model is caught by. */
const CASES = [
  ["without the RELATED state", withoutRelated, ["filter-0007", "nat-0006"]],
  ["without br_netfilter", withoutBrNetfilter, ["bridge-0005", "bridge-0004"]],
  ["with connections tracked last", withWrongHookOrder, ["nat-0002", "filter-0003"]],
] as const;

describe.skipIf(!existsSync(DIR))("recordings notice a kernel model", () => {
  test.each(CASES)("%s", (_what, model, files) => {
    const found = files.flatMap((file) => caught(file, model));
    expect(found.length).toBeGreaterThan(0);
    console.log(`caught by ${found.slice(0, 3).join(", ")}: ${found.length} probes`);
    const right: WrongModel = (recording) => replayRecording(recording).probes;
    expect(files.flatMap((file) => caught(file, right))).toEqual([]);
  });
});
