/** `PrefixSet`: blocks of addresses, asked whether one of them holds an address. */
import type { Addr } from "./addr.js";
import type { Prefix } from "./prefix.js";
import { PrefixMap } from "./prefix-map.js";

/** A set of prefixes with longest-prefix lookup. */
export class PrefixSet {
  readonly #map = new PrefixMap<true>();

  constructor(prefixes: Iterable<Prefix> = []) {
    for (const prefix of prefixes) this.add(prefix);
  }

  /** How many prefixes it holds. */
  get size(): number {
    return this.#map.size;
  }

  /** Adds a prefix. */
  add(prefix: Prefix): this {
    this.#map.set(prefix, true);
    return this;
  }

  /** Takes a prefix out; false when it was not there. */
  delete(prefix: Prefix): boolean {
    return this.#map.delete(prefix);
  }

  /** Whether exactly this prefix is in the set. */
  has(prefix: Prefix): boolean {
    return this.#map.has(prefix);
  }

  /** Whether some prefix holds the address. */
  contains(addr: Addr): boolean {
    return this.#map.lookup(addr) !== undefined;
  }

  /** The longest prefix that holds the address. */
  lookup(addr: Addr): Prefix | undefined {
    return this.#map.lookup(addr)?.prefix;
  }

  /** All prefixes, by first address, then shorter before longer. */
  prefixes(): Prefix[] {
    return this.#map.entries().map((entry) => entry.prefix);
  }
}
