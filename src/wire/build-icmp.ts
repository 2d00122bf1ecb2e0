/** Making ICMP messages, neighbour discovery and ARP. */
import { type Addr, type Family, type Mac, ZERO_MAC } from "../addr/index.js";
import { EMPTY_PAYLOAD } from "./build.js";
import { AdvertFlag, Icmp4Type, Icmp6Type } from "./icmp-type.js";
import type { Arp, Icmp, Packet, Payload } from "./packet.js";

/** Identifier, sequence and content of an echo. */
export interface EchoParts {
  readonly id: number;
  readonly seq: number;
  readonly payload?: Payload;
}

/** Makes an echo request, as `ping` sends it. */
export function echoRequest(family: Family, parts: EchoParts): Icmp {
  const type = family === "ip4" ? Icmp4Type.echoRequest : Icmp6Type.echoRequest;
  return { kind: "icmp", type, code: 0, payload: EMPTY_PAYLOAD, ...parts };
}

/** Makes an echo reply. */
export function echoReply(family: Family, parts: EchoParts): Icmp {
  const type = family === "ip4" ? Icmp4Type.echoReply : Icmp6Type.echoReply;
  return { kind: "icmp", type, code: 0, payload: EMPTY_PAYLOAD, ...parts };
}

/** What an ICMP error says. */
export interface ErrorParts {
  readonly type: number;
  readonly code: number;
  readonly quoted: Packet;
  /** Of "fragmentation needed" and "packet too big". */
  readonly mtu?: number;
  /** The better gateway of an IPv4 redirect. */
  readonly target?: Addr;
}

/** Makes an ICMP error about a packet; `encode` shortens the quote as Linux does. */
export function icmpError(parts: ErrorParts): Icmp {
  return { kind: "icmp", ...parts, payload: EMPTY_PAYLOAD };
}

/** Makes the question "who has `target`?" (RFC 4861 §4.3). */
export function neighborSolicitation(target: Addr, sourceMac?: Mac): Icmp {
  const type = Icmp6Type.neighborSolicitation;
  const icmp = { kind: "icmp", type, code: 0, target, payload: EMPTY_PAYLOAD } as const;
  return sourceMac === undefined ? icmp : { ...icmp, linkAddr: sourceMac };
}

/** Makes the answer to a solicitation: solicited, overriding (RFC 4861 §4.4). */
export function neighborAdvertisement(target: Addr, targetMac: Mac): Icmp {
  return {
    kind: "icmp",
    type: Icmp6Type.neighborAdvertisement,
    code: 0,
    target,
    flags: AdvertFlag.solicited | AdvertFlag.override,
    linkAddr: targetMac,
    payload: EMPTY_PAYLOAD,
  };
}

/** Makes the question "who has `target`? tell `sender`". */
export function arpRequest(senderMac: Mac, sender: Addr, target: Addr): Arp {
  return { kind: "arp", operation: "request", senderMac, sender, targetMac: ZERO_MAC, target };
}

/** Makes the answer to an ARP request: `sender` is at `senderMac`. */
export function arpReply(request: Arp, senderMac: Mac): Arp {
  return {
    kind: "arp",
    operation: "reply",
    senderMac,
    sender: request.target,
    targetMac: request.senderMac,
    target: request.sender,
  };
}
