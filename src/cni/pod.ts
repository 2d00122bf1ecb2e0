/** A pod's own namespace: loopback, eth0, and routes through the bridge's gateway addresses. */
import { addOffset, makeLinkAddr } from "../addr/index.js";
import type { Origin } from "../base/index.js";
import type { RouteConfig } from "../fib/index.js";
import type { LinkConfig } from "../link/index.js";
import { deriveMac, nameVeths } from "./derive.js";
import { KERNEL_RULES, kernelRoutes, linkLocalAddress, sortRoutes } from "./kernel-routes.js";
import { makeAddress } from "./links.js";
import { LOOPBACK } from "./loopback.js";
import type { NetworkConfig } from "./node.js";
import { DEFAULT_ROUTE, userRoute } from "./peers.js";
import {
  type NetworkPlan,
  type NodePlan,
  ofFamily,
  POD_LINK,
  type PodPlan,
  podMtu,
  podNetns,
} from "./plan.js";

/**
 * What a pod's namespace takes over from the node when it is made: the IPv4 settings of the initial
 * namespace (`net.core.devconf_inherit_init_net` 0), so a pod would forward IPv4.
 */
const POD_SYSCTLS: ReadonlyMap<string, string> = new Map([["net.ipv4.ip_forward", "1"]]);

/**
 * Configures the namespace of one pod.
 *
 * Shape: pure. `veth` is the name of its link on the node.
 * Follows: containernetworking/plugins v1.8 plugins/main/bridge (isDefaultGateway) under the flannel
 * plugin, whose IPAM routes name the cluster's prefix.
 */
export function configurePod(
  plan: NetworkPlan,
  node: NodePlan,
  pod: PodPlan,
  veth: string = nameVeths([pod])[0] as string,
): NetworkConfig {
  const origin: Origin = { kind: "Pod", namespace: pod.namespace, name: pod.name };
  const mac = deriveMac(podNetns(pod), POD_LINK);
  const eth0: LinkConfig = {
    index: 2,
    name: POD_LINK,
    mac,
    mtu: podMtu(plan),
    up: true,
    kind: { kind: "veth", peer: { netns: node.name, link: veth } },
    addresses: [
      ...pod.addrs.map((addr) => {
        const bits =
          ofFamily(node.podPrefixes, addr.family)?.bits ?? (addr.family === "ip4" ? 32 : 128);
        return makeAddress(POD_LINK, makeLinkAddr(addr, bits), origin);
      }),
      ...linkLocalAddress({ mac }),
    ],
    origin,
  };
  const links = [LOOPBACK, eth0];
  const routes = [
    ...pod.addrs.flatMap((addr) => gatewayRoutes(plan, node, addr.family, origin)),
    ...kernelRoutes(links, { isForwarding6: false }),
  ];
  return {
    links,
    routes: sortRoutes(routes),
    rules: KERNEL_RULES,
    neighbors: [],
    fdb: [],
    sysctls: POD_SYSCTLS,
    rulesets: [],
  };
}

function gatewayRoutes(
  plan: NetworkPlan,
  node: NodePlan,
  family: "ip4" | "ip6",
  origin: Origin,
): RouteConfig[] {
  const podPrefix = ofFamily(node.podPrefixes, family);
  const cluster = ofFamily(plan.clusterPrefixes, family);
  if (podPrefix === undefined) return [];
  const gateway = addOffset(podPrefix.addr, 1);
  const targets = [DEFAULT_ROUTE[family], ...(cluster === undefined ? [] : [cluster])];
  return targets.map((dst) => userRoute(dst, { link: POD_LINK, gateway, weight: 1 }, origin));
}
