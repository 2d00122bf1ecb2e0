/** Prints sets as `ipset save` does (ipset 7.17). */
import type { IpsetConfig, IpsetEntry } from "../../ipset.js";

/** One `create` for each set, followed by its elements. */
export function printIpsetSave(sets: readonly IpsetConfig[]): string {
  return sets.map(printSet).join("");
}

function printSet(set: IpsetConfig): string {
  const family =
    set.family === undefined ? "" : ` family ${set.family === "ip4" ? "inet" : "inet6"}`;
  const options = set.options.map((word) => ` ${word}`).join("");
  const lines = [`create ${set.name} ${set.type}${family}${options}`];
  for (const entry of set.entries) lines.push(`add ${set.name} ${printEntry(entry)}`);
  return `${lines.join("\n")}\n`;
}

function printEntry(entry: IpsetEntry): string {
  const options = entry.options ?? [];
  const at = options.findIndex((word) => word.startsWith("skb"));
  const counters = at < 0 ? options : options.slice(0, at);
  const words = [
    entry.text,
    ...(entry.timeoutSeconds === undefined ? [] : [`timeout ${entry.timeoutSeconds}`]),
    ...(entry.nomatch === true ? ["nomatch"] : []),
    ...counters,
    ...(entry.comment === undefined ? [] : [`comment "${entry.comment}"`]),
    ...(at < 0 ? [] : options.slice(at)),
  ];
  return words.join(" ");
}
