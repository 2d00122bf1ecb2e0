/** ICMP numbers of both families. */
import type { Family } from "../addr/index.js";

/** ICMP types of IPv4 (RFC 792). */
export const Icmp4Type = {
  echoReply: 0,
  unreachable: 3,
  redirect: 5,
  echoRequest: 8,
  timeExceeded: 11,
  parameterProblem: 12,
  timestampRequest: 13,
  timestampReply: 14,
} as const;

/** Codes of `Icmp4Type.unreachable` (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1). */
export const Icmp4Unreachable = {
  network: 0,
  host: 1,
  protocol: 2,
  port: 3,
  fragmentationNeeded: 4,
  networkProhibited: 9,
  hostProhibited: 10,
  adminProhibited: 13,
} as const;

/** ICMPv6 types (RFC 4443, RFC 4861). */
export const Icmp6Type = {
  unreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echoRequest: 128,
  echoReply: 129,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighborSolicitation: 135,
  neighborAdvertisement: 136,
  redirect: 137,
} as const;

/** Codes of `Icmp6Type.unreachable` (RFC 4443 §3.1). */
export const Icmp6Unreachable = {
  noRoute: 0,
  adminProhibited: 1,
  beyondScope: 2,
  addr: 3,
  port: 4,
  policyFail: 5,
  rejectRoute: 6,
} as const;

/** Flags of a neighbour advertisement, as the upper bits of its first byte (RFC 4861 §4.4). */
export const AdvertFlag = { router: 0x80, solicited: 0x40, override: 0x20 } as const;

/** What stands behind the first four bytes of an ICMP message. */
export type IcmpBody = "echo" | "error" | "neighbor" | "solicitation" | "plain";

const IP4_BODIES: ReadonlyMap<number, IcmpBody> = new Map([
  [Icmp4Type.echoReply, "echo"],
  [Icmp4Type.echoRequest, "echo"],
  [Icmp4Type.timestampRequest, "echo"],
  [Icmp4Type.timestampReply, "echo"],
  [Icmp4Type.unreachable, "error"],
  [Icmp4Type.redirect, "error"],
  [Icmp4Type.timeExceeded, "error"],
  [Icmp4Type.parameterProblem, "error"],
]);

const IP6_BODIES: ReadonlyMap<number, IcmpBody> = new Map([
  [Icmp6Type.unreachable, "error"],
  [Icmp6Type.packetTooBig, "error"],
  [Icmp6Type.timeExceeded, "error"],
  [Icmp6Type.parameterProblem, "error"],
  [Icmp6Type.echoRequest, "echo"],
  [Icmp6Type.echoReply, "echo"],
  [Icmp6Type.routerSolicitation, "solicitation"],
  [Icmp6Type.neighborSolicitation, "neighbor"],
  [Icmp6Type.neighborAdvertisement, "neighbor"],
]);

/** The form of a message's body. */
export function icmpBody(family: Family, type: number): IcmpBody {
  return (family === "ip4" ? IP4_BODIES : IP6_BODIES).get(type) ?? "plain";
}

/** Whether messages of this type report an error about another packet. */
export function isIcmpError(family: Family, type: number): boolean {
  return icmpBody(family, type) === "error";
}
