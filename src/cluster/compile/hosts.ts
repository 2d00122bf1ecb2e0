/** Hosts that are no nodes: the router and outside client, and the API server where it stands apart. */
import { type Addr, makeLinkAddr, type Prefix } from "../../addr/index.js";
import {
  DEFAULT_ROUTE,
  deriveMac,
  ETHERNET_MTU,
  KERNEL_RULES,
  kernelRoutes,
  LOOPBACK,
  linkLocalAddress,
  makeAddress,
  sortRoutes,
  UPLINK,
  userRoute,
} from "../../cni/index.js";
import type { LinkConfig } from "../../link/index.js";
import type { Listener, NetnsConfig } from "../../netns/index.js";
import { underlayAddr } from "../settings.js";
import type { ClusterState } from "../state/state.js";
import { apiServerAddr } from "../system/api-server.js";
import { type OutsideAddr, outsideRoutes, outsideRules } from "./load-balancer.js";
import type { ClusterPlan } from "./plan.js";
import { NO_RULES } from "./proxy/proxy.js";

/** The host outside: the nodes' router, and whoever calls from outside. */
export const EXTERNAL = "external";
/** The host of the API server, when no node runs it. */
export const API_SERVER = "api-server";

/**
 * Makes the hosts that stand on the nodes' segment besides the nodes. The outside host knows the way
 * to the addresses outside clients may call.
 */
export function makeHosts(
  state: ClusterState,
  plan: ClusterPlan,
  outside: readonly OutsideAddr[],
): readonly NetnsConfig[] {
  const nodes = [...state.nodes.values()];
  const routers = plan.underlay.map((prefix) => underlayAddr(prefix, "router"));
  const bare = makeHost(EXTERNAL, routers, plan.underlay, []);
  const external: NetnsConfig = {
    ...bare,
    routes: sortRoutes([...bare.routes, ...outsideRoutes(outside, plan.network.nodes)]),
    sysctls: outside.some((o) => o.mode === "Proxy") ? FORWARDING : HASH_BY_PORTS,
    iptables: outsideRules("ip4", outside, plan.network.nodes),
    ip6tables: outsideRules("ip6", outside, plan.network.nodes),
  };
  const api = apiServerAddr(state.settings, nodes);
  const isNode = plan.network.nodes.some((n) => n.uplink.some((a) => String(a.addr) === api));
  if (isNode || plan.underlay[0] === undefined) return [external];
  const port = state.settings.apiServerPort;
  const origin = { kind: "Service", namespace: "default", name: "kubernetes" };
  const listeners: Listener[] = [{ protocol: "tcp", port, service: "https", origin }];
  const addr = underlayAddr(plan.underlay[0], "api-server");
  const server = makeHost(API_SERVER, [addr], plan.underlay, listeners);
  const origins = { kind: "host", name: API_SERVER };
  // It has one address, and a kernel takes no route to a gateway that it cannot reach.
  const own = routers.filter((gateway) => gateway.family === addr.family);
  const ways = own.map((gateway) => {
    return userRoute(DEFAULT_ROUTE[gateway.family], { link: UPLINK, gateway, weight: 1 }, origins);
  });
  return [external, { ...server, routes: sortRoutes([...server.routes, ...ways]) }];
}

/** A load balancer spreads connections, not clients (`fib_multipath_hash_policy` 1: ports too). */
const HASH_BY_PORTS: ReadonlyMap<string, string> = new Map([
  ["net.ipv4.fib_multipath_hash_policy", "1"],
  ["net.ipv6.fib_multipath_hash_policy", "1"],
]);

/** A proxy also takes connections of pods. */
const FORWARDING: ReadonlyMap<string, string> = new Map([
  ["net.ipv4.fib_multipath_hash_policy", "1"],
  ["net.ipv4.ip_forward", "1"],
  ["net.ipv6.conf.all.forwarding", "1"],
  ["net.ipv6.fib_multipath_hash_policy", "1"],
]);

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
