/**
 * TCP's windows: whether a segment can belong to a connection by its numbers, and what it teaches
 * about both senders. Read by `tcp.ts`.
 *
 *   I    seq       <= sender.maxEnd                      not beyond what the receiver offered
 *   II   seq + len >= sender.end - receiver.maxWindow    not older than the window
 *   III  ack       <= receiver.end                       acknowledges only what was sent
 *   IV   ack       >= receiver.end - MAXACKWINDOW        not older than any window
 *
 * Follows: Linux 6.18 net/netfilter/nf_conntrack_proto_tcp.c `tcp_in_window`; Guido van Rooij, Real
 * Stateful TCP Packet Filtering in IP Filter.
 */
import { type Payload, type Segment, TcpFlag } from "../../wire/index.js";
import type { TcpMemory, TcpSide } from "./entry.js";
import { SegmentKind } from "./tcp-states.js";
import { opposite } from "./tracker.js";
import type { Direction } from "./tuple.js";

/** `ignore`: let it pass, learn nothing. */
export type WindowVerdict = "accept" | "ignore" | "invalid";

/** Largest distance an acknowledgement may lag behind (`MAXACKWINCONST`). */
const maxAckWindow = 66000;
/** Largest window scale (RFC 7323 §2.3, `TCP_MAX_WSCALE`). */
const maxWindowScale = 14;

/** Whether sequence number `a` stands before `b`, modulo 2^32. */
export function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** Whether sequence number `a` stands after `b`, modulo 2^32. */
export function isAfter(a: number, b: number): boolean {
  return isBefore(b, a);
}

/** Bytes of payload in a segment. */
function lengthOf(payload: Payload): number {
  if (payload.kind === "bytes") return payload.bytes.length;
  return payload.kind === "filler" ? payload.lengthBytes : 0;
}

/** Sequence number behind a segment: SYN and FIN count as one byte each. */
export function segmentEnd(segment: Segment): number {
  const syn = segment.flags & TcpFlag.syn ? 1 : 0;
  const fin = segment.flags & TcpFlag.fin ? 1 : 0;
  return (segment.seq + lengthOf(segment.payload) + syn + fin) >>> 0;
}

/** Makes the memory of a sender of whom nothing was seen. */
export function createSide(): TcpSide {
  return {
    end: 0,
    maxEnd: 0,
    maxWindow: 0,
    maxAck: 0,
    scale: 0,
    windowScale: false,
    sackPermitted: false,
    closeInit: false,
    beLiberal: false,
    dataUnacknowledged: false,
    maxAckSet: false,
  };
}

/** Takes over the options of a segment with SYN (`tcp_options`). */
export function readOptions(side: TcpSide, segment: Segment): void {
  const { mss, windowScale, sackPermitted } = segment;
  if (mss === undefined && windowScale === undefined && sackPermitted === undefined) return;
  const { beLiberal } = side;
  Object.assign(side, {
    scale: Math.min(windowScale ?? 0, maxWindowScale),
    windowScale: windowScale !== undefined,
    sackPermitted: sackPermitted === true,
    closeInit: false,
    beLiberal,
    dataUnacknowledged: false,
    maxAckSet: false,
  });
}

/** A segment's numbers while it is judged. */
interface Numbers {
  seq: number;
  end: number;
  ack: number;
  window: number;
}

/** Who sent a segment, who receives it, and under which state. */
export interface WindowQuestion {
  readonly memory: TcpMemory;
  readonly direction: Direction;
  readonly state: string;
  readonly kind: number;
  readonly beLiberal: boolean;
}

/** Judges a segment by its numbers and learns from it. */
export function checkWindow(question: WindowQuestion, segment: Segment): WindowVerdict {
  const { memory, direction } = question;
  const sender = memory.seen[direction];
  const receiver = memory.seen[opposite(direction)];
  const { seq, ack, window } = segment;
  const numbers: Numbers = { seq, end: segmentEnd(segment), ack, window };
  if (learnSender(question, segment, numbers)) return "accept";
  const hasAck = (segment.flags & TcpFlag.ack) !== 0;
  const isReset = (segment.flags & TcpFlag.rst) !== 0;
  if (!hasAck || (isReset && numbers.ack === 0)) numbers.ack = receiver.end;
  if (isReset && seq === 0 && question.state === "SYN_SENT") {
    numbers.seq = sender.end;
    numbers.end = sender.end;
  }
  const verdict = judge(sender, receiver, numbers);
  if (verdict !== "accept") {
    return question.beLiberal || sender.beLiberal ? "accept" : verdict;
  }
  if ((segment.flags & TcpFlag.syn) === 0) numbers.window = (window << sender.scale) >>> 0;
  learn(sender, receiver, numbers, hasAck);
  if (question.kind === SegmentKind.ack) countRetransmission(memory, direction, numbers, window);
  return "accept";
}

/** Learns the start of a sender's numbers. Returns true when nothing is left to judge. */
function learnSender(question: WindowQuestion, segment: Segment, numbers: Numbers): boolean {
  const { memory, direction, state } = question;
  const sender = memory.seen[direction];
  const receiver = memory.seen[opposite(direction)];
  const isSyn = (segment.flags & TcpFlag.syn) !== 0;
  const hasAck = (segment.flags & TcpFlag.ack) !== 0;
  if (sender.maxWindow === 0) {
    if (isSyn) {
      startSide(sender, receiver, segment, direction);
      return !hasAck;
    }
    sender.end = numbers.end;
    sender.maxWindow = (numbers.window << sender.scale) >>> 0 || 1;
    sender.maxEnd = (numbers.end + sender.maxWindow) >>> 0;
    if (receiver.maxWindow === 0) {
      receiver.end = numbers.ack;
      receiver.maxEnd = numbers.ack;
    } else if (numbers.ack === (receiver.end + 1) >>> 0) {
      receiver.end = numbers.ack;
    }
    return false;
  }
  const reopens = isSyn && isAfter(numbers.end, sender.end);
  if (reopens && (state === "SYN_SENT" || state === "SYN_RECV")) {
    startSide(sender, receiver, segment, direction);
    return direction === "reply" && !hasAck;
  }
  return false;
}

/** Starts a side from its SYN or SYN/ACK (`tcp_init_sender`). */
function startSide(
  sender: TcpSide,
  receiver: TcpSide,
  segment: Segment,
  direction: Direction,
): void {
  sender.end = segmentEnd(segment);
  sender.maxEnd = sender.end;
  sender.maxWindow = segment.window || 1;
  readOptions(sender, segment);
  if (direction === "reply" && !(sender.windowScale && receiver.windowScale)) {
    sender.scale = 0;
    receiver.scale = 0;
  }
}

function judge(sender: TcpSide, receiver: TcpSide, numbers: Numbers): WindowVerdict {
  const { seq, end, ack } = numbers;
  const ackFloor = receiver.end - Math.max(sender.maxWindow, maxAckWindow) - 1;
  const seqFloor = sender.end - receiver.maxWindow - 1;
  if (!isBefore(seq, sender.maxEnd + 1)) {
    const overshot = (end - sender.maxEnd + 1) >>> 0;
    const inWindow = receiver.maxWindow !== 0 && isAfter(end, seqFloor);
    const ackFits = isAfter(ack, ackFloor) && isBefore(ack, receiver.end + 1);
    if (!inWindow || !ackFits || overshot > receiver.maxWindow) return "invalid";
    // Only the upper bound fails: the data may pass, so its acknowledgement must not be refused.
    sender.end = end;
    sender.dataUnacknowledged = true;
    return "ignore";
  }
  if (!isBefore(ack, receiver.end + 1)) return "invalid";
  if (receiver.maxWindow !== 0 && !isAfter(end, seqFloor)) return "ignore";
  return isAfter(ack, ackFloor) ? "accept" : "ignore";
}

function learn(sender: TcpSide, receiver: TcpSide, numbers: Numbers, hasAck: boolean): void {
  const { end, ack, window } = numbers;
  if (sender.maxWindow < window) sender.maxWindow = window;
  if (isAfter(end, sender.end)) {
    sender.end = end;
    sender.dataUnacknowledged = true;
  }
  if (hasAck && (!sender.maxAckSet || isAfter(ack, sender.maxAck))) {
    sender.maxAck = ack;
    sender.maxAckSet = true;
  }
  if (receiver.maxWindow !== 0 && isAfter(end, sender.maxEnd)) {
    receiver.maxWindow += (end - sender.maxEnd) >>> 0;
  }
  const offered = (ack + window) >>> 0;
  if (isAfter(offered, receiver.maxEnd - 1)) {
    receiver.maxEnd = window === 0 ? (offered + 1) >>> 0 : offered;
  }
  if (ack === receiver.end) receiver.dataUnacknowledged = false;
}

function countRetransmission(
  memory: TcpMemory,
  direction: Direction,
  numbers: Numbers,
  window: number,
): void {
  const { seq, ack, end } = numbers;
  const same =
    memory.lastDirection === direction &&
    memory.lastSeq === seq &&
    memory.lastAck === ack &&
    memory.lastEnd === end &&
    memory.lastWindow === window;
  memory.retransmissions = same ? memory.retransmissions + 1 : 0;
  memory.lastDirection = direction;
  memory.lastSeq = seq;
  memory.lastAck = ack;
  memory.lastEnd = end;
  memory.lastWindow = window;
}
