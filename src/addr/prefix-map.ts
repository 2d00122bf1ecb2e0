/**
 * `PrefixMap`: values by prefix, found by the longest prefix that holds an address. The trie itself
 * is in `prefix-trie.ts`; each family has its own.
 */
import type { Addr, Family } from "./addr.js";
import type { Prefix } from "./prefix.js";
import { type PrefixEntry, PrefixTrie } from "./prefix-trie.js";

/**
 * Values by prefix with longest-prefix lookup. Mutable; insertion order does not matter.
 *
 * Laws: same answers as `PrefixMapSlow` (test/property/addr/prefix-map.prop.test.ts).
 * Cost: `lookup` visits at most one node per eight bits, usually two or three; `get` is one map
 * lookup; `set` and `delete` paint at most 256 slots of one node.
 *
 * @example
 * new PrefixMap<string>().set(parsePrefix("10.0.0.0/8"), "a").lookup(parseAddr("10.1.2.3"))
 */
export class PrefixMap<T> {
  readonly #entries = new Map<string, PrefixEntry<T>>();
  readonly #ip4 = new PrefixTrie<T>();
  readonly #ip6 = new PrefixTrie<T>();

  /** How many prefixes have a value. */
  get size(): number {
    return this.#entries.size;
  }

  /** Gives the prefix this value, in place of an earlier one. */
  set(prefix: Prefix, value: T): this {
    const entry = { prefix, value };
    this.#entries.set(prefix.key(), entry);
    this.#trie(prefix.family).set(entry);
    return this;
  }

  /** The value of exactly this prefix. */
  get(prefix: Prefix): T | undefined {
    return this.#entries.get(prefix.key())?.value;
  }

  /** Whether exactly this prefix has a value. */
  has(prefix: Prefix): boolean {
    return this.#entries.has(prefix.key());
  }

  /** Takes the prefix out; false when it was not there. */
  delete(prefix: Prefix): boolean {
    if (!this.#entries.delete(prefix.key())) return false;
    this.#trie(prefix.family).delete(prefix);
    return true;
  }

  /** The entry of the longest prefix that holds the address. */
  lookup(addr: Addr): PrefixEntry<T> | undefined {
    return (addr.family === "ip4" ? this.#ip4 : this.#ip6).lookup(addr);
  }

  /** All entries whose prefix holds the address, longest first. */
  lookupAll(addr: Addr): PrefixEntry<T>[] {
    return this.#trie(addr.family).lookupAll(addr);
  }

  /** All entries, by first address, then shorter before longer. */
  entries(): PrefixEntry<T>[] {
    return [...this.#entries.values()].sort((a, b) => a.prefix.compare(b.prefix));
  }

  #trie(family: Family): PrefixTrie<T> {
    return family === "ip4" ? this.#ip4 : this.#ip6;
  }
}
