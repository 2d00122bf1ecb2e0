/** Where engines are known to answer otherwise than the API: the rows of KNOWN.md, and who falls under them. */
import { readFileSync } from "node:fs";
import type { Reading } from "../../../src/policy/index.js";
import type { Report } from "../suite.js";
import { ask, type Court, ENGINE, openCourt, type RawCluster, type RawFlow } from "./cluster.js";

/** Names in the first column of KNOWN.md. */
export function readKnown(): ReadonlySet<string> {
  const text = readFileSync(new URL("./KNOWN.md", import.meta.url), "utf8");
  return new Set([...text.matchAll(/^\| `([^`]+)` \|/gm)].map((row) => row[1] as string));
}

/** Judges that read one thing as the engine does, and everything else as the API says. */
export type Readings = readonly { readonly reading: Reading; readonly court: Court }[];

/** Opens a judge for each way in which the engine differs. */
export function openReadings(cluster: RawCluster, policyKind?: string): Readings {
  const options = { judgeOnly: true, ...(policyKind === undefined ? {} : { policyKind }) };
  return ENGINE.map((reading) => ({
    reading,
    court: openCourt(cluster, { ...options, readings: [reading] }),
  }));
}

interface Difference {
  readonly asked: RawFlow;
  /** What the engine said. */
  readonly answered: boolean;
  readonly report: Report;
}

/** Whether one reading alone, with a row in KNOWN.md, explains an answer; it is counted in the facts. */
export function isKnown(readings: Readings, { asked, answered, report }: Difference): boolean {
  const rows = readKnown();
  const cause = readings.find(
    ({ reading, court }) => rows.has(reading) && ask(court, asked).allowed === answered,
  )?.reading;
  if (cause === undefined) return false;
  const fact = `known: ${cause}`;
  report.facts[fact] = (report.facts[fact] ?? 0) + 1;
  return true;
}
