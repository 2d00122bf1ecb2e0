/**
 * `Prefix`: the leading bits that a set of addresses share, always masked. An address as it is set
 * on a link keeps its host bits and is a `LinkAddr` (`link-addr.ts`).
 */
import { assert, InputError } from "../base/index.js";
import { Addr, addrBits, type Family } from "./addr.js";
import { tryParseAddr } from "./addr-parse.js";
import { readLength } from "./prefix-length.js";

/**
 * A block of addresses: `10.244.1.0/24`, `2001:db8::/64`. Immutable; bits behind the length are zero
 * by construction.
 */
export class Prefix {
  /** The first address. */
  readonly addr: Addr;
  /** The length in bits: 0 to 32 or 128. */
  readonly bits: number;
  readonly mask: Mask;

  /** Masks the address. `makePrefix` reads better. */
  constructor(addr: Addr, bits: number) {
    assert(bits >= 0 && bits <= addrBits(addr.family), "the prefix length fits the family", {
      addr: addr.toString(),
      bits,
    });
    const mask = maskOf(addr.family, bits);
    this.addr = maskAddr(addr, mask);
    this.bits = bits;
    this.mask = mask;
  }

  get family(): Family {
    return this.addr.family;
  }

  /** Whether the address lies in the block. */
  contains(addr: Addr): boolean {
    const { m0, m1, m2, m3 } = this.mask;
    const own = this.addr;
    return (
      ((addr.s3 ^ own.s3) & m3) === 0 &&
      ((addr.s2 ^ own.s2) & m2) === 0 &&
      ((addr.s1 ^ own.s1) & m1) === 0 &&
      ((addr.s0 ^ own.s0) & m0) === 0 &&
      addr.family === own.family
    );
  }

  /** Whether every address of the other block lies in this one. */
  containsPrefix(other: Prefix): boolean {
    return other.bits >= this.bits && this.contains(other.addr);
  }

  /** Whether some address lies in both blocks. */
  overlaps(other: Prefix): boolean {
    return this.bits <= other.bits ? this.contains(other.addr) : other.contains(this.addr);
  }

  /** The first address, i.e. `addr`. */
  first(): Addr {
    return this.addr;
  }

  /** The last address: all host bits set. */
  last(): Addr {
    const { m0, m1, m2, m3 } = this.mask;
    const a = this.addr;
    if (a.family === "ip4") return new Addr("ip4", 0, 0, 0, a.s3 | ~m3);
    return new Addr("ip6", a.s0 | ~m0, a.s1 | ~m1, a.s2 | ~m2, a.s3 | ~m3);
  }

  /** Whether it holds exactly one address. */
  isSingle(): boolean {
    return this.bits === addrBits(this.addr.family);
  }

  /** Whether both are the same block. */
  equals(other: Prefix): boolean {
    return this.bits === other.bits && this.addr.equals(other.addr);
  }

  /** By first address, then shorter before longer. */
  compare(other: Prefix): number {
    return this.addr.compare(other.addr) || this.bits - other.bits;
  }

  /** As `10.244.1.0/24`. */
  toString(): string {
    return `${this.addr}/${this.bits}`;
  }

  /** A key for `Map` and `Set`. */
  key(): string {
    return this.toString();
  }

  /** In JSON a prefix is its text. */
  toJSON(): string {
    return this.toString();
  }
}

/** The four words of a prefix length, signed; in IPv4 the first three are zero. */
export interface Mask {
  readonly m0: number;
  readonly m1: number;
  readonly m2: number;
  readonly m3: number;
}

/** Makes the block of the given length that holds the address. */
export function makePrefix(addr: Addr, bits: number): Prefix {
  return new Prefix(addr, bits);
}

/** Makes the block that holds only this address: `/32` or `/128`. */
export function singlePrefix(addr: Addr): Prefix {
  return new Prefix(addr, addrBits(addr.family));
}

/** The mask of a prefix length; the same object for the same length. */
export function maskOf(family: Family, bits: number): Mask {
  return (family === "ip4" ? IP4_MASKS : IP6_MASKS)[bits] as Mask;
}

function maskAddr(addr: Addr, mask: Mask): Addr {
  const s0 = addr.s0 & mask.m0;
  const s1 = addr.s1 & mask.m1;
  const s2 = addr.s2 & mask.m2;
  const s3 = addr.s3 & mask.m3;
  const isMasked = s0 === addr.s0 && s1 === addr.s1 && s2 === addr.s2 && s3 === addr.s3;
  return isMasked ? addr : new Addr(addr.family, s0, s1, s2, s3);
}

/** The word with `bits` leading ones; less than none is none, more than 32 is all. */
function maskWord(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

const IP4_MASKS: readonly Mask[] = Array.from({ length: 33 }, (_, bits) => ({
  m0: 0,
  m1: 0,
  m2: 0,
  m3: maskWord(bits),
}));

const IP6_MASKS: readonly Mask[] = Array.from({ length: 129 }, (_, bits) => ({
  m0: maskWord(bits),
  m1: maskWord(bits - 32),
  m2: maskWord(bits - 64),
  m3: maskWord(bits - 96),
}));

/** Reads `ADDR/LENGTH`, or gives undefined. Host bits are allowed and masked away. */
export function tryParsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const addr = tryParseAddr(text.slice(0, slash));
  if (addr === undefined) return undefined;
  const bits = readLength(text.slice(slash + 1), addr.family);
  return bits === undefined ? undefined : new Prefix(addr, bits);
}

/**
 * Reads `ADDR/LENGTH`; host bits are allowed and masked away, as routers and Kubernetes do.
 *
 * Errors: `InputError` with code `bad-prefix`.
 *
 * @example
 * parsePrefix("10.244.1.7/24").toString() // "10.244.1.0/24"
 */
export function parsePrefix(text: string): Prefix {
  const prefix = tryParsePrefix(text);
  if (prefix !== undefined) return prefix;
  throw new InputError({
    code: "bad-prefix",
    path: "",
    value: text,
    message: explainBadPrefix(text),
    expected: "an address and a length such as 10.244.0.0/16 or 2001:db8::/64",
  });
}

/** Says why text is no `ADDR/LENGTH`. */
export function explainBadPrefix(text: string): string {
  const slash = text.indexOf("/");
  if (slash < 0) return "has no prefix length";
  const addr = tryParseAddr(text.slice(0, slash));
  if (addr === undefined) return "does not begin with an address";
  return `has a length that is no number from 0 to ${addrBits(addr.family)}`;
}
