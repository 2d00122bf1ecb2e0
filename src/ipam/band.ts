/**
 * A range of numbers with a lower band kept for those who ask for a number of their own: others are
 * served from the upper band first, beginning at a random place, and from the lower when that is full.
 * Cluster IPs and node ports are both such ranges.
 */
import type { Random } from "../base/index.js";
import { NumberSet } from "./number-set.js";

/** Numbers 0 to `size` - 1, which of them are taken, and how long the lower band is. */
export interface Band {
  readonly size: bigint;
  readonly reserved: bigint;
  readonly taken: NumberSet;
}

/** A band with nothing taken. */
export function createBand(size: bigint, reserved: bigint): Band {
  return { size, reserved, taken: NumberSet.empty };
}

/** How many numbers are free. */
export function freeCount(band: Band): bigint {
  return band.size - BigInt(band.taken.count);
}

/** Takes one number of the caller's choice; undefined when it is taken or out of range. */
export function takeNumber(band: Band, n: bigint): Band | undefined {
  if (n < 0n || n >= band.size || band.taken.has(n)) return undefined;
  return { ...band, taken: band.taken.with(n) };
}

/** Gives a number back; harmless when it was not taken. */
export function releaseNumber(band: Band, n: bigint): Band {
  return { ...band, taken: band.taken.without(n) };
}

/**
 * Takes any number: the upper band from a random start, going round, then the lower one likewise.
 *
 * Returns: undefined when all are taken. One random number is drawn for each band that is searched.
 * Follows: Kubernetes v1.35 pkg/registry/core/service/ipallocator/ipallocator.go `allocateNext`,
 * pkg/registry/core/service/allocator/bitmap.go `randomScanStrategyWithOffset.AllocateBit`.
 */
export function takeAny(band: Band, random: Random): { band: Band; n: bigint } | undefined {
  if (freeCount(band) <= 0n) return undefined;
  const upper = findFree(band, band.reserved, band.size, random);
  const n = upper ?? findFree(band, 0n, band.reserved, random);
  return n === undefined ? undefined : { band: { ...band, taken: band.taken.with(n) }, n };
}

function findFree(band: Band, first: bigint, end: bigint, random: Random): bigint | undefined {
  const count = end - first;
  if (count <= 0n) return undefined;
  const start = first + drawBelow(random, count);
  return band.taken.firstFree(start, end) ?? band.taken.firstFree(first, start);
}

function drawBelow(random: Random, count: bigint): bigint {
  if (count <= 0x1_0000_0000n) return BigInt(random.nextBelow(Number(count)));
  const wide = (BigInt(random.nextU32()) << 32n) | BigInt(random.nextU32());
  return wide % count;
}
