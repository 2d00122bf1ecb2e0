/**
 * The trie under `PrefixMap`: eight bits per level, with path and leaf compression.
 *
 *   branch, depth 8     path 10.0.0.0/8, 256 slots: one per value of the next eight bits
 *     slot 244  ─ best: 10.244.0.0/16, next ─▶ branch, depth 16, path 10.244.0.0/16
 *     slot 7    ─ best: none,          next ─▶ leaf 10.7.3.0/24
 *
 * A branch at depth d stands for the addresses that share its first d bits. It owns the prefixes of
 * d+1 to d+8 bits among them: `best` of a slot is the longest of its own prefixes that covers the
 * slot. Longer prefixes hang below in `next`: one alone is a leaf, several are a branch at the
 * deepest level that holds them all. A lookup walks down and remembers the last `best` it saw. The
 * prefix of no bits stands beside the trie.
 */
import { type Addr, addrBits } from "./addr.js";
import { maskOf, Prefix } from "./prefix.js";

const STRIDE_BITS = 8;
const SLOT_COUNT = 1 << STRIDE_BITS;

/** A prefix with its value. */
export interface PrefixEntry<T> {
  readonly prefix: Prefix;
  readonly value: T;
}

/** One family's entries, found by the longest prefix. Mutable. */
export class PrefixTrie<T> {
  #whole: PrefixEntry<T> | undefined = undefined;
  #top: TrieNode<T> | undefined = undefined;

  /** The entry of the longest prefix that holds the address. */
  lookup(addr: Addr): PrefixEntry<T> | undefined {
    const { s0, s1, s2, s3 } = addr;
    let best = this.#whole;
    let node = this.#top;
    while (node !== undefined) {
      const differs =
        ((s3 ^ node.s3) & node.m3) |
        ((s2 ^ node.s2) & node.m2) |
        ((s1 ^ node.s1) & node.m1) |
        ((s0 ^ node.s0) & node.m0);
      if (differs !== 0) return best;
      if (node.leaf !== undefined) return node.leaf;
      const word = node.word;
      const bits = word === 3 ? s3 : word === 1 ? s1 : word === 0 ? s0 : s2;
      const slot = (bits >>> node.shift) & (SLOT_COUNT - 1);
      best = node.best[slot] ?? best;
      node = node.next[slot];
    }
    return best;
  }

  /** All entries whose prefix holds the address, longest first. */
  lookupAll(addr: Addr): PrefixEntry<T>[] {
    const found: PrefixEntry<T>[] = this.#whole === undefined ? [] : [this.#whole];
    let node = this.#top;
    while (node?.path.contains(addr)) {
      const own = node.leaf === undefined ? [...node.own.values()] : [node.leaf];
      const holding = own.filter((entry) => entry.prefix.contains(addr));
      found.push(...holding.sort((a, b) => a.prefix.bits - b.prefix.bits));
      node = node.leaf === undefined ? node.next[node.slotOf(addr)] : undefined;
    }
    return found.reverse();
  }

  /** Puts an entry in, in place of one with the same prefix. */
  set(entry: PrefixEntry<T>): void {
    if (entry.prefix.bits === 0) this.#whole = entry;
    else this.#top = insert(this.#top, entry);
  }

  /** Takes an entry out, which must be there. */
  delete(prefix: Prefix): void {
    if (prefix.bits === 0) this.#whole = undefined;
    else this.#top = remove(this.#top, prefix);
  }
}

/** A leaf or a branch; one class, so that the walk sees one shape. */
class TrieNode<T> {
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
  readonly leaf: PrefixEntry<T> | undefined;
  readonly best: (PrefixEntry<T> | undefined)[];
  readonly next: (TrieNode<T> | undefined)[];
  readonly path: Prefix;
  /** A branch's own entries by length and slot. */
  readonly own = new Map<number, PrefixEntry<T>>();

  constructor(path: Prefix, leaf?: PrefixEntry<T>) {
    const { addr, bits } = path;
    const { m0, m1, m2, m3 } = maskOf(addr.family, bits);
    this.s0 = addr.s0;
    this.s1 = addr.s1;
    this.s2 = addr.s2;
    this.s3 = addr.s3;
    this.m0 = m0;
    this.m1 = m1;
    this.m2 = m2;
    this.m3 = m3;
    this.word = addr.family === "ip4" ? 3 : bits >> 5;
    this.shift = 32 - STRIDE_BITS - (bits & 31 & -STRIDE_BITS);
    this.leaf = leaf;
    const slotCount = leaf === undefined ? SLOT_COUNT : 0;
    this.best = new Array(slotCount).fill(undefined);
    this.next = new Array(slotCount).fill(undefined);
    this.path = path;
  }

  slotOf(addr: Addr): number {
    const { word } = this;
    const bits = word === 3 ? addr.s3 : word === 1 ? addr.s1 : word === 0 ? addr.s0 : addr.s2;
    return (bits >>> this.shift) & (SLOT_COUNT - 1);
  }

  owns(prefix: Prefix): boolean {
    return prefix.bits <= this.path.bits + STRIDE_BITS;
  }

  put(entry: PrefixEntry<T>): void {
    const { prefix } = entry;
    this.own.set(this.#ownKey(prefix), entry);
    const { first, end } = this.#slotsOf(prefix);
    for (let slot = first; slot < end; slot++) {
      const bits = this.best[slot]?.prefix.bits ?? 0;
      if (bits <= prefix.bits) this.best[slot] = entry;
    }
  }

  take(prefix: Prefix): void {
    this.own.delete(this.#ownKey(prefix));
    const { first, end } = this.#slotsOf(prefix);
    this.best.fill(undefined, first, end);
    const covering = [...this.own.values()].filter((entry) => entry.prefix.overlaps(prefix));
    for (const entry of covering) this.put(entry);
  }

  #ownKey(prefix: Prefix): number {
    return prefix.bits * SLOT_COUNT + this.slotOf(prefix.addr);
  }

  #slotsOf(prefix: Prefix): { first: number; end: number } {
    const first = this.slotOf(prefix.addr);
    return { first, end: first + (1 << (this.path.bits + STRIDE_BITS - prefix.bits)) };
  }
}

function insert<T>(node: TrieNode<T> | undefined, entry: PrefixEntry<T>): TrieNode<T> {
  const { prefix } = entry;
  if (node === undefined || (node.leaf !== undefined && node.path.equals(prefix))) {
    return new TrieNode(prefix, entry);
  }
  if (
    node.leaf !== undefined ||
    prefix.bits <= node.path.bits ||
    !node.path.contains(prefix.addr)
  ) {
    return insert(makeBranchAbove(node, prefix), entry);
  }
  if (node.owns(prefix)) {
    node.put(entry);
  } else {
    const slot = node.slotOf(prefix.addr);
    node.next[slot] = insert(node.next[slot], entry);
  }
  return node;
}

/** The deepest branch that can hold both the node and a prefix outside of it. */
function makeBranchAbove<T>(node: TrieNode<T>, prefix: Prefix): TrieNode<T> {
  const isLeaf = node.leaf !== undefined;
  // A branch can hang at its own depth below another; a leaf needs at least one bit of its own.
  const roomBits = Math.min(isLeaf ? node.path.bits - 1 : node.path.bits, prefix.bits - 1);
  const shared = Math.min(roomBits, sharedBits(node.path.addr, prefix.addr));
  const depth = shared - (shared % STRIDE_BITS);
  const branch = new TrieNode<T>(new Prefix(prefix.addr, depth));
  if (node.leaf !== undefined && branch.owns(node.path)) branch.put(node.leaf);
  else branch.next[branch.slotOf(node.path.addr)] = node;
  return branch;
}

function remove<T>(node: TrieNode<T> | undefined, prefix: Prefix): TrieNode<T> | undefined {
  if (node === undefined || node.leaf !== undefined) return undefined;
  if (node.owns(prefix)) {
    node.take(prefix);
  } else {
    const slot = node.slotOf(prefix.addr);
    node.next[slot] = remove(node.next[slot], prefix);
  }
  return collapse(node);
}

/** A branch with one thing in it gives way to that thing. */
function collapse<T>(node: TrieNode<T>): TrieNode<T> | undefined {
  if (node.own.size > 1) return node;
  const below = node.next.filter((child) => child !== undefined);
  if (node.own.size + below.length > 1) return node;
  for (const entry of node.own.values()) return new TrieNode(entry.prefix, entry);
  return below[0];
}

/** How many leading bits two addresses of one family share. */
function sharedBits(a: Addr, b: Addr): number {
  const differing = [a.s0 ^ b.s0, a.s1 ^ b.s1, a.s2 ^ b.s2, a.s3 ^ b.s3];
  const words = a.family === "ip4" ? differing.slice(3) : differing;
  const index = words.findIndex((word) => word !== 0);
  return index < 0 ? addrBits(a.family) : index * 32 + Math.clz32(words[index] as number);
}
