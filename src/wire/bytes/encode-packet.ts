/** Frames and packets to bytes: the link and network layers. */
import { assert } from "../../base/index.js";
import {
  ARP_BYTES,
  ETHERNET_HEADER_BYTES,
  headerLength,
  IP4_HEADER_BYTES,
  IP6_FRAGMENT_BYTES,
  IP6_HEADER_BYTES,
  VXLAN_HEADER_BYTES,
} from "../length.js";
import type { Arp, Frame, Packet, Payload } from "../packet.js";
import { IpProtocol, packetProtocol } from "../protocol.js";
import { internetChecksum } from "./checksum.js";
import { EtherType, VXLAN_FLAG } from "./constants.js";
import { encodeTransport } from "./encode-transport.js";

/** Encodes a frame, without padding and check sequence. */
export function encodeFrame(frame: Frame): Uint8Array {
  const { payload } = frame;
  const isArp = "kind" in payload;
  const content = isArp ? encodeArp(payload) : encodePacket(payload);
  const bytes = new Uint8Array(ETHERNET_HEADER_BYTES + content.length);
  bytes.set(frame.dst.toBytes(), 0);
  bytes.set(frame.src.toBytes(), 6);
  const type = isArp ? EtherType.arp : EtherType[payload.family];
  new DataView(bytes.buffer).setUint16(12, type);
  bytes.set(content, ETHERNET_HEADER_BYTES);
  return bytes;
}

/**
 * Encodes a packet with right lengths and checksums.
 *
 * Laws: `decodePacket(encodePacket(p))` is `p`, with filler as zero bytes
 * (test/property/wire/bytes.prop.test.ts).
 * Follows: RFC 791 §3.1; RFC 8200 §3 and §4.5; the transports in `encode-transport.ts`.
 * Not modelled: the checksum of a first fragment covers what it carries, not the whole.
 */
export function encodePacket(packet: Packet): Uint8Array {
  const protocol = packetProtocol(packet);
  const content = encodeTransport(packet.payload, { ...packet, protocol }, encodePayload);
  const bytes = new Uint8Array(headerLength(packet) + content.length);
  if (packet.family === "ip4") writeIp4(bytes, packet, protocol);
  else writeIp6(bytes, packet, protocol);
  bytes.set(content, bytes.length - content.length);
  return bytes;
}

function writeIp4(bytes: Uint8Array, packet: Packet, protocol: number): void {
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x45;
  bytes[1] = packet.tos;
  view.setUint16(2, bytes.length);
  view.setUint16(4, packet.id);
  const { offsetBytes = 0, more = false } = packet.fragment ?? {};
  view.setUint16(6, (packet.df ? 0x4000 : 0) | (more ? 0x2000 : 0) | fragmentUnits(offsetBytes));
  bytes[8] = packet.ttl;
  bytes[9] = protocol;
  bytes.set(packet.src.toBytes(), 12);
  bytes.set(packet.dst.toBytes(), 16);
  view.setUint16(10, internetChecksum(bytes.subarray(0, IP4_HEADER_BYTES)));
}

function writeIp6(bytes: Uint8Array, packet: Packet, protocol: number): void {
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x6000_0000 | (packet.tos << 20));
  view.setUint16(4, bytes.length - IP6_HEADER_BYTES);
  bytes[6] = packet.fragment === undefined ? protocol : IpProtocol.fragment;
  bytes[7] = packet.ttl;
  bytes.set(packet.src.toBytes(), 8);
  bytes.set(packet.dst.toBytes(), 24);
  if (packet.fragment === undefined) return;
  const { offsetBytes, more } = packet.fragment;
  bytes[IP6_HEADER_BYTES] = protocol;
  view.setUint16(IP6_HEADER_BYTES + 2, (fragmentUnits(offsetBytes) << 3) | (more ? 1 : 0));
  view.setUint32(IP6_HEADER_BYTES + IP6_FRAGMENT_BYTES - 4, packet.id);
}

/** Offsets travel in units of eight bytes. */
function fragmentUnits(offsetBytes: number): number {
  assert(offsetBytes % 8 === 0, "a fragment begins at a multiple of eight bytes", { offsetBytes });
  return offsetBytes / 8;
}

function encodeArp(arp: Arp): Uint8Array {
  const bytes = new Uint8Array(ARP_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 1);
  view.setUint16(2, EtherType.ip4);
  bytes[4] = 6;
  bytes[5] = 4;
  view.setUint16(6, arp.operation === "request" ? 1 : 2);
  bytes.set(arp.senderMac.toBytes(), 8);
  bytes.set(arp.sender.toBytes(), 14);
  bytes.set(arp.targetMac.toBytes(), 18);
  bytes.set(arp.target.toBytes(), 24);
  return bytes;
}

function encodePayload(payload: Payload | Packet): Uint8Array {
  if (!("kind" in payload)) return encodePacket(payload);
  if (payload.kind === "bytes") return payload.bytes;
  if (payload.kind === "filler") return new Uint8Array(payload.lengthBytes);
  const frame = encodeFrame(payload.frame);
  const bytes = new Uint8Array(VXLAN_HEADER_BYTES + frame.length);
  bytes[0] = VXLAN_FLAG;
  new DataView(bytes.buffer).setUint32(4, payload.vni << 8);
  bytes.set(frame, VXLAN_HEADER_BYTES);
  return bytes;
}
