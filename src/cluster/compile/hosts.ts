/** Hosts that are no nodes: the router and outside client, and the API server where it stands apart. */
import { type Addr, makeLinkAddr, type Prefix } from "../../addr/index.js";
import {
  deriveMac,
  ETHERNET_MTU,
  KERNEL_RULES,
  kernelRoutes,
  LOOPBACK,
  linkLocalAddress,
  makeAddress,
  sortRoutes,
  UPLINK,
} from "../../cni/index.js";
import type { LinkConfig } from "../../link/index.js";
import type { Listener, NetnsConfig } from "../../netns/index.js";
import { underlayAddr } from "../settings.js";
import type { ClusterState } from "../state/state.js";
import { apiServerAddr } from "../system/api-server.js";
import type { ClusterPlan } from "./plan.js";
import { NO_RULES } from "./proxy/proxy.js";

/** The host outside: the nodes' router, and whoever calls from outside. */
export const EXTERNAL = "external";
/** The host of the API server, when no node runs it. */
export const API_SERVER = "api-server";

/** Makes the hosts that stand on the nodes' segment besides the nodes. */
export function makeHosts(state: ClusterState, plan: ClusterPlan): readonly NetnsConfig[] {
  const nodes = [...state.nodes.values()];
  const routers = plan.underlay.map((prefix) => underlayAddr(prefix, "router"));
  const external = makeHost(EXTERNAL, routers, plan.underlay, []);
  const api = apiServerAddr(state.settings, nodes);
  const isNode = plan.network.nodes.some((n) => n.uplink.some((a) => String(a.addr) === api));
  if (isNode || plan.underlay[0] === undefined) return [external];
  const port = state.settings.apiServerPort;
  const origin = { kind: "Service", namespace: "default", name: "kubernetes" };
  const listeners: Listener[] = [{ protocol: "tcp", port, service: "https", origin }];
  const addr = underlayAddr(plan.underlay[0], "api-server");
  return [external, makeHost(API_SERVER, [addr], plan.underlay, listeners)];
}

function makeHost(
  name: string,
  addrs: readonly Addr[],
  underlay: readonly Prefix[],
  listeners: readonly Listener[],
): NetnsConfig {
  const mac = deriveMac(name, UPLINK);
  const origin = { kind: "host", name };
  const eth0: LinkConfig = {
    index: 2,
    name: UPLINK,
    mac,
    mtu: ETHERNET_MTU,
    up: true,
    kind: { kind: "physical" },
    addresses: [
      ...addrs.map((addr) => {
        const bits = underlay.find((p) => p.family === addr.family)?.bits ?? 0;
        return makeAddress(UPLINK, makeLinkAddr(addr, bits), origin);
      }),
      ...linkLocalAddress({ mac }),
    ],
    origin,
  };
  const links = [LOOPBACK, eth0];
  return {
    name,
    links,
    routes: sortRoutes(kernelRoutes(links, { isForwarding6: false })),
    rules: KERNEL_RULES,
    neighbors: [],
    fdb: [],
    sysctls: new Map(),
    iptables: NO_RULES.iptables,
    ip6tables: NO_RULES.ip6tables,
    nftables: { tables: [] },
    ipsets: [],
    listeners,
    unmodelled: [],
  };
}
