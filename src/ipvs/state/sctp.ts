/** States of SCTP associations as IPVS sees them. */
import { type IpvsFlow, SctpChunk } from "../flow.js";
import type { IpvsDirection, ProtocolStates } from "./states.js";

/** `IP_VS_SCTP_MAX_RTO`, seconds. */
const MAX_RTO = 61;

/** Columns of the tables in the kernel's abbreviations: the state's name, and seconds to live. */
const STATES: Readonly<Record<string, readonly [name: string, seconds: number]>> = {
  sNO: ["NONE", 2],
  sI1: ["INIT1", 4],
  sIN: ["INIT", MAX_RTO],
  sCS: ["C-SENT", MAX_RTO],
  sCR: ["C-REPLIED", MAX_RTO],
  sCW: ["C-WAIT", MAX_RTO],
  sCO: ["COOKIE", MAX_RTO],
  sCE: ["C-ECHOED", MAX_RTO],
  sES: ["ESTABLISHED", 15 * 60],
  sSS: ["S-SENT", MAX_RTO],
  sSR: ["S-RECEIVED", MAX_RTO],
  sSA: ["S-ACK-SENT", MAX_RTO],
  sRJ: ["REJECTED", 4],
  sCL: ["CLOSED", MAX_RTO],
};

const COLUMNS = Object.values(STATES).map(([name]) => name);
const TIMEOUTS: ReadonlyMap<string, number> = new Map(Object.values(STATES));

/** Rows of the tables by type of chunk; types that have none are data (`sctp_events`). */
const EVENTS: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [2, 2],
  [6, 9],
  [7, 5],
  [8, 6],
  [9, 8],
  [10, 3],
  [11, 4],
  [14, 7],
]);

/** Next states: a row for each event, one word for each state before (`sctp_states`). */
const TABLES: Readonly<Record<IpvsDirection, readonly ReadonlyMap<string, string>[]>> = {
  input: rows(
    //   sNO sI1 sIN sCS sCR sCW sCO sCE sES sSS sSR sSA sRJ sCL
    "sES sI1 sIN sCS sCR sCW sCO sCE sES sSS sSR sSA sRJ sCL", // data
    "sI1 sIN sIN sCS sCR sCW sCO sCE sES sSS sSR sSA sIN sIN", // INIT
    "sCW sCW sCW sCS sCR sCO sCO sCE sES sSS sSR sSA sRJ sCL", // INIT ACK
    "sCR sIN sIN sCR sCR sCW sCO sCE sES sSS sSR sSA sRJ sCL", // COOKIE ECHO
    "sES sI1 sIN sCS sCR sCW sCO sES sES sSS sSR sSA sRJ sCL", // COOKIE ACK
    "sSR sI1 sIN sCS sCR sCW sCO sCE sSR sSS sSR sSA sRJ sCL", // SHUTDOWN
    "sCL sIN sIN sCS sCR sCW sCO sCE sES sCL sSR sCL sRJ sCL", // SHUTDOWN ACK
    "sCL sCL sCL sCS sCR sCW sCO sCE sES sSS sSR sCL sRJ sCL", // SHUTDOWN COMPLETE
    "sCL sI1 sIN sCS sCR sCW sCO sCL sES sSS sSR sSA sRJ sCL", // ERROR
    "sCL sCL sCL sCL sCL sRJ sCL sCL sCL sCL sCL sCL sCL sCL", // ABORT
  ),
  output: rows(
    //   sNO sI1 sIN sCS sCR sCW sCO sCE sES sSS sSR sSA sRJ sCL
    "sES sI1 sIN sCS sCR sCW sCO sCE sES sSS sSR sSA sRJ sCL", // data
    "sCW sCW sCW sCW sCW sCW sCW sCW sES sCW sCW sCW sCW sCW", // INIT
    "sCS sCS sCS sCS sCR sCW sCO sCE sES sSS sSR sSA sRJ sCL", // INIT ACK
    "sCE sCE sCE sCE sCE sCE sCE sCE sES sSS sSR sSA sRJ sCL", // COOKIE ECHO
    "sES sES sES sES sES sES sES sES sES sSS sSR sSA sRJ sCL", // COOKIE ACK
    "sSS sSS sSS sSS sSS sSS sSS sSS sSS sSS sSR sSA sRJ sCL", // SHUTDOWN
    "sSA sSA sSA sSA sSA sCW sCO sCE sES sSA sSA sSA sRJ sCL", // SHUTDOWN ACK
    "sCL sI1 sIN sCS sCR sCW sCO sCE sES sSS sSR sSA sRJ sCL", // SHUTDOWN COMPLETE
    "sCL sCL sCL sCL sCL sCW sCO sCE sES sSS sSR sSA sRJ sCL", // ERROR
    "sCL sRJ sCL sCL sCL sCL sCL sCL sCL sCL sCL sCL sCL sCL", // ABORT
  ),
};

function rows(...lines: readonly string[]): readonly ReadonlyMap<string, string>[] {
  return lines.map((line) => {
    const next = line.split(" ").map((word) => STATES[word]?.[0] as string);
    return new Map(COLUMNS.map((before, at) => [before, next[at] as string]));
  });
}

/** An ABORT behind a cookie counts; no other bundled chunk does. */
function eventOf({ chunks }: IpvsFlow): number {
  const [first = 0, second] = chunks;
  const isCookie = first === SctpChunk.cookieEcho || first === SctpChunk.cookieAck;
  const type = isCookie && second === SctpChunk.abort ? second : first;
  return EVENTS.get(type) ?? 0;
}

/**
 * SCTP.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_proto_sctp.c `set_sctp_state`, `sctp_states`.
 * Not modelled: the table for direct routing (input only).
 */
export const sctpStates: ProtocolStates = {
  first: "NONE",
  next: (before, direction, flow) => {
    if (flow.chunks.length === 0) return before;
    return TABLES[direction][eventOf(flow)]?.get(before) ?? before;
  },
  timeoutSeconds: (state) => TIMEOUTS.get(state) ?? MAX_RTO,
  isActive: (state) => state === "ESTABLISHED",
  assures: (state) => state === "ESTABLISHED",
  isOver: (state) => state === "CLOSED",
};
