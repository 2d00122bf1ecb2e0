/**
 * An immutable set of offsets into a range, as pages of bits. A change copies one page and the list
 * of pages, so that earlier states stay valid and ten thousand changes cost milliseconds.
 */

/** Bits of a page, as a power of two: the page number of any offset below 2^64 is exact. */
const PAGE_SHIFT = 11n;
const PAGE_BITS = 1 << Number(PAGE_SHIFT);
const PAGE_MASK = BigInt(PAGE_BITS - 1);

/** A set of whole numbers from 0 to 2^64 - 1. */
export class NumberSet {
  readonly count: number;
  readonly #pages: ReadonlyMap<number, Uint32Array>;

  private constructor(pages: ReadonlyMap<number, Uint32Array>, count: number) {
    this.#pages = pages;
    this.count = count;
  }

  /** The set without a member. */
  static readonly empty = new NumberSet(new Map(), 0);

  /** True when the number is a member. */
  has(n: bigint): boolean {
    const page = this.#pages.get(pageOf(n));
    return page !== undefined && isSet(page, bitOf(n));
  }

  /** A set with the number as well. */
  with(n: bigint): NumberSet {
    return this.has(n) ? this : this.#flipped(n, 1);
  }

  /** A set without the number. */
  without(n: bigint): NumberSet {
    return this.has(n) ? this.#flipped(n, -1) : this;
  }

  /** The first number from `first` to `end` - 1 that is no member. Full words are passed over. */
  firstFree(first: bigint, end: bigint): bigint | undefined {
    let n = first;
    while (n < end) {
      const page = this.#pages.get(pageOf(n));
      if (page === undefined) return n;
      const bit = freeBit(page, bitOf(n));
      if (bit < PAGE_BITS) {
        const free = (n & ~PAGE_MASK) + BigInt(bit);
        return free < end ? free : undefined;
      }
      n = (n & ~PAGE_MASK) + BigInt(PAGE_BITS);
    }
    return undefined;
  }

  #flipped(n: bigint, by: number): NumberSet {
    const at = pageOf(n);
    const page = this.#pages.get(at)?.slice() ?? new Uint32Array(PAGE_BITS / 32);
    const bit = bitOf(n);
    page[bit >>> 5] = (page[bit >>> 5] as number) ^ (1 << (bit & 31));
    const pages = new Map(this.#pages);
    pages.set(at, page);
    return new NumberSet(pages, this.count + by);
  }
}

function pageOf(n: bigint): number {
  return Number(n >> PAGE_SHIFT);
}

function bitOf(n: bigint): number {
  return Number(n & PAGE_MASK);
}

function isSet(page: Uint32Array, bit: number): boolean {
  return (((page[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1;
}

/** The first clear bit of a page from `bit` on, or the page's length. */
function freeBit(page: Uint32Array, bit: number): number {
  let at = bit;
  while (at < PAGE_BITS) {
    if ((at & 31) === 0 && page[at >>> 5] === 0xffffffff) at += 32;
    else if (isSet(page, at)) at++;
    else return at;
  }
  return PAGE_BITS;
}
