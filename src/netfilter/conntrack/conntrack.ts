/**
 * Connection tracking of one namespace, as the hooks see it:
 *
 *   prerouting, output (-200)  ─▶ enter:   which connection, in which direction, in which state
 *   input, postrouting (end)   ─▶ confirm: a new connection gets into the table
 *
 * In between an entry is unconfirmed: a packet that is dropped on its way leaves nothing behind. The
 * table is in `table.ts`, the trackers are `tcp.ts`, `sctp.ts` and `stateless.ts`.
 */
import type { Packet } from "../../wire/index.js";
import type { StepSink } from "../engine.js";
import type { CtInfo, Skb } from "../skb.js";
import { createStatus, type Entry } from "./entry.js";
import { type ConntrackFilter, matchesFilter } from "./filter.js";
import { printEntry, printEntryUntimed } from "./print.js";
import { trackSctp } from "./sctp.js";
import { isUntrackedIcmpv6, lastIcmpType, trackGeneric, trackIcmp, trackUdp } from "./stateless.js";
import { ConntrackTable, type Found, type TableSnapshot } from "./table.js";
import { canDropEarly, trackTcp } from "./tcp.js";
import { type ConntrackKnobs, readKnobs } from "./timeouts.js";
import { opposite, type Tracker, type TrackerContext } from "./tracker.js";
import type { Direction } from "./tuple.js";
import { equalTuples, invertTuple, isIcmpError, Protocol, readTuple, type Tuple } from "./tuple.js";

/** What conntrack answers at a hook. `refused`: the packet is dropped, for this reason. */
export type ConntrackVerdict =
  | { readonly kind: "accept" }
  | { readonly kind: "refused"; readonly reason: string };

/** What a namespace hands to its conntrack. */
export interface ConntrackOptions {
  /** Simulated microseconds. */
  readonly nowUs: () => number;
  /** A sysctl of the namespace; undefined where it has the default of the kernel. */
  readonly sysctl: (name: string) => string | undefined;
  /** Count packets and bytes, whatever `nf_conntrack_acct` says: a rule asks for them. */
  readonly counts?: boolean;
}

const accept: ConntrackVerdict = { kind: "accept" };

/** A packet's state as rules and traces spell it. */
const STATES: Readonly<Record<CtInfo, string>> = {
  new: "NEW",
  established: "ESTABLISHED",
  related: "RELATED",
  invalid: "INVALID",
  untracked: "UNTRACKED",
};

/** The connection tracking of one namespace. */
export class Conntrack {
  /** The confirmed entries. */
  readonly table: ConntrackTable;
  readonly #nowUs: () => number;
  readonly #knobs: ConntrackKnobs;
  readonly #counts: boolean;
  readonly #kill = (entry: Entry): void => this.table.remove(entry);

  constructor(options: ConntrackOptions) {
    this.#nowUs = options.nowUs;
    this.#knobs = readKnobs(options.sysctl);
    const isOn = Number(options.sysctl("net.netfilter.nf_conntrack_acct") ?? 0) !== 0;
    this.#counts = isOn || options.counts === true;
    this.table = new ConntrackTable(options.nowUs);
  }

  /**
   * Finds or begins the connection of a packet, and judges the packet by it: sets `ct`, `ctInfo` and
   * `ctDirection` of the record.
   *
   * Returns: `refused` only when the table is full of entries that must not go.
   * Follows: Linux 6.18 net/netfilter/nf_conntrack_core.c `nf_conntrack_in`.
   */
  enter(skb: Skb, sink?: StepSink): ConntrackVerdict {
    // A packet that comes round on the loopback link was judged when it went out.
    if (skb.ct !== undefined || skb.ctInfo === "untracked") return accept;
    if (skb.notrack) return this.#untracked(skb, sink);
    const { packet } = skb;
    const message = packet.payload;
    if (message.kind === "icmp") {
      if (packet.family === "ip6" && isUntrackedIcmpv6(message)) return this.#untracked(skb, sink);
      if (packet.family === "ip4" && message.type > lastIcmpType) return this.#invalid(skb, sink);
      if (isIcmpError(packet.family, message)) {
        return this.#relate(skb, sink, message.quoted);
      }
    }
    return this.#track(skb, sink);
  }

  #track(skb: Skb, sink: StepSink): ConntrackVerdict {
    for (;;) {
      const found = this.#resolve(skb);
      if (found === "full") return { kind: "refused", reason: "conntrack table full" };
      if (found === undefined) return this.#invalid(skb, sink);
      const { entry, direction } = found;
      skb.ctDirection = direction;
      const established = direction === "reply" || entry.status.seenReply;
      const context: TrackerContext = {
        knobs: this.#knobs,
        nowUs: this.#nowUs(),
        kill: this.#kill,
      };
      const verdict = trackerOf(entry.original)(entry, skb, context);
      if (verdict === "repeat") continue;
      if (verdict === "invalid") return this.#invalid(skb, sink);
      skb.ct = entry;
      skb.ctInfo = established ? "established" : entry.status.expected ? "related" : "new";
      if (direction === "reply") entry.status.seenReply = true;
      if (sink !== undefined) this.#tell(skb, entry, sink);
      return accept;
    }
  }

  #resolve(skb: Skb): Found | "full" | undefined {
    const { ctZone, ctZoneScope } = skb;
    const zoneOf = (direction: Direction): number =>
      ctZoneScope === "both" || ctZoneScope === direction ? ctZone : 0;
    const original = readTuple(skb.packet, zoneOf("original"));
    if (original === undefined) return undefined;
    const found = this.table.find(original) ?? this.#findInReplyZone(original, zoneOf("reply"));
    if (found !== undefined) return found;
    const reply = invertTuple(original, zoneOf("reply"));
    if (reply === undefined) return undefined;
    if (!this.#makeRoom()) return "full";
    const entry: Entry = {
      id: this.table.nextId(),
      original,
      reply,
      zone: ctZone,
      zoneScope: ctZoneScope,
      state: "",
      status: createStatus(),
      mark: 0,
      expiresUs: 0,
      timeoutUs: 0,
      memory: undefined,
      masqueradeLink: undefined,
      counters: this.#counts ? startCounters() : undefined,
    };
    return { entry, direction: "original" };
  }

  #findInReplyZone(tuple: Tuple, zone: number): Found | undefined {
    return zone === tuple.zone ? undefined : this.table.find({ ...tuple, zone });
  }

  /** Makes room for one more entry; the oldest that is not assured goes first (`early_drop`). */
  #makeRoom(): boolean {
    const { maxEntries } = this.#knobs;
    if (maxEntries === 0 || this.table.count < maxEntries) return true;
    for (const entry of this.table.entries()) {
      if (entry.status.assured && !canDropEarly(entry.state)) continue;
      this.table.remove(entry);
      break;
    }
    return this.table.count < maxEntries;
  }

  /** An ICMP error belongs to the connection of the packet it quotes (`nf_conntrack_inet_error`). */
  #relate(skb: Skb, sink: StepSink, quoted: Packet | undefined): ConntrackVerdict {
    if (quoted === undefined || quoted.family !== skb.packet.family) {
      return this.#invalid(skb, sink);
    }
    const inner = readTuple(quoted, skb.ctZone);
    const inverse = inner === undefined ? undefined : invertTuple(inner);
    const found = inverse === undefined ? undefined : this.table.find(inverse);
    if (found === undefined) return this.#invalid(skb, sink);
    // The error must go to the sender of what it quotes, or anybody could forge it.
    if (!found.entry[found.direction].dst.equals(skb.packet.dst)) return this.#invalid(skb, sink);
    skb.ct = found.entry;
    skb.ctDirection = found.direction;
    skb.ctInfo = "related";
    if (sink !== undefined) this.#tell(skb, found.entry, sink);
    return accept;
  }

  #untracked(skb: Skb, sink: StepSink): ConntrackVerdict {
    skb.ctInfo = "untracked";
    sink?.({ kind: "conntrack", event: "untracked" });
    return accept;
  }

  #invalid(skb: Skb, sink: StepSink): ConntrackVerdict {
    skb.ct = undefined;
    skb.ctInfo = "invalid";
    skb.ctDirection = "original";
    sink?.({ kind: "conntrack", event: "invalid" });
    return accept;
  }

  #tell(skb: Skb, entry: Entry, sink: NonNullable<StepSink>): void {
    const related = skb.ctInfo === "related";
    const event = related ? "related" : entry.status.confirmed ? "found" : "new";
    const state = skb.ctInfo === undefined ? "" : STATES[skb.ctInfo];
    const text = printEntryUntimed(entry);
    sink({ kind: "conntrack", event, direction: skb.ctDirection, state, entry: text });
  }

  /**
   * Puts the packet's new connection into the table. Called last at input and postrouting.
   *
   * Returns: `refused` when another entry took one of the tuples meanwhile and the clash cannot be
   * resolved, or when the entry was killed on the way.
   * Follows: Linux 6.18 nf_conntrack_core.c `__nf_conntrack_confirm`, `nf_ct_resolve_clash`.
   */
  confirm(skb: Skb, sink?: StepSink): ConntrackVerdict {
    const entry = skb.ct;
    if (entry === undefined || entry.status.confirmed || skb.ctDirection !== "original") {
      return accept;
    }
    if (entry.status.dying) return { kind: "refused", reason: "connection was removed" };
    const nowUs = this.#nowUs();
    const holder = this.table.find(entry.original) ?? this.table.find(entry.reply);
    if (holder !== undefined) return this.#resolveClash(skb, entry, holder.entry, sink);
    entry.expiresUs = nowUs + entry.timeoutUs;
    this.#insert(entry, sink);
    return accept;
  }

  #insert(entry: Entry, sink: StepSink): void {
    this.table.insert(entry);
    entry.status.confirmed = true;
    sink?.({ kind: "conntrack", event: "confirm", entry: printEntryUntimed(entry) });
  }

  #resolveClash(skb: Skb, loser: Entry, winner: Entry, sink: StepSink): ConntrackVerdict {
    const refused: ConntrackVerdict = { kind: "refused", reason: "connection clashes" };
    // Only UDP may lose a race without harm (`allow_clash`).
    if (loser.original.protocol !== Protocol.udp) return refused;
    const join = (to: Entry): ConntrackVerdict => {
      skb.ct = to;
      sink?.({ kind: "conntrack", event: "clash", entry: printEntryUntimed(to) });
      return accept;
    };
    if (canJoin(loser, winner)) return join(winner);
    const holder = this.table.find(loser.reply)?.entry;
    if (holder !== undefined) return canJoin(loser, holder) ? join(holder) : refused;
    // Only the original tuple is held: the entry lives one second, for the reply alone.
    loser.expiresUs = this.#nowUs() + 1_000_000;
    loser.status.fixedTimeout = true;
    loser.status.natClash = true;
    this.#insert(loser, sink);
    return accept;
  }

  /** Ties an answer of this namespace (a reset, an ICMP error) to what caused it (`nf_ct_attach`). */
  attach(answer: Skb, cause: Skb): void {
    if (cause.ct === undefined) return;
    answer.ct = cause.ct;
    answer.ctDirection = opposite(cause.ctDirection);
    answer.ctInfo = "related";
  }

  /** Removes entries as `conntrack -D` does, all of them without a filter (`conntrack -F`). */
  delete(filter: ConntrackFilter = {}): readonly Entry[] {
    const gone = [...this.table.entries()].filter((entry) => matchesFilter(entry, filter));
    for (const entry of gone) this.table.remove(entry);
    return gone;
  }

  /** A link went down: entries masqueraded on it go (`masq_device_event`). */
  linkDown(link: string): void {
    for (const entry of this.table.entries()) {
      if (entry.masqueradeLink === link) this.table.remove(entry);
    }
  }

  /** What `conntrack -L` prints, one line an entry. */
  list(filter: ConntrackFilter = {}): readonly string[] {
    const nowUs = this.#nowUs();
    const listed = [...this.table.entries()].filter((entry) => !entry.status.natClash);
    return listed.filter((e) => matchesFilter(e, filter)).map((e) => printEntry(e, nowUs));
  }

  /** The table as plain data. */
  save(): TableSnapshot {
    return this.table.save();
  }

  /** Brings the table back to what it was when saved. */
  restore(snapshot: TableSnapshot): void {
    this.table.restore(snapshot);
  }
}

function startCounters(): NonNullable<Entry["counters"]> {
  return { original: { packets: 0, bytes: 0 }, reply: { packets: 0, bytes: 0 } };
}

/** Without NAT, or with the same, the packet can as well belong to the entry that won. */
function canJoin(loser: Entry, winner: Entry): boolean {
  const { srcNatDone, dstNatDone } = winner.status;
  if (!srcNatDone && !dstNatDone) return true;
  return (
    equalTuples(loser.original, winner.original) &&
    equalTuples(loser.reply, winner.reply) &&
    loser.zone === winner.zone
  );
}

function trackerOf(tuple: Tuple): Tracker {
  switch (tuple.protocol) {
    case Protocol.tcp:
      return trackTcp;
    case Protocol.udp:
      return trackUdp;
    case Protocol.icmp:
      return tuple.family === "ip4" ? trackIcmp : trackGeneric;
    case Protocol.icmpv6:
      return tuple.family === "ip6" ? trackIcmp : trackGeneric;
    case Protocol.sctp:
      return trackSctp;
    default:
      return trackGeneric;
  }
}
