/** The links of a node: loopback, uplink, VXLAN devices, the bridge, and one veth for each pod. */
import { addOffset, type LinkAddr, makeLinkAddr } from "../addr/index.js";
import type { Origin } from "../base/index.js";
import type { AddressConfig, LinkConfig } from "../link/index.js";
import { deriveMac } from "./derive.js";
import { linkLocalAddress } from "./kernel-routes.js";
import { LOOPBACK } from "./loopback.js";
import { FLANNEL_PORT, FLANNEL_VNI, vtepPrefix, vxlanLink } from "./peers.js";
import {
  BRIDGE,
  type NetworkPlan,
  type NodePlan,
  ofFamily,
  POD_LINK,
  type PodPlan,
  podMtu,
  podNetns,
  UPLINK,
} from "./plan.js";

/** An address as programs set it: IPv4 ones with their broadcast address and the link as label. */
export function makeAddress(link: string, address: LinkAddr, origin: Origin): AddressConfig {
  const isIp4 = address.family === "ip4";
  return {
    address,
    scope: "global",
    ...(isIp4 && address.bits < 31 ? { broadcast: address.prefix().last() } : {}),
    ...(isIp4 ? { label: link } : {}),
    origin,
  };
}

/** The links of a node that do not depend on its pods. */
export function makeNodeLinks(plan: NetworkPlan, node: NodePlan): readonly LinkConfig[] {
  const origin: Origin = { kind: "Node", name: node.name };
  const mac = deriveMac(node.name, UPLINK);
  const uplink: LinkConfig = {
    index: 2,
    name: UPLINK,
    mac,
    mtu: plan.underlayMtu,
    up: true,
    kind: { kind: "physical" },
    addresses: [
      ...node.uplink.map((a) => makeAddress(UPLINK, a, origin)),
      ...linkLocalAddress({ mac }),
    ],
    origin,
  };
  const tunnels = plan.flavour === "vxlan" ? makeTunnels(plan, node, origin) : [];
  return [LOOPBACK, uplink, ...tunnels];
}

function makeTunnels(plan: NetworkPlan, node: NodePlan, origin: Origin): LinkConfig[] {
  return node.podPrefixes.flatMap((prefix, at) => {
    const local = ofFamily(node.uplink, prefix.family)?.addr;
    if (local === undefined) return [];
    const name = vxlanLink(prefix.family);
    const mac = deriveMac(node.name, name);
    const vtep = vtepPrefix(prefix);
    const address = makeAddress(name, makeLinkAddr(vtep.addr, vtep.bits), origin);
    const link: LinkConfig = {
      index: 3 + at,
      name,
      mac,
      mtu: podMtu(plan),
      up: true,
      kind: {
        kind: "vxlan",
        vni: FLANNEL_VNI,
        local,
        dev: UPLINK,
        port: FLANNEL_PORT,
        learning: false,
      },
      addresses: [address, ...linkLocalAddress({ mac })],
      origin: { kind: "cni", name: "flannel" },
    };
    return [link];
  });
}

/**
 * The bridge with the gateway addresses. Its MAC is pinned, as the bridge plugin does; without pods
 * it has no carrier.
 *
 * Follows: containernetworking/plugins v1.8 plugins/main/bridge/bridge.go `ensureBridge`, `calcGateways`.
 */
export function makeBridge(
  plan: NetworkPlan,
  node: NodePlan,
  { index, hasPorts }: { readonly index: number; readonly hasPorts: boolean },
): LinkConfig {
  const mac = deriveMac(node.name, BRIDGE);
  const origin: Origin = { kind: "Node", name: node.name, part: "podCIDR" };
  const gateways = node.podPrefixes.map((p) => makeLinkAddr(addOffset(p.addr, 1), p.bits));
  return {
    index,
    name: BRIDGE,
    mac,
    mtu: podMtu(plan),
    up: true,
    ...(hasPorts ? {} : { carrier: false }),
    kind: { kind: "bridge" },
    addresses: [
      ...gateways.map((a) => makeAddress(BRIDGE, a, origin)),
      ...linkLocalAddress({ mac }),
    ],
    origin: { kind: "cni", name: "bridge" },
  };
}

/** A pod's link on the node: a bridge port in hairpin mode, so that a pod reaches its own Service. */
export function makePort(
  plan: NetworkPlan,
  node: NodePlan,
  pod: PodPlan,
  { index, name }: { readonly index: number; readonly name: string },
): LinkConfig {
  const mac = deriveMac(node.name, `${name} ${podNetns(pod)}`);
  return {
    index,
    name,
    mac,
    mtu: podMtu(plan),
    up: true,
    kind: { kind: "veth", peer: { netns: podNetns(pod), link: POD_LINK } },
    master: BRIDGE,
    port: { hairpin: true, isolated: false, learning: true, flood: true },
    addresses: linkLocalAddress({ mac }),
    origin: { kind: "Pod", namespace: pod.namespace, name: pod.name },
  };
}
