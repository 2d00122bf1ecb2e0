/**
 * The table of TCP's states: (direction, kind of segment, state) → state. `IG` passes a segment
 * without believing it, `IV` calls it invalid. Read by `tcp.ts`.
 *
 * Follows: Linux 6.18 net/netfilter/nf_conntrack_proto_tcp.c `tcp_conntracks`.
 */
import { TcpFlag } from "../../wire/index.js";
import type { Direction } from "./tuple.js";

/** States in the order of the table's columns. */
export const tcpStates = [
  "NONE",
  "SYN_SENT",
  "SYN_RECV",
  "ESTABLISHED",
  "FIN_WAIT",
  "CLOSE_WAIT",
  "LAST_ACK",
  "TIME_WAIT",
  "CLOSE",
  "SYN_SENT2",
] as const;

/** A TCP entry's state, as `conntrack -L` prints it. */
export type TcpState = (typeof tcpStates)[number];

/** Kinds of segments, in the order of the table's rows (`enum tcp_bit_set`). */
export const SegmentKind = { syn: 0, synAck: 1, fin: 2, ack: 3, rst: 4, none: 5 } as const;

const abbreviations: Readonly<Record<string, TcpState | "IGNORE" | "INVALID">> = {
  SS: "SYN_SENT",
  SR: "SYN_RECV",
  ES: "ESTABLISHED",
  FW: "FIN_WAIT",
  CW: "CLOSE_WAIT",
  LA: "LAST_ACK",
  TW: "TIME_WAIT",
  CL: "CLOSE",
  S2: "SYN_SENT2",
  IG: "IGNORE",
  IV: "INVALID",
};

// Columns: NO SS SR ES FW CW LA TW CL S2
const transitions: Readonly<Record<Direction, readonly string[]>> = {
  original: [
    /* syn     */ "SS SS IG IG IG IG IG SS SS S2",
    /* syn-ack */ "IV IV SR IV IV IV IV IV IV SR",
    /* fin     */ "IV IV FW FW LA LA LA TW CL IV",
    /* ack     */ "ES IV ES ES CW CW TW TW CL IV",
    /* rst     */ "IV CL CL CL CL CL CL CL CL CL",
    /* none    */ "IV IV IV IV IV IV IV IV IV IV",
  ],
  reply: [
    /* syn     */ "IV S2 IV IV IV IV IV SS IV S2",
    /* syn-ack */ "IV SR IG IG IG IG IG IG IG SR",
    /* fin     */ "IV IV FW FW LA LA LA TW CL IV",
    /* ack     */ "IV IG SR ES CW CW TW TW CL IG",
    /* rst     */ "IV CL CL CL CL CL CL CL CL CL",
    /* none    */ "IV IV IV IV IV IV IV IV IV IV",
  ],
};

const parsed: Readonly<
  Record<Direction, readonly (readonly (TcpState | "IGNORE" | "INVALID")[])[]>
> = {
  original: transitions.original.map(parseRow),
  reply: transitions.reply.map(parseRow),
};

function parseRow(row: string): readonly (TcpState | "IGNORE" | "INVALID")[] {
  return row.split(" ").map((word) => abbreviations[word] ?? "INVALID");
}

/** Which row of the table a segment belongs to (`get_conntrack_index`). */
export function segmentKind(flags: number): number {
  if (flags & TcpFlag.rst) return SegmentKind.rst;
  if (flags & TcpFlag.syn) return flags & TcpFlag.ack ? SegmentKind.synAck : SegmentKind.syn;
  if (flags & TcpFlag.fin) return SegmentKind.fin;
  return flags & TcpFlag.ack ? SegmentKind.ack : SegmentKind.none;
}

/** The state after a segment, or that it is ignored or invalid. */
export function nextTcpState(
  direction: Direction,
  kind: number,
  state: TcpState,
): TcpState | "IGNORE" | "INVALID" {
  return parsed[direction][kind]?.[tcpStates.indexOf(state)] ?? "INVALID";
}

const valid = new Set<number>([
  TcpFlag.syn,
  TcpFlag.syn | TcpFlag.urg,
  TcpFlag.syn | TcpFlag.ack,
  TcpFlag.rst,
  TcpFlag.rst | TcpFlag.ack,
  TcpFlag.fin | TcpFlag.ack,
  TcpFlag.fin | TcpFlag.ack | TcpFlag.urg,
  TcpFlag.ack,
  TcpFlag.ack | TcpFlag.urg,
]);

/** Whether the flags can stand together; PSH, ECE and CWR always may (`tcp_valid_flags`). */
export function hasValidFlags(flags: number): boolean {
  return valid.has(flags & ~(TcpFlag.psh | TcpFlag.ece | TcpFlag.cwr));
}
