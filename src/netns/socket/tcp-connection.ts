/**
 * One TCP connection of one namespace: enough of TCP to open, carry data both ways, close, reset, and
 * try again when nothing is heard, with the sequence numbers and flags that connection tracking checks.
 *
 *   syn-sent ─▶ established ─▶ fin-wait ─▶ time-wait ─▶ closed
 *   syn-received ─┘      └─▶ close-wait ─▶ last-ack ─▶ closed
 */
import { type Segment, TcpFlag } from "../../wire/index.js";
import type { Draft } from "../transit.js";
import type { SocketError } from "./icmp-errno.js";
import {
  draftOptions,
  type IcmpReport,
  type SocketAddr,
  type SocketHost,
  type SocketOptions,
  tcpOverhead,
} from "./socket.js";
import { seqAdd, seqBefore } from "./tcp-sequence.js";

/** What a connection tells its owner. */
export interface TcpHandlers {
  /** The handshake is done. */
  readonly onOpen?: (connection: TcpConnection) => void;
  /** Bytes came in, in order. */
  readonly onData?: (bytes: Uint8Array, connection: TcpConnection) => void;
  /** The peer sends no more. */
  readonly onEnd?: (connection: TcpConnection) => void;
  /** It failed; the connection is closed. */
  readonly onError?: (errno: string, report: IcmpReport | undefined) => void;
  /** It closed in order. */
  readonly onClose?: (connection: TcpConnection) => void;
}

/** The states, finer than its owner needs. */
export type TcpState =
  | "syn-sent"
  | "syn-received"
  | "established"
  | "fin-wait"
  | "close-wait"
  | "last-ack"
  | "time-wait"
  | "closed";

interface Unacked {
  readonly seq: number;
  readonly end: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
}

/** The window of a first segment: what fits without scaling and Linux starts with. */
const WINDOW = 64240;
/** Linux scales the window by this with the default `tcp_rmem` (`tcp_select_initial_window`). */
const WINDOW_SCALE = 7;
/** Bytes of the timestamps in every segment. */
const TIMESTAMPS_BYTES = 12;
/** Linux include/net/tcp.h `TCP_TIMEOUT_INIT`, `TCP_RTO_MIN`, `TCP_RTO_MAX`, `TCP_TIMEWAIT_LEN`. */
const INITIAL_RTO_US = 1_000_000;
const RTO_US = 200_000;
const RTO_US_MAX = 120_000_000;
const TIME_WAIT_US = 60_000_000;
/** `tcp_syn_retries`, `tcp_synack_retries`, `tcp_retries2`. */
const SYN_RETRIES = 6;
const SYN_ACK_RETRIES = 5;
const DATA_RETRIES = 15;
const NO_BYTES = new Uint8Array(0);

/** How a connection is made. */
export interface TcpParts {
  readonly host: SocketHost;
  readonly local: SocketAddr;
  readonly peer: SocketAddr;
  readonly options: SocketOptions;
  readonly handlers: TcpHandlers;
  /** Called once when the connection is over and its tuple is free. */
  readonly onGone: (connection: TcpConnection) => void;
}

/**
 * One connection.
 *
 * Follows: RFC 9293; Linux 6.18 net/ipv4/tcp_input.c `tcp_rcv_state_process`, tcp_timer.c.
 * Not modelled: congestion control, out-of-order queues (a segment that comes too early is asked for
 * again), selective acknowledgements, delayed acknowledgements.
 */
export class TcpConnection {
  readonly local: SocketAddr;
  readonly peer: SocketAddr;
  state: TcpState = "closed";
  handlers: TcpHandlers;
  /** Trace id of the packet that its owner's present work answers. */
  cause: number | undefined;
  readonly #parts: TcpParts;
  #nextSend: number;
  #nextReceive = 0;
  #unacked: Unacked[] = [];
  #queue: Uint8Array[] = [];
  #isEnding = false;
  #retries = 0;
  #timer = 0;
  #mss: number;
  /** What both sides can: set by the handshake. */
  #hasTimestamps = true;
  #hasScale = true;
  /** The latest timestamp of the peer. */
  #echo = 0;

  constructor(parts: TcpParts) {
    this.#parts = parts;
    this.local = parts.local;
    this.peer = parts.peer;
    this.handlers = parts.handlers;
    this.#nextSend = parts.host.random("tcp").nextU32();
    this.#mss = parts.host.mtu(parts.peer.addr) - tcpOverhead(parts.peer.addr.family);
  }

  /** Opens it actively. Returns the error's name when the SYN could not leave for want of a route. */
  open(): string | undefined {
    this.state = "syn-sent";
    return this.#transmit(TcpFlag.syn, NO_BYTES);
  }

  /** Opens it in answer to a SYN. */
  accept(syn: Segment): void {
    this.state = "syn-received";
    this.#nextReceive = seqAdd(syn.seq, 1);
    this.#learnOptions(syn);
    this.#transmit(TcpFlag.syn | TcpFlag.ack, NO_BYTES);
  }

  /** Sends bytes, at once or when the peer's window allows. */
  send(bytes: Uint8Array): void {
    const size = this.#room;
    for (let at = 0; at < bytes.length; at += size) {
      this.#queue.push(bytes.subarray(at, at + size));
    }
    this.#push();
  }

  /** Sends no more; what was sent is still delivered. */
  close(): void {
    if (this.#isEnding || this.state === "closed") return;
    if (this.state === "syn-sent") {
      this.#finish();
      return;
    }
    this.#isEnding = true;
    this.#push();
  }

  /** Gives up at once, with a reset. */
  abort(): void {
    if (this.state === "closed") return;
    if (this.state !== "syn-sent" && this.state !== "time-wait") {
      this.#sendSegment(TcpFlag.rst | TcpFlag.ack, NO_BYTES, this.#nextSend);
    }
    this.#finish();
  }

  /** A segment of this connection came. */
  receive(segment: Segment): void {
    if ((segment.flags & TcpFlag.rst) !== 0) {
      this.#onReset(segment);
      return;
    }
    if (this.state === "syn-sent") {
      this.#onHandshake(segment);
      return;
    }
    if (this.state === "closed") return;
    this.#echo = segment.timestamps?.value ?? this.#echo;
    const hasSyn = (segment.flags & TcpFlag.syn) !== 0;
    if (hasSyn && this.state === "syn-received") {
      this.#retransmit();
      return;
    }
    if (hasSyn) {
      this.#acknowledge();
      return;
    }
    if ((segment.flags & TcpFlag.ack) !== 0) this.#onAck(segment);
    this.#onContent(segment);
  }

  /**
   * An ICMP error about one of its segments came.
   *
   * Follows: Linux 6.18 net/ipv4/tcp_ipv4.c `tcp_v4_err`.
   */
  onIcmpError(error: SocketError | undefined, report: IcmpReport, isTooBig: boolean): void {
    if (isTooBig) {
      this.#onTooBig();
      return;
    }
    if (error === undefined) return;
    const isOpening = this.state === "syn-sent" || this.state === "syn-received";
    if (isOpening || this.#parts.options.reportErrors) this.#fail(error.errno, report);
  }

  /** Whether a quoted segment's number is one that is in flight. */
  isInFlight(seq: number): boolean {
    const first = this.#unacked[0]?.seq ?? this.#nextSend;
    return !seqBefore(seq, first) && !seqBefore(this.#nextSend, seq);
  }

  #onHandshake(segment: Segment): void {
    const { flags } = segment;
    if ((flags & TcpFlag.ack) !== 0 && segment.ack !== this.#nextSend) {
      this.#sendSegment(TcpFlag.rst, NO_BYTES, segment.ack) as undefined;
      return;
    }
    if ((flags & (TcpFlag.syn | TcpFlag.ack)) !== (TcpFlag.syn | TcpFlag.ack)) return;
    this.#nextReceive = seqAdd(segment.seq, 1);
    this.#learnOptions(segment);
    this.#unacked = [];
    this.#settle();
    this.state = "established";
    this.#acknowledge();
    this.handlers.onOpen?.(this);
    this.#push();
  }

  #onReset(segment: Segment): void {
    if (this.state === "syn-sent") {
      const isOurs = (segment.flags & TcpFlag.ack) !== 0 && segment.ack === this.#nextSend;
      if (isOurs) this.#fail("ECONNREFUSED", undefined);
      return;
    }
    if (this.state === "time-wait" || this.state === "syn-received") {
      this.#finish();
      return;
    }
    if (segment.seq === this.#nextReceive) {
      this.#fail(this.state === "close-wait" ? "EPIPE" : "ECONNRESET", undefined);
    }
  }

  #onAck({ ack }: Segment): void {
    const before = this.#unacked.length;
    this.#unacked = this.#unacked.filter((u) => seqBefore(ack, u.end));
    if (this.#unacked.length < before) this.#settle();
    if (this.state === "syn-received" && this.#unacked.length === 0) {
      this.state = "established";
      this.handlers.onOpen?.(this);
    }
    this.#push();
    if (this.#unacked.length > 0 || !this.#isEnding || this.#queue.length > 0) return;
    if (this.state === "last-ack") this.#finish();
  }

  #onContent(segment: Segment): void {
    const bytes = bytesOf(segment);
    const hasFin = (segment.flags & TcpFlag.fin) !== 0;
    if (bytes.length === 0 && !hasFin) return;
    if (segment.seq !== this.#nextReceive) {
      this.#acknowledge();
      return;
    }
    this.#nextReceive = seqAdd(segment.seq, bytes.length + (hasFin ? 1 : 0));
    this.#acknowledge();
    if (bytes.length > 0) this.handlers.onData?.(bytes, this);
    if (hasFin) this.#onFin();
  }

  #onFin(): void {
    if (this.state === "established" || this.state === "syn-received") {
      this.state = "close-wait";
      this.handlers.onEnd?.(this);
    } else if (this.state === "fin-wait") {
      this.state = "time-wait";
      this.handlers.onEnd?.(this);
      this.handlers.onClose?.(this);
      this.#parts.host.schedule(TIME_WAIT_US, () => this.#finish());
    }
  }

  /** Sends what waits, as far as the peer's window allows, and then the end. */
  #push(): void {
    if (this.state !== "established" && this.state !== "close-wait") return;
    for (;;) {
      const bytes = this.#queue[0];
      if (bytes === undefined || this.#inFlight() + bytes.length > WINDOW) break;
      this.#queue.shift();
      this.#transmit(TcpFlag.psh | TcpFlag.ack, bytes);
    }
    if (!this.#isEnding || this.#queue.length > 0) return;
    this.state = this.state === "established" ? "fin-wait" : "last-ack";
    this.#transmit(TcpFlag.fin | TcpFlag.ack, NO_BYTES);
  }

  #inFlight(): number {
    const first = this.#unacked[0];
    return first === undefined ? 0 : (this.#nextSend - first.seq) >>> 0;
  }

  #acknowledge(): void {
    this.#sendSegment(TcpFlag.ack, NO_BYTES, this.#nextSend);
  }

  #transmit(flags: number, bytes: Uint8Array): string | undefined {
    const seq = this.#nextSend;
    const marks = (flags & (TcpFlag.syn | TcpFlag.fin)) !== 0 ? 1 : 0;
    this.#nextSend = seqAdd(seq, bytes.length + marks);
    this.#unacked.push({ seq, end: this.#nextSend, flags, bytes });
    if (this.#unacked.length === 1) this.#startTimer();
    return this.#sendSegment(flags, bytes, seq);
  }

  #sendSegment(flags: number, bytes: Uint8Array, seq: number): string | undefined {
    const { host, options } = this.#parts;
    const isSyn = (flags & TcpFlag.syn) !== 0;
    const hasAck = (flags & TcpFlag.ack) !== 0;
    const payload: Segment = {
      kind: "tcp",
      sport: this.local.port,
      dport: this.peer.port,
      seq,
      ack: hasAck ? this.#nextReceive : 0,
      flags,
      window: isSyn || !this.#hasScale ? WINDOW : (WINDOW >> WINDOW_SCALE) + 1,
      ...(isSyn ? { mss: this.#mss, sackPermitted: true } : {}),
      ...(isSyn && this.#hasScale ? { windowScale: WINDOW_SCALE } : {}),
      ...(this.#hasTimestamps ? { timestamps: this.#stamp() } : {}),
      payload: { kind: "bytes", bytes },
    };
    const draft: Draft = {
      dst: this.peer.addr,
      src: this.local.addr,
      payload,
      df: true,
      ignoreDf: false,
      ...draftOptions(options),
      ...(this.cause === undefined ? {} : { cause: this.cause }),
    };
    return host.send(draft);
  }

  #stamp(): NonNullable<Segment["timestamps"]> {
    return { value: Math.floor(this.#parts.host.nowUs() / 1000) >>> 0, echo: this.#echo };
  }

  #startTimer(): void {
    const timer = ++this.#timer;
    const isOpening = this.state === "syn-sent" || this.state === "syn-received";
    const base = isOpening ? INITIAL_RTO_US : RTO_US;
    const delayUs = Math.min(base * 2 ** this.#retries, RTO_US_MAX);
    this.#parts.host.schedule(delayUs, () => {
      if (timer === this.#timer && this.#unacked.length > 0) this.#onTimeout();
    });
  }

  #onTimeout(): void {
    const limits = { "syn-sent": SYN_RETRIES, "syn-received": SYN_ACK_RETRIES } as const;
    const limit =
      this.state === "syn-sent" || this.state === "syn-received"
        ? limits[this.state]
        : DATA_RETRIES;
    if (this.#retries >= limit) {
      this.#fail("ETIMEDOUT", undefined);
      return;
    }
    this.#retries++;
    this.cause = undefined;
    this.#retransmit();
    this.#startTimer();
  }

  #retransmit(): void {
    const first = this.#unacked[0];
    if (first !== undefined) this.#sendSegment(first.flags, first.bytes, first.seq);
  }

  /** Something was acknowledged: the timer starts anew for what is left. */
  #settle(): void {
    this.#retries = 0;
    this.#timer++;
    if (this.#unacked.length > 0) this.#startTimer();
  }

  /** The path takes less than was thought: what is in flight is cut smaller and sent again. */
  #onTooBig(): void {
    const { host } = this.#parts;
    this.#mss = Math.min(this.#mss, host.mtu(this.peer.addr) - tcpOverhead(this.peer.addr.family));
    this.#unacked = this.#unacked.flatMap((u) => cut(u, this.#room));
    for (const u of this.#unacked) this.#sendSegment(u.flags, u.bytes, u.seq);
  }

  /** Bytes a segment takes besides its header and timestamps. */
  get #room(): number {
    return this.#mss - (this.#hasTimestamps ? TIMESTAMPS_BYTES : 0);
  }

  #learnOptions({ mss, timestamps, windowScale }: Segment): void {
    if (mss !== undefined && mss < this.#mss) this.#mss = mss;
    this.#hasTimestamps = timestamps !== undefined;
    this.#echo = timestamps?.value ?? 0;
    this.#hasScale = windowScale !== undefined;
  }

  #fail(errno: string, report: IcmpReport | undefined): void {
    this.#finish();
    this.handlers.onError?.(errno, report);
  }

  #finish(): void {
    if (this.state === "closed") return;
    const wasClosing = this.state === "last-ack";
    this.state = "closed";
    this.#timer++;
    this.#parts.onGone(this);
    if (wasClosing) this.handlers.onClose?.(this);
  }
}

function cut(unacked: Unacked, size: number): Unacked[] {
  const { bytes, seq, flags } = unacked;
  if (bytes.length <= size) return [unacked];
  const parts: Unacked[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    const start = seqAdd(seq, at);
    parts.push({ seq: start, end: seqAdd(start, piece.length), flags, bytes: piece });
  }
  return parts;
}

function bytesOf({ payload }: Segment): Uint8Array {
  if (payload.kind === "bytes") return payload.bytes;
  return payload.kind === "filler" ? new Uint8Array(payload.lengthBytes) : NO_BYTES;
}
