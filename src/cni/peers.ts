/**
 * How a node reaches the pods of the others: routes through the peer itself on a shared segment
 * (host-gw), or through a VXLAN device with one permanent neighbour and FDB entry for each peer.
 */
import { type Family, makePrefix, type Prefix, parsePrefix } from "../addr/index.js";
import { type Origin, unreachable } from "../base/index.js";
import { FibTable, type NextHopConfig, type RouteConfig } from "../fib/index.js";
import type { FdbConfig, NeighborConfig } from "../link/index.js";
import { deriveMac } from "./derive.js";
import { type NetworkPlan, type NodePlan, ofFamily, UPLINK } from "./plan.js";

/** Everything on a node that is there because of its peers. */
export interface PeerConfig {
  readonly routes: readonly RouteConfig[];
  readonly neighbors: readonly NeighborConfig[];
  readonly fdb: readonly FdbConfig[];
}

/** VXLAN network identifier flannel uses. */
export const FLANNEL_VNI = 1;
/** UDP port of flannel's VXLAN: the kernel's old default, not 4789. */
export const FLANNEL_PORT = 8472;
/** Metric of IPv6 routes nobody gave one (`IP6_RT_PRIO_USER`). */
const IP6_USER_METRIC = 1024;

/** Everywhere, in each family. */
export const DEFAULT_ROUTE = { ip4: parsePrefix("0.0.0.0/0"), ip6: parsePrefix("::/0") };

/** Name of flannel's VXLAN device of a family. */
export function vxlanLink(family: Family): string {
  return family === "ip4" ? `flannel.${FLANNEL_VNI}` : `flannel-v6.${FLANNEL_VNI}`;
}

/** A route that a program set, as `ip route add` would. */
export function userRoute(dst: Prefix, hop: NextHopConfig, origin: Origin): RouteConfig {
  return {
    family: dst.family,
    kind: "unicast",
    dst,
    table: FibTable.main,
    metric: dst.family === "ip4" ? 0 : IP6_USER_METRIC,
    nextHops: [hop],
    scope: "global",
    protocol: "boot",
    origin,
  };
}

/** The default routes of a node. */
export function uplinkRoutes(plan: NetworkPlan, node: NodePlan): readonly RouteConfig[] {
  return plan.gateways
    .filter((gateway) => ofFamily(node.uplink, gateway.family) !== undefined)
    .map((gateway) => {
      const hop = { link: UPLINK, gateway, weight: 1 };
      return userRoute(DEFAULT_ROUTE[gateway.family], hop, { kind: "Node", name: node.name });
    });
}

/**
 * Routes, neighbours and FDB entries of one node towards all others.
 *
 * Follows: flannel v0.27 pkg/backend/hostgw/hostgw.go, pkg/backend/vxlan/vxlan_network.go
 * `handleSubnetEvents`.
 * Cost: one step per peer and family.
 */
export function configurePeers(plan: NetworkPlan, node: NodePlan): PeerConfig {
  const routes: RouteConfig[] = [...uplinkRoutes(plan, node)];
  const neighbors: NeighborConfig[] = [];
  const fdb: FdbConfig[] = [];
  for (const peer of plan.nodes) {
    if (peer.name === node.name) continue;
    for (const dst of peer.podPrefixes) {
      const via = ofFamily(peer.uplink, dst.family)?.addr;
      if (via === undefined || ofFamily(node.uplink, dst.family) === undefined) continue;
      const origin: Origin = { kind: "Node", name: peer.name, part: "podCIDR" };
      switch (plan.flavour) {
        case "bridge":
          routes.push(userRoute(dst, { link: UPLINK, gateway: via, weight: 1 }, origin));
          break;
        case "vxlan": {
          const link = vxlanLink(dst.family);
          const mac = deriveMac(peer.name, link);
          const gateway = dst.addr;
          routes.push(userRoute(dst, { link, gateway, onlink: true, weight: 1 }, origin));
          neighbors.push({ addr: gateway, link, mac, state: "permanent", origin });
          fdb.push({ mac, link, self: true, dst: via, state: "permanent", origin });
          break;
        }
        default:
          unreachable(plan.flavour);
      }
    }
  }
  return { routes, neighbors, fdb };
}

/** The address a VXLAN device has: the first of the node's pod prefix, alone. */
export function vtepPrefix(podPrefix: Prefix): Prefix {
  return makePrefix(podPrefix.addr, podPrefix.family === "ip4" ? 32 : 128);
}
