/** Matches that remember earlier packets or draw lots: statistic, limit, recent. */
import { type Addr, makePrefix, tryParseAddr } from "../../../addr/index.js";
import type { IptablesMatch, RecentMatch, StatisticMatch } from "../../iptables.js";
import type { Ask } from "../ask.js";
import type { RecentEntry } from "../rule-memory.js";

/**
 * `-m statistic`: by lot, or every so manieth packet.
 *
 * Follows: Linux 6.18 net/netfilter/xt_statistic.c `statistic_mt`: 31 random bits are compared.
 */
export function matchesStatistic(ask: Ask, match: StatisticMatch): boolean {
  const { options, memory } = ask.runtime;
  const not = match.not === true;
  if (match.mode === "nth") return (memory.count(match) % match.every === match.packet) !== not;
  const bits = Math.round(Number(match.probability) * 2 ** 31);
  const drawn = options.random("statistic").nextU32() & 0x7fffffff;
  return drawn < bits !== not;
}

const UNIT_US: Readonly<Record<string, number>> = {
  sec: 1_000_000,
  min: 60_000_000,
  hour: 3_600_000_000,
  day: 86_400_000_000,
};

/** `-m limit`: a bucket of tokens for each rule. */
export function matchesLimit(ask: Ask, match: IptablesMatch & { readonly kind: "limit" }): boolean {
  const [count = "1", unit = "sec"] = match.average.split("/");
  const periodUs = (UNIT_US[unit] ?? 1_000_000) / Number(count);
  const { memory, options } = ask.runtime;
  return memory.take(match, { periodUs, burst: match.burst, cost: 1 }, options.nowUs());
}

/**
 * `-m recent`: lists of addresses with the times they were seen.
 *
 * Follows: Linux 6.18 net/netfilter/xt_recent.c `recent_mt`.
 */
export function matchesRecent(ask: Ask, match: RecentMatch): boolean {
  const { memory, options } = ask.runtime;
  const { packet } = ask.skb;
  const addr = maskAddr(match.side === "rsource" ? packet.src : packet.dst, match.mask);
  const nowUs = options.nowUs();
  // The time to live as it was before this host lowered it.
  const isForwarded = ask.oif !== undefined && ask.skb.iif !== undefined;
  const seen = { ttl: packet.ttl + (isForwarded ? 1 : 0), nowUs };
  const found = memory.findRecent(match.name, addr);
  const entry = found !== undefined && hasTtl(match, found, seen.ttl) ? found : undefined;
  const not = match.not === true;
  if (entry === undefined) {
    if (match.action !== "set") return not;
    memory.addRecent(match.name, addr, seen.ttl, nowUs);
    return !not;
  }
  switch (match.action) {
    case "set":
      memory.stampRecent(match.name, addr, entry, seen);
      return !not;
    case "remove":
      memory.removeRecent(match.name, addr);
      return !not;
    default: {
      const hit = isHit(match, entry, nowUs) !== not;
      if (match.reap) memory.reapRecent(match.name, nowUs - (match.seconds ?? 0) * 1_000_000);
      if (match.action === "update" && hit) memory.stampRecent(match.name, addr, entry, seen);
      return hit;
    }
  }
}

function hasTtl(match: RecentMatch, entry: RecentEntry, ttl: number): boolean {
  return match.rttl !== true || entry.ttl === 0 || entry.ttl === ttl;
}

function isHit(match: RecentMatch, entry: RecentEntry, nowUs: number): boolean {
  const sinceUs = match.seconds === undefined ? undefined : nowUs - match.seconds * 1_000_000;
  const hits = entry.stampsUs.filter((at) => sinceUs === undefined || at >= sinceUs).length;
  return hits >= Math.max(1, match.hitcount ?? 1);
}

function maskAddr(addr: Addr, mask: string | undefined): Addr {
  const parsed = mask === undefined ? undefined : tryParseAddr(mask);
  if (parsed === undefined || parsed.family !== addr.family) return addr;
  const words =
    parsed.family === "ip4" ? [parsed.w3] : [parsed.w0, parsed.w1, parsed.w2, parsed.w3];
  const bits = words.reduce((sum, word) => sum + word.toString(2).replace(/0/g, "").length, 0);
  return makePrefix(addr, bits).addr;
}
