/** `-m conntrack` and `-m state`: the packet's connection. */
import type { Addr } from "../../../addr/index.js";
import type { Entry } from "../../conntrack/entry.js";
import type { ConnbytesMatch, ConntrackMatch, CtState, PortRange } from "../../iptables.js";
import { protocolNumber } from "../../protocol-names.js";
import type { Skb } from "../../skb.js";
import type { Ask } from "../ask.js";

/**
 * Whether the packet's connection is as asked.
 *
 * Follows: Linux 6.18 net/netfilter/xt_conntrack.c `conntrack_mt`.
 */
export function matchesConntrack(ask: Ask, match: ConntrackMatch): boolean {
  const { skb } = ask;
  const { ctstate } = match;
  if (ctstate !== undefined) {
    if (isInAnyState(skb, ctstate.states) === (ctstate.not === true)) return false;
  }
  const { ct } = skb;
  if (ct === undefined) return ctstate !== undefined;
  if (match.ctdir !== undefined && match.ctdir !== skb.ctDirection.toUpperCase()) return false;
  return hasEnds(ct, match) && hasStatus(ct, match);
}

function isInAnyState(skb: Skb, states: readonly CtState[]): boolean {
  for (const state of states) if (isInState(skb, state)) return true;
  return false;
}

/** Whether a packet is in a state a rule can name. SNAT and DNAT are states beside the others. */
export function isInState(skb: Skb, state: CtState): boolean {
  switch (state) {
    case "SNAT":
      return skb.ct?.status.srcNat === true;
    case "DNAT":
      return skb.ct?.status.dstNat === true;
    case "UNTRACKED":
      return skb.ct === undefined && skb.ctInfo === "untracked";
    case "INVALID":
      return skb.ct === undefined && skb.ctInfo !== "untracked";
    default:
      return skb.ct !== undefined && skb.ctInfo === INFOS[state];
  }
}

const INFOS = { NEW: "new", ESTABLISHED: "established", RELATED: "related" } as const;

function hasEnds(ct: Entry, match: ConntrackMatch): boolean {
  const { original, reply } = ct;
  const { ctproto } = match;
  if (ctproto !== undefined) {
    const same = protocolNumber(ctproto.protocol) === original.protocol;
    if (same === (ctproto.not === true)) return false;
  }
  return (
    meetsAddr(match.ctorigsrc, original.src) &&
    meetsAddr(match.ctorigdst, original.dst) &&
    meetsAddr(match.ctreplsrc, reply.src) &&
    meetsAddr(match.ctrepldst, reply.dst) &&
    meetsPort(match.ctorigsrcport, original.sport) &&
    meetsPort(match.ctorigdstport, original.dport) &&
    meetsPort(match.ctreplsrcport, reply.sport) &&
    meetsPort(match.ctrepldstport, reply.dport)
  );
}

function meetsAddr(test: ConntrackMatch["ctorigsrc"], addr: Addr): boolean {
  return test === undefined || test.prefix.contains(addr) !== (test.not === true);
}

function meetsPort(test: ConntrackMatch["ctorigsrcport"], port: number): boolean {
  return test === undefined || inRange(test, port) !== (test.not === true);
}

function inRange(range: PortRange, port: number): boolean {
  return range.first <= port && port <= range.last;
}

function hasStatus(ct: Entry, match: ConntrackMatch): boolean {
  const { ctstatus } = match;
  if (ctstatus === undefined) return true;
  const holds = ctstatus.statuses.some((status) => isOfStatus(ct, status));
  return holds !== (ctstatus.not === true);
}

function isOfStatus(ct: Entry, status: string): boolean {
  switch (status) {
    case "EXPECTED":
      return ct.status.expected;
    case "SEEN_REPLY":
      return ct.status.seenReply;
    case "ASSURED":
      return ct.status.assured;
    case "CONFIRMED":
      return ct.status.confirmed;
    default:
      return false;
  }
}

/**
 * `-m connbytes`. A connection whose packets are not counted, and a packet without one, never match.
 *
 * Follows: Linux 6.18 net/netfilter/xt_connbytes.c `connbytes_mt`.
 */
export function matchesConnbytes(entry: Entry | undefined, match: ConnbytesMatch): boolean {
  if (entry?.counters === undefined) return false;
  const carried = countOf(entry.counters, match);
  const isIn = match.first <= carried && carried <= (match.last ?? Number.POSITIVE_INFINITY);
  return isIn !== (match.not === true);
}

function countOf(
  { original, reply }: NonNullable<Entry["counters"]>,
  { mode, direction }: ConnbytesMatch,
): number {
  const sides =
    direction === "both" ? [original, reply] : [direction === "original" ? original : reply];
  const packets = sides.reduce((sum, side) => sum + side.packets, 0);
  const bytes = sides.reduce((sum, side) => sum + side.bytes, 0);
  if (mode === "packets") return packets;
  return mode === "bytes" ? bytes : packets === 0 ? 0 : Math.floor(bytes / packets);
}
