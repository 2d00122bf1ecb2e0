/**
 * NAT of one namespace. A connection gets one binding for its source and one for its destination;
 * rules are asked only until it has them, later packets follow the entry.
 *
 *   prerouting, output (-100) ─▶ destination       postrouting, input (100) ─▶ source
 *
 * A hook's rules that bind nothing still end in a *null binding*: addresses stay, but a clash of
 * ports is resolved. What a binding chooses is in `unique-tuple.ts` and `choose-addr.ts`.
 */
import type { Origin, Random } from "../../base/index.js";
import type { Icmp } from "../../wire/index.js";
import type { Conntrack } from "../conntrack/conntrack.js";
import type { Entry } from "../conntrack/entry.js";
import { opposite } from "../conntrack/tracker.js";
import type { Direction } from "../conntrack/tuple.js";
import { invertTuple, isIcmpError, type Tuple } from "../conntrack/tuple.js";
import type { HookResult, NetfilterQuestions, StepSink } from "../engine.js";
import type { NatTarget } from "../iptables.js";
import type { Skb } from "../skb.js";
import { loopbackOf, type Manip, mapNetwork, type NatRange, rangeOfOne } from "./range.js";
import { rewritePacket, sameEnds } from "./rewrite.js";
import { chooseUniqueTuple } from "./unique-tuple.js";

/** The hooks NAT works on. */
export type NatHook = "prerouting" | "input" | "output" | "postrouting";

/** What a namespace hands to its NAT. */
export interface NatOptions {
  readonly conntrack: Conntrack;
  readonly questions: Pick<NetfilterQuestions, "masqueradeSource" | "primaryAddr">;
  /** The stream that ports are drawn from. */
  readonly random: Random;
}

/** What a NAT target answers: go on, or drop the packet for this reason. */
export type NatVerdict =
  | { readonly kind: "accept" }
  | { readonly kind: "refused"; readonly reason: string };

/** A NAT target of a rule, in the words of iptables; nft's statements are brought to this form. */
export type NatRequest = Omit<NatTarget, "kind"> & { readonly kind: NatTarget["kind"] };

/** The base chains of a hook, made only for the packets that are to ask them. */
export type NatChains = () => readonly (() => HookResult)[];

const accept = { kind: "accept" } as const;

/** Which half of the packet a hook rewrites (`HOOK2MANIP`). */
export function manipOf(hook: NatHook): Manip {
  return hook === "postrouting" || hook === "input" ? "src" : "dst";
}

/** The NAT of one namespace. */
export class Nat {
  readonly #options: NatOptions;
  /** How the last binding was made: the word of the trace. */
  #how = "";
  #origin: Origin | undefined;

  constructor(options: NatOptions) {
    this.#options = options;
  }

  /** Whether the connection has its binding for this half already (`nf_nat_initialized`). */
  isBound(entry: Entry, manip: Manip): boolean {
    return manip === "src" ? entry.status.srcNatDone : entry.status.dstNatDone;
  }

  /**
   * Does what NAT does to a packet at a hook: asks the base chains if the connection has no binding
   * for this half, binds, and rewrites the packet.
   *
   * Shape: the chains are asked in order until one binds; each answers like a hook. Changes `skb`.
   * Returns: the answer of the chain that dropped the packet, `refused`, or `accept`.
   * Follows: Linux 6.18 net/netfilter/nf_nat_core.c `nf_nat_inet_fn`, nf_nat_proto.c `nf_nat_ipv4_fn`.
   */
  run(hook: NatHook, skb: Skb, chains: NatChains, sink?: StepSink): HookResult {
    const entry = skb.ct;
    if (entry === undefined) return accept;
    const manip = manipOf(hook);
    const message = skb.packet.payload;
    if (skb.ctInfo === "related" && message.kind === "icmp") {
      return this.#translateError(skb, entry, manip, message, sink);
    }
    this.#how = skb.ctDirection === "original" ? "original" : "reply";
    this.#origin = undefined;
    if (skb.ctInfo !== "established" && !this.isBound(entry, manip)) {
      const result = this.#ask(hook, entry, chains);
      if (result.kind !== "accept") return result;
    } else if (leavesElsewhere(hook, skb, entry)) {
      // The masquerade address belonged to another link: the connection cannot go on.
      this.#options.conntrack.table.remove(entry);
      return { kind: "refused", reason: "masqueraded connection left by another link" };
    }
    this.#translate(skb, entry, manip, sink);
    return accept;
  }

  #ask(hook: NatHook, entry: Entry, chains: NatChains): HookResult {
    const manip = manipOf(hook);
    for (const chain of chains()) {
      const result = chain();
      if (result.kind !== "accept") return result;
      if (this.isBound(entry, manip)) return accept;
    }
    const { reply } = entry;
    const addr = manip === "src" ? reply.dst : reply.src;
    this.#how = "null-binding";
    return this.bind(entry, manip, rangeOfOne(addr));
  }

  /**
   * Gives a connection its binding for one half. A confirmed connection keeps what it has.
   *
   * Follows: Linux 6.18 nf_nat_core.c `nf_nat_setup_info`.
   */
  bind(entry: Entry, manip: Manip, range: NatRange): NatVerdict {
    if (entry.status.confirmed) return accept;
    const current = invertTuple(entry.reply, entry.original.zone);
    if (current === undefined) return { kind: "refused", reason: "nothing answers this message" };
    const { conntrack, random } = this.#options;
    const { table } = conntrack;
    const chosen = chooseUniqueTuple({ table, entry, manip, range, random }, current);
    const { status } = entry;
    if (chosen !== current && !sameTuple(chosen, current)) {
      const reply = invertTuple(chosen, entry.reply.zone);
      if (reply === undefined) return { kind: "refused", reason: "nothing answers this message" };
      entry.reply = reply;
      if (manip === "src") status.srcNat = true;
      else status.dstNat = true;
    }
    if (manip === "src") status.srcNatDone = true;
    else status.dstNatDone = true;
    return accept;
  }

  /**
   * Acts as the target of a rule: DNAT, SNAT, MASQUERADE, REDIRECT or NETMAP.
   *
   * Returns: `refused` when there is no address to take; the packet is dropped then.
   * Follows: Linux 6.18 net/netfilter/xt_nat.c, nf_nat_masquerade.c, nf_nat_redirect.c,
   * xt_NETMAP.c.
   */
  target(hook: NatHook, skb: Skb, request: NatRequest, origin?: Origin): NatVerdict {
    const entry = skb.ct;
    if (entry === undefined) return accept;
    const manip = manipOf(hook);
    if (this.isBound(entry, manip)) return accept;
    this.#how = request.kind.toLowerCase();
    this.#origin = origin;
    const rest = restOf(request);
    switch (request.kind) {
      case "DNAT":
      case "SNAT":
        return this.bind(entry, manip, withAddrs(rest, request));
      case "NETMAP": {
        const addr = manip === "src" ? skb.packet.src : skb.packet.dst;
        if (request.netmap === undefined) return accept;
        return this.bind(entry, manip, rangeOfOne(mapNetwork(addr, request.netmap), rest));
      }
      case "REDIRECT": {
        const addr = this.#redirectAddr(hook, skb);
        if (addr === undefined) return { kind: "refused", reason: "no address to redirect to" };
        return this.bind(entry, manip, rangeOfOne(addr, rest));
      }
      case "MASQUERADE":
        return this.#masquerade(skb, entry, rest);
    }
  }

  #redirectAddr(hook: NatHook, skb: Skb) {
    const { family } = skb.packet;
    if (hook === "output" || skb.iif === undefined) return loopbackOf(family);
    return this.#options.questions.primaryAddr(family, skb.iif);
  }

  #masquerade(skb: Skb, entry: Entry, rest: Omit<NatRange, "addrs">): NatVerdict {
    const { family, dst } = skb.packet;
    if (entry.original.src.toString() === "0.0.0.0" || skb.oif === undefined) return accept;
    const source = this.#options.questions.masqueradeSource(family, skb.oif, dst);
    if (source === undefined) return { kind: "refused", reason: "no address to masquerade as" };
    entry.masqueradeLink = skb.oif;
    return this.bind(entry, "src", rangeOfOne(source, rest));
  }

  /** Rewrites the packet as the entry says (`nf_nat_packet`). */
  #translate(skb: Skb, entry: Entry, manip: Manip, sink: StepSink): void {
    if (!isTranslated(entry, manip, skb.ctDirection)) return;
    const target = targetOf(entry, skb.ctDirection);
    if (target === undefined) return;
    const before = skb.packet;
    const after = rewritePacket(before, target, manip);
    if (sameEnds(before, after)) return;
    skb.packet = after;
    if (sink === undefined) return;
    const origin = this.#origin === undefined ? {} : { origin: this.#origin };
    sink({ kind: "nat", how: this.#how, before, after, ...origin });
  }

  /**
   * Rewrites an ICMP error and the packet it quotes, so that both look as the sender of the quoted
   * packet knows them.
   *
   * Follows: Linux 6.18 net/netfilter/nf_nat_proto.c `nf_nat_icmp_reply_translation`.
   */
  #translateError(skb: Skb, entry: Entry, manip: Manip, message: Icmp, sink: StepSink): HookResult {
    const { family } = skb.packet;
    const { status } = entry;
    const isRedirect = family === "ip4" ? message.type === 5 : message.type === 137;
    const done = status.srcNatDone && status.dstNatDone;
    if (isRedirect && (!done || status.srcNat || status.dstNat)) {
      return { kind: "refused", reason: "redirect about a translated connection" };
    }
    if (!isTranslated(entry, manip, skb.ctDirection)) return accept;
    const other = entry[opposite(skb.ctDirection)];
    const target = invertTuple(other);
    const { quoted } = message;
    if (target === undefined || quoted === undefined || !isIcmpError(family, message)) {
      return accept;
    }
    const before = skb.packet;
    const inner = rewritePacket(quoted, other, manip === "src" ? "dst" : "src");
    const outer = { ...before, payload: { ...message, quoted: inner } };
    const after = rewritePacket(outer, target, manip);
    skb.packet = after;
    sink?.({ kind: "nat", how: skb.ctDirection, before, after });
    return accept;
  }
}

/** Whether the entry rewrites this half of packets in this direction. */
function isTranslated(entry: Entry, manip: Manip, direction: Direction): boolean {
  const { srcNat, dstNat } = entry.status;
  return (manip === "src") === (direction === "original") ? srcNat : dstNat;
}

/** What packets of a direction look like on the other side: the inverse of the other direction. */
function targetOf(entry: Entry, direction: Direction): Tuple | undefined {
  return invertTuple(entry[opposite(direction)], entry[direction].zone);
}

/** A masqueraded connection leaves by another link than it did (`nf_nat_oif_changed`). */
function leavesElsewhere(hook: NatHook, skb: Skb, entry: Entry): boolean {
  return (
    hook === "postrouting" &&
    entry.masqueradeLink !== undefined &&
    skb.ctDirection === "original" &&
    skb.oif !== entry.masqueradeLink
  );
}

function restOf(request: NatRequest): Omit<NatRange, "addrs"> {
  return {
    ...(request.ports === undefined ? {} : { ports: request.ports }),
    ...(request.random || request.randomFully ? { random: true } : {}),
    ...(request.persistent ? { persistent: true } : {}),
  };
}

function withAddrs(rest: Omit<NatRange, "addrs">, request: NatRequest): NatRange {
  const { addrs } = request;
  return addrs === undefined ? rest : { ...rest, addrs: { first: addrs.first, last: addrs.last } };
}

function sameTuple(a: Tuple, b: Tuple): boolean {
  return a.src.equals(b.src) && a.dst.equals(b.dst) && a.sport === b.sport && a.dport === b.dport;
}
