/** States of TCP connections as IPVS sees them, from one side of a wire that it sits on. */
import { TcpFlag } from "../../wire/index.js";
import type { IpvsFlow } from "../flow.js";
import type { ProtocolStates } from "./states.js";

/** Seconds a connection lives in each state (`tcp_timeouts`). */
const TIMEOUTS = {
  NONE: 2,
  ESTABLISHED: 15 * 60,
  SYN_SENT: 2 * 60,
  SYN_RECV: 60,
  FIN_WAIT: 2 * 60,
  TIME_WAIT: 2 * 60,
  CLOSE: 10,
  CLOSE_WAIT: 60,
  LAST_ACK: 30,
  LISTEN: 2 * 60,
  SYNACK: 120,
} as const;

type TcpState = keyof typeof TIMEOUTS;

/** The columns of the tables, in the kernel's abbreviations. */
const STATES: Readonly<Record<string, TcpState>> = {
  sNO: "NONE",
  sES: "ESTABLISHED",
  sSS: "SYN_SENT",
  sSR: "SYN_RECV",
  sFW: "FIN_WAIT",
  sTW: "TIME_WAIT",
  sCL: "CLOSE",
  sCW: "CLOSE_WAIT",
  sLA: "LAST_ACK",
  sLI: "LISTEN",
  sSA: "SYNACK",
};

const COLUMNS = Object.values(STATES);

/** The next state, by what the segment is; one word for each state before. */
const TABLES = {
  //            sNO sES sSS sSR sFW sTW sCL sCW sLA sLI sSA
  input: {
    syn: row("sSR sES sES sSR sSR sSR sSR sSR sSR sSR sSR"),
    fin: row("sCL sCW sSS sTW sTW sTW sCL sCW sLA sLI sTW"),
    ack: row("sES sES sSS sES sFW sTW sCL sCW sCL sLI sES"),
    rst: row("sCL sCL sCL sSR sCL sCL sCL sCL sLA sLI sSR"),
  },
  output: {
    syn: row("sSS sES sSS sSR sSS sSS sSS sSS sSS sLI sSR"),
    fin: row("sTW sFW sSS sTW sFW sTW sCL sTW sLA sLI sTW"),
    ack: row("sES sES sSS sES sFW sTW sCL sCW sLA sES sES"),
    rst: row("sCL sCL sSS sCL sCL sTW sCL sCL sCL sCL sCL"),
  },
} as const;

function row(words: string): ReadonlyMap<string, TcpState> {
  const next = words.split(" ").map((word) => STATES[word] as TcpState);
  return new Map(COLUMNS.map((before, at) => [before, next[at] as TcpState]));
}

/** States that count as active connections (`tcp_state_active_table`). */
const ACTIVE: ReadonlySet<string> = new Set(["ESTABLISHED", "SYN_SENT", "SYN_RECV", "SYNACK"]);

function kindOf({ tcpFlags }: IpvsFlow): "syn" | "fin" | "ack" | "rst" | undefined {
  if ((tcpFlags & TcpFlag.rst) !== 0) return "rst";
  if ((tcpFlags & TcpFlag.syn) !== 0) return "syn";
  if ((tcpFlags & TcpFlag.fin) !== 0) return "fin";
  return (tcpFlags & TcpFlag.ack) !== 0 ? "ack" : undefined;
}

/**
 * TCP.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_proto_tcp.c `set_tcp_state`, `tcp_states`.
 * Not modelled: the tables for direct routing (input only) and for attacks (`secure_tcp`).
 */
export const tcpStates: ProtocolStates = {
  first: "NONE",
  next: (before, direction, flow) => {
    const kind = kindOf(flow);
    return kind === undefined ? "CLOSE" : (TABLES[direction][kind].get(before) ?? "CLOSE");
  },
  timeoutSeconds: (state) => TIMEOUTS[state as TcpState],
  isActive: (state) => ACTIVE.has(state),
  assures: (state) => state === "ESTABLISHED",
  // A connection in these states makes way for a new one from the same port.
  isOver: (state) => state === "TIME_WAIT" || state === "CLOSE",
};
