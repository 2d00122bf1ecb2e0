/** `Range`: addresses from a first to a last, both included. */
import { assert, InputError } from "../base/index.js";
import type { Addr, Family } from "./addr.js";
import { tryParseAddr } from "./addr-parse.js";
import { offsetBetween } from "./offset.js";
import type { Prefix } from "./prefix.js";

/** Consecutive addresses of one family: `10.244.1.10-10.244.1.20`. Immutable, never empty. */
export class Range {
  readonly first: Addr;
  readonly last: Addr;

  constructor(first: Addr, last: Addr) {
    assert(
      first.family === last.family && first.compare(last) <= 0,
      "a range runs from a lower to a higher address of one family",
      { first: first.toString(), last: last.toString() },
    );
    this.first = first;
    this.last = last;
  }

  get family(): Family {
    return this.first.family;
  }

  /** How many addresses it holds. */
  get size(): bigint {
    return offsetBetween(this.first, this.last) + 1n;
  }

  /** Whether the address lies in the range. */
  contains(addr: Addr): boolean {
    return (
      addr.family === this.first.family &&
      this.first.compare(addr) <= 0 &&
      addr.compare(this.last) <= 0
    );
  }

  /** Whether some address lies in both ranges. */
  overlaps(other: Range): boolean {
    return this.contains(other.first) || other.contains(this.first);
  }

  /** Whether both hold the same addresses. */
  equals(other: Range): boolean {
    return this.first.equals(other.first) && this.last.equals(other.last);
  }

  /** As `10.244.1.10-10.244.1.20`; one address stands alone. */
  toString(): string {
    return this.first.equals(this.last) ? `${this.first}` : `${this.first}-${this.last}`;
  }

  /** A key for `Map` and `Set`. */
  key(): string {
    return this.toString();
  }

  /** In JSON a range is its text. */
  toJSON(): string {
    return this.toString();
  }
}

/** Makes a range; `first` must not lie behind `last`. */
export function makeRange(first: Addr, last: Addr): Range {
  return new Range(first, last);
}

/** All addresses of a prefix. */
export function prefixRange(prefix: Prefix): Range {
  return new Range(prefix.first(), prefix.last());
}

/** Reads `FIRST-LAST` or one address, or gives undefined. */
export function tryParseRange(text: string): Range | undefined {
  const dash = text.indexOf("-");
  const first = tryParseAddr(dash < 0 ? text : text.slice(0, dash));
  const last = dash < 0 ? first : tryParseAddr(text.slice(dash + 1));
  if (first === undefined || last === undefined) return undefined;
  if (first.family !== last.family || first.compare(last) > 0) return undefined;
  return new Range(first, last);
}

/**
 * Reads `FIRST-LAST`, or one address alone.
 *
 * Errors: `InputError` with code `bad-range`.
 */
export function parseRange(text: string): Range {
  const range = tryParseRange(text);
  if (range !== undefined) return range;
  throw new InputError({
    code: "bad-range",
    path: "",
    value: text,
    message: "is not a range from a lower to a higher address of one family",
    expected: "two addresses such as 10.244.1.10-10.244.1.20",
  });
}
