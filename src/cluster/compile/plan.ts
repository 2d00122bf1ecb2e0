/** From the cluster's objects to what the network flavour is told. */
import {
  type Family,
  makeLinkAddr,
  type Prefix,
  tryParseAddr,
  tryParsePrefix,
} from "../../addr/index.js";
import { ETHERNET_MTU, type NetworkPlan, type NodePlan, type PodPlan } from "../../cni/index.js";
import type { Node, Pod } from "../../objects/index.js";
import { type ClusterSettings, chooseUnderlay, underlayAddr } from "../settings.js";
import { compareText } from "../state/identity.js";
import type { ClusterState } from "../state/state.js";
import { addrsOf } from "../system/api-server.js";
import { internalIPs } from "../system/nodes.js";

/** The network of a whole cluster, and the segments its nodes stand on. */
export interface ClusterPlan {
  readonly network: NetworkPlan;
  /** One prefix per family. */
  readonly underlay: readonly Prefix[];
  readonly byNode: ReadonlyMap<string, NodePlan>;
}

/** Makes the plan of a cluster's nodes. */
export function makePlan({
  nodes,
  settings,
}: Pick<ClusterState, "nodes" | "settings">): ClusterPlan {
  const sorted = [...nodes.values()].sort((a, b) => compareText(a.metadata.name, b.metadata.name));
  const underlay = settings.families.map((f) => chooseUnderlay(f, addrsOf(sorted, f)));
  const plans = sorted.map((node) => planNode(node, underlay));
  const network: NetworkPlan = {
    flavour: settings.network,
    families: settings.families,
    clusterPrefixes: settings.podPrefixes,
    nodes: plans,
    gateways: underlay.map((prefix) => underlayAddr(prefix, "router")),
    underlayMtu: ETHERNET_MTU,
  };
  return { network, underlay, byNode: new Map(plans.map((p) => [p.name, p])) };
}

function planNode(node: Node, underlay: readonly Prefix[]): NodePlan {
  const uplink = internalIPs(node).flatMap((text) => {
    const addr = tryParseAddr(text);
    const prefix = underlay.find((p) => p.family === addr?.family);
    return addr === undefined || prefix === undefined ? [] : [makeLinkAddr(addr, prefix.bits)];
  });
  const podPrefixes = podCIDRs(node).flatMap((text) => tryParsePrefix(text) ?? []);
  return { name: node.metadata.name, uplink, podPrefixes };
}

function podCIDRs(node: Node): readonly string[] {
  const { podCIDR, podCIDRs: all } = node.spec ?? {};
  return all ?? (podCIDR === undefined || podCIDR === "" ? [] : [podCIDR]);
}

/**
 * A pod's place in the network; undefined if it has no namespace of its own, no address yet, or none
 * of its node's prefix, or has ended.
 */
export function planPod(pod: Pod, node: NodePlan): PodPlan | undefined {
  const phase = pod.status?.phase;
  if (pod.spec?.hostNetwork === true || phase === "Succeeded" || phase === "Failed") {
    return undefined;
  }
  const addrs = (pod.status?.podIPs ?? []).flatMap(({ ip }) => tryParseAddr(ip) ?? []);
  const own = addrs.filter((a) => node.podPrefixes.some((p) => p.contains(a)));
  if (own.length === 0) return undefined;
  const { namespace = "default", name } = pod.metadata;
  return { namespace, name, addrs: own };
}

/** Text of the pod prefix of a family, as components are configured with it. */
export function clusterCidr(settings: ClusterSettings, family: Family): string | undefined {
  return settings.podPrefixes.find((p) => p.family === family)?.toString();
}
