/**
 * The address of a range that a connection gets: by a hash of its source (and destination), so that
 * the same client keeps its address.
 *
 * Follows: Linux 6.18 net/netfilter/nf_nat_core.c `find_best_ips_proto`; include/linux/jhash.h
 * `jhash2`. The hash reads the words of an address as a little-endian machine sees them.
 */
import { Addr } from "../../addr/index.js";
import type { Tuple } from "../conntrack/tuple.js";
import { jhash2 } from "../jhash.js";
import type { Manip, NatRange } from "./range.js";

/** Sets the address of a tuple's half to one of the range. */
export function chooseAddr(tuple: Tuple, range: NatRange, manip: Manip): Tuple {
  const { addrs } = range;
  if (addrs === undefined) return tuple;
  const addr = addrs.first.equals(addrs.last) ? addrs.first : hashAddr(tuple, range, addrs);
  return manip === "src" ? { ...tuple, src: addr } : { ...tuple, dst: addr };
}

function hashAddr(tuple: Tuple, range: NatRange, addrs: NonNullable<NatRange["addrs"]>): Addr {
  const first = wordsOf(addrs.first);
  const last = wordsOf(addrs.last);
  const dst = wordsOf(tuple.dst).map(swapBytes);
  const persistent = range.persistent === true;
  const seed = persistent ? 0 : ((dst.at(-1) ?? 0) ^ tuple.zone) >>> 0;
  const src = [...wordsOf(tuple.src).map(swapBytes), 0, 0, 0].slice(0, 4);
  let hash = jhash2(src, seed);
  let full = false;
  const chosen = first.map((low, index) => {
    const high = last[index] ?? 0;
    const minimum = full ? 0 : low;
    const distance = full ? 0xffffffff : (high - low + 1) >>> 0;
    const word = (minimum + scale(hash, distance)) >>> 0;
    if (word !== high) full = true;
    if (!persistent) hash = (hash ^ (dst[index] ?? 0)) >>> 0;
    return word;
  });
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = chosen.length === 1 ? [0, 0, 0, chosen[0]] : chosen;
  return new Addr(addrs.first.family, w0, w1, w2, w3);
}

function wordsOf(addr: Addr): number[] {
  return addr.family === "ip4" ? [addr.w3] : [addr.w0, addr.w1, addr.w2, addr.w3];
}

function swapBytes(word: number): number {
  const low = ((word & 0xff) << 24) | ((word & 0xff00) << 8);
  return (low | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

/** A hash brought into 0 to `count` - 1 (`reciprocal_scale`). */
function scale(hash: number, count: number): number {
  return Number((BigInt(hash) * BigInt(count)) >> 32n);
}
