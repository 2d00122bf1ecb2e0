/** Tables of nft in a form in which those that mean the same are equal. */
import { type Addr, addOffset } from "../../../src/addr/index.js";
import type { NftElement, NftTable, NftValue } from "../../../src/netfilter/index.js";

/** Keys that only say how something was written, where it comes from, or what the kernel filled in. */
const SPELLING = new Set(["origin", "text", "form", "size"]);

const SECONDS: Readonly<Record<string, number>> = { d: 86_400, h: 3_600, m: 60, s: 1 };

/** A table as text, by kind and name, without origins and spellings; sets in no order. */
export function plainNft(table: NftTable | undefined): Record<string, unknown> {
  const chains = (table?.chains ?? []).map((chain): [string, unknown] => [
    `chain ${chain.name}`,
    plain(chain),
  ]);
  const sets = (table?.sets ?? []).map((set): [string, unknown] => [`set ${set.name}`, plain(set)]);
  return Object.fromEntries([...chains, ...sets].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function plain(value: unknown, name = ""): unknown {
  if (value === null || typeof value !== "object") {
    if (name === "timeout" && typeof value === "string") return secondsOf(value);
    return value;
  }
  const json = (value as { toJSON?: () => unknown }).toJSON;
  if (json !== undefined) return json.call(value);
  if (Array.isArray(value)) {
    const list = value.map((one) => plain(one));
    if (name !== "elements" && name !== "flags") return list;
    return list.map((one) => JSON.stringify(one)).sort((a, b) => (a < b ? -1 : 1));
  }
  const spans = spansOf(value);
  if (spans !== undefined) return spans;
  const { kind, text } = value as { kind?: string; text?: string };
  if (kind === "string") return { kind: "word", word: text };
  const fields = Object.entries(value).filter(([key, v]) => v !== undefined && !SPELLING.has(key));
  // In a table of one family NAT says the family only where a map gives the port, too.
  const kept = fields.filter(([key]) => !(key === "family" && name === ""));
  const own = kept.filter(([key, v]) => !(key === "op" && v === "=="));
  return Object.fromEntries(
    own.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, v]) => [key, plain(v, key)]),
  );
}

/**
 * Addresses as the spans they cover: nft lists a set of one member within a rule as that member, a
 * prefix of one address as the address, neighbours as a range, and what lies in another not at all.
 */
function spansOf(value: object): readonly string[] | undefined {
  const { kind, elements } = value as NftValue & { elements?: readonly NftElement[] };
  const keys = kind === "set" ? (elements ?? []).map((e) => (e.data ? undefined : e.key)) : [value];
  const spans = keys.map((key) => spanOf(key as NftValue | undefined));
  if (spans.length === 0 || !spans.every((span) => span !== undefined)) return undefined;
  const sorted = spans.toSorted((a, b) => a[0].compare(b[0]));
  const joined: [Addr, Addr][] = [];
  for (const [first, last] of sorted) {
    const before = joined.at(-1);
    if (before === undefined || addOffset(before[1], 1).compare(first) < 0) {
      joined.push([first, last]);
    } else if (before[1].compare(last) < 0) before[1] = last;
  }
  return joined.map(([first, last]) => `${first}-${last}`);
}

function spanOf(key: NftValue | undefined): readonly [Addr, Addr] | undefined {
  if (key?.kind === "addr") return [key.addr, key.addr];
  if (key?.kind === "prefix") return [key.prefix.first(), key.prefix.last()];
  if (key?.kind !== "range" || key.first.kind !== "addr" || key.last.kind !== "addr")
    return undefined;
  return [key.first.addr, key.last.addr];
}

/** `3h` and `10800s` are one time. */
function secondsOf(text: string): number {
  let sum = 0;
  for (const [, count, unit = "s"] of text.matchAll(/(\d+)([dhms])/g)) {
    sum += Number(count) * (SECONDS[unit] ?? 0);
  }
  return sum;
}
