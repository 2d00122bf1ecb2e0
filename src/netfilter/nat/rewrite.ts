/**
 * Writes the addresses and ports of a tuple into a packet. Packets are immutable: the result is a
 * changed copy that shares what did not change.
 *
 * Follows: Linux 6.18 net/netfilter/nf_nat_proto.c `nf_nat_manip_pkt`, `l4proto_manip_pkt`.
 */
import type { Packet, Transport } from "../../wire/index.js";
import type { Tuple } from "../conntrack/tuple.js";
import type { Manip } from "./range.js";

/** Messages whose identifier NAT may rewrite: those that ask or answer. */
const queryTypes4 = new Set([0, 8, 13, 14, 15, 16, 17, 18]);
const queryTypes6 = new Set([128, 129]);

/** Gives a packet the source or destination of `target`. */
export function rewritePacket(packet: Packet, target: Tuple, manip: Manip): Packet {
  const { family, ttl, tos, id, df, fragment } = packet;
  const src = manip === "src" ? target.src : packet.src;
  const dst = manip === "dst" ? target.dst : packet.dst;
  const payload = rewriteTransport(packet, target, manip);
  const rewritten = { family, src, dst, ttl, tos, id, df, payload };
  return fragment === undefined ? rewritten : { ...rewritten, fragment };
}

function rewriteTransport(packet: Packet, target: Tuple, manip: Manip): Transport {
  const { payload } = packet;
  switch (payload.kind) {
    case "tcp":
    case "udp":
    case "sctp":
      return manip === "src"
        ? { ...payload, sport: target.sport }
        : { ...payload, dport: target.dport };
    case "icmp": {
      const queries = packet.family === "ip4" ? queryTypes4 : queryTypes6;
      return queries.has(payload.type) ? { ...payload, id: target.sport } : payload;
    }
    case "ipip":
    case "other":
      return payload;
  }
}

/** Whether two packets have the same addresses, ports and identifier. */
export function sameEnds(a: Packet, b: Packet): boolean {
  if (!a.src.equals(b.src) || !a.dst.equals(b.dst)) return false;
  const [x, y] = [a.payload, b.payload];
  if (x.kind === "icmp" && y.kind === "icmp") return x.id === y.id && x.quoted === y.quoted;
  if ("sport" in x && "sport" in y) return x.sport === y.sport && x.dport === y.dport;
  return true;
}
