/** TCP sockets of one namespace: listeners by port, connections by their four numbers. */
import { type Addr, isMulticast, unspecifiedAddr } from "../../addr/index.js";
import { IpProtocol, type Packet, type Segment, TcpFlag } from "../../wire/index.js";
import type { Transit } from "../transit.js";
import type { SocketError } from "./icmp-errno.js";
import {
  drawPort,
  type IcmpReport,
  routeConnect,
  type SocketAddr,
  type SocketHost,
  type SocketOptions,
} from "./socket.js";
import { TcpConnection, type TcpHandlers } from "./tcp-connection.js";

/** A socket that waits for connections. */
export interface TcpListener {
  readonly port: number;
  /** Absent: every address. */
  readonly addr?: Addr;
  /** Makes the handlers of a new connection; called when its SYN comes. */
  readonly accept: (local: SocketAddr, peer: SocketAddr) => TcpHandlers;
}

/** How a connection is opened. */
export interface TcpConnectOptions extends SocketOptions {
  readonly to: SocketAddr;
  readonly src?: Addr;
  readonly sport?: number;
  readonly handlers: TcpHandlers;
  readonly cause?: number;
}

/** What connecting gives at once: a connection that opens, or an error. */
export type ConnectResult =
  | { readonly kind: "opening"; readonly connection: TcpConnection }
  | { readonly kind: "failed"; readonly errno: string };

/** All TCP sockets of one namespace. */
export class TcpSockets {
  readonly #host: SocketHost;
  readonly #listeners = new Map<number, TcpListener[]>();
  readonly #connections = new Map<string, TcpConnection>();

  constructor(host: SocketHost) {
    this.#host = host;
  }

  /** Starts to listen. Returns what stops it. */
  listen(listener: TcpListener): () => void {
    const list = this.#listeners.get(listener.port) ?? [];
    this.#listeners.set(listener.port, [...list, listener]);
    return () => {
      const rest = (this.#listeners.get(listener.port) ?? []).filter((l) => l !== listener);
      this.#listeners.set(listener.port, rest);
    };
  }

  /**
   * Opens a connection.
   *
   * Follows: Linux 6.18 net/ipv4/tcp_ipv4.c `tcp_v4_connect`: nobody connects to a group.
   */
  connect(options: TcpConnectOptions): ConnectResult {
    const { handlers, cause, mark, tos, link, uid, sport } = options;
    const asked = options.to;
    if (asked.addr.family === "ip6" && isMulticast(asked.addr)) {
      return { kind: "failed", errno: "ENETUNREACH" };
    }
    const route = routeConnect(this.#host, {
      dst: asked.addr,
      protocol: IpProtocol.tcp,
      dport: asked.port,
      ...(sport === undefined ? {} : { sport }),
      ...(options.src === undefined ? {} : { src: options.src }),
      ...(link === undefined ? {} : { oif: link }),
      ...(mark === undefined ? {} : { mark }),
      ...(tos === undefined ? {} : { tos }),
      ...(uid === undefined ? {} : { uid }),
    });
    if (route.kind === "found" && route.reaches !== "one") {
      return { kind: "failed", errno: "ENETUNREACH" };
    }
    const to = route.kind === "found" ? { addr: route.dst, port: asked.port } : asked;
    const addr =
      route.kind === "found" ? route.src : (options.src ?? unspecifiedAddr(to.addr.family));
    const isFree = (at: number) => !this.#connections.has(keyOf({ addr, port: at }, to));
    const port = sport ?? drawPort(this.#host, isFree);
    if (port === undefined || !isFree(port)) return { kind: "failed", errno: "EADDRNOTAVAIL" };
    const connection = this.#create({ addr, port }, to, {
      options: { ...options, choseSource: options.src === undefined },
      handlers,
    });
    connection.cause = cause;
    connection.open();
    if (route.kind === "found") return { kind: "opening", connection };
    // The attempt was told; no packet left, so nothing is tried again.
    connection.abort();
    return { kind: "failed", errno: route.errno };
  }

  /** Gives a segment to its connection or listener. Returns whether there is one. */
  receive({ skb }: Transit, segment: Segment): boolean {
    const local = { addr: skb.packet.dst, port: segment.dport };
    const peer = { addr: skb.packet.src, port: segment.sport };
    const connection = this.#connections.get(keyOf(local, peer));
    const opens = (segment.flags & (TcpFlag.syn | TcpFlag.ack | TcpFlag.rst)) === TcpFlag.syn;
    if (connection !== undefined && !(opens && connection.state === "time-wait")) {
      connection.receive(segment);
      return true;
    }
    const listener = this.#findListener(local);
    if (listener === undefined) return false;
    if (!opens) return (segment.flags & TcpFlag.rst) !== 0;
    connection?.abort();
    const handlers = listener.accept(local, peer);
    this.#create(local, peer, { options: {}, handlers }).accept(segment);
    return true;
  }

  /** Tells the connection whose segment is quoted of an error. */
  onError(
    quoted: Packet,
    error: SocketError | undefined,
    report: IcmpReport & { readonly isTooBig: boolean },
  ): boolean {
    const { payload, src, dst } = quoted;
    if (payload.kind !== "tcp") return false;
    const local = { addr: src, port: payload.sport };
    const connection = this.#connections.get(keyOf(local, { addr: dst, port: payload.dport }));
    if (connection === undefined || !connection.isInFlight(payload.seq)) return false;
    const { isTooBig, ...plain } = report;
    connection.onIcmpError(error, plain, isTooBig);
    return true;
  }

  #create(
    local: SocketAddr,
    peer: SocketAddr,
    how: { readonly options: SocketOptions; readonly handlers: TcpHandlers },
  ): TcpConnection {
    const key = keyOf(local, peer);
    const onGone = (gone: TcpConnection) => {
      if (this.#connections.get(key) === gone) this.#connections.delete(key);
    };
    const connection = new TcpConnection({ host: this.#host, local, peer, onGone, ...how });
    this.#connections.set(key, connection);
    return connection;
  }

  #findListener({ addr, port }: SocketAddr): TcpListener | undefined {
    const list = this.#listeners.get(port);
    if (list === undefined) return undefined;
    return (
      list.find((l) => l.addr?.equals(addr) === true) ?? list.find((l) => l.addr === undefined)
    );
  }
}

function keyOf(local: SocketAddr, peer: SocketAddr): string {
  return `${local.addr.key()} ${local.port} ${peer.addr.key()} ${peer.port}`;
}
