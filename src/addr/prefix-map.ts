/**
 * `PrefixMap`: values by prefix, found by the longest prefix that holds an address.
 *
 * A trie of four bits per level with path compression. A node at depth d covers the addresses that
 * share its first d bits and owns the prefixes of length d+1 to d+4 among them:
 *
 *   depth 0        [0000 … 1111]        16 slots, one per value of the next four bits
 *                     │      │
 *   depth 8     10.0.0.0/8  ...         levels in which nothing branches are left out
 *
 * `best[slot]` is the longest of the node's own prefixes that covers the slot, painted when the node
 * changes, so that a lookup only walks down and remembers the last `best` it saw. Prefixes of length
 * 0 live beside the roots. The two families have a root each and one code path.
 */
import { type Addr, addrBits, type Family } from "./addr.js";
import { type Mask, maskOf, Prefix } from "./prefix.js";

const STRIDE_BITS = 4;
const SLOT_COUNT = 1 << STRIDE_BITS;

/** A prefix with its value. */
export interface PrefixEntry<T> {
  readonly prefix: Prefix;
  readonly value: T;
}

/**
 * Values by prefix with longest-prefix lookup. Mutable; insertion order does not matter.
 *
 * Laws: same answers as `PrefixMapSlow` (test/property/addr/prefix-map.prop.test.ts).
 * Cost: `lookup` visits at most one node per four bits, usually one per branching; `get` is one map
 * lookup; `set` and `delete` paint one node.
 */
export class PrefixMap<T> {
  readonly #entries = new Map<string, PrefixEntry<T>>();
  readonly #ip4 = new Root<T>();
  readonly #ip6 = new Root<T>();

  /** How many prefixes have a value. */
  get size(): number {
    return this.#entries.size;
  }

  /** Gives the prefix this value, in place of an earlier one. */
  set(prefix: Prefix, value: T): this {
    const entry = { prefix, value };
    this.#entries.set(prefix.key(), entry);
    this.#root(prefix.family).set(entry);
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
    this.#root(prefix.family).delete(prefix);
    return true;
  }

  /** The entry of the longest prefix that holds the address. */
  lookup(addr: Addr): PrefixEntry<T> | undefined {
    return (addr.family === "ip4" ? this.#ip4 : this.#ip6).lookup(addr);
  }

  /** All entries whose prefix holds the address, longest first. */
  lookupAll(addr: Addr): PrefixEntry<T>[] {
    return this.#root(addr.family).lookupAll(addr);
  }

  /** All entries, by first address, then shorter before longer. */
  entries(): PrefixEntry<T>[] {
    return [...this.#entries.values()].sort((a, b) => a.prefix.compare(b.prefix));
  }

  #root(family: Family): Root<T> {
    return family === "ip4" ? this.#ip4 : this.#ip6;
  }
}

class Root<T> {
  #whole: PrefixEntry<T> | undefined = undefined;
  #node: Node<T> | undefined = undefined;

  lookup(addr: Addr): PrefixEntry<T> | undefined {
    const { s0, s1, s2, s3 } = addr;
    let best = this.#whole;
    let node = this.#node;
    while (node !== undefined) {
      const differs =
        ((s3 ^ node.s3) & node.m3) |
        ((s2 ^ node.s2) & node.m2) |
        ((s1 ^ node.s1) & node.m1) |
        ((s0 ^ node.s0) & node.m0);
      if (differs !== 0) break;
      const word = node.word;
      const bits = word === 3 ? s3 : word === 0 ? s0 : word === 1 ? s1 : s2;
      const slot = (bits >>> node.shift) & (SLOT_COUNT - 1);
      best = node.best[slot] ?? best;
      node = node.children[slot];
    }
    return best;
  }

  lookupAll(addr: Addr): PrefixEntry<T>[] {
    const found: PrefixEntry<T>[] = this.#whole === undefined ? [] : [this.#whole];
    let node = this.#node;
    while (node?.covers(addr)) {
      const own = node.own.filter((entry) => entry.prefix.contains(addr));
      found.push(...own.sort((a, b) => a.prefix.bits - b.prefix.bits));
      node = node.children[node.slotOf(addr)];
    }
    return found.reverse();
  }

  set(entry: PrefixEntry<T>): void {
    if (entry.prefix.bits === 0) this.#whole = entry;
    else this.#nodeFor(entry.prefix).put(entry);
  }

  delete(prefix: Prefix): void {
    if (prefix.bits === 0) {
      this.#whole = undefined;
      return;
    }
    const path: Node<T>[] = [];
    const depth = depthOf(prefix.bits);
    let node = this.#node;
    while (node !== undefined && node.depth < depth) {
      path.push(node);
      node = node.children[node.slotOf(prefix.addr)];
    }
    node?.remove(prefix);
    this.#prune(path, node);
  }

  /** Takes out nodes that own nothing: without children they go, with one child it moves up. */
  #prune(path: Node<T>[], bottom: Node<T> | undefined): void {
    let node = bottom;
    while (node !== undefined && node.own.length === 0) {
      const children = node.children.filter((child) => child !== undefined);
      if (children.length > 1) return;
      const parent = path.pop();
      if (parent === undefined) this.#node = children[0];
      else parent.children[parent.slotOf(node.addr)] = children[0];
      node = parent;
    }
  }

  /** The node that owns prefixes of this place and length; made when missing. */
  #nodeFor(prefix: Prefix): Node<T> {
    const depth = depthOf(prefix.bits);
    let parent: Node<T> | undefined;
    let node = this.#node;
    while (node?.covers(prefix.addr) && node.depth < depth) {
      parent = node;
      node = node.children[node.slotOf(prefix.addr)];
    }
    if (node !== undefined && node.depth === depth && node.covers(prefix.addr)) return node;
    const made = new Node<T>(prefix.addr, depth);
    this.#insert(parent, node, made);
    return made;
  }

  /** Puts a new node between `parent` and the node that stood there, branching if they differ. */
  #insert(parent: Node<T> | undefined, below: Node<T> | undefined, made: Node<T>): void {
    let top = made;
    if (below !== undefined) {
      const shared = sharedDepth(made, below);
      if (shared < made.depth) {
        top = new Node<T>(made.addr, shared);
        top.children[top.slotOf(made.addr)] = made;
      }
      top.children[top.slotOf(below.addr)] = below;
    }
    if (parent === undefined) this.#node = top;
    else parent.children[parent.slotOf(made.addr)] = top;
  }
}

class Node<T> {
  readonly addr: Addr;
  readonly depth: number;
  readonly s0: number;
  readonly s1: number;
  readonly s2: number;
  readonly s3: number;
  readonly m0: number;
  readonly m1: number;
  readonly m2: number;
  readonly m3: number;
  /** Which word holds the slot's bits, and how far they lie from its end. */
  readonly word: number;
  readonly shift: number;
  readonly children: (Node<T> | undefined)[] = new Array(SLOT_COUNT).fill(undefined);
  readonly best: (PrefixEntry<T> | undefined)[] = new Array(SLOT_COUNT).fill(undefined);
  own: PrefixEntry<T>[] = [];

  constructor(place: Addr, depth: number) {
    const prefix = new Prefix(place, depth);
    const { addr, mask } = prefix;
    this.addr = addr;
    this.depth = depth;
    this.s0 = addr.s0;
    this.s1 = addr.s1;
    this.s2 = addr.s2;
    this.s3 = addr.s3;
    this.m0 = mask.m0;
    this.m1 = mask.m1;
    this.m2 = mask.m2;
    this.m3 = mask.m3;
    this.word = addr.family === "ip4" ? 3 : depth >> 5;
    this.shift = 32 - STRIDE_BITS - (depth & 31);
  }

  covers(addr: Addr): boolean {
    const mask: Mask = maskOf(this.addr.family, this.depth);
    return (
      ((addr.s3 ^ this.s3) & mask.m3) === 0 &&
      ((addr.s2 ^ this.s2) & mask.m2) === 0 &&
      ((addr.s1 ^ this.s1) & mask.m1) === 0 &&
      ((addr.s0 ^ this.s0) & mask.m0) === 0
    );
  }

  slotOf(addr: Addr): number {
    const words = [addr.s0, addr.s1, addr.s2, addr.s3];
    return ((words[this.word] as number) >>> this.shift) & (SLOT_COUNT - 1);
  }

  put(entry: PrefixEntry<T>): void {
    this.own = [...this.own.filter((e) => !e.prefix.equals(entry.prefix)), entry];
    this.#paint();
  }

  remove(prefix: Prefix): void {
    this.own = this.own.filter((e) => !e.prefix.equals(prefix));
    this.#paint();
  }

  /** Shorter prefixes first, so that longer ones paint over them. */
  #paint(): void {
    this.best.fill(undefined);
    this.own.sort((a, b) => a.prefix.bits - b.prefix.bits);
    for (const entry of this.own) {
      const first = this.slotOf(entry.prefix.addr);
      const count = 1 << (this.depth + STRIDE_BITS - entry.prefix.bits);
      this.best.fill(entry, first, first + count);
    }
  }
}

/** The depth of the node that owns prefixes of this length (from 1). */
function depthOf(bits: number): number {
  return (bits - 1) & ~(STRIDE_BITS - 1);
}

/** The deepest level at which one node can stand above both, or at the place of one of them. */
function sharedDepth<T>(a: Node<T>, b: Node<T>): number {
  let depth = Math.min(a.depth, b.depth);
  const max = addrBits(a.addr.family);
  while (depth > 0 && !new Prefix(a.addr, Math.min(depth, max)).contains(b.addr)) {
    depth -= STRIDE_BITS;
  }
  return depth;
}
