/** The door of `netfilter`. */

export { Conntrack, type ConntrackOptions, type ConntrackVerdict } from "./conntrack/conntrack.js";
export type { Entry, EntryStatus } from "./conntrack/entry.js";
export type { ConntrackFilter, TupleFilter } from "./conntrack/filter.js";
export { printEntry, printEntryUntimed } from "./conntrack/print.js";
export type { ConntrackTable, Found, TableSnapshot } from "./conntrack/table.js";
export type { Direction, Tuple, ZoneScope } from "./conntrack/tuple.js";
export * from "./engine.js";
export * from "./hook.js";
export {
  listUnmodelledIptables,
  type UnmodelledIptables,
} from "./interpret/iptables/unmodelled.js";
export { createNetfilter, type Netfilter, type NetfilterConfig } from "./interpret/netfilter.js";
export { listUnmodelledNft, type UnmodelledNft } from "./interpret/nft/unmodelled.js";
export * from "./ipset.js";
export * from "./iptables.js";
export { Nat, type NatHook, type NatOptions, type NatRequest, type NatVerdict } from "./nat/nat.js";
export type { Manip, NatRange } from "./nat/range.js";
export type * from "./nft.js";
export { IpsetStore, type Membership } from "./sets/ipset-store.js";
export type { SetPacket } from "./sets/packet-part.js";
export { type CtInfo, createSkb, type Skb } from "./skb.js";
export * from "./text/index.js";
export * from "./verdict.js";
