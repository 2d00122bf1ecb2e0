/** What a local sender wants sent becomes a packet with a way to go. */
import { isMulticast, unspecifiedAddr } from "../../addr/index.js";
import type { Flow, Path, PathAnswer } from "../../fib/index.js";
import type { Skb } from "../../netfilter/index.js";
import type { Packet } from "../../wire/index.js";
import { type Stack, sysctl } from "../stack.js";
import type { Draft } from "../transit.js";
import { routeOutgoing } from "./routing.js";

/** An error belongs to the connection of the packet it is about (`nf_conntrack_attach`). */
export function relate(skb: Skb, { about }: Draft): void {
  if (about === undefined) return;
  skb.ct = about.entry;
  skb.ctDirection = about.direction;
  skb.ctInfo = "related";
}

/** Finds the way of what a local sender sends. */
export function routeDraft(stack: Stack, draft: Draft): PathAnswer {
  const { dst, src, oif } = draft;
  if (draft.direct && oif !== undefined) {
    return { kind: isMulticast(dst) ? "multicast" : "forward", link: oif, ...(src && { src }) };
  }
  const { payload, mark = 0, tos = 0, uid = 0 } = draft;
  const protocol = PROTOCOLS[payload.kind] ?? (dst.family === "ip4" ? 1 : 58);
  const flow: Changeable<Flow> = { dst, mark, tos, protocol, uid };
  const isStored = draft.choseSource === true && dst.family === "ip6";
  if (src !== undefined && !isStored) flow.src = src;
  if (oif !== undefined) flow.oif = oif;
  if (payload.kind === "tcp" || payload.kind === "udp" || payload.kind === "sctp") {
    flow.sport = payload.sport;
    flow.dport = payload.dport;
  }
  if (draft.anySource) flow.anySource = true;
  return routeOutgoing(stack, flow);
}

/** A value while it is put together. */
type Changeable<T> = { -readonly [K in keyof T]: T[K] };

/** IP protocol numbers of the transports that are the same in both families. */
const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132, ipip: 4 };

/** Makes the packet, with what the kernel chooses where the sender did not. */
export function packetOf(stack: Stack, draft: Draft, path: Path | undefined): Packet {
  const { dst, payload } = draft;
  const isIp4 = dst.family === "ip4";
  const draftTtl = draft.ttl ?? (isMulticast(dst) ? 1 : defaultTtl(stack, isIp4, path));
  stack.nextId = (stack.nextId + 1) & 0xffff;
  return {
    family: dst.family,
    src: draft.src ?? path?.src ?? unspecifiedAddr(dst.family),
    dst,
    ttl: draftTtl,
    tos: draft.tos ?? 0,
    id: isIp4 ? stack.nextId : 0,
    df: isIp4 ? (draft.df ?? false) : true,
    payload,
  };
}

function defaultTtl(stack: Stack, isIp4: boolean, path: Path | undefined): number {
  if (isIp4) return sysctl(stack, "net.ipv4.ip_default_ttl", 64);
  return path === undefined ? 64 : stack.fib.sysctls.ofLink6(path.link, "hop_limit", 64);
}
