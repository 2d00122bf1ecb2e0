/** Captures of several links in one file, with comments per frame: the pcapng format. */
import { assert } from "../base/index.js";
import { LINKTYPE_ETHERNET, SNAP_BYTES } from "./pcap.js";

/** One captured frame on a named link; the comment is shown by Wireshark. */
export interface NamedFrame {
  readonly atUs: number;
  readonly bytes: Uint8Array;
  /** One of the names given to `encodePcapng`. */
  readonly link: string;
  readonly comment?: string;
}

const BLOCK_SECTION = 0x0a0d0d0a;
const BLOCK_INTERFACE = 1;
const BLOCK_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const OPTION_END = 0;
const OPTION_COMMENT = 1;
const OPTION_INTERFACE_NAME = 2;
const OPTION_APPLICATION = 4;

/**
 * Writes a pcapng file: one section, one interface per link in the given order, times in
 * microseconds.
 *
 * Follows: draft-ietf-opsawg-pcapng §4.1 to §4.3.
 */
export function encodePcapng(links: readonly string[], frames: readonly NamedFrame[]): Uint8Array {
  const indexOf = new Map(links.map((link, i) => [link, i]));
  const blocks = [
    encodeSection(),
    ...links.map(encodeInterface),
    ...frames.map((frame) => encodeFrameBlock(frame, indexOf)),
  ];
  return concat(blocks);
}

function encodeSection(): Uint8Array {
  const head = new Uint8Array(16);
  const view = new DataView(head.buffer);
  view.setUint32(0, BYTE_ORDER_MAGIC, true);
  view.setUint16(4, 1, true);
  view.setBigInt64(8, -1n, true);
  return encodeBlock(BLOCK_SECTION, [head, ...encodeOptions([[OPTION_APPLICATION, "kubewire"]])]);
}

function encodeInterface(link: string): Uint8Array {
  const head = new Uint8Array(8);
  const view = new DataView(head.buffer);
  view.setUint16(0, LINKTYPE_ETHERNET, true);
  view.setUint32(4, SNAP_BYTES, true);
  return encodeBlock(BLOCK_INTERFACE, [head, ...encodeOptions([[OPTION_INTERFACE_NAME, link]])]);
}

function encodeFrameBlock(frame: NamedFrame, indexOf: ReadonlyMap<string, number>): Uint8Array {
  const index = indexOf.get(frame.link);
  assert(index !== undefined, "every frame's link has an interface", { link: frame.link });
  const head = new Uint8Array(20);
  const view = new DataView(head.buffer);
  view.setUint32(0, index, true);
  view.setUint32(4, Math.floor(frame.atUs / 0x1_0000_0000), true);
  view.setUint32(8, frame.atUs % 0x1_0000_0000, true);
  view.setUint32(12, frame.bytes.length, true);
  view.setUint32(16, frame.bytes.length, true);
  const options: [number, string][] =
    frame.comment === undefined ? [] : [[OPTION_COMMENT, frame.comment]];
  return encodeBlock(BLOCK_PACKET, [head, pad(frame.bytes), ...encodeOptions(options)]);
}

function encodeBlock(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(parts);
  const block = new Uint8Array(body.length + 12);
  const view = new DataView(block.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, block.length, true);
  block.set(body, 8);
  view.setUint32(block.length - 4, block.length, true);
  return block;
}

function encodeOptions(options: readonly (readonly [number, string])[]): Uint8Array[] {
  if (options.length === 0) return [];
  const encoder = new TextEncoder();
  const parts = options.flatMap(([code, text]) => {
    const value = encoder.encode(text);
    return [optionHead(code, value.length), pad(value)];
  });
  return [...parts, optionHead(OPTION_END, 0)];
}

function optionHead(code: number, lengthBytes: number): Uint8Array {
  const head = new Uint8Array(4);
  const view = new DataView(head.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, lengthBytes, true);
  return head;
}

/** Everything in the file stands at multiples of four bytes. */
function pad(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  return padded;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
