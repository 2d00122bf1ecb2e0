/**
 * Follows SCTP associations by their chunks.
 *
 * Follows: Linux 6.18 net/netfilter/nf_conntrack_proto_sctp.c `nf_conntrack_sctp_packet`.
 * Not modelled: the T flag of ABORT and SHUTDOWN COMPLETE, heartbeats that move to a new tag. A
 * verification tag is only checked once an INIT told which one to expect.
 */
import { assert } from "../../base/index.js";
import type { SctpPacket } from "../../wire/index.js";
import type { Skb } from "../skb.js";
import type { Entry, SctpMemory } from "./entry.js";
import { count, opposite, refresh, type TrackerContext, type TrackerVerdict } from "./tracker.js";
import type { Direction } from "./tuple.js";

/** Chunk types (RFC 9260 §3.2). */
const Chunk = {
  init: 1,
  initAck: 2,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
} as const;

const states = [
  "NONE",
  "CLOSED",
  "COOKIE_WAIT",
  "COOKIE_ECHOED",
  "ESTABLISHED",
  "SHUTDOWN_SENT",
  "SHUTDOWN_RECD",
  "SHUTDOWN_ACK_SENT",
  "HEARTBEAT_SENT",
];

const abbreviations: Readonly<Record<string, string>> = {
  CL: "CLOSED",
  CW: "COOKIE_WAIT",
  CE: "COOKIE_ECHOED",
  ES: "ESTABLISHED",
  SS: "SHUTDOWN_SENT",
  SR: "SHUTDOWN_RECD",
  SA: "SHUTDOWN_ACK_SENT",
  HS: "HEARTBEAT_SENT",
};

// Columns: NO CL CW CE ES SS SR SA HS; a row for each chunk that moves the state.
const rows: Readonly<Record<Direction, ReadonlyMap<number, readonly string[]>>> = {
  original: parseRows([
    [Chunk.init, "CL CL CW CE ES CL CL SA CW"],
    [Chunk.initAck, "CL CL CW CE ES SS SR SA CL"],
    [Chunk.abort, "CL CL CL CL CL CL CL CL CL"],
    [Chunk.shutdown, "CL CL CW CE SS SS SR SA CL"],
    [Chunk.shutdownAck, "SA CL CW CE ES SA SA SA SA"],
    [Chunk.error, "CL CL CW CE ES SS SR SA CL"],
    [Chunk.cookieEcho, "CL CL CE CE ES SS SR SA CL"],
    [Chunk.cookieAck, "CL CL CW ES ES SS SR SA CL"],
    [Chunk.shutdownComplete, "CL CL CW CE ES SS SR CL CL"],
    [Chunk.heartbeat, "HS CL CW CE ES SS SR SA HS"],
    [Chunk.heartbeatAck, "CL CL CW CE ES SS SR SA HS"],
  ]),
  reply: parseRows([
    [Chunk.init, "IV CL CW CE ES SS SR SA IV"],
    [Chunk.initAck, "IV CW CW CE ES SS SR SA IV"],
    [Chunk.abort, "IV CL CL CL CL CL CL CL IV"],
    [Chunk.shutdown, "IV CL CW CE SR SS SR SA IV"],
    [Chunk.shutdownAck, "IV CL CW CE ES SA SA SA IV"],
    [Chunk.error, "IV CL CW CL ES SS SR SA IV"],
    [Chunk.cookieEcho, "IV CL CE CE ES SS SR SA IV"],
    [Chunk.cookieAck, "IV CL CW ES ES SS SR SA IV"],
    [Chunk.shutdownComplete, "IV CL CW CE ES SS SR CL IV"],
    [Chunk.heartbeat, "IV CL CW CE ES SS SR SA HS"],
    [Chunk.heartbeatAck, "IV CL CW CE ES SS SR SA ES"],
  ]),
};

function parseRows(table: readonly (readonly [number, string])[]) {
  return new Map(
    table.map(([chunk, row]) => [chunk, row.split(" ").map((w) => abbreviations[w] ?? "INVALID")]),
  );
}

/** Judges an SCTP packet of an entry and moves the entry's state. */
export function trackSctp(entry: Entry, skb: Skb, context: TrackerContext): TrackerVerdict {
  const packet = skb.packet.payload;
  if (packet.kind !== "sctp" || !hasValidChunks(packet.chunks)) return "invalid";
  const direction = skb.ctDirection;
  if (!entry.status.confirmed && !startSctp(entry, packet)) return "invalid";
  const memory = entry.memory;
  assert(memory?.kind === "sctp", "an SCTP entry remembers SCTP");
  if (!hasExpectedTag(packet, memory, direction)) return "invalid";
  let state = entry.state;
  let renews = true;
  for (const chunk of packet.chunks) {
    const next = nextState(direction, chunk, state);
    if (next === "INVALID") return "invalid";
    if (!learnTag(packet, chunk, memory, direction)) return "invalid";
    // A repeated INIT does not prolong the entry, or port reuse could keep it alive for ever.
    if (chunk === Chunk.init && state === "CLOSED" && next === "CLOSED") {
      renews = !entry.status.confirmed;
    }
    if (next !== state && next === "ESTABLISHED") entry.status.assured = true;
    state = next;
    entry.state = next;
  }
  if (renews) {
    count(entry, skb);
    refresh(entry, context.knobs.sctp[state] ?? 0, context.nowUs);
  }
  return "accept";
}

function nextState(direction: Direction, chunk: number, state: string): string {
  const row = rows[direction].get(chunk);
  return row === undefined ? state : (row[states.indexOf(state)] ?? "INVALID");
}

/** Chunks that must stand alone or first do (`do_basic_checks`). */
function hasValidChunks(chunks: readonly number[]): boolean {
  let alone = false;
  for (const [index, chunk] of chunks.entries()) {
    if (chunk === Chunk.init || chunk === Chunk.initAck || chunk === Chunk.shutdownComplete) {
      alone = true;
    }
    const first = alone || chunk === Chunk.cookieAck || chunk === Chunk.cookieEcho;
    if (first && index !== 0) return false;
  }
  return chunks.length > 0;
}

function startSctp(entry: Entry, packet: SctpPacket): boolean {
  const { chunks } = packet;
  const stray = [Chunk.abort, Chunk.shutdownComplete, Chunk.cookieAck];
  if (chunks.some((chunk) => stray.includes(chunk as 6))) return false;
  for (const chunk of chunks) {
    const next = nextState("original", chunk, "NONE");
    if (next === "NONE" || next === "INVALID") return false;
    if (chunk === Chunk.init && packet.tag !== 0) return false;
  }
  const tag: SctpMemory["tag"] = { original: undefined, reply: undefined };
  if (chunks.includes(Chunk.init)) tag.reply = packet.initTag;
  else if (chunks.includes(Chunk.heartbeat)) tag.original = packet.tag;
  else tag.reply = packet.tag;
  entry.state = "NONE";
  entry.memory = { kind: "sctp", tag };
  return true;
}

/** Verification tags (RFC 9260 §8.5), as far as the chunks do not exempt the packet. */
function hasExpectedTag(packet: SctpPacket, memory: SctpMemory, direction: Direction): boolean {
  const exempt = [
    Chunk.init,
    Chunk.shutdownComplete,
    Chunk.abort,
    Chunk.shutdownAck,
    Chunk.heartbeat,
    Chunk.heartbeatAck,
  ];
  if (packet.chunks.some((chunk) => exempt.includes(chunk as 1))) return true;
  const expected = memory.tag[direction];
  return expected === undefined || expected === packet.tag;
}

function learnTag(
  packet: SctpPacket,
  chunk: number,
  memory: SctpMemory,
  direction: Direction,
): boolean {
  if (chunk === Chunk.init && packet.tag !== 0) return false;
  const announces = chunk === Chunk.init || chunk === Chunk.initAck;
  if (announces && packet.initTag !== undefined) memory.tag[opposite(direction)] = packet.initTag;
  return true;
}
