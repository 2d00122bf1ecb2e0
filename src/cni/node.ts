/**
 * A node's network, without the rules of kube-proxy:
 *
 *   pod eth0 ── veth… ─┐
 *   pod eth0 ── veth… ─┴ cni0 ── (route) ─┬─ eth0                (bridge: next hop is the peer)
 *                                         └─ flannel.1 ── eth0   (vxlan: next hop is the peer's VTEP)
 */

import type { FibRuleConfig, RouteConfig } from "../fib/index.js";
import type { FdbConfig, LinkConfig, NeighborConfig } from "../link/index.js";
import type { IptablesRuleset } from "../netfilter/index.js";
import { nameVeths } from "./derive.js";
import { KERNEL_RULES, kernelRoutes, sortRoutes } from "./kernel-routes.js";
import { makeBridge, makeNodeLinks, makePort } from "./links.js";
import { flannelRules } from "./masquerade.js";
import { configurePeers } from "./peers.js";
import { type NetworkPlan, type NodePlan, ofFamily, type PodPlan } from "./plan.js";

/** The part of a namespace's configuration that a flavour decides. */
export interface NetworkConfig {
  readonly links: readonly LinkConfig[];
  readonly routes: readonly RouteConfig[];
  readonly rules: readonly FibRuleConfig[];
  readonly neighbors: readonly NeighborConfig[];
  readonly fdb: readonly FdbConfig[];
  readonly sysctls: ReadonlyMap<string, string>;
  /** Rules the flavour installs, one ruleset for each family it serves. */
  readonly rulesets: readonly IptablesRuleset[];
}

/** What does not depend on the pods of a node. */
export interface NodeBase extends NetworkConfig {
  /** How many pods the links were made for: none yet. */
  readonly linkCount: number;
}

/**
 * Configures what a node has whatever pods run on it: uplink, tunnels, routes to its peers, rules
 * and sysctls.
 *
 * Shape: pure; depends on the plan and the node, so it is made once and shared.
 * Cost: linear in peers.
 */
export function configureNodeBase(plan: NetworkPlan, node: NodePlan): NodeBase {
  const links = makeNodeLinks(plan, node);
  const peers = configurePeers(plan, node);
  const isForwarding6 = plan.families.includes("ip6");
  return {
    links,
    routes: [...peers.routes, ...kernelRoutes(links, { isForwarding6 })],
    rules: KERNEL_RULES,
    neighbors: peers.neighbors,
    fdb: peers.fdb,
    sysctls: nodeSysctls(plan),
    rulesets: plan.families.flatMap((family) => {
      const clusterPrefix = ofFamily(plan.clusterPrefixes, family);
      const podPrefix = ofFamily(node.podPrefixes, family);
      if (clusterPrefix === undefined || podPrefix === undefined) return [];
      return [flannelRules({ family, clusterPrefix, podPrefix })];
    }),
    linkCount: links.length,
  };
}

/**
 * Configures a node with its pods.
 *
 * Shape: pure. Pods are taken in the order given; links are numbered in it.
 * Cost: linear in the node's pods and routes.
 * Follows: containernetworking/plugins v1.8 plugins/main/bridge (isGateway, hairpinMode) under
 * flannel v0.27.
 *
 */
export function configureNode(
  plan: NetworkPlan,
  node: NodePlan,
  pods: readonly PodPlan[],
  base: NodeBase = configureNodeBase(plan, node),
): NetworkConfig {
  const first = base.linkCount + 1;
  const names = nameVeths(pods);
  const own = [
    makeBridge(plan, node, { index: first, hasPorts: pods.length > 0 }),
    ...pods.map((pod, at) =>
      makePort(plan, node, pod, { index: first + 1 + at, name: names[at] as string }),
    ),
  ];
  const isForwarding6 = plan.families.includes("ip6");
  return {
    ...base,
    links: [...base.links, ...own],
    routes: sortRoutes([...base.routes, ...kernelRoutes(own, { isForwarding6 })]),
  };
}

/** Sysctls of nodes, one map for each set of families. */
function nodeSysctls(plan: NetworkPlan): ReadonlyMap<string, string> {
  const entries: [string, string][] = [];
  if (plan.families.includes("ip4")) entries.push(["net.ipv4.ip_forward", "1"]);
  if (plan.families.includes("ip6")) entries.push(["net.ipv6.conf.all.forwarding", "1"]);
  entries.push(["net.bridge.bridge-nf-call-ip6tables", "1"]);
  entries.push(["net.bridge.bridge-nf-call-iptables", "1"]);
  return new Map(entries);
}
