/** `LinkAddr`: an address with the prefix length it has on a link. Host bits matter here. */
import { assert, InputError } from "../base/index.js";
import { type Addr, addrBits, type Family } from "./addr.js";
import { tryParseAddr } from "./addr-parse.js";
import { explainBadPrefix, makePrefix, type Prefix } from "./prefix.js";
import { readLength } from "./prefix-length.js";

/** An address as it is set on a link: `10.244.1.7/24`. Immutable. */
export class LinkAddr {
  readonly addr: Addr;
  readonly bits: number;

  constructor(addr: Addr, bits: number) {
    assert(bits >= 0 && bits <= addrBits(addr.family), "the prefix length fits the family", {
      addr,
      bits,
    });
    this.addr = addr;
    this.bits = bits;
  }

  get family(): Family {
    return this.addr.family;
  }

  /** The block that the link reaches directly. */
  prefix(): Prefix {
    return makePrefix(this.addr, this.bits);
  }

  /** Whether both are the same address with the same length. */
  equals(other: LinkAddr): boolean {
    return this.bits === other.bits && this.addr.equals(other.addr);
  }

  /** As `ip addr` takes it: `10.244.1.7/24`. */
  toString(): string {
    return `${this.addr}/${this.bits}`;
  }

  /** A key for `Map` and `Set`. */
  key(): string {
    return this.toString();
  }

  /** In JSON it is its text. */
  toJSON(): string {
    return this.toString();
  }
}

/** Makes a link's address. */
export function makeLinkAddr(addr: Addr, bits: number): LinkAddr {
  return new LinkAddr(addr, bits);
}

/** Reads `ADDR/LENGTH` and keeps the host bits, or gives undefined. */
export function tryParseLinkAddr(text: string): LinkAddr | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const addr = tryParseAddr(text.slice(0, slash));
  if (addr === undefined) return undefined;
  const bits = readLength(text.slice(slash + 1), addr.family);
  return bits === undefined ? undefined : new LinkAddr(addr, bits);
}

/**
 * Reads `ADDR/LENGTH` and keeps the host bits.
 *
 * Errors: `InputError` with code `bad-prefix`.
 */
export function parseLinkAddr(text: string): LinkAddr {
  const linkAddr = tryParseLinkAddr(text);
  if (linkAddr !== undefined) return linkAddr;
  throw new InputError({
    code: "bad-prefix",
    path: "",
    value: text,
    message: explainBadPrefix(text),
    expected: "an address and a length such as 10.244.1.7/24",
  });
}
