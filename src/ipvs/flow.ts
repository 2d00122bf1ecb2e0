/** What IPVS reads of a packet. */
import type { Addr, Family } from "../addr/index.js";
import { type Packet, TcpFlag } from "../wire/index.js";
import type { IpvsProtocol } from "./config.js";

/** The ends of a packet, as it travels, and what its transport says of the connection. */
export interface IpvsFlow {
  readonly family: Family;
  readonly protocol: IpvsProtocol;
  readonly src: Addr;
  readonly sport: number;
  readonly dst: Addr;
  readonly dport: number;
  /** Bits of `TcpFlag`; 0 for other protocols. */
  readonly tcpFlags: number;
  /** Types of SCTP chunks; empty for other protocols. */
  readonly chunks: readonly number[];
}

/** SCTP's INIT and ABORT chunks (RFC 9260 §3.2). */
export const SctpChunk = { init: 1, abort: 6, cookieEcho: 10, cookieAck: 11 } as const;

const NO_CHUNKS: readonly number[] = [];

/**
 * Reads the ends of a packet.
 *
 * Returns: undefined for protocols IPVS does not balance, and for later fragments.
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_conn.c `ip_vs_conn_fill_param_proto`.
 */
export function readFlow(packet: Packet): IpvsFlow | undefined {
  const { family, src, dst, payload, fragment } = packet;
  if (fragment !== undefined && fragment.offsetBytes > 0) return undefined;
  switch (payload.kind) {
    case "tcp": {
      const { sport, dport, flags } = payload;
      return {
        family,
        protocol: "tcp",
        src,
        sport,
        dst,
        dport,
        tcpFlags: flags,
        chunks: NO_CHUNKS,
      };
    }
    case "udp": {
      const { sport, dport } = payload;
      return { family, protocol: "udp", src, sport, dst, dport, tcpFlags: 0, chunks: NO_CHUNKS };
    }
    case "sctp": {
      const { sport, dport, chunks } = payload;
      return { family, protocol: "sctp", src, sport, dst, dport, tcpFlags: 0, chunks };
    }
    default:
      return undefined;
  }
}

/** The flow of the answers. */
export function turnRound(flow: IpvsFlow): IpvsFlow {
  const { src, sport, dst, dport } = flow;
  return { ...flow, src: dst, sport: dport, dst: src, dport: sport };
}

/** Whether a packet begins a connection (`is_new_conn`): a SYN, an INIT. */
export function beginsConnection({ protocol, tcpFlags, chunks }: IpvsFlow): boolean {
  if (protocol === "tcp") return (tcpFlags & TcpFlag.syn) !== 0;
  return protocol === "sctp" && chunks[0] === SctpChunk.init;
}
