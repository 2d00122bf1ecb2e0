/** What the three modes make of one random cluster: what is the same, explained by a row, or neither. */
import type { ProxyMode } from "../../../../src/cluster/index.js";
import { isSame, type Outcome, rowOf } from "../mode-rows.js";
import { type Break, type ModeProbe, makeProbes, type Possible, possibleOutcomes } from "./ask.js";
import { type ModeCase, makeModeCluster } from "./cluster.js";

/** kube-proxy's modes, in the order of the rows' columns. */
export const MODES: readonly ProxyMode[] = ["iptables", "nftables", "ipvs"];

/** Rounds for every probe; and for those where chance may have passed an endpoint over. */
const ROUNDS = 5;
const MORE_ROUNDS = 60;

/** What was seen in clusters so far. */
export interface Tally {
  clusters: number;
  probes: number;
  /** Probes that may go to more than one place. */
  several: number;
  /** How often each row was met. */
  readonly rows: Map<string, number>;
}

/** Nothing seen yet. */
export function newTally(): Tally {
  return { clusters: 0, probes: 0, several: 0, rows: new Map() };
}

/** A difference that no row explains. */
export interface Unexplained {
  readonly probe: ModeProbe;
  /** Each mode with what may become of the probe. */
  readonly texts: readonly string[];
}

type Three = readonly [iptables: Possible, nftables: Possible, ipvs: Possible];

/** Asks all three modes, one of which may be broken, and counts. */
export function compareModes(one: ModeCase, tally: Tally, broken?: Break): readonly Unexplained[] {
  const clusters = MODES.map((mode) => makeModeCluster(one, mode));
  const [first] = clusters;
  if (first === undefined) return [];
  const answer = (which: readonly ModeProbe[], rounds: number): readonly Three[] => {
    const lists = clusters.map((cluster, at) => {
      const isBroken = MODES[at] === "nftables" && broken !== undefined;
      return possibleOutcomes(cluster, which, { rounds, ...(isBroken ? { broken } : {}) });
    });
    return which.map((_, at) => lists.map((list) => list[at]) as unknown as Three);
  };
  const probes = makeProbes(one, first);
  tally.clusters++;
  tally.probes += probes.length;
  const doubtful: ModeProbe[] = [];
  for (const [at, three] of answer(probes, ROUNDS).entries()) {
    const probe = probes[at] as ModeProbe;
    if (three[0].size > 1) tally.several++;
    if (!countRows(probe, three, tally)) doubtful.push(probe);
  }
  if (doubtful.length === 0) return [];
  return answer(doubtful, MORE_ROUNDS).flatMap((three, at): Unexplained[] => {
    const probe = doubtful[at] as ModeProbe;
    if (countRows(probe, three, tally)) return [];
    const texts = three.map((set, mode) => `${MODES[mode]}: ${[...set.keys()].sort().join(" ")}`);
    return [{ probe, texts }];
  });
}

/** Whether the modes agree, or differ as rows say, which are then counted. */
function countRows({ asked }: ModeProbe, three: Three, tally: Tally): boolean {
  const rows = rowsOf(asked, three);
  if (rows.includes(undefined)) return false;
  for (const row of rows) {
    if (row !== undefined) tally.rows.set(row, (tally.rows.get(row) ?? 0) + 1);
  }
  return true;
}

/** The rows that explain why sets differ; undefined among them: something is not explained. */
function rowsOf(asked: ModeProbe["asked"], [iptables, nftables, ipvs]: Three) {
  const doOldAgree = isSameSet(iptables, nftables);
  if (doOldAgree && isSameSet(iptables, ipvs)) return [];
  const rows: (string | undefined)[] = [];
  for (const a of iptables.values()) {
    for (const b of nftables.values()) {
      // Where the sets are the same, only what is the same belongs together.
      if (doOldAgree && !isSame(a, b)) continue;
      for (const c of ipvs.values()) {
        if (isSame(a, b) && isSame(b, c)) continue;
        if (doOldAgree && has(ipvs, a) && has(iptables, c)) continue;
        rows.push(rowOf(asked, { iptables: a, nftables: b, ipvs: c }));
      }
    }
  }
  return [...new Set(rows)];
}

function isSameSet(a: Possible, b: Possible): boolean {
  return isWithin(a, b) && isWithin(b, a);
}

function isWithin(a: Possible, b: Possible): boolean {
  return [...a.values()].every((x) => has(b, x));
}

function has(set: Possible, outcome: Outcome): boolean {
  return [...set.values()].some((other) => isSame(other, outcome));
}
