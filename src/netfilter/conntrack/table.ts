/**
 * The table of tracked connections of one namespace: every entry is found by the tuple of either
 * direction, no two entries share one, and what has expired is not there any more.
 *
 * Iteration is in the order of confirmation. (The kernel's order is that of a hash with a random
 * key, so no order of ours could be more true.)
 */

import { copyEntry, type Entry } from "./entry.js";
import type { Direction } from "./tuple.js";
import { equalTuples, hashTuple, type Tuple } from "./tuple.js";

/** An entry, and the direction in which the asked tuple names it. */
export interface Found {
  readonly entry: Entry;
  readonly direction: Direction;
}

/** The state of a table as plain data. */
export interface TableSnapshot {
  readonly lastId: number;
  readonly entries: readonly Entry[];
}

/** The confirmed entries of one namespace. */
export class ConntrackTable {
  /** By `hashTuple`; the tuples of one number are told apart one by one. */
  readonly #byTuple = new Map<number, Found[]>();
  readonly #bySource = new Map<string, Entry[]>();
  readonly #entries = new Set<Entry>();
  readonly #nowUs: () => number;
  #lastId = 0;

  constructor(nowUs: () => number) {
    this.#nowUs = nowUs;
  }

  /** How many entries the table holds, those included that expired but were not looked at since. */
  get count(): number {
    return this.#entries.size;
  }

  /** The number of the next entry. */
  nextId(): number {
    return ++this.#lastId;
  }

  /** Finds the entry that a tuple belongs to. */
  find(tuple: Tuple): Found | undefined {
    const bucket = this.#byTuple.get(hashTuple(tuple));
    if (bucket === undefined) return undefined;
    for (const found of bucket) {
      const own = found.entry[found.direction];
      if (own.zone !== tuple.zone || !equalTuples(own, tuple)) continue;
      if (found.entry.expiresUs > this.#nowUs()) return found;
      this.remove(found.entry);
      return undefined;
    }
    return undefined;
  }

  /**
   * Whether another entry than `mine` holds this tuple. One with the same original tuple does not
   * count: it is the same flow, and inserting will tell (`nf_conntrack_tuple_taken`).
   */
  isTaken(tuple: Tuple, mine: Entry): boolean {
    const found = this.find(tuple);
    if (found === undefined || found.entry === mine) return false;
    return !equalTuples(found.entry.original, mine.original);
  }

  /** Puts an entry in. The caller has made sure that neither tuple is held. */
  insert(entry: Entry): void {
    this.#entries.add(entry);
    if (!entry.status.natClash) this.#link(entry, "original");
    this.#link(entry, "reply");
    if (!entry.status.srcNatDone) return;
    const key = sourceKey(entry.original);
    const list = this.#bySource.get(key);
    if (list === undefined) this.#bySource.set(key, [entry]);
    else list.unshift(entry);
  }

  /** Takes an entry out; packets that still hold it keep using it. */
  remove(entry: Entry): void {
    entry.status.dying = true;
    if (!this.#entries.delete(entry)) return;
    this.#unlink(entry, "original");
    this.#unlink(entry, "reply");
    const key = sourceKey(entry.original);
    const left = this.#bySource.get(key)?.filter((other) => other !== entry);
    if (left === undefined || left.length === 0) this.#bySource.delete(key);
    else this.#bySource.set(key, left);
  }

  #link(entry: Entry, direction: Direction): void {
    const hash = hashTuple(entry[direction]);
    const bucket = this.#byTuple.get(hash);
    if (bucket === undefined) this.#byTuple.set(hash, [{ entry, direction }]);
    else bucket.unshift({ entry, direction });
  }

  #unlink(entry: Entry, direction: Direction): void {
    const hash = hashTuple(entry[direction]);
    const left = this.#byTuple.get(hash)?.filter((found) => found.entry !== entry) ?? [];
    if (left.length === 0) this.#byTuple.delete(hash);
    else this.#byTuple.set(hash, left);
  }

  /** Entries whose original source is that of `tuple`, newest first (`nf_nat_bysource`). */
  fromSource(tuple: Tuple): readonly Entry[] {
    return this.#bySource.get(sourceKey(tuple)) ?? [];
  }

  /** All entries that have not expired, in the order of confirmation. */
  *entries(): Generator<Entry> {
    const nowUs = this.#nowUs();
    for (const entry of [...this.#entries]) {
      if (entry.expiresUs > nowUs) yield entry;
      else this.remove(entry);
    }
  }

  /** The table as plain data, independent of what happens to the table later. */
  save(): TableSnapshot {
    return { lastId: this.#lastId, entries: [...this.entries()].map(copyEntry) };
  }

  /** Brings the table back to what it was when saved. */
  restore(snapshot: TableSnapshot): void {
    for (const entry of [...this.#entries]) this.remove(entry);
    this.#lastId = snapshot.lastId;
    for (const entry of snapshot.entries) this.insert(copyEntry(entry));
  }
}

function sourceKey(tuple: Tuple): string {
  return `${tuple.protocol}/${tuple.zone}/${tuple.sport}/${tuple.src.key()}`;
}
