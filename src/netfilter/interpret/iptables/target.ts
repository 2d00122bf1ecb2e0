/** What the targets of iptables do to a packet, and what they answer. */
import { assert, unreachable } from "../../../base/index.js";
import type { Segment } from "../../../wire/index.js";
import type { HookResult } from "../../engine.js";
import type { IptablesRule, IptablesTarget, NatTarget } from "../../iptables.js";
import type { NatHook } from "../../nat/nat.js";
import { defaultRejectName, rejectWith } from "../../text/iptables/modules/reject-names.js";
import type { RejectWith } from "../../verdict.js";
import type { Ask } from "../ask.js";
import { unmodelledTarget } from "./unmodelled.js";

/** What a target says: go on with the next rule, leave the chain, or an end. */
export type TargetAnswer =
  | { readonly kind: "continue" }
  | { readonly kind: "return" }
  | { readonly kind: "jump" | "goto"; readonly chain: string }
  | { readonly kind: "accept" }
  | { readonly kind: "drop" }
  | { readonly kind: "reject"; readonly with: RejectWith }
  | (HookResult & { readonly kind: "refused" });

const CONTINUE: TargetAnswer = { kind: "continue" };
const ACCEPT: TargetAnswer = { kind: "accept" };
const DROP: TargetAnswer = { kind: "drop" };
const RETURN: TargetAnswer = { kind: "return" };

/**
 * Does what the target of a rule does.
 *
 * Shape: changes the record of the packet, its connection, or a set.
 * Follows: iptables-extensions(8); Linux 6.18 net/netfilter/xt_*.c.
 */
export function actTarget(ask: Ask, rule: IptablesRule): TargetAnswer {
  const { target } = rule;
  if (target === undefined) return CONTINUE;
  switch (target.kind) {
    case "ACCEPT":
      return ACCEPT;
    case "DROP":
      return DROP;
    case "RETURN":
      return RETURN;
    case "jump":
    case "goto":
      return target;
    case "REJECT":
      return reject(ask, target.with);
    case "DNAT":
    case "SNAT":
    case "MASQUERADE":
    case "REDIRECT":
    case "NETMAP":
      return translate(ask, target, rule);
    case "QUEUE":
    case "unknown":
      ask.unmodelled ??= unmodelledTarget(target);
      return CONTINUE;
    default:
      change(ask, target);
      return CONTINUE;
  }
}

type Deciding =
  | "ACCEPT"
  | "DROP"
  | "RETURN"
  | "jump"
  | "goto"
  | "REJECT"
  | "QUEUE"
  | "unknown"
  | NatTarget["kind"];

function reject(ask: Ask, name: string | undefined): TargetAnswer {
  const { family } = ask.skb.packet;
  const how = rejectWith(name ?? defaultRejectName(family), family);
  return how === undefined ? DROP : { kind: "reject", with: how };
}

function translate(ask: Ask, target: NatTarget, rule: IptablesRule): TargetAnswer {
  const { hook, skb, runtime } = ask;
  const isNatHook = hook !== "forward" && hook !== "ingress" && hook !== "egress";
  assert(isNatHook, "NAT targets stand in chains of the nat table", { hook });
  const verdict = runtime.nat.target(hook as NatHook, skb, target, rule.origin);
  return verdict.kind === "accept" ? ACCEPT : verdict;
}

function change(ask: Ask, target: Exclude<IptablesTarget, { kind: Deciding }>): void {
  const { skb } = ask;
  switch (target.kind) {
    case "MARK":
      skb.mark = ((skb.mark & ~target.mask) ^ target.value) >>> 0;
      return;
    case "CONNMARK":
      changeConnmark(ask, target);
      return;
    case "NOTRACK":
      forgetConnection(ask);
      return;
    case "CT":
      ask.unmodelled ??= unmodelledTarget(target);
      if (target.notrack) forgetConnection(ask);
      else if (target.zone !== undefined && skb.ct === undefined) skb.ctZone = target.zone;
      return;
    case "TCPMSS":
      clampSegment(ask, target.clampToPmtu ? undefined : target.mss);
      return;
    case "TTL":
    case "HL":
      skb.packet = { ...skb.packet, ttl: nextTtl(skb.packet.ttl, target) };
      return;
    case "DSCP":
      skb.packet = { ...skb.packet, tos: (skb.packet.tos & 3) | (target.value << 2) };
      return;
    case "TOS": {
      const mask = target.mask ?? 255;
      skb.packet = { ...skb.packet, tos: ((skb.packet.tos & ~mask) ^ target.value) & 255 };
      return;
    }
    case "SET": {
      const { sets } = ask.runtime;
      const how = { timeoutSeconds: target.timeoutSeconds, exist: target.exist === true };
      if (target.operation === "add") sets.add(target.name, target.directions, ask, how);
      else sets.delete(target.name, target.directions, ask);
      return;
    }
    case "LOG":
    case "NFLOG":
      return;
    default:
      unreachable(target);
  }
}

/** `NOTRACK`: only before conntrack has looked (xt_CT.c `xt_ct_target`). */
function forgetConnection({ skb }: Ask): void {
  if (skb.ct !== undefined) return;
  skb.notrack = true;
  skb.ctInfo = "untracked";
}

function changeConnmark(ask: Ask, target: IptablesTarget & { readonly kind: "CONNMARK" }): void {
  const { skb } = ask;
  const { ct } = skb;
  if (ct === undefined) return;
  switch (target.operation) {
    case "set":
      ct.mark = ((ct.mark & ~target.mask) ^ target.value) >>> 0;
      return;
    case "save":
      ct.mark = ((ct.mark & ~target.ctmask) ^ (skb.mark & target.nfmask)) >>> 0;
      return;
    case "restore":
      skb.mark = ((skb.mark & ~target.nfmask) ^ (ct.mark & target.ctmask)) >>> 0;
  }
}

function nextTtl(
  ttl: number,
  { operation, value }: { readonly operation: "set" | "inc" | "dec"; readonly value: number },
): number {
  if (operation === "set") return value;
  return operation === "inc" ? Math.min(255, ttl + value) : Math.max(0, ttl - value);
}

/** Segment sizes that need no path discovery, where a segment names none (RFC 9293 §3.7.1, RFC 8200). */
const DEFAULT_MSS = { ip4: 536, ip6: 1220 } as const;
/** Bytes of the IP and TCP headers without options. */
const HEADERS = { ip4: 40, ip6: 60 } as const;

/**
 * Lowers the segment size a connection's first segment names; never raises it.
 *
 * Follows: Linux 6.18 net/netfilter/xt_TCPMSS.c `tcpmss_mangle_packet`.
 */
function clampSegment(ask: Ask, size: number | undefined): void {
  const { skb, runtime } = ask;
  const { packet } = skb;
  const segment = packet.payload;
  if (segment.kind !== "tcp") return;
  const { family } = packet;
  const wanted = size ?? runtime.options.questions.pathMtu(skb) - HEADERS[family];
  const mss = Math.min(segment.mss ?? DEFAULT_MSS[family], wanted);
  if (mss === segment.mss) return;
  const clamped: Segment = { ...segment, mss };
  skb.packet = { ...packet, payload: clamped };
}
