/** An entry in the words of `conntrack -L` (conntrack-tools 1.4.7). */
import type { Counter, Entry } from "./entry.js";
import { Protocol, type Tuple, type ZoneScope } from "./tuple.js";

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
  return `${printHead(entry)} ${leftSeconds} ${printBody(entry, printCounted(entry))} use=1`;
}

/** Texts made before, and what of the entry they show. */
const untimed = new WeakMap<Entry, Printed>();

interface Printed extends Pick<Entry, "state" | "mark" | "reply"> {
  readonly seenReply: boolean;
  readonly assured: boolean;
  readonly ends: Ends;
  readonly text: string;
}

/** The texts of both tuples; they stay while the state changes. */
interface Ends {
  readonly original: string;
  readonly reply: string;
}

/** Prints an entry without what changes by itself: the time left and the use count. */
export function printEntryUntimed(entry: Entry): string {
  const { state, mark, reply, status } = entry;
  const { seenReply, assured } = status;
  const known = untimed.get(entry);
  if (
    known?.state === state &&
    known.mark === mark &&
    known.reply === reply &&
    known.seenReply === seenReply &&
    known.assured === assured
  ) {
    return known.text;
  }
  const name = names.get(entry.original.protocol) ?? "unknown";
  const ends = known?.reply === reply ? known.ends : printEnds(entry);
  const text = `${name} ${printBody(entry, ends)}`;
  untimed.set(entry, { state, mark, reply, seenReply, assured, ends, text });
  return text;
}

function printHead(entry: Entry): string {
  const { protocol } = entry.original;
  return `${(names.get(protocol) ?? "unknown").padEnd(8)} ${protocol}`;
}

function printEnds({ original, reply }: Entry): Ends {
  return { original: printTuple(original), reply: printTuple(reply) };
}

/** Both tuples, each with what was counted that way. */
function printCounted(entry: Entry): Ends {
  const { original, reply } = printEnds(entry);
  const { counters } = entry;
  if (counters === undefined) return { original, reply };
  const countedBy = ({ packets, bytes }: Counter) => ` packets=${packets} bytes=${bytes}`;
  return {
    original: original + countedBy(counters.original),
    reply: reply + countedBy(counters.reply),
  };
}

function printBody(entry: Entry, ends: Ends): string {
  const { status, state, zone, zoneScope } = entry;
  const isZoned = (scope: ZoneScope) => zone !== 0 && zoneScope === scope;
  let text = state === "" ? ends.original : `${state} ${ends.original}`;
  if (isZoned("original")) text += ` zone-orig=${zone}`;
  if (!status.seenReply) text += " [UNREPLIED]";
  text += ` ${ends.reply}`;
  if (isZoned("reply")) text += ` zone-reply=${zone}`;
  if (status.assured) text += " [ASSURED]";
  text += ` mark=${entry.mark}`;
  return isZoned("both") ? `${text} zone=${zone}` : text;
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
