/** Echo requests of one namespace's processes, and who waits for which reply. */
import type { Addr } from "../../addr/index.js";
import { type Icmp, type Packet, payloadLength } from "../../wire/index.js";
import type { Transit } from "../transit.js";
import type { SocketError } from "./icmp-errno.js";
import { draftOptions, type IcmpReport, type SocketHost, type SocketOptions } from "./socket.js";

/** An echo reply as its receiver sees it. */
export interface EchoReply {
  readonly from: Addr;
  readonly ttl: number;
  readonly seq: number;
  readonly lengthBytes: number;
}

/** What a pinging process is told. */
export interface PingHandlers {
  /** An echo came back. */
  readonly onReply?: (reply: EchoReply) => void;
  /** An ICMP error about an echo came back, with the errno a socket reports. */
  readonly onError?: (errno: string, report: IcmpReport) => void;
}

/** One echo request. */
export interface PingOptions extends SocketOptions {
  readonly dst: Addr;
  readonly src?: Addr;
  /** Names the pinging process; a later request of the same id takes its place. */
  readonly id: number;
  readonly seq: number;
  readonly lengthBytes?: number;
  readonly df?: boolean;
  /**
   * What sends it: a raw socket, or an ICMP socket (`IPPROTO_ICMP`). Of IPv6, the latter does not say
   * that a hook dropped what it sent. Default: `raw`.
   * Follows: Linux 6.18 net/ipv6/ping.c `ping_v6_sendmsg`, net/ipv6/raw.c `rawv6_push_pending_frames`.
   */
  readonly socket?: "raw" | "icmp";
  readonly handlers: PingHandlers;
}

const REQUEST = { ip4: 8, ip6: 128 } as const;

/** The pinging processes of one namespace. */
export class PingSockets {
  readonly #host: SocketHost;
  readonly #waiting = new Map<number, PingHandlers>();

  constructor(host: SocketHost) {
    this.#host = host;
  }

  /** Sends one echo request. Returns the error's name when that failed at once. */
  send(options: PingOptions): string | undefined {
    const { dst, src, id, seq, lengthBytes = 56, df, handlers } = options;
    this.#waiting.set(id, handlers);
    const payload: Icmp = {
      kind: "icmp",
      type: REQUEST[dst.family],
      code: 0,
      id,
      seq,
      payload: { kind: "filler", lengthBytes },
    };
    const errno = this.#host.send({
      dst,
      ...(src === undefined ? {} : { src }),
      payload,
      df: df ?? true,
      ignoreDf: df === undefined,
      ...draftOptions(options),
    });
    const isSilent = options.socket === "icmp" && dst.family === "ip6" && errno === "EPERM";
    return isSilent ? undefined : errno;
  }

  /** Stops to wait. */
  close(id: number): void {
    this.#waiting.delete(id);
  }

  /** An echo reply came. Returns whether somebody waits for it. */
  receive({ skb }: Transit): boolean {
    const { payload, src, ttl } = skb.packet;
    if (payload.kind !== "icmp") return false;
    const handlers = this.#waiting.get(payload.id ?? 0);
    if (handlers === undefined) return false;
    const lengthBytes = payloadLength(payload.payload);
    handlers.onReply?.({ from: src, ttl, seq: payload.seq ?? 0, lengthBytes });
    return true;
  }

  /** An error about an echo request came. */
  onError(quoted: Packet, error: SocketError | undefined, report: IcmpReport): boolean {
    const { payload } = quoted;
    if (payload.kind !== "icmp") return false;
    const handlers = this.#waiting.get(payload.id ?? 0);
    if (handlers === undefined || error === undefined) return handlers !== undefined;
    handlers.onError?.(error.errno, report);
    return true;
  }
}
