/** Broken variants: each must make a law fail. */
import { decodeFrame, encodeFrame, type Frame } from "../../../src/wire/index.js";

/** Loses the traffic class when it reads. */
export function decodeWithoutTos(bytes: Uint8Array): Frame {
  const frame = decodeFrame(bytes);
  return "kind" in frame.payload ? frame : { ...frame, payload: { ...frame.payload, tos: 0 } };
}

/** Forgets that an odd last byte counts as an upper half. */
export function checksumOddLow(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    const high = i + 1 < bytes.length ? (bytes[i] as number) : 0;
    sum += high * 256 + ((i + 1 < bytes.length ? bytes[i + 1] : bytes[i]) as number);
  }
  while (sum > 0xffff) sum = Math.floor(sum / 65536) + (sum % 65536);
  return 0xffff - sum;
}

/** Flips one bit of an encoded frame. */
export function flipBit(frame: Frame, bit: number): Uint8Array {
  const bytes = encodeFrame(frame);
  const at = (bit >> 3) % bytes.length;
  bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7));
  return bytes;
}
