/** Numbers of the protocols over IP, with the names that Linux' tools print for them. */
import type { Family } from "../addr/index.js";
import { unreachable } from "../base/index.js";
import type { Packet, Transport } from "./packet.js";

/** Protocol numbers (IANA "Assigned Internet Protocol Numbers"). */
export const IpProtocol = {
  hopByHop: 0,
  icmp: 1,
  igmp: 2,
  ipip: 4,
  tcp: 6,
  udp: 17,
  ip6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  esp: 50,
  ah: 51,
  icmp6: 58,
  none: 59,
  options: 60,
  sctp: 132,
  udplite: 136,
} as const;

/** Names as in Debian's /etc/protocols, which iptables and conntrack read. */
const NAMES: readonly (readonly [number, string])[] = [
  [IpProtocol.hopByHop, "hopopt"],
  [IpProtocol.icmp, "icmp"],
  [IpProtocol.igmp, "igmp"],
  [IpProtocol.ipip, "ipencap"],
  [IpProtocol.tcp, "tcp"],
  [IpProtocol.udp, "udp"],
  [33, "dccp"],
  [IpProtocol.ip6, "ipv6"],
  [IpProtocol.routing, "ipv6-route"],
  [IpProtocol.fragment, "ipv6-frag"],
  [IpProtocol.gre, "gre"],
  [IpProtocol.esp, "esp"],
  [IpProtocol.ah, "ah"],
  [IpProtocol.icmp6, "ipv6-icmp"],
  [IpProtocol.none, "ipv6-nonxt"],
  [IpProtocol.options, "ipv6-opts"],
  [88, "eigrp"],
  [89, "ospf"],
  [94, "ipip"],
  [103, "pim"],
  [108, "ipcomp"],
  [112, "vrrp"],
  [115, "l2tp"],
  [IpProtocol.sctp, "sctp"],
  [IpProtocol.udplite, "udplite"],
];

const NAME_OF: ReadonlyMap<number, string> = new Map(NAMES);
const NUMBER_OF: ReadonlyMap<string, number> = new Map([
  ...NAMES.map(([number, name]) => [name, number] as const),
  ["icmpv6", IpProtocol.icmp6],
  ["mh", 135],
]);

/** The name of a protocol number, or the number as text when it has none here. */
export function protocolName(protocol: number): string {
  return NAME_OF.get(protocol) ?? String(protocol);
}

/** The number of a protocol name or numeral in any case, or undefined. */
export function protocolNumber(text: string): number | undefined {
  const named = NUMBER_OF.get(text.toLowerCase());
  if (named !== undefined || !/^[0-9]{1,3}$/.test(text)) return named;
  return Number(text) <= 255 ? Number(text) : undefined;
}

/** The protocol number that a transport has in a packet of the family. */
export function transportProtocol(transport: Transport, family: Family): number {
  switch (transport.kind) {
    case "tcp":
      return IpProtocol.tcp;
    case "udp":
      return IpProtocol.udp;
    case "sctp":
      return IpProtocol.sctp;
    case "icmp":
      return family === "ip4" ? IpProtocol.icmp : IpProtocol.icmp6;
    case "ipip":
      return transport.packet.family === "ip4" ? IpProtocol.ipip : IpProtocol.ip6;
    case "other":
      return transport.protocol;
    default:
      return unreachable(transport);
  }
}

/** The protocol number of what a packet carries. */
export function packetProtocol(packet: Packet): number {
  return transportProtocol(packet.payload, packet.family);
}
