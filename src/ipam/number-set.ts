/**
 * An immutable set of offsets into a range. Adding one copies a small part of it, so that ten
 * thousand additions cost milliseconds and every earlier state stays valid.
 */

const BUCKETS = 512;
const MASK = BigInt(BUCKETS - 1);

/** A set of whole numbers from 0. Offsets beyond 2^53 are exact. */
export class NumberSet {
  readonly count: number;
  readonly #buckets: readonly (ReadonlySet<bigint> | undefined)[];

  private constructor(buckets: readonly (ReadonlySet<bigint> | undefined)[], count: number) {
    this.#buckets = buckets;
    this.count = count;
  }

  /** The set without a member. */
  static readonly empty = new NumberSet(new Array(BUCKETS).fill(undefined), 0);

  /** True when the number is a member. */
  has(n: bigint): boolean {
    return this.#buckets[Number(n & MASK)]?.has(n) ?? false;
  }

  /** A set with the number as well. */
  with(n: bigint): NumberSet {
    return this.has(n) ? this : this.#changed(n, (bucket) => bucket.add(n), 1);
  }

  /** A set without the number. */
  without(n: bigint): NumberSet {
    return this.has(n) ? this.#changed(n, (bucket) => bucket.delete(n), -1) : this;
  }

  /** All members, ascending. */
  values(): bigint[] {
    const all = this.#buckets.flatMap((bucket) => [...(bucket ?? [])]);
    return all.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }

  #changed(n: bigint, change: (bucket: Set<bigint>) => void, by: number): NumberSet {
    const at = Number(n & MASK);
    const bucket = new Set(this.#buckets[at]);
    change(bucket);
    const buckets = this.#buckets.slice();
    buckets[at] = bucket;
    return new NumberSet(buckets, this.count + by);
  }
}
