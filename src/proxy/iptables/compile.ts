/**
 * Everything iptables mode puts into one node's kernel: the chains after a sync, the rules that lead
 * from the built-in chains to them, and sysctls. The text that gets it there is in `sync.ts`.
 */
import type { Family } from "../../addr/index.js";
import type {
  IptablesChain,
  IptablesRule,
  IptablesTable,
  IptablesTableName,
} from "../../netfilter/index.js";
import { planOnNode } from "../choose/plan.js";
import { dependsOnNode, nodeKey, PortMemo } from "../memo.js";
import { endpointsOf, type ProxyModel } from "../model.js";
import { readNodePortAddresses, resolvePrimary } from "../node-port-addresses.js";
import type { ProxyNode, ProxySettings } from "../settings.js";
import { detectorMatch } from "./detector.js";
import { type BuiltinRules, builtinJumps } from "./jumps.js";
import { type EmitOptions, emitPortRules, type PlacedRule, type PortRules } from "./port-rules.js";
import { staticRules } from "./static-rules.js";

/** What is compiled, for whom, and how. */
export interface IptablesProxyInput {
  readonly model: ProxyModel;
  readonly node: ProxyNode;
  readonly settings: ProxySettings;
  /** Shares work between nodes and between successive models. */
  readonly memo?: PortMemo<PortRules>;
}

/** What a node's kernel holds after a sync. */
export interface IptablesProxyRules {
  readonly family: Family;
  /** kube-proxy's own chains, per table. */
  readonly tables: readonly IptablesTable[];
  /** Rules kube-proxy puts at the head of built-in chains. */
  readonly jumps: readonly BuiltinRules[];
  /** Names with dots, and values. */
  readonly sysctls: readonly (readonly [name: string, value: string])[];
}

/** More endpoints than this, and comments on rules per endpoint are left out. */
const LARGE_CLUSTER_ENDPOINTS = 1000;

/**
 * Compiles the iptables rules of one node.
 *
 * Shape: depends on objects, node and settings only, not on what was there before. Chains of Service
 * ports that are the same on every node are the same objects when a memo is shared.
 * Laws: shuffled objects give equal rules (test/property/proxy/iptables.prop.test.ts).
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `syncProxyRules`.
 * Cost: linear in Service ports and their endpoints; with a memo, in what changed.
 */
export function compileIptablesProxy(input: IptablesProxyInput): IptablesProxyRules {
  const { settings } = input;
  const ports = compilePorts(input);
  const fixed = staticRules(settings, input.node);
  const filter = gather(
    FILTER_CHAINS,
    fixed.filterHead,
    ports.map((p) => p.filter),
  );
  appendAll(filter, fixed.filterTail);
  filter.set("KUBE-FIREWALL", fixed.firewall);
  const nat = gather(
    NAT_CHAINS,
    fixed.natHead,
    ports.map((p) => p.nat),
  );
  appendAll(nat, fixed.natTail);
  const natChains = [...toChains(nat), CANARY];
  for (const { chains } of ports) for (const chain of chains) natChains.push(chain);
  return {
    family: settings.family,
    tables: [
      { name: "mangle", chains: [CANARY] },
      { name: "nat", chains: natChains },
      { name: "filter", chains: [...toChains(filter), CANARY] },
    ],
    jumps: builtinJumps(),
    sysctls: fixed.sysctls,
  };
}

/** The rules of every Service port, in order of their keys. */
export function compilePorts(input: IptablesProxyInput): readonly PortRules[] {
  const { model, settings, node, memo = new PortMemo<PortRules>() } = input;
  const options = emitOptions(settings, node, isLargeCluster(model));
  const everywhere = circumstancesOf(settings, options);
  const here = `${everywhere}|${nodeKey(node)}`;
  const all: PortRules[] = [];
  for (const state of model.services.values) {
    for (const port of state.ports) {
      const endpoints = endpointsOf(state, port);
      const circumstances = dependsOnNode(port, endpoints) ? here : everywhere;
      const known = memo.find(port, endpoints, circumstances);
      const rules = known ?? emitPortRules(planOnNode(port, endpoints, node), options);
      if (known === undefined) memo.keep(port, endpoints, { circumstances, result: rules });
      all.push(rules);
    }
  }
  return all;
}

/** Whether comments on rules per endpoint are left out. */
export function isLargeCluster({ endpointCount }: ProxyModel): boolean {
  return endpointCount > LARGE_CLUSTER_ENDPOINTS;
}

/** What the rules of a Service port are emitted with. */
export function emitOptions(settings: ProxySettings, node: ProxyNode, brief: boolean): EmitOptions {
  return {
    isLocal: detectorMatch(settings.detector, false),
    isNotLocal: detectorMatch(settings.detector, true),
    masqueradeAll: settings.masqueradeAll,
    countLocalhost: hasLocalhostNodePorts(settings, node) && settings.iptables.nfacctCounters,
    brief,
    nodeAddr: node.primaryAddr,
  };
}

/** Whether node ports work on loopback addresses. */
export function hasLocalhostNodePorts(settings: ProxySettings, node: ProxyNode): boolean {
  const { family, iptables } = settings;
  const cidrs = resolvePrimary(settings, node);
  return (
    family === "ip4" &&
    iptables.localhostNodePorts &&
    readNodePortAddresses(cidrs, family).containsIp4Loopback
  );
}

function circumstancesOf({ detector }: ProxySettings, options: EmitOptions): string {
  const { masqueradeAll, countLocalhost, brief } = options;
  return JSON.stringify([detector ?? null, masqueradeAll, countLocalhost, brief]);
}

/** An empty chain whose loss tells kube-proxy that somebody flushed the tables. */
const CANARY: IptablesChain = { name: "KUBE-PROXY-CANARY", rules: [] };

/** The shared chains of each table, in the order kube-proxy declares them. */
export const FILTER_CHAINS = [
  "KUBE-SERVICES",
  "KUBE-EXTERNAL-SERVICES",
  "KUBE-FORWARD",
  "KUBE-NODEPORTS",
  "KUBE-PROXY-FIREWALL",
] as const;

/** See `FILTER_CHAINS`. */
export const NAT_CHAINS = [
  "KUBE-SERVICES",
  "KUBE-NODEPORTS",
  "KUBE-POSTROUTING",
  "KUBE-MARK-MASQ",
] as const;

type ChainMap = Map<string, IptablesRule[]>;

function gather(
  names: readonly string[],
  head: readonly PlacedRule[],
  ports: readonly (readonly PlacedRule[])[],
): ChainMap {
  const chains: ChainMap = new Map(names.map((name) => [name, []]));
  appendAll(chains, head);
  for (const rules of ports) appendAll(chains, rules);
  return chains;
}

function appendAll(chains: ChainMap, placed: readonly PlacedRule[]): void {
  for (const { chain, rule } of placed) chains.get(chain)?.push(rule);
}

function toChains(chains: ChainMap): IptablesChain[] {
  return [...chains].map(([name, rules]) => ({ name, rules }));
}

/** The tables kube-proxy writes to. */
export type ProxyTable = Extract<IptablesTableName, "filter" | "nat" | "mangle">;
