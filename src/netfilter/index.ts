/** The door of `netfilter`. */
export * from "./hook.js";
export * from "./ipset.js";
export * from "./iptables.js";
export type { NftRuleset, NftTable } from "./nft.js";
export * from "./verdict.js";
export type { Entry, EntryStatus } from "./conntrack/entry.js";
export type { Tuple } from "./conntrack/tuple.js";
export * from "./engine.js";
export { createSkb, type CtInfo, type Direction, type Skb } from "./skb.js";
