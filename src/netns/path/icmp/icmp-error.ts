/**
 * Errors that travel back: ICMP messages about a packet, and TCP resets. They are packets like any
 * other: they wait in the backlog, are routed, pass the hooks, and can be lost.
 */
import { type Addr, isLoopback, isMulticast, isUnspecified } from "../../../addr/index.js";
import { isPath, selectAddr6 } from "../../../fib/index.js";
import type { Direction } from "../../../netfilter/index.js";
import {
  EMPTY_PAYLOAD,
  type Icmp,
  isIcmpError,
  type Packet,
  payloadLength,
  type Segment,
  TcpFlag,
} from "../../../wire/index.js";
import { type Stack, sysctl } from "../../stack.js";
import type { Transit } from "../../transit.js";
import { routeOutgoing } from "../routing.js";

/** Numbers of the errors that the stack itself sends (RFC 792, RFC 1812, RFC 4443). */
export const IcmpError = {
  ip4: {
    netUnreachable: { type: 3, code: 0 },
    hostUnreachable: { type: 3, code: 1 },
    protocolUnreachable: { type: 3, code: 2 },
    portUnreachable: { type: 3, code: 3 },
    fragmentationNeeded: { type: 3, code: 4 },
    filtered: { type: 3, code: 13 },
    redirectHost: { type: 5, code: 1 },
    ttlExceeded: { type: 11, code: 0 },
    reassemblyExceeded: { type: 11, code: 1 },
  },
  ip6: {
    noRoute: { type: 1, code: 0 },
    prohibited: { type: 1, code: 1 },
    addrUnreachable: { type: 1, code: 3 },
    portUnreachable: { type: 1, code: 4 },
    tooBig: { type: 2, code: 0 },
    hopLimitExceeded: { type: 3, code: 0 },
    unknownNextHeader: { type: 4, code: 1 },
  },
} as const;

/** An error to send: its numbers, and what some of them carry. */
export interface ErrorMessage {
  readonly type: number;
  readonly code: number;
  readonly mtu?: number;
  readonly gateway?: Addr;
}

/** IPv4's types that `icmp_ratemask` limits by default: 3, 4, 11 and 12 (0x1818). */
const DEFAULT_RATE_MASK = 6168;
/** include/uapi/linux/ip.h `IPTOS_PREC_INTERNETCONTROL`: the precedence of ICMP errors. */
const ERROR_PRECEDENCE = 0xc0;

/**
 * Sends an ICMP error about a packet to its sender, unless the rules against storms forbid it.
 *
 * The source is the address the packet was sent to if that is ours (for IPv4: if it was routed here,
 * which a rule at prerouting comes before), else what the route to the sender chooses.
 * Follows: Linux 6.18 net/ipv4/icmp.c `__icmp_send`, `icmp_glue_bits`; net/ipv6/icmp.c `icmp6_send`; RFC 1122 §3.2.2,
 * RFC 4443 §2.4.
 */
export function sendError(stack: Stack, transit: Transit, error: ErrorMessage): void {
  const { skb, path } = transit;
  const { packet } = skb;
  if (!deservesError(transit, error) || !isAllowed(stack, packet, error)) return;
  const isOurs = path?.kind === "local" || (packet.family === "ip6" && isLocal(stack, packet.dst));
  const payload: Icmp = {
    kind: "icmp",
    type: error.type,
    code: error.code,
    ...(error.mtu === undefined ? {} : { mtu: error.mtu }),
    ...(error.gateway === undefined ? {} : { target: error.gateway }),
    quoted: packet,
    payload: EMPTY_PAYLOAD,
  };
  const tos = packet.family === "ip4" ? (packet.tos & 0x1e) | ERROR_PRECEDENCE : 0;
  answer(stack, transit, {
    isRelated: true,
    what: `icmp ${error.type}/${error.code}`,
    payload,
    tos,
    fromOurs: isOurs,
  });
}

/**
 * Sends the reset that refuses a TCP segment. A rule's reset `isRelated` to the connection, a
 * socket's is tracked as what it is.
 *
 * Follows: Linux 6.18 net/ipv4/netfilter/nf_reject_ipv4.c `nf_reject_ip_tcphdr_put`;
 * net/ipv4/tcp_ipv4.c `tcp_v4_send_reset`; RFC 9293 §3.5.2.
 */
export function sendReset(stack: Stack, transit: Transit, isRelated: boolean): void {
  const { packet } = transit.skb;
  const segment = packet.payload;
  if (segment.kind !== "tcp" || (segment.flags & TcpFlag.rst) !== 0) return;
  const hasAck = (segment.flags & TcpFlag.ack) !== 0;
  const payload: Segment = {
    kind: "tcp",
    sport: segment.dport,
    dport: segment.sport,
    seq: hasAck ? segment.ack : 0,
    ack: hasAck ? 0 : (segment.seq + sequenceLength(segment)) >>> 0,
    flags: hasAck ? TcpFlag.rst : TcpFlag.rst | TcpFlag.ack,
    window: 0,
    payload: EMPTY_PAYLOAD,
  };
  answer(stack, transit, { isRelated, what: "tcp reset", payload, tos: 0, fromOurs: true });
}

interface Answer {
  /** It belongs to the connection of the packet it is about, even if that is not confirmed yet. */
  readonly isRelated: boolean;
  readonly what: string;
  readonly payload: Icmp | Segment;
  readonly tos: number;
  /** The source is the address the packet was sent to. */
  readonly fromOurs: boolean;
}

function answer(stack: Stack, transit: Transit, how: Answer): void {
  const { what, payload, tos, fromOurs, isRelated } = how;
  const { packet, iif, ct, ctDirection } = transit.skb;
  transit.tell?.({ kind: "answer", what, packet: { ...packet, payload } });
  const needsLink = packet.family === "ip6" && iif !== undefined && isScoped(packet.src);
  stack.backlog.push({
    kind: "send",
    draft: {
      dst: packet.src,
      ...(fromOurs ? { src: packet.dst, anySource: true } : sourceOfError(stack, transit, payload)),
      payload,
      tos,
      df: payload.kind === "tcp",
      ...(needsLink ? { oif: iif } : {}),
      mark: sysctl(stack, `net.ipv${packet.family === "ip4" ? 4 : 6}.fwmark_reflect`, 0)
        ? transit.skb.mark
        : 0,
      cause: transit.journey?.id,
      ...(isRelated && ct !== undefined
        ? { about: { entry: ct, direction: opposite(ctDirection) } }
        : {}),
    },
  });
}

/**
 * An ICMPv6 error comes from an address of the link that the packet came in by, unless the route back
 * names a source: the way is then asked with it.
 *
 * Follows: Linux 6.18 net/ipv6/icmp.c `icmp6_send`, `icmpv6_rt_has_prefsrc`.
 */
function sourceOfError(
  stack: Stack,
  { skb: { packet, iif } }: Transit,
  { kind }: Answer["payload"],
): { readonly src?: Addr } {
  if (packet.family === "ip4" || kind !== "icmp" || iif === undefined) return {};
  const back = routeOutgoing(stack, { dst: packet.src });
  if (isPath(back) && back.route?.src !== undefined) return {};
  const src = selectAddr6(stack.fib, { link: iif, dst: packet.src });
  return src === undefined ? {} : { src };
}

function opposite(direction: Direction): Direction {
  return direction === "original" ? "reply" : "original";
}

function deservesError({ skb, path }: Transit, error: ErrorMessage): boolean {
  const { packet, pktType } = skb;
  if (packet.family === "ip4" && path?.kind === "broadcast") return false;
  const { family, payload } = packet;
  if (packet.fragment !== undefined && packet.fragment.offsetBytes > 0) return false;
  if (isUnspecified(packet.src) || isMulticast(packet.src)) return false;
  const mayAnswerGroup = family === "ip6" && error.type === IcmpError.ip6.tooBig.type;
  if (pktType !== "host" && pktType !== "loopback" && !mayAnswerGroup) return false;
  if (isMulticast(packet.dst) && !mayAnswerGroup) return false;
  return payload.kind !== "icmp" || !isIcmpError(family, payload.type);
}

function isAllowed(stack: Stack, { family, src }: Packet, { type }: ErrorMessage): boolean {
  if (isLoopback(src) || isLocal(stack, src)) return true;
  const limitMs =
    family === "ip4"
      ? sysctl(stack, "net.ipv4.icmp_ratelimit", 1000)
      : sysctl(stack, "net.ipv6.icmp.ratelimit", 1000);
  const isLimited =
    family === "ip4"
      ? ((sysctl(stack, "net.ipv4.icmp_ratemask", DEFAULT_RATE_MASK) >>> type) & 1) === 1
      : type !== IcmpError.ip6.tooBig.type;
  return !isLimited || stack.limiter.allow(src, limitMs * 1000, stack.world.nowUs());
}

function isLocal(stack: Stack, addr: Addr): boolean {
  return stack.links.owner(addr) !== undefined;
}

function isScoped(addr: Addr): boolean {
  return addr.family === "ip6" && addr.s0 >>> 22 === 0x3fa;
}

/** How far a segment moves its sender's sequence number: bytes, and one each for SYN and FIN. */
export function sequenceLength(segment: Segment): number {
  const { flags, payload } = segment;
  const marks = ((flags & TcpFlag.syn) !== 0 ? 1 : 0) + ((flags & TcpFlag.fin) !== 0 ? 1 : 0);
  return payloadLength(payload) + marks;
}
