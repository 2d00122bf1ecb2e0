/**
 * The policy agent's rules among those of the other programs on a node: its chains are asked first in
 * `filter`, behind destination NAT and before source NAT.
 */
import type { Family } from "../../../addr/index.js";
import type {
  IpsetConfig,
  IptablesChain,
  IptablesRuleset,
  IptablesTable,
  NftTable,
} from "../../../netfilter/index.js";
import type { IptablesPolicy } from "../../../policy/index.js";
import type { NodeRules } from "../proxy/proxy.js";

/** What the policy agent writes on one node. */
export interface NodePolicies {
  /** Empty for an agent that writes nftables. */
  readonly iptables: ReadonlyMap<Family, IptablesPolicy>;
  readonly table: NftTable | undefined;
}

/**
 * A node's rules with those of the policy agent.
 *
 * Shape: the tables of iptables and the list of ipsets are put together when they are first read, as
 * the tables of the proxy.
 */
export function installPolicies(rules: NodeRules, policies: NodePolicies): NodeRules {
  const { iptables, table } = policies;
  let ipsets: readonly IpsetConfig[] | undefined;
  return {
    ...rules,
    iptables: withChains(rules.iptables, iptables.get("ip4")),
    ip6tables: withChains(rules.ip6tables, iptables.get("ip6")),
    get ipsets() {
      ipsets ??= [...rules.ipsets, ...[...iptables.values()].flatMap((policy) => policy.sets)];
      return ipsets;
    },
    nftables: table === undefined ? rules.nftables : { tables: [...rules.nftables.tables, table] },
  };
}

function withChains(ruleset: IptablesRuleset, policy: IptablesPolicy | undefined): IptablesRuleset {
  if (policy === undefined) return ruleset;
  let tables: readonly IptablesTable[] | undefined;
  return {
    family: ruleset.family,
    get tables() {
      tables ??= ruleset.tables.map((table) =>
        table.name === "filter" ? { ...table, chains: joinChains(table.chains, policy) } : table,
      );
      return tables;
    },
  };
}

/** The agent keeps its jumps at the head of the built-in chains, whoever came before. */
function joinChains(
  chains: readonly IptablesChain[],
  { hooks, chains: own }: IptablesPolicy,
): readonly IptablesChain[] {
  const built = chains.filter((chain) => chain.policy !== undefined);
  const others = chains.filter((chain) => chain.policy === undefined);
  const heads = built.map((chain) => {
    const jumps = hooks.filter((hook) => hook.chain === chain.name).map((hook) => hook.rule);
    return jumps.length === 0 ? chain : { ...chain, rules: [...jumps, ...chain.rules] };
  });
  return [...heads, ...own, ...others];
}
