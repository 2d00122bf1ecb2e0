/** nftables rulesets as trees: what `nft list ruleset` prints. */
import type { NfFamily } from "./hook.js";

/** All tables of one namespace that were not made by iptables. */
export interface NftRuleset {
  readonly tables: readonly NftTable[];
}

/** One table. */
export interface NftTable {
  readonly family: NfFamily;
  readonly name: string;
}
