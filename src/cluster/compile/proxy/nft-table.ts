/** What nodes with the same nftables rules still have of their own: addresses, and endpoints. */
import type { Addr } from "../../../addr/index.js";
import type { NftElement, NftTable } from "../../../netfilter/index.js";

/** Name of the set of addresses that take node ports. */
const NODE_PORT_ADDRS = "nodeport-ips";

/** Name of the set of endpoints of this node that may be sent to themselves (release 1.36). */
const HAIRPINS = "hairpin-connections";

/** What one node's table has of its own. */
export interface NftNodeParts {
  /** The address that takes node ports. */
  readonly primaryAddr: Addr | undefined;
  readonly hairpins: readonly NftElement[];
}

/** The same table on a node with these parts. */
export function withNodeParts(table: NftTable, node: NftNodeParts): NftTable {
  const { primaryAddr, hairpins } = node;
  const addrs =
    primaryAddr === undefined ? [] : [{ key: { kind: "addr", addr: primaryAddr } as const }];
  const sets = table.sets.map((set) => {
    if (set.name === HAIRPINS) return { ...set, elements: hairpins };
    const isOwn = set.name === NODE_PORT_ADDRS && set.elements.length <= 1;
    return isOwn ? { ...set, elements: addrs } : set;
  });
  return { ...table, sets };
}
