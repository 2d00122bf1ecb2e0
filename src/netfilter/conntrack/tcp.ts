/**
 * Follows TCP connections. The table of states is in `tcp-states.ts`, the windows are in
 * `tcp-window.ts`; here is what joins them: reopening, resets, out-of-sync connections, times to
 * live.
 *
 * Follows: Linux 6.18 net/netfilter/nf_conntrack_proto_tcp.c `nf_conntrack_tcp_packet`.
 * Not modelled: SYN proxy, sequence adjustment by helpers, SACK blocks.
 */
import { assert } from "../../base/index.js";
import { type Segment, TcpFlag } from "../../wire/index.js";
import type { Skb } from "../skb.js";
import type { Entry, TcpMemory } from "./entry.js";
import {
  hasValidFlags,
  nextTcpState,
  SegmentKind,
  segmentKind,
  type TcpState,
  tcpStates,
} from "./tcp-states.js";
import { checkWindow, createSide, isBefore, readOptions, segmentEnd } from "./tcp-window.js";
import { count, opposite, refresh, type TrackerContext, type TrackerVerdict } from "./tracker.js";
import type { Direction } from "./tuple.js";

/** One segment while it is judged. */
interface Case {
  readonly entry: Entry;
  readonly memory: TcpMemory;
  readonly segment: Segment;
  readonly direction: Direction;
  readonly kind: number;
  readonly context: TrackerContext;
  oldState: TcpState;
  newState: TcpState | "IGNORE" | "INVALID";
}

/** What the first look at the states says: ask the windows, skip them, or an answer. */
type Look = "check-window" | "skip-window" | TrackerVerdict;

/** Judges a TCP segment of an entry and moves the entry's state. */
export function trackTcp(entry: Entry, skb: Skb, context: TrackerContext): TrackerVerdict {
  const segment = skb.packet.payload;
  if (segment.kind !== "tcp" || !hasValidFlags(segment.flags)) return "invalid";
  if (!entry.status.confirmed && !startTcp(entry, segment, context)) return "invalid";
  const memory = entry.memory;
  assert(memory?.kind === "tcp", "a TCP entry remembers TCP");
  const kind = segmentKind(segment.flags);
  const oldState = entry.state as TcpState;
  const direction = skb.ctDirection;
  const newState = nextTcpState(direction, kind, oldState);
  const at: Case = { entry, memory, segment, direction, kind, context, oldState, newState };
  const look = lookAtStates(at);
  if (look === "check-window") {
    const beLiberal = context.knobs.tcpBeLiberal;
    const question = { memory, direction, state: oldState, kind, beLiberal };
    const verdict = checkWindow(question, segment);
    if (verdict === "ignore") return "accept";
    if (verdict === "invalid") {
      shortenOutOfSync(at);
      return "invalid";
    }
  } else if (look !== "skip-window") {
    return look;
  }
  return settle(at, skb);
}

/** Starts the memory of a new entry; false when the segment cannot start one (`tcp_new`). */
function startTcp(entry: Entry, segment: Segment, context: TrackerContext): boolean {
  const state = nextTcpState("original", segmentKind(segment.flags), "NONE");
  if (state === "INVALID" || state === "IGNORE") return false;
  const original = createSide();
  const reply = createSide();
  original.end = segmentEnd(segment);
  original.maxWindow = segment.window || 1;
  original.maxEnd = original.end;
  if (state === "SYN_SENT") {
    readOptions(original, segment);
  } else if (!context.knobs.tcpLoose) {
    return false;
  } else {
    // The beginning was not seen: window scales are unknown, so bounds cannot be strict.
    original.maxEnd = (original.end + original.maxWindow) >>> 0;
    for (const side of [original, reply]) {
      side.sackPermitted = true;
      side.beLiberal = true;
    }
  }
  entry.state = "NONE";
  entry.memory = {
    kind: "tcp",
    seen: { original, reply },
    lastDirection: "original",
    lastKind: SegmentKind.none,
    lastSeq: 0,
    lastAck: 0,
    lastEnd: 0,
    lastWindow: 0,
    lastScale: 0,
    lastSackPermitted: false,
    lastWindowScale: false,
    challengeAckExpected: false,
    simultaneousOpen: false,
    retransmissions: 0,
  };
  return true;
}

function lookAtStates(at: Case): Look {
  const { memory, direction, kind, oldState } = at;
  switch (at.newState) {
    case "INVALID":
      return "invalid";
    case "IGNORE":
      return ignore(at);
    case "SYN_SENT":
      if (tcpStates.indexOf(oldState) < tcpStates.indexOf("TIME_WAIT")) return "check-window";
      return reopen(at);
    case "TIME_WAIT":
      if (
        oldState === "LAST_ACK" &&
        kind === SegmentKind.ack &&
        memory.lastDirection !== direction &&
        memory.lastKind === SegmentKind.syn &&
        memory.challengeAckExpected
      ) {
        memory.challengeAckExpected = false;
        return "accept";
      }
      return "check-window";
    case "SYN_SENT2":
      memory.simultaneousOpen = true;
      return "check-window";
    case "SYN_RECV":
      if (direction === "reply" && kind === SegmentKind.ack && memory.simultaneousOpen) {
        at.newState = "ESTABLISHED";
      }
      return "check-window";
    case "CLOSE":
      return kind === SegmentKind.rst ? reset(at) : "check-window";
    default:
      return "check-window";
  }
}

/** A SYN on a connection that is over: it begins a new one. */
function reopen(at: Case): Look {
  const { memory, direction } = at;
  const closing = memory.seen.original.closeInit || memory.seen.reply.closeInit;
  const aborted = memory.lastDirection === direction && memory.lastKind === SegmentKind.rst;
  if (!closing && !aborted) return ignore(at);
  at.context.kill(at.entry);
  return "repeat";
}

/** Lets a segment pass that may tell the truth where the entry is out of sync, and notes it. */
function ignore(at: Case): Look {
  const { memory, segment, direction, kind } = at;
  if (
    kind === SegmentKind.synAck &&
    memory.lastKind === SegmentKind.syn &&
    memory.lastDirection !== direction &&
    segment.ack === memory.lastEnd
  ) {
    resynchronize(at);
    return "check-window";
  }
  memory.lastKind = kind;
  memory.lastDirection = direction;
  memory.lastSeq = segment.seq;
  memory.lastEnd = segmentEnd(segment);
  memory.lastWindow = segment.window;
  if (kind === SegmentKind.syn && direction === "original") {
    memory.lastWindowScale = segment.windowScale !== undefined;
    memory.lastScale = segment.windowScale ?? 0;
    memory.lastSackPermitted = segment.sackPermitted === true;
    memory.challengeAckExpected = at.oldState === "LAST_ACK";
    memory.simultaneousOpen = false;
  }
  if (at.oldState === "SYN_SENT" && kind === SegmentKind.ack && direction === "reply") {
    memory.lastAck = segment.ack;
  }
  return "accept";
}

/** A SYN/ACK answers a SYN that was ignored: both ends agree, so the entry follows them. */
function resynchronize(at: Case): void {
  const { memory, direction } = at;
  at.oldState = "SYN_SENT";
  at.newState = "SYN_RECV";
  const side = createSide();
  side.end = memory.lastEnd;
  side.maxEnd = memory.lastEnd;
  side.maxWindow = memory.lastWindow || 1;
  side.scale = memory.lastScale;
  side.windowScale = memory.lastWindowScale;
  side.sackPermitted = memory.lastSackPermitted;
  memory.challengeAckExpected = false;
  memory.seen[memory.lastDirection] = side;
  const { beLiberal } = memory.seen[direction];
  memory.seen[direction] = { ...createSide(), beLiberal };
}

/** A reset must fit what its receiver acknowledged, or come after a segment that was let pass. */
function reset(at: Case): Look {
  const { entry, memory, segment, direction } = at;
  if (canDropEarly(at.oldState)) return "skip-window";
  const peer = memory.seen[opposite(direction)];
  const established = at.oldState === "ESTABLISHED";
  if (peer.maxAckSet && memory.lastKind !== SegmentKind.syn) {
    if (segment.seq === 0 && !established) return "check-window";
    if (isBefore(segment.seq, peer.maxAck) && !at.context.knobs.tcpIgnoreInvalidRst) {
      return "invalid";
    }
    if (!established || segment.seq === peer.maxAck) return "check-window";
    const inTrain = memory.lastKind === SegmentKind.ack && memory.lastDirection === direction;
    if (inTrain && segment.seq === memory.lastEnd) return "check-window";
    // The number is not exact: the peer may challenge it, so the connection stays.
    at.newState = at.oldState;
  }
  const answersSyn = entry.status.seenReply && memory.lastKind === SegmentKind.syn;
  const answersAck = !entry.status.assured && memory.lastKind === SegmentKind.ack;
  if ((answersSyn || answersAck) && segment.ack === memory.lastEnd) return "skip-window";
  const answersChallenge =
    at.oldState === "SYN_SENT" &&
    memory.lastKind === SegmentKind.ack &&
    memory.lastDirection === "reply" &&
    segment.seq === memory.lastAck;
  return answersChallenge ? "skip-window" : "check-window";
}

/** Whether an entry in this state may go first when the table is full (`tcp_can_early_drop`). */
export function canDropEarly(state: string): boolean {
  return (
    state === "FIN_WAIT" ||
    state === "LAST_ACK" ||
    state === "TIME_WAIT" ||
    state === "CLOSE" ||
    state === "CLOSE_WAIT"
  );
}

/** Shortens the life of an entry whose ends both try to close out of window. */
function shortenOutOfSync(at: Case): void {
  const { entry, memory, kind, direction, context } = at;
  if (!entry.status.assured || entry.status.fixedTimeout) return;
  if (kind !== SegmentKind.rst && kind !== SegmentKind.fin) return;
  const wasClosing = memory.lastKind === SegmentKind.fin || memory.lastKind === SegmentKind.rst;
  if (memory.lastDirection === direction || !wasClosing) {
    memory.lastKind = kind;
    memory.lastDirection = direction;
    return;
  }
  const unacknowledgedUs = context.knobs.tcp.UNACK ?? 0;
  const leftUs = entry.expiresUs - context.nowUs;
  if (leftUs >= 120_000_000 && leftUs > unacknowledgedUs) {
    refresh(entry, unacknowledgedUs, context.nowUs);
  }
}

/** Moves the entry to its new state and gives it a new time to live. */
function settle(at: Case, skb: Skb): TrackerVerdict {
  const { entry, memory, kind, direction, oldState, context } = at;
  const newState = at.newState as TcpState;
  memory.lastKind = kind;
  memory.lastDirection = direction;
  entry.state = newState;
  if (oldState !== newState && newState === "FIN_WAIT") memory.seen[direction].closeInit = true;
  let timeoutUs = chooseTimeout(at, newState);
  const { status } = entry;
  if (!status.seenReply) {
    if (at.segment.flags & TcpFlag.rst) {
      context.kill(entry);
      return "accept";
    }
    // A repeated SYN does not prolong the entry, or port reuse could keep it alive for ever.
    if (kind === SegmentKind.syn && oldState === "SYN_SENT") return "accept";
    if (newState === "ESTABLISHED") {
      timeoutUs = Math.min(timeoutUs, context.knobs.tcp.UNACK ?? timeoutUs);
    }
  } else if (
    !status.assured &&
    (oldState === "SYN_RECV" || oldState === "ESTABLISHED") &&
    newState === "ESTABLISHED"
  ) {
    status.assured = true;
  }
  count(entry, skb);
  refresh(entry, timeoutUs, context.nowUs);
  return "accept";
}

function chooseTimeout(at: Case, state: TcpState): number {
  const { memory, kind, context } = at;
  const { tcp, tcpMaxRetransmissions } = context.knobs;
  const usual = tcp[state] ?? 0;
  const retransmitUs = tcp.RETRANS ?? usual;
  const unacknowledgedUs = tcp.UNACK ?? usual;
  const unacknowledged =
    memory.seen.original.dataUnacknowledged || memory.seen.reply.dataUnacknowledged;
  if (memory.retransmissions >= tcpMaxRetransmissions && usual > retransmitUs) return retransmitUs;
  if (kind === SegmentKind.rst) return tcp.CLOSE ?? usual;
  if (unacknowledged && usual > unacknowledgedUs) return unacknowledgedUs;
  if (memory.lastWindow === 0 && usual > retransmitUs) return retransmitUs;
  return usual;
}
