/** How many bytes things have on the wire, without encoding them. */
import type { Family } from "../addr/index.js";
import { unreachable } from "../base/index.js";
import { icmpBody } from "./icmp-type.js";
import {
  type Frame,
  type Icmp,
  type Packet,
  type Payload,
  type SctpPacket,
  type Segment,
  TcpFlag,
  type Transport,
} from "./packet.js";

/** Ethernet: two link-layer addresses and a type. */
export const ETHERNET_HEADER_BYTES = 14;
/** ARP for IPv4 over Ethernet (RFC 826). */
export const ARP_BYTES = 28;
/** IPv4 without options (RFC 791). */
export const IP4_HEADER_BYTES = 20;
/** IPv6 (RFC 8200 §3). */
export const IP6_HEADER_BYTES = 40;
/** The fragment header of IPv6 (RFC 8200 §4.5). */
export const IP6_FRAGMENT_BYTES = 8;
/** TCP without options (RFC 9293 §3.1). */
export const TCP_HEADER_BYTES = 20;
/** UDP (RFC 768). */
export const UDP_HEADER_BYTES = 8;
/** VXLAN (RFC 7348 §5). */
export const VXLAN_HEADER_BYTES = 8;
/** ICMP with its second word. */
export const ICMP_HEADER_BYTES = 8;
/** The common header of SCTP (RFC 9260 §3.1). */
export const SCTP_HEADER_BYTES = 12;

/** An IPv4 error with its quote is at most this long (Linux net/ipv4/icmp.c `__icmp_send`). */
const IP4_ERROR_BYTES_MAX = 576;
/** An IPv6 error with its quote is at most this long (RFC 4443 §2.4 c). */
const IP6_ERROR_BYTES_MAX = 1280;

/** How much of a packet an ICMP error of the family quotes at most. */
export function quoteBytesMax(family: Family): number {
  return family === "ip4"
    ? IP4_ERROR_BYTES_MAX - IP4_HEADER_BYTES - ICMP_HEADER_BYTES
    : IP6_ERROR_BYTES_MAX - IP6_HEADER_BYTES - ICMP_HEADER_BYTES;
}

/** Length of a payload. */
export function payloadLength(payload: Payload): number {
  switch (payload.kind) {
    case "bytes":
      return payload.bytes.length;
    case "filler":
      return payload.lengthBytes;
    case "vxlan":
      return VXLAN_HEADER_BYTES + frameLength(payload.frame);
    default:
      return unreachable(payload);
  }
}

/** Length of what a packet carries, with its transport header. */
export function transportLength(transport: Transport, family: Family): number {
  switch (transport.kind) {
    case "tcp":
      return TCP_HEADER_BYTES + tcpOptionsLength(transport) + payloadLength(transport.payload);
    case "udp":
      return UDP_HEADER_BYTES + payloadLength(transport.payload);
    case "sctp":
      return sctpLength(transport);
    case "icmp":
      return icmpLength(transport, family);
    case "ipip":
      return packetLength(transport.packet);
    case "other":
      return payloadLength(transport.payload);
    default:
      return unreachable(transport);
  }
}

/** Length of a segment's options as Linux writes them: each with its padding (`encodeTcpOptions`). */
export function tcpOptionsLength(segment: Segment): number {
  const { mss, windowScale, sackPermitted, timestamps } = segment;
  const clock = timestamps === undefined ? (sackPermitted ? 4 : 0) : 12;
  return (mss === undefined ? 0 : 4) + clock + (windowScale === undefined ? 0 : 4);
}

/** How much sequence space a segment takes: its bytes, and one each for SYN and FIN (RFC 9293 §3.4). */
export function segmentLength(segment: Segment): number {
  const controls = [TcpFlag.syn, TcpFlag.fin].filter((bit) => (segment.flags & bit) !== 0);
  return payloadLength(segment.payload) + controls.length;
}

/** Length of a packet: the number that is compared with an MTU. */
export function packetLength(packet: Packet): number {
  return headerLength(packet) + transportLength(packet.payload, packet.family);
}

/** Length of a packet's network-layer header. */
export function headerLength(packet: Packet): number {
  if (packet.family === "ip4") return IP4_HEADER_BYTES;
  return IP6_HEADER_BYTES + (packet.fragment === undefined ? 0 : IP6_FRAGMENT_BYTES);
}

/** Length of a frame, without padding and check sequence. */
export function frameLength(frame: Frame): number {
  const { payload } = frame;
  return ETHERNET_HEADER_BYTES + ("kind" in payload ? ARP_BYTES : packetLength(payload));
}

function icmpLength(icmp: Icmp, family: Family): number {
  const carried = payloadLength(icmp.payload);
  const linkAddrBytes = icmp.linkAddr === undefined ? 0 : 8;
  switch (icmpBody(family, icmp.type)) {
    case "echo":
      return ICMP_HEADER_BYTES + carried;
    case "error": {
      const quoted = icmp.quoted === undefined ? 0 : packetLength(icmp.quoted);
      return ICMP_HEADER_BYTES + Math.min(quoted, quoteBytesMax(family)) + carried;
    }
    case "neighbor":
      return ICMP_HEADER_BYTES + 16 + linkAddrBytes + carried;
    case "solicitation":
      return ICMP_HEADER_BYTES + linkAddrBytes + carried;
    case "plain":
      return 4 + carried;
  }
}

/** Chunk sizes without what they carry (RFC 9260 §3.3); all other chunks are a bare header. */
const SCTP_CHUNK_BYTES: ReadonlyMap<number, number> = new Map([
  [0, 16],
  [1, 20],
  [2, 20],
  [3, 16],
  [7, 8],
]);

/** Size of a chunk's fixed part. */
export function sctpChunkBytes(type: number): number {
  return SCTP_CHUNK_BYTES.get(type) ?? 4;
}

/** Which chunk carries the payload: the first DATA chunk, else the first. */
export function sctpCarrier(chunks: readonly number[]): number {
  return Math.max(0, chunks.indexOf(0));
}

function sctpLength(packet: SctpPacket): number {
  const carried = payloadLength(packet.payload);
  const carrier = sctpCarrier(packet.chunks);
  const chunkBytes = packet.chunks.map((type, i) => {
    const length = sctpChunkBytes(type) + (i === carrier ? carried : 0);
    return Math.ceil(length / 4) * 4;
  });
  return chunkBytes.reduce((sum, length) => sum + length, SCTP_HEADER_BYTES);
}
