/** One tracked connection (`struct nf_conn`), and what its protocol's tracker remembers of it. */
import type { Direction, Tuple, ZoneScope } from "./tuple.js";

/** What NAT does to one connection, once decided (`IPS_SRC_NAT`, `IPS_DST_NAT` and their _DONE bits). */
export interface EntryStatus {
  seenReply: boolean;
  assured: boolean;
  confirmed: boolean;
  dying: boolean;
  srcNat: boolean;
  dstNat: boolean;
  srcNatDone: boolean;
  dstNatDone: boolean;
  expected: boolean;
  /** The time of expiry does not move (`IPS_FIXED_TIMEOUT`). */
  fixedTimeout: boolean;
  /** Found by its reply only, since another entry holds its original tuple (`IPS_NAT_CLASH`). */
  natClash: boolean;
}

/** One tracked connection. Mutable: it belongs to the conntrack table of one namespace. */
export interface Entry {
  /** Counts up from 1 in one table. */
  readonly id: number;
  readonly original: Tuple;
  /** Changed by NAT before the entry is confirmed. */
  reply: Tuple;
  readonly zone: number;
  readonly zoneScope: ZoneScope;
  /** Protocol state in conntrack's spelling: `SYN_SENT`, `ESTABLISHED`, … ; "" where there is none. */
  state: string;
  status: EntryStatus;
  mark: number;
  /** Simulated microseconds; the entry is gone at this time. */
  expiresUs: number;
  /** Time to live that the tracker gave last; counted from confirmation. */
  timeoutUs: number;
  /** Tracker's own memory: windows of TCP, time of first reply of UDP, … */
  memory: TrackerMemory | undefined;
  /** Link whose going down removes the entry: set by masquerade. */
  masqueradeLink: string | undefined;
  /** Packets and bytes each way, where they are counted (`nf_conntrack_acct`). */
  counters: Record<Direction, Counter> | undefined;
}

/** What went one way. */
export interface Counter {
  packets: number;
  /** Of whole IP packets. */
  bytes: number;
}

/** What the trackers remember. */
export type TrackerMemory = TcpMemory | UdpMemory | SctpMemory;

/** What UDP's tracker remembers. */
export interface UdpMemory {
  readonly kind: "udp";
  /** After this time traffic both ways makes a stream, which lives longer. */
  streamAfterUs: number;
}

/** What SCTP's tracker remembers: the verification tag each direction must carry, if known. */
export interface SctpMemory {
  readonly kind: "sctp";
  tag: Record<Direction, number | undefined>;
}

/** What TCP's tracker remembers (`struct ip_ct_tcp`). */
export interface TcpMemory {
  readonly kind: "tcp";
  seen: Record<Direction, TcpSide>;
  lastDirection: Direction;
  /** Kind of the last segment, as `SegmentKind` of the TCP tracker. */
  lastKind: number;
  lastSeq: number;
  lastAck: number;
  lastEnd: number;
  lastWindow: number;
  lastScale: number;
  lastSackPermitted: boolean;
  lastWindowScale: boolean;
  challengeAckExpected: boolean;
  simultaneousOpen: boolean;
  retransmissions: number;
}

/** What was seen of one sender (`struct ip_ct_tcp_state`). Sequence numbers are unsigned 32 bits. */
export interface TcpSide {
  end: number;
  maxEnd: number;
  maxWindow: number;
  maxAck: number;
  scale: number;
  windowScale: boolean;
  sackPermitted: boolean;
  closeInit: boolean;
  beLiberal: boolean;
  dataUnacknowledged: boolean;
  maxAckSet: boolean;
}

/** Makes the status of an entry that nothing is known about. */
export function createStatus(): EntryStatus {
  return {
    seenReply: false,
    assured: false,
    confirmed: false,
    dying: false,
    srcNat: false,
    dstNat: false,
    srcNatDone: false,
    dstNatDone: false,
    expected: false,
    fixedTimeout: false,
    natClash: false,
  };
}

/** An independent copy: changing one leaves the other as it was. */
export function copyEntry(entry: Entry): Entry {
  const { status, memory, counters } = entry;
  return {
    ...entry,
    status: { ...status },
    memory: copyMemory(memory),
    counters: counters && {
      original: { ...counters.original },
      reply: { ...counters.reply },
    },
  };
}

function copyMemory(memory: TrackerMemory | undefined): TrackerMemory | undefined {
  if (memory === undefined) return undefined;
  if (memory.kind === "udp") return { ...memory };
  if (memory.kind === "sctp") return { ...memory, tag: { ...memory.tag } };
  const { original, reply } = memory.seen;
  return { ...memory, seen: { original: { ...original }, reply: { ...reply } } };
}
