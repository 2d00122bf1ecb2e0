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

/** Judges that read some things as the engine does, and everything else as the API says. */
export type Readings = readonly { readonly readings: readonly Reading[]; readonly court: Court }[];

/** Opens a judge for each set of ways in which the engine differs, those of one way first. */
export function openReadings(cluster: RawCluster, policyKind?: string): Readings {
  const options = { judgeOnly: true, ...(policyKind === undefined ? {} : { policyKind }) };
  const sets = Array.from({ length: (1 << ENGINE.length) - 1 }, (_, i) =>
    ENGINE.filter((__, bit) => ((i + 1) >> bit) & 1),
  ).sort((a, b) => a.length - b.length);
  return sets.map((readings) => ({
    readings,
    court: openCourt(cluster, { ...options, readings }),
  }));
}

interface Difference {
  readonly asked: RawFlow;
  /** What the engine said. */
  readonly answered: boolean;
  readonly report: Report;
}

/**
 * Whether a reading with a row in KNOWN.md explains an answer, or, where one alone does not, several
 * together; what it was is counted in the facts.
 */
export function isKnown(readings: Readings, { asked, answered, report }: Difference): boolean {
  const rows = readKnown();
  const cause = readings.find(
    (each) =>
      each.readings.every((reading) => rows.has(reading)) &&
      ask(each.court, asked).allowed === answered,
  )?.readings;
  if (cause === undefined) return false;
  const fact = `known: ${cause.join(" and ")}`;
  report.facts[fact] = (report.facts[fact] ?? 0) + 1;
  return true;
}
