/** Transports to bytes: TCP, UDP, SCTP, ICMP, ICMPv6. */
import type { Family } from "../../addr/index.js";
import { unreachable } from "../../base/index.js";
import { Icmp4Type, Icmp4Unreachable, Icmp6Type, icmpBody } from "../icmp-type.js";
import {
  ICMP_HEADER_BYTES,
  quoteBytesMax,
  SCTP_HEADER_BYTES,
  sctpCarrier,
  sctpChunkBytes,
  TCP_HEADER_BYTES,
  transportLength,
  UDP_HEADER_BYTES,
} from "../length.js";
import type { Datagram, Icmp, Packet, Payload, SctpPacket, Segment, Transport } from "../packet.js";
import { internetChecksum } from "./checksum.js";
import { NdOption } from "./constants.js";
import { crc32c } from "./crc32c.js";
import { type PseudoHeader, pseudoSum } from "./pseudo-header.js";
import { encodeTcpOptions } from "./tcp-options.js";

/** Encodes what a transport carries; handed in, because packets contain packets. */
export type EncodeCarried = (carried: Payload | Packet) => Uint8Array;

/** The addresses and protocol around a transport. */
export interface Around extends PseudoHeader {
  readonly family: Family;
}

/** Encodes a transport with its checksum. */
export function encodeTransport(
  transport: Transport,
  around: Around,
  encode: EncodeCarried,
): Uint8Array {
  switch (transport.kind) {
    case "tcp":
      return encodeSegment(transport, around, encode(transport.payload));
    case "udp":
      return encodeDatagram(transport, around, encode(transport.payload));
    case "sctp":
      return encodeSctp(transport, encode(transport.payload));
    case "icmp":
      return encodeIcmp(transport, around, encode);
    case "ipip":
      return encode(transport.packet);
    case "other":
      return encode(transport.payload);
    default:
      return unreachable(transport);
  }
}

function encodeSegment(segment: Segment, around: Around, payload: Uint8Array): Uint8Array {
  const options = encodeTcpOptions(segment);
  const headerBytes = TCP_HEADER_BYTES + options.length;
  const bytes = new Uint8Array(headerBytes + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, segment.sport);
  view.setUint16(2, segment.dport);
  view.setUint32(4, segment.seq);
  view.setUint32(8, segment.ack);
  bytes[12] = (headerBytes / 4) << 4;
  bytes[13] = segment.flags;
  view.setUint16(14, segment.window);
  bytes.set(options, TCP_HEADER_BYTES);
  bytes.set(payload, headerBytes);
  view.setUint16(16, internetChecksum(bytes, pseudoSum(around, bytes.length)));
  return bytes;
}

function encodeDatagram(datagram: Datagram, around: Around, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(UDP_HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, datagram.sport);
  view.setUint16(2, datagram.dport);
  view.setUint16(4, bytes.length);
  bytes.set(payload, UDP_HEADER_BYTES);
  // Zero would mean "no checksum" (RFC 768), so the other zero of ones' complement is sent.
  view.setUint16(6, internetChecksum(bytes, pseudoSum(around, bytes.length)) || 0xffff);
  return bytes;
}

function encodeSctp(packet: SctpPacket, payload: Uint8Array): Uint8Array {
  const carried: Payload = { kind: "bytes", bytes: payload };
  const bytes = new Uint8Array(transportLength({ ...packet, payload: carried }, "ip4"));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, packet.sport);
  view.setUint16(2, packet.dport);
  view.setUint32(4, packet.tag);
  const carrier = sctpCarrier(packet.chunks);
  let at = SCTP_HEADER_BYTES;
  packet.chunks.forEach((type, i) => {
    const fixed = sctpChunkBytes(type);
    const length = fixed + (i === carrier ? payload.length : 0);
    bytes[at] = type;
    // A DATA chunk holds one whole message: the begin and end flags (RFC 9260 §3.3.1).
    if (type === 0) bytes[at + 1] = 3;
    view.setUint16(at + 2, length);
    if (i === carrier) bytes.set(payload, at + fixed);
    at += Math.ceil(length / 4) * 4;
  });
  // The checksum is the one field of the header in little-endian order (RFC 9260 appendix A).
  view.setUint32(8, crc32c(bytes), true);
  return bytes;
}

function encodeIcmp(icmp: Icmp, around: Around, encode: EncodeCarried): Uint8Array {
  const payload = encode(icmp.payload);
  const carried: Payload = { kind: "bytes", bytes: payload };
  const bytes = new Uint8Array(transportLength({ ...icmp, payload: carried }, around.family));
  const view = new DataView(bytes.buffer);
  bytes[0] = icmp.type;
  bytes[1] = icmp.code;
  writeIcmpBody(bytes, icmp, { around, encode });
  bytes.set(payload, bytes.length - payload.length);
  const start = around.family === "ip4" ? 0 : pseudoSum(around, bytes.length);
  view.setUint16(2, internetChecksum(bytes, start));
  return bytes;
}

function writeIcmpBody(
  bytes: Uint8Array,
  icmp: Icmp,
  context: { readonly around: Around; readonly encode: EncodeCarried },
): void {
  const view = new DataView(bytes.buffer);
  const { family } = context.around;
  switch (icmpBody(family, icmp.type)) {
    case "echo":
      view.setUint16(4, icmp.id ?? 0);
      view.setUint16(6, icmp.seq ?? 0);
      break;
    case "error":
      writeErrorWord(view, icmp, family);
      if (icmp.quoted !== undefined) {
        const quoted = context.encode(icmp.quoted).subarray(0, quoteBytesMax(family));
        bytes.set(quoted, ICMP_HEADER_BYTES);
      }
      break;
    case "neighbor":
      bytes[4] = icmp.flags ?? 0;
      if (icmp.target !== undefined) bytes.set(icmp.target.toBytes(), ICMP_HEADER_BYTES);
      writeLinkAddr(bytes, icmp, ICMP_HEADER_BYTES + 16);
      break;
    case "solicitation":
      writeLinkAddr(bytes, icmp, ICMP_HEADER_BYTES);
      break;
    case "plain":
      break;
  }
}

/** The second word of an error: an MTU, a gateway, or nothing. */
function writeErrorWord(view: DataView, icmp: Icmp, family: Family): void {
  if (family === "ip6") {
    if (icmp.type === Icmp6Type.packetTooBig) view.setUint32(4, icmp.mtu ?? 0);
    return;
  }
  const { type, code } = icmp;
  if (type === Icmp4Type.redirect) view.setUint32(4, icmp.target?.w3 ?? 0);
  if (type === Icmp4Type.unreachable && code === Icmp4Unreachable.fragmentationNeeded) {
    view.setUint16(6, icmp.mtu ?? 0);
  }
}

function writeLinkAddr(bytes: Uint8Array, icmp: Icmp, at: number): void {
  if (icmp.linkAddr === undefined) return;
  const isAdvert = icmp.type === Icmp6Type.neighborAdvertisement;
  bytes[at] = isAdvert ? NdOption.targetLinkAddr : NdOption.sourceLinkAddr;
  bytes[at + 1] = 1;
  bytes.set(icmp.linkAddr.toBytes(), at + 2);
}
