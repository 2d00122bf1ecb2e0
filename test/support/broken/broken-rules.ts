/** Nodes whose kernel leaves out a part of what kube-proxy wrote, in iptables and nftables mode. */
import type { IptablesRuleset, NftTable } from "../../../src/netfilter/index.js";
import type { NetnsConfig } from "../../../src/netns/index.js";

/** Asks for masquerading are passed over. */
export function withoutMark(node: NetnsConfig): NetnsConfig {
  const chains = ["KUBE-MARK-MASQ", "mark-for-masquerade"];
  const emptied = <C extends { readonly name: string; readonly rules: readonly unknown[] }>(
    c: C,
  ) => (chains.includes(c.name) ? { ...c, rules: [] } : c);
  return changeRules(node, {
    iptables: (ruleset) => ({
      ...ruleset,
      tables: ruleset.tables.map((table) => ({ ...table, chains: table.chains.map(emptied) })),
    }),
    nftables: (table) => ({ ...table, chains: table.chains.map(emptied) }),
  });
}

/** Nothing is ever refused: there is no filter table, and no filter chain is on a hook. */
export function withoutFilter(node: NetnsConfig): NetnsConfig {
  return changeRules(node, {
    iptables: ({ family, tables }) => ({
      family,
      tables: tables.filter(({ name }) => name !== "filter"),
    }),
    nftables: (table) => ({
      ...table,
      chains: table.chains.filter(({ base }) => base?.type !== "filter"),
    }),
  });
}

function changeRules(
  node: NetnsConfig,
  change: {
    readonly iptables: (ruleset: IptablesRuleset) => IptablesRuleset;
    readonly nftables: (table: NftTable) => NftTable;
  },
): NetnsConfig {
  const { iptables, ip6tables, nftables } = node;
  return {
    ...node,
    ...(iptables && { iptables: change.iptables(iptables) }),
    ...(ip6tables && { ip6tables: change.iptables(ip6tables) }),
    ...(nftables && { nftables: { tables: nftables.tables.map(change.nftables) } }),
  };
}
