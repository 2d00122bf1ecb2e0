/** `jhash`: Bob Jenkins' hash over the registers an expression fills. */
import { jhash } from "../../jhash.js";
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
