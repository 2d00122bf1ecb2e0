/** Bytes to frames and packets: the link and network layers. */
import type { Family } from "../../addr/index.js";
import { InputError } from "../../base/index.js";
import { IP4_HEADER_BYTES, VXLAN_HEADER_BYTES } from "../length.js";
import type { Arp, Frame, Packet, Payload, Transport } from "../packet.js";
import { IpProtocol } from "../protocol.js";
import { ByteReader } from "./byte-reader.js";
import { internetChecksum } from "./checksum.js";
import { EtherType, VXLAN_FLAG, VXLAN_PORTS } from "./constants.js";
import type { DecodeContext } from "./decode-context.js";
import { decodeTransport } from "./decode-transport.js";

/** How strictly bytes are read. */
export interface DecodeOptions {
  /** Checksums are verified unless this is false (captures of offloaded traffic have none). */
  readonly verifyChecksums?: boolean;
  /** UDP ports whose datagrams carry VXLAN. Default: 4789 and 8472. */
  readonly vxlanPorts?: readonly number[];
}

/** Packets in packets deeper than this are refused. */
const DEPTH_MAX = 8;

/**
 * Decodes a frame. Padding behind a packet is left out.
 *
 * Errors: `InputError` with code `short-packet`, `bad-packet`, `bad-checksum` or `not-modelled`, and
 * the layer as its path; never another error, whatever the bytes are.
 */
export function decodeFrame(bytes: Uint8Array, options: DecodeOptions = {}): Frame {
  return readFrame(bytes, contextOf(options));
}

/**
 * Decodes a packet; its family is that of its first four bits.
 *
 * Errors: as `decodeFrame`.
 * Laws: total; `decodePacket(encodePacket(p))` is `p` (test/property/wire/bytes.prop.test.ts).
 * Not modelled: options of IPv4, and of TCP other than the maximum segment size, are left out;
 * IPv6 extension headers other than the fragment header are carried as an `other` payload.
 */
export function decodePacket(bytes: Uint8Array, options: DecodeOptions = {}): Packet {
  return readPacket(bytes, contextOf(options));
}

function contextOf(options: DecodeOptions): DecodeContext {
  const { verifyChecksums: verify = true, vxlanPorts = VXLAN_PORTS } = options;
  return { verify, vxlanPorts, depth: 0, isQuote: false };
}

function readFrame(bytes: Uint8Array, context: DecodeContext): Frame {
  const reader = new ByteReader(bytes, "ethernet");
  const dst = reader.mac();
  const src = reader.mac();
  const type = reader.u16();
  if (type === EtherType.arp) return { src, dst, payload: readArp(reader.rest()) };
  if (type !== EtherType.ip4 && type !== EtherType.ip6) {
    reader.fail("not-modelled", "carries neither IP nor ARP", `0x${type.toString(16)}`);
  }
  const packet = readPacket(reader.rest(), context);
  const family: Family = type === EtherType.ip4 ? "ip4" : "ip6";
  reader.expect(packet.family === family, "the type and the packet's version differ");
  return { src, dst, payload: packet };
}

function readArp(bytes: Uint8Array): Arp {
  const reader = new ByteReader(bytes, "arp");
  const form = [reader.u16(), reader.u16(), reader.u8(), reader.u8()].join();
  reader.expect(form === `1,${EtherType.ip4},6,4`, "is not for IPv4 over Ethernet", form);
  const code = reader.u16();
  reader.expect(code === 1 || code === 2, "is neither request nor reply", code);
  const operation = code === 1 ? "request" : "reply";
  const senderMac = reader.mac();
  const sender = reader.addr("ip4");
  return {
    kind: "arp",
    operation,
    senderMac,
    sender,
    targetMac: reader.mac(),
    target: reader.addr("ip4"),
  };
}

function readPacket(bytes: Uint8Array, context: DecodeContext): Packet {
  const reader = new ByteReader(bytes, "ip");
  if (context.depth > DEPTH_MAX) reader.fail("not-modelled", "packets in packets nest too deeply");
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4) return readIp4(new ByteReader(bytes, "ip4"), context);
  if (version === 6) return readIp6(new ByteReader(bytes, "ip6"), context);
  reader.expect(bytes.length > 0, "is empty");
  return reader.fail("bad-packet", "has a version that is neither 4 nor 6", version);
}

function readIp4(reader: ByteReader, context: DecodeContext): Packet {
  const headerBytes = (reader.u8() & 15) * 4;
  reader.expect(headerBytes >= IP4_HEADER_BYTES, "has too small a header length", headerBytes);
  const tos = reader.u8();
  const totalBytes = reader.u16();
  const id = reader.u16();
  const place = reader.u16();
  reader.expect((place & 0x8000) === 0, "has the reserved flag set");
  const ttl = reader.u8();
  const protocol = reader.u8();
  reader.u16();
  const src = reader.addr("ip4");
  const dst = reader.addr("ip4");
  reader.slice(headerBytes - IP4_HEADER_BYTES);
  if (context.verify && internetChecksum(reader.bytes.subarray(0, headerBytes)) !== 0) {
    reader.fail("bad-checksum", "has a wrong header checksum");
  }
  reader.expect(totalBytes >= headerBytes, "has a total length below its header", totalBytes);
  const content = readContent(reader, totalBytes - headerBytes, context);
  const base = { family: "ip4", src, dst, ttl, tos, id, df: (place & 0x4000) !== 0 } as const;
  return withTransport(base, { protocol, content, context, place: readPlace(place) });
}

function readPlace(word: number): Packet["fragment"] {
  const offsetBytes = (word & 0x1fff) * 8;
  const more = (word & 0x2000) !== 0;
  return offsetBytes === 0 && !more ? undefined : { offsetBytes, more };
}

function readIp6(reader: ByteReader, context: DecodeContext): Packet {
  const tos = (reader.u32() >>> 20) & 255;
  const contentBytes = reader.u16();
  let protocol = reader.u8();
  const ttl = reader.u8();
  const src = reader.addr("ip6");
  const dst = reader.addr("ip6");
  let content = readContent(reader, contentBytes, context);
  const base = { family: "ip6", src, dst, ttl, tos, id: 0, df: true } as const;
  if (protocol !== IpProtocol.fragment) return withTransport(base, { protocol, content, context });
  const header = new ByteReader(content, "ip6.fragment");
  protocol = header.u8();
  header.u8();
  const word = header.u16();
  const id = header.u32();
  content = header.rest();
  const place = { offsetBytes: (word >>> 3) * 8, more: (word & 1) === 1 };
  return withTransport({ ...base, id }, { protocol, content, context, place });
}

function readContent(reader: ByteReader, lengthBytes: number, context: DecodeContext): Uint8Array {
  return context.isQuote && lengthBytes > reader.left ? reader.rest() : reader.slice(lengthBytes);
}

interface Content {
  readonly protocol: number;
  readonly content: Uint8Array;
  readonly context: DecodeContext;
  readonly place?: Packet["fragment"];
}

function withTransport(base: Omit<Packet, "payload" | "fragment">, parts: Content): Packet {
  const { protocol, content, context, place } = parts;
  const around = { ...base, protocol, isFragment: place !== undefined };
  const isLater = place !== undefined && place.offsetBytes > 0;
  const payload: Transport = isLater
    ? { kind: "other", protocol, payload: { kind: "bytes", bytes: content } }
    : decodeTransport(content, around, { context, readPacket, readVxlan });
  return place === undefined ? { ...base, payload } : { ...base, fragment: place, payload };
}

/** A datagram's content as VXLAN, or as plain bytes when it is none. */
function readVxlan(bytes: Uint8Array, context: DecodeContext): Payload {
  if (bytes.length >= VXLAN_HEADER_BYTES && bytes[0] === VXLAN_FLAG && bytes[7] === 0) {
    const vni = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4) >>> 8;
    try {
      return { kind: "vxlan", vni, frame: readFrame(bytes.subarray(VXLAN_HEADER_BYTES), context) };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return { kind: "bytes", bytes };
}
