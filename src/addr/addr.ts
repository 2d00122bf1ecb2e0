/**
 * One IP address. Both families are four 32-bit words, so that every comparison is written once:
 *
 *            w0        w1        w2        w3
 *   ip6   bits 0-31  32-63     64-95     96-127
 *   ip4      0         0         0      bits 0-31
 *
 * Text is read in `addr-parse.ts`; address arithmetic is in `offset.ts`.
 */
import { assert } from "../base/index.js";
import { printIp4, printIp6 } from "./addr-print.js";

/** The two address families. */
export type Family = "ip4" | "ip6";

/** How many bits an address of the family has. */
export function addrBits(family: Family): 32 | 128 {
  return family === "ip4" ? 32 : 128;
}

/**
 * One IPv4 or IPv6 address: an immutable value.
 *
 * Shape: the words are kept as signed numbers (`s0` … `s3`), as bit operations give them and as
 * engines store them without boxing; `w0` … `w3` are the same words unsigned.
 * Not modelled: zone identifiers (`fe80::1%eth0`); a link-local address goes with its link.
 */
export class Addr {
  readonly family: Family;
  readonly s0: number;
  readonly s1: number;
  readonly s2: number;
  readonly s3: number;
  #text: string | undefined = undefined;

  /** Takes the four words, signed or unsigned; `ip4Addr` and `ip6Addr` read better. */
  constructor(family: Family, s0: number, s1: number, s2: number, s3: number) {
    this.family = family;
    this.s0 = s0 | 0;
    this.s1 = s1 | 0;
    this.s2 = s2 | 0;
    this.s3 = s3 | 0;
  }

  /** Bits 0 to 31 of an IPv6 address, unsigned; 0 in IPv4. */
  get w0(): number {
    return this.s0 >>> 0;
  }

  /** Bits 32 to 63 of an IPv6 address, unsigned; 0 in IPv4. */
  get w1(): number {
    return this.s1 >>> 0;
  }

  /** Bits 64 to 95 of an IPv6 address, unsigned; 0 in IPv4. */
  get w2(): number {
    return this.s2 >>> 0;
  }

  /** The last 32 bits, unsigned: the whole address in IPv4. */
  get w3(): number {
    return this.s3 >>> 0;
  }

  /** Whether both are the same address of the same family. */
  equals(other: Addr): boolean {
    return (
      this.s3 === other.s3 &&
      this.s2 === other.s2 &&
      this.s1 === other.s1 &&
      this.s0 === other.s0 &&
      this.family === other.family
    );
  }

  /** Below 0, 0 or above 0: all of IPv4 comes before IPv6, then by number. */
  compare(other: Addr): number {
    if (this.family !== other.family) return this.family === "ip4" ? -1 : 1;
    return (
      this.w0 - other.w0 || this.w1 - other.w1 || this.w2 - other.w2 || this.w3 - other.w3 || 0
    );
  }

  /** The text of RFC 5952; dotted for IPv4 and for the last word of IPv4-mapped addresses. */
  toString(): string {
    if (this.#text === undefined) {
      this.#text =
        this.family === "ip4" ? printIp4(this.s3) : printIp6([this.w0, this.w1, this.w2, this.w3]);
    }
    return this.#text;
  }

  /** A key for `Map` and `Set`: equal addresses have equal keys, other addresses others. */
  key(): string {
    return this.toString();
  }

  /** In JSON an address is its text. */
  toJSON(): string {
    return this.toString();
  }

  /** The bytes as on the wire: 4 or 16. */
  toBytes(): Uint8Array {
    const words = this.family === "ip4" ? [this.s3] : [this.s0, this.s1, this.s2, this.s3];
    const bytes = new Uint8Array(words.length * 4);
    const view = new DataView(bytes.buffer);
    words.forEach((word, i) => {
      view.setInt32(i * 4, word);
    });
    return bytes;
  }
}

/** Makes an IPv4 address of a 32-bit number, signed or unsigned. */
export function ip4Addr(word: number): Addr {
  return new Addr("ip4", 0, 0, 0, word);
}

/** Makes an IPv6 address of its four 32-bit words, signed or unsigned. */
export function ip6Addr(words: readonly [number, number, number, number]): Addr {
  return new Addr("ip6", words[0], words[1], words[2], words[3]);
}

/** Makes an address of 4 or 16 bytes as on the wire. */
export function addrFromBytes(bytes: Uint8Array): Addr {
  assert(bytes.length === 4 || bytes.length === 16, "an address has 4 or 16 bytes", { bytes });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === 4) return ip4Addr(view.getInt32(0));
  return ip6Addr([view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)]);
}

/** The all-zero address of a family: `0.0.0.0` or `::`. */
export function unspecifiedAddr(family: Family): Addr {
  return family === "ip4" ? IP4_UNSPECIFIED : IP6_UNSPECIFIED;
}

const IP4_UNSPECIFIED = ip4Addr(0);
const IP6_UNSPECIFIED = ip6Addr([0, 0, 0, 0]);
