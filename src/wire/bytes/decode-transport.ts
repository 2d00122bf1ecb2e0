/** Bytes to transports: TCP, UDP, SCTP, and IP in IP; ICMP is in `decode-icmp.ts`. */
import type { Addr, Family } from "../../addr/index.js";
import { InputError } from "../../base/index.js";
import { SCTP_HEADER_BYTES, sctpCarrier, sctpChunkBytes, TCP_HEADER_BYTES } from "../length.js";
import type { Datagram, Packet, Payload, SctpPacket, Segment, Transport } from "../packet.js";
import { IpProtocol } from "../protocol.js";
import { ByteReader } from "./byte-reader.js";
import { internetChecksum } from "./checksum.js";
import { crc32c } from "./crc32c.js";
import type { DecodeContext } from "./decode-context.js";
import { decodeIcmp } from "./decode-icmp.js";
import { pseudoSum } from "./pseudo-header.js";
import { decodeTcpOptions } from "./tcp-options.js";

/** What stands around the transport. */
export interface Around {
  readonly family: Family;
  readonly src: Addr;
  readonly dst: Addr;
  readonly protocol: number;
  readonly isFragment: boolean;
}

/** Readers of what nests, handed in because packets contain packets. */
export interface Nested {
  readonly context: DecodeContext;
  readonly readPacket: (bytes: Uint8Array, context: DecodeContext) => Packet;
  readonly readVxlan: (bytes: Uint8Array, context: DecodeContext) => Payload;
}

/** Decodes what a packet carries. */
export function decodeTransport(bytes: Uint8Array, around: Around, nested: Nested): Transport {
  if (!nested.context.isQuote) return decodeWhole(bytes, around, nested);
  try {
    return decodeWhole(bytes, around, nested);
  } catch (error) {
    // A quote may end within a transport header; then it is bytes of that protocol.
    if (!(error instanceof InputError)) throw error;
    return plain(bytes, around);
  }
}

function decodeWhole(bytes: Uint8Array, around: Around, nested: Nested): Transport {
  const isIcmp = around.family === "ip4" ? IpProtocol.icmp : IpProtocol.icmp6;
  switch (around.protocol) {
    case IpProtocol.tcp:
      return decodeSegment(bytes, around, nested);
    case IpProtocol.udp:
      return decodeDatagram(bytes, around, nested);
    case IpProtocol.sctp:
      return decodeSctp(bytes, around, nested);
    case isIcmp:
      return decodeIcmp(bytes, around, nested);
    case IpProtocol.ipip:
    case IpProtocol.ip6:
      return decodeTunnelled(bytes, around, nested);
    default:
      return plain(bytes, around);
  }
}

function plain(bytes: Uint8Array, around: Around): Transport {
  return { kind: "other", protocol: around.protocol, payload: bytesOf(bytes) };
}

function bytesOf(bytes: Uint8Array): Payload {
  return { kind: "bytes", bytes };
}

function decodeTunnelled(bytes: Uint8Array, around: Around, nested: Nested): Transport {
  if (around.isFragment) return plain(bytes, around);
  const { context } = nested;
  const packet = nested.readPacket(bytes, { ...context, depth: context.depth + 1 });
  const isRight = (packet.family === "ip4") === (around.protocol === IpProtocol.ipip);
  new ByteReader(bytes, "ipip").expect(isRight, "the protocol and the packet's version differ");
  return { kind: "ipip", packet };
}

/** Whether the checksum can be verified: it covers the whole datagram, which must be here. */
function isVerified(around: Around, context: DecodeContext): boolean {
  return context.verify && !context.isQuote && !around.isFragment;
}

function decodeSegment(bytes: Uint8Array, around: Around, nested: Nested): Segment {
  const reader = new ByteReader(bytes, "tcp");
  const sport = reader.u16();
  const dport = reader.u16();
  const seq = reader.u32();
  const ack = reader.u32();
  const headerBytes = (reader.u8() >> 4) * 4;
  const flags = reader.u8();
  const window = reader.u16();
  reader.u32();
  reader.expect(headerBytes >= TCP_HEADER_BYTES, "has too small a data offset", headerBytes);
  const options = decodeTcpOptions(
    new ByteReader(reader.slice(headerBytes - TCP_HEADER_BYTES), "tcp.options"),
  );
  if (isVerified(around, nested.context)) {
    const sum = internetChecksum(bytes, pseudoSum(around, bytes.length));
    if (sum !== 0) reader.fail("bad-checksum", "has a wrong checksum");
  }
  const payload = bytesOf(reader.rest());
  return { kind: "tcp", sport, dport, seq, ack, flags, window, ...options, payload };
}

function decodeDatagram(bytes: Uint8Array, around: Around, nested: Nested): Datagram {
  const { context } = nested;
  const reader = new ByteReader(bytes, "udp");
  const sport = reader.u16();
  const dport = reader.u16();
  const length = reader.u16();
  const checksum = reader.u16();
  const isPart = around.isFragment || context.isQuote;
  const fits = length >= 8 && (isPart || length <= bytes.length);
  reader.expect(fits, "has a length that does not fit its packet", length);
  const whole = bytes.subarray(0, Math.min(length, bytes.length));
  if (isVerified(around, context)) {
    reader.expect(checksum !== 0 || around.family === "ip4", "has no checksum, which IPv6 needs");
    const sum = checksum === 0 ? 0 : internetChecksum(whole, pseudoSum(around, whole.length));
    if (sum !== 0) reader.fail("bad-checksum", "has a wrong checksum");
  }
  const content = whole.subarray(8);
  const deeper = { ...context, depth: context.depth + 1 };
  const isWhole = !around.isFragment && length <= bytes.length;
  const isVxlan = isWhole && context.vxlanPorts.includes(dport);
  const payload = isVxlan ? nested.readVxlan(content, deeper) : bytesOf(content);
  return { kind: "udp", sport, dport, payload };
}

function decodeSctp(bytes: Uint8Array, around: Around, nested: Nested): SctpPacket {
  const reader = new ByteReader(bytes, "sctp");
  const sport = reader.u16();
  const dport = reader.u16();
  const tag = reader.u32();
  reader.u32();
  if (isVerified(around, nested.context)) {
    const zeroed = bytes.slice();
    zeroed.fill(0, 8, SCTP_HEADER_BYTES);
    const found = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
    if (crc32c(zeroed) !== found) reader.fail("bad-checksum", "has a wrong checksum");
  }
  const chunks: number[] = [];
  const values: Uint8Array[] = [];
  while (reader.left > 0) {
    const type = reader.u8();
    reader.u8();
    const length = reader.u16();
    reader.expect(length >= 4, "has a chunk shorter than its own header", length);
    const value = reader.slice(length - 4);
    chunks.push(type);
    values.push(value.subarray(sctpChunkBytes(type) - 4));
    reader.slice(Math.min(reader.left, (4 - (length % 4)) % 4));
  }
  const carried = values[sctpCarrier(chunks)] ?? new Uint8Array();
  return { kind: "sctp", sport, dport, tag, chunks, payload: bytesOf(carried) };
}
