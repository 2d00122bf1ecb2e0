/** An entry in the words of `conntrack -L` (conntrack-tools 1.4.7). */
import type { Entry } from "./entry.js";
import { Protocol, type Tuple } from "./tuple.js";

const names = new Map<number, string>([
  [Protocol.icmp, "icmp"],
  [Protocol.tcp, "tcp"],
  [Protocol.udp, "udp"],
  [Protocol.icmpv6, "icmpv6"],
  [Protocol.sctp, "sctp"],
]);

/**
 * Prints an entry as `conntrack -L` does.
 *
 * Units: the time left is printed in whole seconds. The tool asks at least a tick after the packet,
 * so a time that is still whole shows one second less.
 */
export function printEntry(entry: Entry, nowUs: number): string {
  const leftSeconds = Math.max(0, Math.ceil((entry.expiresUs - nowUs) / 1_000_000) - 1);
  return `${printHead(entry)} ${leftSeconds} ${printBody(entry)} use=1`;
}

/** Texts made before, and what of the entry they show. */
const untimed = new WeakMap<Entry, { readonly shown: Shown; readonly text: string }>();

type Shown = Pick<Entry, "state" | "mark" | "reply"> & {
  readonly seenReply: boolean;
  readonly assured: boolean;
};

/** Prints an entry without what changes by itself: the time left and the use count. */
export function printEntryUntimed(entry: Entry): string {
  const { state, mark, reply, status } = entry;
  const { seenReply, assured } = status;
  const known = untimed.get(entry);
  if (
    known?.shown.state === state &&
    known.shown.mark === mark &&
    known.shown.reply === reply &&
    known.shown.seenReply === seenReply &&
    known.shown.assured === assured
  ) {
    return known.text;
  }
  const name = names.get(entry.original.protocol) ?? "unknown";
  const text = `${name} ${printBody(entry)}`;
  untimed.set(entry, { shown: { state, mark, reply, seenReply, assured }, text });
  return text;
}

function printHead(entry: Entry): string {
  const { protocol } = entry.original;
  return `${(names.get(protocol) ?? "unknown").padEnd(8)} ${protocol}`;
}

function printBody(entry: Entry): string {
  const { original, reply, status, state, zone, zoneScope } = entry;
  const parts = [
    state,
    printTuple(original),
    zone !== 0 && zoneScope === "original" ? `zone-orig=${zone}` : "",
    status.seenReply ? "" : "[UNREPLIED]",
    printTuple(reply),
    zone !== 0 && zoneScope === "reply" ? `zone-reply=${zone}` : "",
    status.assured ? "[ASSURED]" : "",
    `mark=${entry.mark}`,
    zone !== 0 && zoneScope === "both" ? `zone=${zone}` : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function printTuple(tuple: Tuple): string {
  const ends = `src=${tuple.src.toString()} dst=${tuple.dst.toString()}`;
  const { icmp } = tuple;
  if (icmp !== undefined) return `${ends} type=${icmp.type} code=${icmp.code} id=${tuple.sport}`;
  const { protocol } = tuple;
  const hasPorts =
    protocol === Protocol.tcp || protocol === Protocol.udp || protocol === Protocol.sctp;
  return hasPorts ? `${ends} sport=${tuple.sport} dport=${tuple.dport}` : ends;
}
