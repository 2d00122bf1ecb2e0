/** `Mac`: a 48-bit link-layer address. */
import { assert, InputError } from "../base/index.js";

/** A link-layer address: `02:42:ac:11:00:02`. Immutable; two halves of 24 bits. */
export class Mac {
  readonly high: number;
  readonly low: number;
  #text: string | undefined = undefined;

  constructor(high: number, low: number) {
    this.high = high & 0xff_ffff;
    this.low = low & 0xff_ffff;
  }

  /** Whether both are the same. */
  equals(other: Mac): boolean {
    return this.low === other.low && this.high === other.high;
  }

  /** By number. */
  compare(other: Mac): number {
    return this.high - other.high || this.low - other.low;
  }

  /** The all-ones address, to which everybody listens. */
  isBroadcast(): boolean {
    return this.high === 0xff_ffff && this.low === 0xff_ffff;
  }

  /** Whether it is for a group (the broadcast address too). */
  isMulticast(): boolean {
    return (this.high & 0x01_0000) !== 0;
  }

  /** The all-zero address. */
  isZero(): boolean {
    return this.high === 0 && this.low === 0;
  }

  /** Lower-case hexadecimal with colons, as `ip link` prints it. */
  toString(): string {
    if (this.#text === undefined) {
      this.#text = Array.from(this.toBytes(), (b) => b.toString(16).padStart(2, "0")).join(":");
    }
    return this.#text;
  }

  /** A key for `Map` and `Set`. */
  key(): string {
    return this.toString();
  }

  /** In JSON it is its text. */
  toJSON(): string {
    return this.toString();
  }

  /** The six bytes as on the wire. */
  toBytes(): Uint8Array {
    const { high, low } = this;
    return Uint8Array.of(high >> 16, high >> 8, high, low >> 16, low >> 8, low);
  }
}

/** ff:ff:ff:ff:ff:ff. */
export const BROADCAST_MAC = new Mac(0xff_ffff, 0xff_ffff);

/** 00:00:00:00:00:00, which the loopback link has and ARP requests ask about. */
export const ZERO_MAC = new Mac(0, 0);

/** Makes a link-layer address of its six bytes. */
export function macFromBytes(bytes: Uint8Array): Mac {
  assert(bytes.length === 6, "a link-layer address has 6 bytes", { bytes });
  const half = (at: number) =>
    ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
  return new Mac(half(0), half(3));
}

/** Reads six two-digit hexadecimal numbers with colons, or gives undefined. */
export function tryParseMac(text: string): Mac | undefined {
  if (!/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/.test(text)) return undefined;
  const digits = text.replaceAll(":", "");
  return new Mac(Number.parseInt(digits.slice(0, 6), 16), Number.parseInt(digits.slice(6), 16));
}

/**
 * Reads a link-layer address.
 *
 * Errors: `InputError` with code `bad-mac`.
 */
export function parseMac(text: string): Mac {
  const mac = tryParseMac(text);
  if (mac !== undefined) return mac;
  throw new InputError({
    code: "bad-mac",
    path: "",
    value: text,
    message: "is not six two-digit hexadecimal numbers with colons between",
    expected: "such as 02:42:ac:11:00:02",
  });
}
