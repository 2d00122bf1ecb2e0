/** One tracked connection (`struct nf_conn`). */
import type { Tuple } from "./tuple.js";

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
}

/** One tracked connection. Mutable: it belongs to the conntrack table of one namespace. */
export interface Entry {
  /** Counts up from 1 in one table. */
  readonly id: number;
  readonly original: Tuple;
  /** Changed by NAT before the entry is confirmed. */
  reply: Tuple;
  /** Protocol state in conntrack's spelling: `SYN_SENT`, `ESTABLISHED`, … ; "" where there is none. */
  state: string;
  status: EntryStatus;
  mark: number;
  /** Simulated microseconds; the entry is gone at this time. */
  expiresUs: number;
  /** Tracker's own memory: windows of TCP, time of first reply of UDP, … */
  memory: unknown;
  /** Link whose going down removes the entry: set by masquerade. */
  masqueradeLink: string | undefined;
}
