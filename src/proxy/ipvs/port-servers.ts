/**
 * What one Service port needs in ipvs mode: virtual servers, members of ipsets, addresses on the
 * dummy device. Where a port has no endpoint to offer the virtual server stays, empty.
 */
import { type Addr, isLinkLocal, isLoopback } from "../../addr/index.js";
import type { IpvsProtocol, RealServer, VirtualServer } from "../../ipvs/index.js";
import type { Choice } from "../choose/categorize.js";
import { type Endpoint, isLocalTo } from "../endpoints/endpoint.js";
import { type NodePortAddresses, nodePortAddrs } from "../node-port-addresses.js";
import type { ServicePort } from "../services/service-port.js";
import type { ProxyNode, ProxySettings } from "../settings.js";
import type { SetKey } from "./set-info.js";

/** What all Service ports of a node have in common. */
export interface IpvsEmitOptions {
  readonly settings: ProxySettings;
  readonly node: ProxyNode;
  /** Addresses that take node ports. */
  readonly nodePortAddrs: readonly Addr[];
  /** Texts of the node's own addresses, without those on the dummy device. */
  readonly ownAddrs: ReadonlySet<string>;
}

/** What one Service port contributes. */
export interface IpvsPort {
  readonly virtualServers: readonly VirtualServer[];
  readonly members: readonly (readonly [SetKey, string])[];
  /** Addresses to set on the dummy device. */
  readonly bound: readonly Addr[];
  /** Load balancer addresses the node itself must not reach. */
  readonly noNodeAccess: readonly Addr[];
}

/** What a Service port is emitted from. */
export interface IpvsPortInput {
  readonly port: ServicePort;
  /** All its endpoints, as this node sees them. */
  readonly endpoints: readonly Endpoint[];
  readonly choice: Choice;
}

/** Members and servers while they are gathered. */
interface Draft {
  readonly virtualServers: VirtualServer[];
  readonly members: [SetKey, string][];
  readonly bound: Addr[];
  readonly noNodeAccess: Addr[];
}

/**
 * Emits what one Service port needs.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/proxier.go `syncProxyRules`, `syncEndpoint`.
 */
export function emitIpvsPort(input: IpvsPortInput, options: IpvsEmitOptions): IpvsPort {
  const { port, endpoints } = input;
  const draft: Draft = { virtualServers: [], members: [], bound: [], noNodeAccess: [] };
  for (const { addr, port: target } of endpoints.filter((e) => isLocalTo(e, options.node.name))) {
    draft.members.push(["loopBack", `${addr},${port.protocol}:${target},${addr}`]);
  }
  draft.members.push(["clusterIP", entryOf(port, port.clusterIP)]);
  addServer(draft, input, options, {
    addr: port.clusterIP,
    port: port.port,
    local: port.internalPolicyLocal,
  });
  draft.bound.push(port.clusterIP);
  addExternalIPs(draft, input, options);
  addLoadBalancer(draft, input, options);
  if (port.nodePort !== 0) {
    // The health-check port of a Service is left out with its node port, as upstream does.
    if (options.nodePortAddrs.length === 0) return draft;
    addNodePort(draft, input, options);
  }
  if (port.healthCheckNodePort !== 0) {
    draft.members.push(["healthCheck", String(port.healthCheckNodePort)]);
  }
  return draft;
}

/** The addresses of a node that take node ports; loopback and link-local ones never do. */
export function ipvsNodePortAddrs(
  addresses: NodePortAddresses,
  node: ProxyNode,
  family: ProxySettings["family"],
): readonly Addr[] {
  if (addresses.matchAll) return ownAddrs(node, family);
  return nodePortAddrs(addresses, node.addrs).filter((addr) => !isLoopback(addr));
}

/** The node's addresses of a family, as `GetAllLocalAddresses` counts them. */
export function ownAddrs(node: ProxyNode, family: ProxySettings["family"]): readonly Addr[] {
  return node.addrs.filter(
    (addr) =>
      addr.family === family && !isLoopback(addr) && !(family === "ip6" && isLinkLocal(addr)),
  );
}

function entryOf(port: ServicePort, addr: Addr, number: number = port.port): string {
  return `${addr},${port.protocol}:${number}`;
}

function addServer(
  draft: Draft,
  input: IpvsPortInput,
  { settings }: IpvsEmitOptions,
  at: { readonly addr: Addr; readonly port: number; readonly local: boolean },
): void {
  const { port, choice } = input;
  const { scheduler } = settings.ipvs;
  draft.virtualServers.push({
    addr: at.addr,
    port: at.port,
    protocol: port.protocol as IpvsProtocol,
    scheduler,
    ...(port.affinitySeconds === undefined ? {} : { persistentSeconds: port.affinitySeconds }),
    // Hash the source port too.
    ...(scheduler === "mh" ? { schedulerFlags: [2] as const } : {}),
    realServers: realServers(choice, at.local),
    origin: port.origin,
  });
}

/** Policy Local falls back to all endpoints, so that this node's pods reach something. */
function realServers(choice: Choice, staysLocal: boolean): readonly RealServer[] {
  const { local = [], cluster = [] } = choice;
  const endpoints = staysLocal && local.length > 0 ? local : cluster;
  return endpoints.map(({ addr, port }) => ({ addr, port, weight: 1 }));
}

function addExternalIPs(draft: Draft, input: IpvsPortInput, options: IpvsEmitOptions): void {
  const { port } = input;
  for (const addr of port.externalIPs) {
    const key = port.externalPolicyLocal ? "externalIPLocal" : "externalIP";
    draft.members.push([key, entryOf(port, addr)]);
    addServer(draft, input, options, { addr, port: port.port, local: port.externalPolicyLocal });
    if (!options.ownAddrs.has(addr.key())) draft.bound.push(addr);
  }
}

function addLoadBalancer(draft: Draft, input: IpvsPortInput, options: IpvsEmitOptions): void {
  const { port } = input;
  const { primaryAddr } = options.node;
  for (const addr of port.loadBalancerVIPs) {
    const entry = entryOf(port, addr);
    draft.members.push(["loadBalancer", entry]);
    if (port.externalPolicyLocal) draft.members.push(["loadBalancerLocal", entry]);
    if (port.sourceRanges.length > 0) {
      draft.members.push(["loadBalancerFW", entry]);
      for (const range of port.sourceRanges)
        draft.members.push(["sourceCIDR", `${entry},${range}`]);
      const inside =
        primaryAddr !== undefined && port.sourceRanges.some((r) => r.contains(primaryAddr));
      if (inside) draft.members.push(["sourceIP", `${entry},${addr}`]);
      else draft.noNodeAccess.push(addr);
    }
    addServer(draft, input, options, { addr, port: port.port, local: port.externalPolicyLocal });
    if (!options.ownAddrs.has(addr.key())) draft.bound.push(addr);
  }
}

const NODE_PORT_SETS: Readonly<Record<string, readonly [all: SetKey, local: SetKey]>> = {
  tcp: ["nodePortTcp", "nodePortLocalTcp"],
  udp: ["nodePortUdp", "nodePortLocalUdp"],
  sctp: ["nodePortSctp", "nodePortLocalSctp"],
};

function addNodePort(draft: Draft, input: IpvsPortInput, options: IpvsEmitOptions): void {
  const { port } = input;
  const sets = NODE_PORT_SETS[port.protocol];
  const entries =
    port.protocol === "sctp"
      ? options.nodePortAddrs.map((addr) => entryOf(port, addr, port.nodePort))
      : [String(port.nodePort)];
  for (const entry of sets === undefined ? [] : entries) {
    draft.members.push([sets?.[0] as SetKey, entry]);
    if (port.externalPolicyLocal) draft.members.push([sets?.[1] as SetKey, entry]);
  }
  for (const addr of options.nodePortAddrs) {
    addServer(draft, input, options, {
      addr,
      port: port.nodePort,
      local: port.externalPolicyLocal,
    });
  }
}
