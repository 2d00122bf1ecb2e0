/** UDP sockets of one namespace. */
import type { Addr } from "../../addr/index.js";
import {
  type Datagram,
  IpProtocol,
  type Packet,
  type Payload,
  packetLength,
} from "../../wire/index.js";
import type { Draft, Transit } from "../transit.js";
import type { SocketError } from "./icmp-errno.js";
import {
  draftOptions,
  drawPort,
  type IcmpReport,
  routeConnect,
  type SocketAddr,
  type SocketHost,
  type SocketOptions,
} from "./socket.js";

/** A datagram as its receiver sees it. */
export interface ReceivedDatagram {
  readonly from: SocketAddr;
  readonly to: SocketAddr;
  readonly payload: Payload;
}

/** What a UDP socket tells its owner. */
export interface UdpHandlers {
  /** A datagram came in. */
  readonly onDatagram?: (datagram: ReceivedDatagram, socket: UdpSocket) => void;
  /** An ICMP error about a datagram came in, with the errno a socket reports. */
  readonly onError?: (errno: string, report: IcmpReport) => void;
}

/** How a UDP socket is opened. */
export interface UdpOptions extends SocketOptions {
  /** Absent: every address. */
  readonly addr?: Addr;
  /** Absent: one is drawn. */
  readonly port?: number;
  /** Connected: only this peer is heard. */
  readonly peer?: SocketAddr;
  readonly handlers: UdpHandlers;
}

/** How a UDP socket is connected. */
export interface UdpConnectOptions extends SocketOptions {
  readonly to: SocketAddr;
  readonly src?: Addr;
  readonly sport?: number;
  readonly handlers: UdpHandlers;
}

/** What connecting gives: a socket, or an error. */
export type UdpConnectResult =
  | { readonly kind: "open"; readonly socket: UdpSocket }
  | { readonly kind: "failed"; readonly errno: string };

/** One datagram to send. */
export interface UdpSend {
  readonly to: SocketAddr;
  readonly from?: Addr;
  readonly payload: Payload;
  /**
   * `want` (default): don't-fragment where it fits; `do`: always, and never more than the path takes;
   * `dont`: never (`IP_MTU_DISCOVER`).
   */
  readonly pmtu?: "want" | "do" | "dont";
  readonly cause?: number;
}

/** One open UDP socket. */
export class UdpSocket {
  readonly port: number;
  readonly addr: Addr | undefined;
  readonly peer: SocketAddr | undefined;
  readonly handlers: UdpHandlers;
  readonly options: UdpOptions;
  readonly #host: SocketHost;

  constructor(host: SocketHost, options: UdpOptions, port: number) {
    this.#host = host;
    this.port = port;
    this.addr = options.addr;
    this.peer = options.peer;
    this.handlers = options.handlers;
    this.options = options;
  }

  /**
   * Sends one datagram. Returns the error's name when that failed at once.
   *
   * Follows: Linux 6.18 net/ipv4/udp.c `udp_sendmsg`, net/ipv4/ip_output.c `__ip_make_skb`.
   */
  send({ to: asked, from, payload, pmtu = "want", cause }: UdpSend): string | undefined {
    // A connected socket sends to its peer, whatever it was called when it was connected.
    const to = this.peer ?? asked;
    const src = from ?? this.addr;
    // IPv6 sends from no address but its own (`ip6_datagram_send_ctl`); IPv4 asks its routes.
    if (from?.family === "ip6" && !this.#host.isOwn(from)) return "EINVAL";
    const datagram: Datagram = { kind: "udp", sport: this.port, dport: to.port, payload };
    const draft: Draft = {
      dst: to.addr,
      ...(src === undefined ? {} : { src }),
      payload: datagram,
      ...draftOptions(this.options),
      ...(cause === undefined ? {} : { cause }),
    };
    const fits = pmtu !== "want" || lengthOf(draft) <= this.#host.mtu(to.addr);
    const errno = this.#host.send(
      pmtu === "want" ? { ...draft, df: fits, ignoreDf: true } : { ...draft, df: pmtu === "do" },
    );
    // A device that did not take it is told only to who asked for errors (`udp_send_skb`).
    return errno === "ENOBUFS" && !this.options.reportErrors ? undefined : errno;
  }
}

function lengthOf({ dst, payload }: Draft): number {
  const { family } = dst;
  const packet: Packet = { family, src: dst, dst, ttl: 1, tos: 0, id: 0, df: false, payload };
  return packetLength(packet);
}

/** All UDP sockets of one namespace, by port. */
export class UdpSockets {
  readonly #byPort = new Map<number, UdpSocket[]>();
  readonly #host: SocketHost;

  constructor(host: SocketHost) {
    this.#host = host;
  }

  /** Opens a socket; undefined when no port is free. */
  open(options: UdpOptions): UdpSocket | undefined {
    const port = options.port ?? drawPort(this.#host, (p) => !this.#byPort.has(p));
    if (port === undefined) return undefined;
    const socket = new UdpSocket(this.#host, options, port);
    const list = this.#byPort.get(port);
    if (list === undefined) this.#byPort.set(port, [socket]);
    else list.push(socket);
    return socket;
  }

  /**
   * Opens a socket that hears one peer only, and sends from the address the route to it gives.
   *
   * Follows: Linux 6.18 net/ipv4/datagram.c `__ip4_datagram_connect`.
   */
  connect(options: UdpConnectOptions): UdpConnectResult {
    const { to, src, sport, handlers, ...rest } = options;
    const { mark, tos, link, uid } = rest;
    const route = routeConnect(this.#host, {
      dst: to.addr,
      protocol: IpProtocol.udp,
      dport: to.port,
      ...(sport === undefined ? {} : { sport }),
      ...(src === undefined ? {} : { src }),
      ...(link === undefined ? {} : { oif: link }),
      ...(mark === undefined ? {} : { mark }),
      ...(tos === undefined ? {} : { tos }),
      ...(uid === undefined ? {} : { uid }),
    });
    if (route.kind === "failed") return route;
    if (route.reaches === "all" && !rest.broadcast) return { kind: "failed", errno: "EACCES" };
    const port = sport === undefined ? {} : { port: sport };
    const peer = { addr: route.dst, port: to.port };
    const choseSource = src === undefined;
    const socket = this.open({ ...rest, addr: route.src, peer, handlers, choseSource, ...port });
    if (socket === undefined) return { kind: "failed", errno: "EADDRNOTAVAIL" };
    return { kind: "open", socket };
  }

  /** Closes a socket. */
  close(socket: UdpSocket): void {
    const rest = this.#byPort.get(socket.port)?.filter((s) => s !== socket) ?? [];
    if (rest.length === 0) this.#byPort.delete(socket.port);
    else this.#byPort.set(socket.port, rest);
  }

  /** Gives a datagram to the socket that fits best. Returns whether there is one. */
  receive({ skb }: Transit, datagram: Datagram): boolean {
    const { src, dst } = skb.packet;
    const from = { addr: src, port: datagram.sport };
    const to = { addr: dst, port: datagram.dport };
    const isGroup = skb.pktType !== "host";
    const socket = this.#find(to, from, isGroup);
    if (socket === undefined) return false;
    socket.handlers.onDatagram?.({ from, to, payload: datagram.payload }, socket);
    return true;
  }

  /** Tells the socket that sent a quoted datagram of an error (`__udp4_lib_err`). */
  onError(quoted: Packet, error: SocketError | undefined, report: IcmpReport): boolean {
    const { payload, src, dst } = quoted;
    if (payload.kind !== "udp") return false;
    const ends = [
      { addr: src, port: payload.sport },
      { addr: dst, port: payload.dport },
    ] as const;
    const socket = this.#find(ends[0], ends[1], false);
    if (socket === undefined) return false;
    const isReported = socket.options.reportErrors || (error?.fatal && socket.peer !== undefined);
    if (error !== undefined && isReported) socket.handlers.onError?.(error.errno, report);
    return true;
  }

  #find(local: SocketAddr, remote: SocketAddr, isGroup: boolean): UdpSocket | undefined {
    let best: UdpSocket | undefined;
    let bestScore = -1;
    for (const socket of this.#byPort.get(local.port) ?? []) {
      const score = scoreOf(socket, local, remote, isGroup);
      if (score > bestScore) [best, bestScore] = [socket, score];
    }
    return best;
  }
}

/** How well a socket fits (Linux net/ipv4/udp.c `compute_score`); below 0: not at all. */
function scoreOf(
  { addr, peer }: UdpSocket,
  local: SocketAddr,
  remote: SocketAddr,
  isGroup: boolean,
): number {
  let score = 0;
  if (addr !== undefined) {
    if (!isGroup && !addr.equals(local.addr)) return -1;
    score += 4;
  }
  if (peer !== undefined) {
    if (peer.port !== remote.port || !peer.addr.equals(remote.addr)) return -1;
    score += 8;
  }
  return score;
}
