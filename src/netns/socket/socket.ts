/**
 * What processes see of a namespace's network: the words that all kinds of sockets share.
 */
import type { Addr, Family } from "../../addr/index.js";
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
 * Connects a socket to a peer: chooses the source, then asks again with it, since rules may send
 * packets of that source elsewhere.
 *
 * Follows: Linux 6.18 include/net/route.h `ip_route_connect`.
 */
export function routeConnect(host: SocketHost, query: RouteQuery): RouteResult {
  const first = host.route(query);
  if (first.kind === "failed" || query.src !== undefined) return first;
  return host.route({ ...query, dst: first.dst, src: first.src });
}

/** What sockets ask of the stack below them. */
export interface SocketHost {
  /** Sends; returns the error's name when that failed. */
  readonly send: (draft: Draft) => string | undefined;
  /** The way a packet would take. */
  readonly route: (query: RouteQuery) => RouteResult;
  /** Largest packet on the way to a destination. */
  readonly mtu: (dst: Addr) => number;
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
  const { ttl, tos, mark, link, uid } = options;
  return {
    ...(ttl === undefined ? {} : { ttl }),
    ...(tos === undefined ? {} : { tos }),
    ...(mark === undefined ? {} : { mark }),
    ...(link === undefined ? {} : { oif: link }),
    ...(uid === undefined ? {} : { uid }),
  };
}

/** Headers of a packet that carries TCP, without options. */
export function tcpOverhead(family: Family): number {
  return family === "ip4" ? 40 : 60;
}
