/** `jhash`: Bob Jenkins' hash over the registers an expression fills. */
import type { NftExpr } from "../../nft.js";
import { type Datum, typesOf } from "./datum.js";
import { isAddr } from "./value-test.js";

/** Bytes each type takes in registers of four bytes. */
const SIZES: ReadonlyMap<string, number> = new Map([
  ["inet_service", 2],
  ["inet_proto", 1],
  ["mark", 4],
]);

/**
 * The hash of data, or undefined for types whose bytes are not known here. Without a seed the kernel
 * draws one when the rule is loaded; here it is 0.
 *
 * Follows: Linux 6.18 net/netfilter/nft_hash.c `nft_jhash_eval`; include/linux/jhash.h `jhash`.
 */
export function evalJhash(
  data: readonly Datum[],
  expr: NftExpr,
  seed: string | undefined,
): number | undefined {
  const types = typesOf(expr);
  const bytes: number[] = [];
  for (const [at, datum] of data.entries()) {
    const part = bytesOf(datum, types[at] ?? "");
    if (part === undefined) return undefined;
    bytes.push(...part);
    // Every part of a concatenation fills registers of its own.
    if (data.length > 1) while (bytes.length % 4 !== 0) bytes.push(0);
  }
  return jhash(bytes, seed === undefined ? 0 : Number(seed) >>> 0);
}

function bytesOf(datum: Datum, type: string): number[] | undefined {
  if (isAddr(datum)) {
    const words = datum.family === "ip4" ? [datum.w3] : [datum.w0, datum.w1, datum.w2, datum.w3];
    return words.flatMap((word) => [
      word >>> 24,
      (word >>> 16) & 255,
      (word >>> 8) & 255,
      word & 255,
    ]);
  }
  const size = SIZES.get(type);
  if (typeof datum !== "number" || size === undefined) return undefined;
  if (size === 4) return [datum & 255, (datum >>> 8) & 255, (datum >>> 16) & 255, datum >>> 24];
  return size === 2 ? [datum >>> 8, datum & 255] : [datum];
}

const INITIAL = 0xdeadbeef;

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function wordAt(bytes: readonly number[], at: number): number {
  const byte = (offset: number) => bytes[at + offset] ?? 0;
  return byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24);
}

/** Hashes bytes with a seed, as a little-endian machine does. */
export function jhash(bytes: readonly number[], seed: number): number {
  let a = (INITIAL + bytes.length + seed) | 0;
  let b = a;
  let c = a;
  let at = 0;
  for (; bytes.length - at > 12; at += 12) {
    a = (a + wordAt(bytes, at)) | 0;
    b = (b + wordAt(bytes, at + 4)) | 0;
    c = (c + wordAt(bytes, at + 8)) | 0;
    a = (a - c) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4);
    b = (b + a) | 0;
  }
  if (at === bytes.length) return c >>> 0;
  a = (a + wordAt(bytes, at)) | 0;
  b = (b + wordAt(bytes, at + 4)) | 0;
  c = (c + wordAt(bytes, at + 8)) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}
