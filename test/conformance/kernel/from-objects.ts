/**
 * A recorded cluster without the rules that the real kube-proxy wrote: they are compiled from the
 * recording's Services and EndpointSlices, and put where kube-proxy puts them. Links, addresses,
 * routes and the CNI's own rules stay as they were dumped.
 */
import { withDummy } from "../../../src/cluster/compile/dummy.js";
import type {
  IptablesChain,
  IptablesRule,
  IptablesRuleset,
  IptablesTable,
  NftTable,
} from "../../../src/netfilter/index.js";
import type { NetnsConfig } from "../../../src/netns/index.js";
import {
  type BuiltinRules,
  buildModel,
  compileIptablesProxy,
  compileIpvsProxy,
  compileNftablesProxy,
  IPVS_DUMMY_LINK,
} from "../../../src/proxy/index.js";
import { nodeOf, type Snapshot, settingsOf, type VectorConfig } from "../kubeproxy/setup.js";

/** The objects of a recorded cluster, and each node's proxy. */
export interface RecordedCluster extends Snapshot {
  readonly config: readonly VectorConfig[];
}

/**
 * The node whose endpoints the recorded proxiers held to be their own: the recorder drives those that
 * upstream's tests build, which track this name whatever node they run for. See ipvs-checks.ts.
 */
const TRACKED_NODE = "test-node";

/** The proxy's mode. */
export type RecordedMode = "iptables" | "nftables" | "ipvs";

/**
 * The configurations with the rules compiled anew; namespaces without a proxy stay as they are.
 * `tracked` is the node whose endpoints are local to every proxy; null: each proxy's own.
 */
export function compileRecorded(
  configs: readonly NetnsConfig[],
  cluster: RecordedCluster,
  mode: RecordedMode,
  tracked: string | null = TRACKED_NODE,
): readonly NetnsConfig[] {
  return configs.map((config) => {
    const proxy = cluster.config.find(({ nodeName }) => nodeName === config.name);
    if (proxy === undefined) return config;
    const nodeName = tracked ?? proxy.nodeName;
    return compileNode(withoutProxy(config), { ...proxy, nodeName }, cluster, mode);
  });
}

function compileNode(
  bare: NetnsConfig,
  proxy: VectorConfig,
  cluster: RecordedCluster,
  mode: RecordedMode,
): NetnsConfig {
  const settings = settingsOf(proxy);
  const node = nodeOf(proxy);
  const model = buildModel(cluster, settings);
  switch (mode) {
    case "iptables": {
      const rules = compileIptablesProxy({ model, node, settings });
      return withSysctls(withIptables(bare, rules), rules.sysctls);
    }
    case "nftables": {
      const table = withKeptPorts(compileNftablesProxy({ model, node, settings }));
      return { ...bare, nftables: { tables: [...bare.nftables.tables, table] } };
    }
    case "ipvs": {
      const rules = compileIpvsProxy({ model, node, settings });
      const { virtualServers, sets, dummyAddrs } = rules;
      const network = withDummy(bare.name, bare, { virtualServers, dummyAddrs });
      return withSysctls(
        {
          ...withIptables(bare, rules),
          links: network.links,
          routes: network.routes,
          ipsets: [...bare.ipsets, ...sets],
          ipvs: { virtualServers },
        },
        rules.sysctls,
      );
    }
  }
}

/** The recorder took `fully-random` out of kube-proxy's rules, so that ports are no chance. */
function withKeptPorts(table: NftTable): NftTable {
  const chains = table.chains.map((chain) => ({
    ...chain,
    rules: chain.rules.map((rule) => ({
      ...rule,
      statements: rule.statements.map((s) => (s.kind === "masquerade" ? { ...s, flags: [] } : s)),
    })),
  }));
  return { ...table, chains };
}

/** Takes away everything that kube-proxy left on a node. */
function withoutProxy(config: NetnsConfig): NetnsConfig {
  const isOwn = (name: string) => !name.startsWith("KUBE-");
  const { ipvs: _, ...rest } = config;
  const sysctls = [...config.sysctls].filter(([name]) => !name.startsWith("net.ipv4.vs."));
  return {
    ...rest,
    links: config.links.filter(({ name }) => name !== IPVS_DUMMY_LINK),
    routes: config.routes.filter((r) => r.nextHops.every((h) => h.link !== IPVS_DUMMY_LINK)),
    iptables: withoutChains(config.iptables, isOwn),
    ip6tables: withoutChains(config.ip6tables, isOwn),
    nftables: { tables: config.nftables.tables.filter(({ name }) => name !== "kube-proxy") },
    ipsets: config.ipsets.filter(({ name }) => isOwn(name)),
    sysctls: new Map(sysctls).set("net.ipv4.conf.all.route_localnet", "0"),
  };
}

function withoutChains(
  ruleset: IptablesRuleset,
  isOwn: (chain: string) => boolean,
): IptablesRuleset {
  const stays = ({ target }: IptablesRule) =>
    (target?.kind !== "jump" && target?.kind !== "goto") || isOwn(target.chain);
  const tables = ruleset.tables.map((table) => ({
    ...table,
    chains: table.chains
      .filter(({ name }) => isOwn(name))
      .map((chain) => ({ ...chain, rules: chain.rules.filter(stays) })),
  }));
  return { ...ruleset, tables };
}

interface ProxyTables {
  readonly family: "ip4" | "ip6";
  readonly tables: readonly IptablesTable[];
  readonly jumps: readonly BuiltinRules[];
}

function withIptables(config: NetnsConfig, rules: ProxyTables): NetnsConfig {
  const key = rules.family === "ip4" ? "iptables" : "ip6tables";
  const names = [...new Set([...rules.tables, ...config[key].tables].map(({ name }) => name))];
  const tables = names.map((name): IptablesTable => {
    const before = config[key].tables.find((table) => table.name === name)?.chains ?? [];
    const added = rules.tables.find((table) => table.name === name)?.chains ?? [];
    const jumps = rules.jumps.filter(({ table }) => table === name);
    return { name, chains: [...joinBuiltins(before, jumps), ...added] };
  });
  return { ...config, [key]: { ...config[key], tables } };
}

/** kube-proxy's jumps stand at the heads of the built-in chains, which are made for them. */
function joinBuiltins(
  chains: readonly IptablesChain[],
  jumps: readonly BuiltinRules[],
): readonly IptablesChain[] {
  const made = jumps
    .filter(({ chain }) => chains.every(({ name }) => name !== chain))
    .map(({ chain }): IptablesChain => ({ name: chain, policy: "ACCEPT", rules: [] }));
  return [...chains, ...made].map((chain) => {
    const own = jumps.find((jump) => jump.chain === chain.name)?.rules ?? [];
    if (own.length === 0) return chain;
    const { inKernel: _, ...held } = chain;
    return { ...held, rules: [...own, ...chain.rules] };
  });
}

function withSysctls(
  config: NetnsConfig,
  sysctls: readonly (readonly [name: string, value: string])[],
): NetnsConfig {
  return { ...config, sysctls: new Map([...config.sysctls, ...sysctls]) };
}
