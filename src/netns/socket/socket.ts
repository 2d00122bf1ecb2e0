/**
 * What processes see of a namespace's network: the words that all kinds of sockets share.
 */
import { type Addr, type Family, isLinkLocal, isMulticast } from "../../addr/index.js";
import type { Random } from "../../base/index.js";
import type { Flow } from "../../fib/index.js";
import type { Draft } from "../transit.js";

/** An end of a conversation. */
export interface SocketAddr {
  readonly addr: Addr;
  readonly port: number;
}

/** An ICMP error as a socket's error queue shows it (`struct sock_extended_err`). */
export interface IcmpReport {
  readonly type: number;
  readonly code: number;
  readonly from: Addr;
  /** The MTU of "fragmentation needed"; else 0. */
  readonly info: number;
}

/** What a socket may set besides addresses. */
export interface SocketOptions {
  readonly ttl?: number;
  readonly tos?: number;
  readonly mark?: number;
  /** Link it is bound to (`SO_BINDTODEVICE`). */
  readonly link?: string;
  readonly uid?: number;
  /** ICMP errors are reported even where they are not fatal (`IP_RECVERR`). */
  readonly reportErrors?: boolean;
  /** UDP may be sent to all on a link (`SO_BROADCAST`). */
  readonly broadcast?: boolean;
  /**
   * Routing chose the source when the socket was connected. One of IPv6 keeps the route it got then,
   * without a source; IPv4 asks again with it.
   */
  readonly choseSource?: boolean;
}

/** The fields of a packet that routing reads. */
export type RouteQuery = Omit<Flow, "iif">;

/**
 * Where a packet would go: its source address, and the link; or the error. `dst` is what it is sent
 * to: the unspecified address means this host.
 */
export type RouteResult =
  | {
      readonly kind: "found";
      readonly src: Addr;
      readonly dst: Addr;
      readonly link: string;
      readonly reaches: "one" | "all" | "group";
    }
  | { readonly kind: "failed"; readonly errno: string };

/**
 * Connects a socket to a peer: chooses the source. IPv4 then asks again with it, since rules may send
 * packets of that source elsewhere; IPv6 stores the route it has. A link-local peer or group needs a
 * link.
 *
 * Follows: Linux 6.18 include/net/route.h `ip_route_connect`; net/ipv6/ip6_output.c
 * `ip6_dst_lookup_tail`; net/ipv6/datagram.c `__ip6_datagram_connect`, net/ipv6/tcp_ipv6.c
 * `tcp_v6_connect`.
 */
export function routeConnect(host: SocketHost, query: RouteQuery): RouteResult {
  if (query.oif === undefined && needsLink(query.dst)) return { kind: "failed", errno: "EINVAL" };
  const first = host.route(query);
  if (query.dst.family === "ip6") return first;
  if (first.kind === "failed" || query.src !== undefined) return first;
  return host.route({ ...query, dst: first.dst, src: first.src });
}

/** Link-local addresses, and groups of a link or a host (`__ipv6_addr_needs_scope_id`). */
function needsLink(addr: Addr): boolean {
  if (addr.family === "ip4") return false;
  return isLinkLocal(addr) || (isMulticast(addr) && ((addr.s0 >>> 16) & 0xf) <= 2);
}

/** What sockets ask of the stack below them. */
export interface SocketHost {
  /** Sends; returns the error's name when that failed. */
  readonly send: (draft: Draft) => string | undefined;
  /** The way a packet would take. */
  readonly route: (query: RouteQuery) => RouteResult;
  /** Largest packet on the way to a destination. */
  readonly mtu: (dst: Addr) => number;
  /** Whether an address is set on a link. */
  readonly isOwn: (addr: Addr) => boolean;
  readonly nowUs: () => number;
  readonly schedule: (delayUs: number, task: () => void) => void;
  readonly random: (purpose: string) => Random;
}

/** `net.ipv4.ip_local_port_range`. */
const LOCAL_PORTS = { first: 32768, count: 28232 } as const;

/** Draws a local port that `isFree`; undefined when all are taken. */
export function drawPort(host: SocketHost, isFree: (port: number) => boolean): number | undefined {
  const start = host.random("ports").nextBelow(LOCAL_PORTS.count);
  for (let i = 0; i < LOCAL_PORTS.count; i++) {
    const port = LOCAL_PORTS.first + ((start + i) % LOCAL_PORTS.count);
    if (isFree(port)) return port;
  }
  return undefined;
}

/** The fields of a draft that a socket's options give. */
export function draftOptions(options: SocketOptions): Partial<Draft> {
  const { ttl, tos, mark, link, uid, choseSource } = options;
  return {
    ...(ttl === undefined ? {} : { ttl }),
    ...(tos === undefined ? {} : { tos }),
    ...(mark === undefined ? {} : { mark }),
    ...(link === undefined ? {} : { oif: link }),
    ...(uid === undefined ? {} : { uid }),
    ...(choseSource ? { choseSource } : {}),
  };
}

/** Headers of a packet that carries TCP, without options. */
export function tcpOverhead(family: Family): number {
  return family === "ip4" ? 40 : 60;
}
