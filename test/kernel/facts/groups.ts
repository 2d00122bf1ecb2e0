/** All tables of facts, by the name of the file in which their recordings are kept. */
import { BRIDGE_FACTS } from "./bridges.js";
import type { Fact } from "./fact.js";
import { IPTABLES_FACTS } from "./iptables.js";
import { NFT_FACTS } from "./nftables.js";
import { ROUTING_FACTS } from "./routing.js";
import { SET_FACTS } from "./sets.js";

/** Groups in the order in which they are recorded. */
export const GROUPS: Readonly<Record<string, readonly Fact[]>> = {
  iptables: IPTABLES_FACTS,
  sets: SET_FACTS,
  nftables: NFT_FACTS,
  routing: ROUTING_FACTS,
  bridges: BRIDGE_FACTS,
};
