/**
 * Packets and frames as values. A value can only hold what makes sense; bytes are made from it for
 * pcap (`encode.ts`) and read into it (`decode.ts`). All values are immutable: a NAT or a router
 * makes a changed copy.
 *
 *   Frame ─ payload ─▶ Packet ─ payload ─▶ Transport ─ payload ─▶ Payload ─▶ Frame (VXLAN) …
 */
import type { Addr, Family, Mac } from "../addr/index.js";

/** A network-layer unit: one IPv4 or IPv6 packet. */
export interface Packet {
  readonly family: Family;
  readonly src: Addr;
  readonly dst: Addr;
  /** IPv4 time to live or IPv6 hop limit, 0 to 255. */
  readonly ttl: number;
  /** The whole byte: DSCP in the upper six bits, ECN in the lower two (IPv6: traffic class). */
  readonly tos: number;
  /** IPv4 identification, 0 to 65535; 0 in IPv6. */
  readonly id: number;
  /** IPv4 don't-fragment; always true in IPv6. */
  readonly df: boolean;
  /** Present on a fragment: where its payload stands in the whole. */
  readonly fragment?: Fragment;
  readonly payload: Transport;
}

/** The place of a fragment. The first fragment keeps its transport header, others are `fragment`. */
export interface Fragment {
  readonly offsetBytes: number;
  readonly more: boolean;
  /** What was split, so that putting it together gives the same value; absent in read captures. */
  readonly whole?: Transport;
}

/** What a packet carries. `other` is any protocol without a form of its own. */
export type Transport = Segment | Datagram | SctpPacket | Icmp | Tunnelled | Other;

/** A TCP segment. */
export interface Segment {
  readonly kind: "tcp";
  readonly sport: number;
  readonly dport: number;
  /** Sequence and acknowledgement numbers, unsigned 32 bits. */
  readonly seq: number;
  readonly ack: number;
  /** Bits of `TcpFlag`. */
  readonly flags: number;
  readonly window: number;
  /** Maximum segment size option, only with SYN. */
  readonly mss?: number;
  /** Window scale option (RFC 7323), only with SYN. */
  readonly windowScale?: number;
  /** Selective acknowledgement permitted, only with SYN. */
  readonly sackPermitted?: boolean;
  /** Timestamps (RFC 7323): the sender's clock, and the latest it heard of the other's. */
  readonly timestamps?: { readonly value: number; readonly echo: number };
  readonly payload: Payload;
}

/** TCP flag bits, as on the wire (RFC 9293 §3.1). */
export const TcpFlag = {
  fin: 0x01,
  syn: 0x02,
  rst: 0x04,
  psh: 0x08,
  ack: 0x10,
  urg: 0x20,
  ece: 0x40,
  cwr: 0x80,
} as const;

/** A UDP datagram. */
export interface Datagram {
  readonly kind: "udp";
  readonly sport: number;
  readonly dport: number;
  readonly payload: Payload;
}

/** An SCTP packet with the types of its chunks, in order (RFC 9260 §3.2: 0 DATA, 1 INIT, …). */
export interface SctpPacket {
  readonly kind: "sctp";
  readonly sport: number;
  readonly dport: number;
  readonly tag: number;
  readonly chunks: readonly number[];
  /** The tag that an INIT or INIT ACK chunk announces. */
  readonly initTag?: number;
  readonly payload: Payload;
}

/** An ICMP message of either family; the packet's family says which numbers apply. */
export interface Icmp {
  readonly kind: "icmp";
  readonly type: number;
  readonly code: number;
  /** Echo identifier and sequence. */
  readonly id?: number;
  readonly seq?: number;
  /** Next-hop MTU of "fragmentation needed" and "packet too big". */
  readonly mtu?: number;
  /** Redirect's gateway; the target of neighbour solicitations and advertisements. */
  readonly target?: Addr;
  /** Bits of `AdvertFlag` of a neighbour advertisement. */
  readonly flags?: number;
  /** Source or target link-layer address option of neighbour discovery. */
  readonly linkAddr?: Mac;
  /** The packet an error is about, as far as it was quoted. */
  readonly quoted?: Packet;
  readonly payload: Payload;
}

/** IP in IP (protocol 4 and 41). */
export interface Tunnelled {
  readonly kind: "ipip";
  readonly packet: Packet;
}

/** Any other protocol, and the later fragments of a packet (which have no transport header). */
export interface Other {
  readonly kind: "other";
  readonly protocol: number;
  readonly payload: Payload;
}

/**
 * What a transport carries: bytes, that many bytes nobody looks at, or a frame inside VXLAN.
 */
export type Payload =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "filler"; readonly lengthBytes: number }
  | { readonly kind: "vxlan"; readonly vni: number; readonly frame: Frame };

/** A link-layer unit: one Ethernet frame. */
export interface Frame {
  readonly src: Mac;
  readonly dst: Mac;
  readonly payload: Packet | Arp;
}

/** An ARP message for IPv4 over Ethernet (RFC 826). */
export interface Arp {
  readonly kind: "arp";
  readonly operation: "request" | "reply";
  readonly senderMac: Mac;
  readonly sender: Addr;
  readonly targetMac: Mac;
  readonly target: Addr;
}
