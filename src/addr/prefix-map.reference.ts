/** The slow, plain prefix map: a list that is searched from end to end. Twin of `prefix-map.ts`. */
import type { Addr } from "./addr.js";
import type { Prefix } from "./prefix.js";
import type { PrefixEntry } from "./prefix-trie.js";

/** Does what `PrefixMap` does, by looking at every entry. */
export class PrefixMapSlow<T> {
  #list: PrefixEntry<T>[] = [];

  get size(): number {
    return this.#list.length;
  }

  /** Puts a value under a prefix, in place of an earlier one. */
  set(prefix: Prefix, value: T): this {
    this.delete(prefix);
    this.#list.push({ prefix, value });
    return this;
  }

  /** The value under exactly this prefix. */
  get(prefix: Prefix): T | undefined {
    return this.#list.find((e) => e.prefix.equals(prefix))?.value;
  }

  /** True when there is a value under exactly this prefix. */
  has(prefix: Prefix): boolean {
    return this.#list.some((e) => e.prefix.equals(prefix));
  }

  /** Takes the value of a prefix out; false when there was none. */
  delete(prefix: Prefix): boolean {
    const before = this.#list.length;
    this.#list = this.#list.filter((e) => !e.prefix.equals(prefix));
    return this.#list.length < before;
  }

  /** The longest prefix that holds the address, with its value. */
  lookup(addr: Addr): PrefixEntry<T> | undefined {
    return this.lookupAll(addr)[0];
  }

  /** Every prefix that holds the address, longest first. */
  lookupAll(addr: Addr): PrefixEntry<T>[] {
    return this.#list
      .filter((e) => e.prefix.contains(addr))
      .sort((a, b) => b.prefix.bits - a.prefix.bits);
  }

  /** Everything, in order of prefixes. */
  entries(): PrefixEntry<T>[] {
    return [...this.#list].sort((a, b) => a.prefix.compare(b.prefix));
  }
}
