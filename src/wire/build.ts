/**
 * Making packets and frames with the defaults a Linux host would use: hop limit 64, don't-fragment
 * set, window 64240. Every function names what it needs and takes the rest as given.
 */
import type { Addr, Mac } from "../addr/index.js";
import { assert } from "../base/index.js";
import {
  type Datagram,
  type Fragment,
  type Frame,
  type Packet,
  type Payload,
  type SctpPacket,
  type Segment,
  TcpFlag,
  type Transport,
} from "./packet.js";

/** Default of net.ipv4.ip_default_ttl and net.ipv6.conf.*.hop_limit. */
export const DEFAULT_TTL = 64;

/** The window of a first segment on a link of 1500 bytes, as Linux announces it. */
const DEFAULT_WINDOW = 64240;

/** A payload of no bytes. */
export const EMPTY_PAYLOAD: Payload = { kind: "filler", lengthBytes: 0 };

/** A payload of these bytes, or of this text in UTF-8. */
export function bytesPayload(content: Uint8Array | string): Payload {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { kind: "bytes", bytes };
}

/** So many bytes that nobody looks at; zeros when encoded. */
export function fillerPayload(lengthBytes: number): Payload {
  assert(Number.isInteger(lengthBytes) && lengthBytes >= 0, "a length is whole and not negative", {
    lengthBytes,
  });
  return lengthBytes === 0 ? EMPTY_PAYLOAD : { kind: "filler", lengthBytes };
}

/** A frame inside VXLAN, to be carried by a UDP datagram. */
export function vxlanPayload(vni: number, frame: Frame): Payload {
  return { kind: "vxlan", vni, frame };
}

/** What `makePacket` needs and may be told. */
export interface PacketParts {
  readonly src: Addr;
  readonly dst: Addr;
  readonly payload: Transport;
  readonly ttl?: number;
  readonly tos?: number;
  readonly id?: number;
  readonly df?: boolean;
  readonly fragment?: Fragment;
}

/**
 * Makes a packet; the family is that of its addresses.
 *
 * @example
 * makePacket({ src, dst, payload: tcpSyn({ sport: 40000, dport: 80 }) })
 */
export function makePacket(parts: PacketParts): Packet {
  const { src, dst, payload, ttl = DEFAULT_TTL, tos = 0, id = 0, df = true, fragment } = parts;
  assert(src.family === dst.family, "both addresses of a packet are of one family", {
    src: src.toString(),
    dst: dst.toString(),
  });
  const packet = { family: src.family, src, dst, ttl, tos, id, df, payload };
  return fragment === undefined ? packet : { ...packet, fragment };
}

/** What `tcpSegment` needs and may be told. */
export interface SegmentParts {
  readonly sport: number;
  readonly dport: number;
  readonly flags: number;
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
  readonly mss?: number;
  readonly payload?: Payload;
}

/** Makes a TCP segment. */
export function tcpSegment(parts: SegmentParts): Segment {
  const { sport, dport, flags, seq = 0, ack = 0, window = DEFAULT_WINDOW, mss } = parts;
  const { payload = EMPTY_PAYLOAD } = parts;
  const segment = { kind: "tcp", sport, dport, seq, ack, flags, window, payload } as const;
  return mss === undefined ? segment : { ...segment, mss };
}

/** Makes the segment that opens a connection. */
export function tcpSyn(parts: Omit<SegmentParts, "flags">): Segment {
  return tcpSegment({ mss: 1460, ...parts, flags: TcpFlag.syn });
}

/** Makes a UDP datagram. */
export function udpDatagram(parts: Omit<Datagram, "kind" | "payload"> & Carried): Datagram {
  const { sport, dport, payload = EMPTY_PAYLOAD } = parts;
  return { kind: "udp", sport, dport, payload };
}

/** An optional payload. */
export interface Carried {
  readonly payload?: Payload;
}

/** What `sctpPacket` needs and may be told. */
export interface SctpParts extends Carried {
  readonly sport: number;
  readonly dport: number;
  readonly tag?: number;
  readonly chunks: readonly number[];
}

/** Makes an SCTP packet of the given chunk types. */
export function sctpPacket(parts: SctpParts): SctpPacket {
  const { sport, dport, tag = 0, chunks, payload = EMPTY_PAYLOAD } = parts;
  return { kind: "sctp", sport, dport, tag, chunks, payload };
}

/** Makes a frame. */
export function makeFrame(src: Mac, dst: Mac, payload: Frame["payload"]): Frame {
  return { src, dst, payload };
}
