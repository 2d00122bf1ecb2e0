/**
 * The five fields that name one direction of a connection (`struct nf_conntrack_tuple`): how they
 * are read from a packet, turned round, and compared. The table of connections is in `table.ts`.
 */
import type { Addr, Family } from "../../addr/index.js";
import type { Icmp, Packet } from "../../wire/index.js";

/** Direction inside a tracked connection. */
export type Direction = "original" | "reply";

/** Directions of a connection that a conntrack zone applies to (`nf_conntrack_zone.dir`). */
export type ZoneScope = "both" | "original" | "reply";

/**
 * One direction of a connection. For ICMP echo and its like `sport` and `dport` both hold the
 * identifier, and `icmp` the type and code; for protocols without ports both ports are 0.
 */
export interface Tuple {
  readonly family: Family;
  /** IP protocol number. */
  readonly protocol: number;
  readonly src: Addr;
  readonly dst: Addr;
  readonly sport: number;
  readonly dport: number;
  readonly icmp?: { readonly type: number; readonly code: number };
  /** `ct zone` of this direction; 0 by default. */
  readonly zone: number;
}

/** IP protocol numbers with a tracker of their own. */
export const Protocol = {
  icmp: 1,
  ipip: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  icmpv6: 58,
  sctp: 132,
} as const;

/** Which message answers which (nf_conntrack_proto_icmp.c and _icmpv6.c `invmap`). */
const inverseType4 = new Map([
  [8, 0],
  [0, 8],
  [13, 14],
  [14, 13],
  [15, 16],
  [16, 15],
  [17, 18],
  [18, 17],
]);
const inverseType6 = new Map([
  [128, 129],
  [129, 128],
  [139, 140],
  [140, 139],
]);

/** IP protocol number of what a packet carries. */
export function protocolOf(packet: Packet): number {
  const payload = packet.payload;
  switch (payload.kind) {
    case "tcp":
      return Protocol.tcp;
    case "udp":
      return Protocol.udp;
    case "sctp":
      return Protocol.sctp;
    case "icmp":
      return packet.family === "ip4" ? Protocol.icmp : Protocol.icmpv6;
    case "ipip":
      return payload.packet.family === "ip4" ? Protocol.ipip : Protocol.ipv6;
    case "other":
      return payload.protocol;
  }
}

/**
 * Reads the tuple of a packet, in the direction it travels.
 *
 * Returns: undefined for a later fragment, which has no transport header.
 * Follows: Linux 6.18 net/netfilter/nf_conntrack_core.c `nf_ct_get_tuple`.
 */
export function readTuple(packet: Packet, zone: number): Tuple | undefined {
  if (packet.fragment !== undefined && packet.fragment.offsetBytes > 0) return undefined;
  const { family, src, dst, payload } = packet;
  const protocol = protocolOf(packet);
  switch (payload.kind) {
    case "tcp":
    case "udp":
    case "sctp":
      return { family, protocol, src, dst, sport: payload.sport, dport: payload.dport, zone };
    case "icmp": {
      const id = payload.id ?? 0;
      const icmp = { type: payload.type, code: payload.code };
      return { family, protocol, src, dst, sport: id, dport: id, icmp, zone };
    }
    case "ipip":
    case "other":
      return { family, protocol, src, dst, sport: 0, dport: 0, zone };
  }
}

/**
 * The tuple of the answer, in the zone of the other direction.
 *
 * Returns: undefined for ICMP messages that nothing answers.
 * Laws: turning round twice is identity (test/property/netfilter/conntrack.prop.test.ts).
 * Follows: Linux 6.18 nf_conntrack_core.c `nf_ct_invert_tuple`.
 */
export function invertTuple(tuple: Tuple, zone: number = tuple.zone): Tuple | undefined {
  const { family, protocol, icmp, src, dst, sport, dport } = tuple;
  // Written out twice: this runs several times for every packet, and copying objects is slow.
  if (icmp === undefined) {
    return { family, protocol, src: dst, dst: src, sport: dport, dport: sport, zone };
  }
  const type = (family === "ip4" ? inverseType4 : inverseType6).get(icmp.type);
  if (type === undefined) return undefined;
  const turned = { type, code: icmp.code };
  return { family, protocol, src: dst, dst: src, sport: dport, dport: sport, icmp: turned, zone };
}

/** A number of 32 bits that is equal for equal tuples, and seldom for others. */
export function hashTuple(tuple: Tuple): number {
  const { src, dst, sport, dport, protocol, zone, icmp } = tuple;
  let hash = mix(protocol + 64 * zone, (sport << 16) | dport);
  hash = mix(hash, src.s3);
  hash = mix(hash, dst.s3);
  if (tuple.family === "ip6") {
    hash = mix(mix(hash, src.s0 ^ src.s1), src.s2);
    hash = mix(mix(hash, dst.s0 ^ dst.s1), dst.s2);
  }
  return icmp === undefined ? hash : mix(hash, (icmp.type << 8) | icmp.code);
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** Whether two tuples name the same direction of the same connection, zones aside. */
export function equalTuples(a: Tuple, b: Tuple): boolean {
  return (
    a.protocol === b.protocol &&
    a.sport === b.sport &&
    a.dport === b.dport &&
    a.icmp?.type === b.icmp?.type &&
    a.icmp?.code === b.icmp?.code &&
    a.src.equals(b.src) &&
    a.dst.equals(b.dst)
  );
}

/** ICMP messages that report an error about another packet (`icmp_is_err`, RFC 4443 §2.1). */
export function isIcmpError(family: Family, message: Icmp): boolean {
  if (family === "ip6") return message.type < 128;
  const { type } = message;
  return type === 3 || type === 4 || type === 5 || type === 11 || type === 12;
}
