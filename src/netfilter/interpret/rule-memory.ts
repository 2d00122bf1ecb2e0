/**
 * What rules remember from packet to packet: counters of `statistic --mode nth`, buckets of limits,
 * lists of `recent`. It belongs to one namespace and is plain data underneath.
 */
import type { Addr } from "../../addr/index.js";

/** How many packets of one address a list of `recent` remembers (xt_recent `ip_pkt_list_tot`). */
const STAMP_COUNT_MAX = 20;
/** How many addresses one list remembers (xt_recent `ip_list_tot`). */
const ENTRY_COUNT_MAX = 100;

/** One address in a list of `recent`. Stamps are microseconds, at most the last twenty. */
export interface RecentEntry {
  stampsUs: number[];
  /** Where the next stamp goes once the list is full. */
  next: number;
  ttl: number;
}

/** A token bucket: how many tokens it held at a time. */
interface Bucket {
  tokens: number;
  atUs: number;
}

/** Rate of a limit: a token every `periodUs`, at most `burst` of them. */
export interface Rate {
  readonly periodUs: number;
  readonly burst: number;
  /** What one packet costs, in tokens; 1 unless bytes are counted. */
  readonly cost: number;
}

/** The memory of all rules of one namespace. Rules are told apart by identity. */
export class RuleMemory {
  readonly #counts = new Map<object, number>();
  readonly #buckets = new Map<object, Bucket>();
  readonly #recent = new Map<string, Map<string, RecentEntry>>();

  /** Counts a visit; gives how many there were before. */
  count(rule: object): number {
    const before = this.#counts.get(rule) ?? 0;
    this.#counts.set(rule, before + 1);
    return before;
  }

  /**
   * Takes tokens from a rule's bucket, which starts full.
   *
   * Follows: Linux 6.18 net/netfilter/xt_limit.c `limit_mt`, nft_limit.c `nft_limit_eval`.
   */
  take(rule: object, rate: Rate, nowUs: number): boolean {
    const bucket = this.#buckets.get(rule) ?? { tokens: rate.burst, atUs: nowUs };
    this.#buckets.set(rule, bucket);
    const earned = (nowUs - bucket.atUs) / rate.periodUs;
    bucket.tokens = Math.min(rate.burst, bucket.tokens + earned);
    bucket.atUs = nowUs;
    if (bucket.tokens < rate.cost) return false;
    bucket.tokens -= rate.cost;
    return true;
  }

  /** The entry of an address in a list of `recent`. */
  findRecent(list: string, addr: Addr): RecentEntry | undefined {
    return this.#recent.get(list)?.get(addr.key());
  }

  /** Puts an address into a list; the one seen longest ago makes room. */
  addRecent(list: string, addr: Addr, ttl: number, nowUs: number): void {
    let entries = this.#recent.get(list);
    if (entries === undefined) {
      entries = new Map();
      this.#recent.set(list, entries);
    }
    if (entries.size >= ENTRY_COUNT_MAX) {
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    }
    entries.set(addr.key(), { stampsUs: [nowUs], next: 1, ttl });
  }

  /** Notes one more packet of an address. */
  stampRecent(list: string, addr: Addr, entry: RecentEntry, seen: { ttl: number; nowUs: number }) {
    entry.next %= STAMP_COUNT_MAX;
    entry.stampsUs[entry.next++] = seen.nowUs;
    entry.ttl = seen.ttl;
    // The order of the map is the order of last use.
    const entries = this.#recent.get(list);
    entries?.delete(addr.key());
    entries?.set(addr.key(), entry);
  }

  /** Takes an address out of a list. */
  removeRecent(list: string, addr: Addr): void {
    this.#recent.get(list)?.delete(addr.key());
  }

  /** Takes the address seen longest ago out of a list if that was before a time (`recent_entry_reap`). */
  reapRecent(list: string, beforeUs: number): void {
    const entries = this.#recent.get(list);
    const oldest = entries?.entries().next().value;
    if (entries === undefined || oldest === undefined) return;
    const [key, entry] = oldest;
    const last = entry.stampsUs[entry.next - 1] ?? 0;
    if (last < beforeUs) entries.delete(key);
  }
}
