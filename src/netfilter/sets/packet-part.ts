/** What a packet has at one dimension of a set. */
import { type Addr, addrBits, makePrefix } from "../../addr/index.js";
import type { Packet } from "../../wire/index.js";
import { protocolOf } from "../conntrack/tuple.js";
import type { Skb } from "../skb.js";
import { type Dimension, portKey } from "./element.js";

/** Which side of the packet a dimension looks at. */
export type Side = "src" | "dst";

/** The key of a packet at a dimension, or one key for each length of a network. */
export type PacketPart =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "addr"; readonly addr: Addr }
  | { readonly kind: "none" };

/** What of the packet's surroundings a set may ask for. */
export interface SetPacket {
  readonly skb: Skb;
  readonly iif: string | undefined;
  readonly oif: string | undefined;
}

/** What the packet has there; `none` where it cannot be an element. */
export function packetPart(
  asked: SetPacket,
  dimension: Dimension,
  side: Side,
  single: boolean,
): PacketPart {
  const { skb } = asked;
  const { packet } = skb;
  switch (dimension) {
    case "ip":
    case "net":
      return { kind: "addr", addr: side === "src" ? packet.src : packet.dst };
    case "port":
      return packetPort(packet, side, single);
    case "iface": {
      const link = side === "src" ? asked.iif : asked.oif;
      return link === undefined ? { kind: "none" } : { kind: "key", key: link };
    }
    case "mac": {
      const mac = side === "src" ? skb.macSrc : skb.macDst;
      return mac === undefined ? { kind: "none" } : { kind: "key", key: mac.key() };
    }
    case "mark":
      return { kind: "key", key: String(skb.mark) };
    case "set":
      return { kind: "none" };
  }
}

/**
 * The port of a packet, with its protocol.
 *
 * Follows: Linux 6.18 net/netfilter/ipset/ip_set_getport.c `get_port`, ip_set_bitmap_port.c.
 */
function packetPort(packet: Packet, side: Side, single: boolean): PacketPart {
  if (packet.fragment !== undefined && packet.fragment.offsetBytes > 0) return { kind: "none" };
  const { payload } = packet;
  const protocol = protocolOf(packet);
  switch (payload.kind) {
    case "tcp":
    case "udp":
    case "sctp": {
      if (single && payload.kind === "sctp") return { kind: "none" };
      const port = side === "src" ? payload.sport : payload.dport;
      return { kind: "key", key: portKey(protocol, port, single) };
    }
    case "icmp": {
      if (single) return { kind: "none" };
      return { kind: "key", key: portKey(protocol, (payload.type << 8) | payload.code, false) };
    }
    default:
      return single ? { kind: "none" } : { kind: "key", key: portKey(protocol, 0, false) };
  }
}

/** The key of an address inside a network of that length. */
export function networkKey(addr: Addr, bits: number): string {
  return bits === addrBits(addr.family) ? `${addr.key()}/${bits}` : makePrefix(addr, bits).key();
}
