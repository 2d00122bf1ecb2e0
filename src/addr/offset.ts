/**
 * Address arithmetic: the n-th address after another, and how far two lie apart. Small steps, which
 * allocators take, work on words; only sums beyond 2^53 go through `bigint`.
 */
import { assert } from "../base/index.js";
import { Addr, addrBits, type Family } from "./addr.js";

const WORD = 0x1_0000_0000;

/** The address as one number. */
export function addrToBigInt(addr: Addr): bigint {
  return (
    (BigInt(addr.w0) << 96n) | (BigInt(addr.w1) << 64n) | (BigInt(addr.w2) << 32n) | BigInt(addr.w3)
  );
}

/** The address with this number; `number` must fit the family. */
export function addrFromBigInt(family: Family, number: bigint): Addr {
  assert(number >= 0n && number >> BigInt(addrBits(family)) === 0n, "the number fits the family", {
    family,
    number,
  });
  const word = (shift: bigint) => Number((number >> shift) & 0xffff_ffffn);
  return new Addr(family, word(96n), word(64n), word(32n), word(0n));
}

/** The address `n` further (or back), or undefined beyond either end of the family. */
export function tryAddOffset(addr: Addr, n: bigint | number): Addr | undefined {
  if (typeof n === "number" && Number.isSafeInteger(n)) {
    const low = addr.w3 + n;
    if (low >= 0 && low < WORD) return new Addr(addr.family, addr.s0, addr.s1, addr.s2, low);
    if (addr.family === "ip4") return undefined;
  }
  const sum = addrToBigInt(addr) + BigInt(n);
  const isInside = sum >= 0n && sum >> BigInt(addrBits(addr.family)) === 0n;
  return isInside ? addrFromBigInt(addr.family, sum) : undefined;
}

/** The address `n` further (or back, when negative). It must exist. */
export function addOffset(addr: Addr, n: bigint | number): Addr {
  const sum = tryAddOffset(addr, n);
  assert(sum !== undefined, "the sum stays inside the family", { addr: addr.toString(), n });
  return sum;
}

/** How far `to` lies after `from`; negative when before. Both are of one family. */
export function offsetBetween(from: Addr, to: Addr): bigint {
  assert(from.family === to.family, "both addresses are of one family", {
    from: from.toString(),
    to: to.toString(),
  });
  return addrToBigInt(to) - addrToBigInt(from);
}
