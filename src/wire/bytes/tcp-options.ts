/**
 * The options of a TCP segment, in the order and with the padding that Linux writes them in:
 *
 *   MSS (4) · SACK permitted + timestamps, or either with two NOPs before it (12 or 4) · NOP + window scale (4)
 */
import type { Segment } from "../packet.js";
import { ByteReader } from "./byte-reader.js";
import { TCP_OPTION } from "./constants.js";

/** What a segment's options say. */
export type TcpOptions = Pick<Segment, "mss" | "windowScale" | "sackPermitted" | "timestamps">;

/** Writes the options. Follows: Linux 6.18 net/ipv4/tcp_output.c `tcp_options_write`. */
export function encodeTcpOptions(options: TcpOptions): Uint8Array {
  const { mss, windowScale, sackPermitted, timestamps } = options;
  const { nop } = TCP_OPTION;
  const sack = sackPermitted ? [TCP_OPTION.sackPermitted, 2] : [nop, nop];
  const bytes = [
    ...(mss === undefined ? [] : [TCP_OPTION.mss, 4, mss >>> 8, mss & 255]),
    ...(timestamps === undefined
      ? []
      : [...sack, TCP_OPTION.timestamps, 10, ...word(timestamps.value), ...word(timestamps.echo)]),
    ...(timestamps === undefined && sackPermitted ? [nop, nop, TCP_OPTION.sackPermitted, 2] : []),
    ...(windowScale === undefined ? [] : [nop, TCP_OPTION.windowScale, 3, windowScale]),
  ];
  return Uint8Array.from(bytes);
}

function word(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

/** Reads the options we keep; others are skipped. */
export function decodeTcpOptions(options: ByteReader): TcpOptions {
  const found: { -readonly [K in keyof TcpOptions]: TcpOptions[K] } = {};
  while (options.left > 0) {
    const kind = options.u8();
    if (kind === TCP_OPTION.end) break;
    if (kind === TCP_OPTION.nop) continue;
    const length = options.u8();
    options.expect(length >= 2, "has an option shorter than its own header", length);
    const value = new ByteReader(options.slice(length - 2), "tcp.options");
    const expected = VALUE_BYTES.get(kind);
    if (expected === undefined) continue;
    options.expect(length - 2 === expected, "has an option of wrong length", length);
    if (kind === TCP_OPTION.mss) found.mss ??= value.u16();
    if (kind === TCP_OPTION.windowScale) found.windowScale ??= value.u8();
    if (kind === TCP_OPTION.sackPermitted) found.sackPermitted = true;
    if (kind === TCP_OPTION.timestamps) {
      found.timestamps ??= { value: value.u32(), echo: value.u32() };
    }
  }
  return found;
}

const VALUE_BYTES: ReadonlyMap<number, number> = new Map([
  [TCP_OPTION.mss, 2],
  [TCP_OPTION.windowScale, 1],
  [TCP_OPTION.sackPermitted, 0],
  [TCP_OPTION.timestamps, 8],
]);
