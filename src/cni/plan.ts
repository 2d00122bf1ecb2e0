/**
 * What a network flavour is told: the nodes, their uplinks and pod prefixes, and the pods with their
 * addresses. It says nothing of Kubernetes beyond names, so a plan can be written by hand.
 */
import type { Addr, Family, LinkAddr, Prefix } from "../addr/index.js";

/** The flavours that can be built. */
export type FlavourName = "bridge" | "vxlan";

/** One node, as the network sees it. */
export interface NodePlan {
  readonly name: string;
  /** Addresses of the uplink, at most one per family. */
  readonly uplink: readonly LinkAddr[];
  /** Prefixes its pods' addresses come from, at most one per family. */
  readonly podPrefixes: readonly Prefix[];
}

/** One pod with a network namespace of its own. */
export interface PodPlan {
  readonly namespace: string;
  readonly name: string;
  /** At most one address per family, each inside a pod prefix of its node. */
  readonly addrs: readonly Addr[];
}

/** The whole network. Equal for all nodes, so that what it leads to can be shared. */
export interface NetworkPlan {
  readonly flavour: FlavourName;
  readonly families: readonly Family[];
  /** The prefixes all pod prefixes lie in, one per family (`--cluster-cidr`). */
  readonly clusterPrefixes: readonly Prefix[];
  /** All nodes, by name. */
  readonly nodes: readonly NodePlan[];
  /** Routers of the underlay, at most one per family. */
  readonly gateways: readonly Addr[];
  /** MTU of the uplinks, bytes. */
  readonly underlayMtu: number;
}

/** Name of a node's uplink. */
export const UPLINK = "eth0";
/** Name of the bridge that pods hang on. */
export const BRIDGE = "cni0";
/** Name of a pod's own link. */
export const POD_LINK = "eth0";
/** MTU of Ethernet, bytes. */
export const ETHERNET_MTU = 1500;
/** Bytes VXLAN adds over IPv4: Ethernet 14, IP 20, UDP 8, VXLAN 8. flannel uses it over IPv6 too. */
export const VXLAN_OVERHEAD = 50;

/** The one of a list that is of a family. */
export function ofFamily<T extends { readonly family: Family }>(
  list: readonly T[],
  family: Family,
): T | undefined {
  return list.find((item) => item.family === family);
}

/** MTU of pods and of the bridge. */
export function podMtu(plan: NetworkPlan): number {
  return plan.flavour === "vxlan" ? plan.underlayMtu - VXLAN_OVERHEAD : plan.underlayMtu;
}

/** Name of the network namespace of a pod. */
export function podNetns(pod: { readonly namespace: string; readonly name: string }): string {
  return `${pod.namespace}/${pod.name}`;
}
