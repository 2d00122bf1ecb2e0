/**
 * Everything a cluster has given out: nodes' shares of the pod prefixes, pods' addresses, cluster IPs
 * and node ports. The allocators are those of `ipam`; here stands who holds what.
 */
import {
  type Addr,
  type Family,
  type Prefix,
  tryParseAddr,
  tryParsePrefix,
} from "../../addr/index.js";
import { openRandom, RefusedError } from "../../base/index.js";
import {
  addLease,
  allocateCidr,
  type CidrSet,
  canonicalRangeSet,
  createCidrSet,
  createNodePorts,
  createServiceAddrs,
  DEFAULT_NODE_PORTS,
  deleteLease,
  type HostLocalConfig,
  type Leases,
  NO_LEASES,
  type NodePorts,
  occupyCidr,
  releaseCidr,
  releaseNodePort,
  releaseServiceAddr,
  type ServiceAddrs,
  takeAnyNodePort,
  takeAnyServiceAddr,
  takeNodePort,
  takeServiceAddr,
} from "../../ipam/index.js";
import type { ClusterSettings } from "../settings.js";

/** All allocations of a cluster. Immutable. */
export interface AddressState {
  readonly seed: string;
  readonly podCidrs: readonly CidrSet[];
  readonly nodes: ReadonlyMap<string, NodeLeases>;
  readonly services: readonly ServiceAddrs[];
  readonly nodePorts: NodePorts;
  /** What each Service holds, by `ns/name`. */
  readonly held: ReadonlyMap<string, Held>;
}

/** A node's share, and which pods hold which of its addresses. */
export interface NodeLeases {
  readonly prefixes: readonly Prefix[];
  readonly config: HostLocalConfig;
  readonly leases: Leases;
}

/** What one Service holds. */
export interface Held {
  readonly addrs: readonly Addr[];
  readonly ports: readonly number[];
}

/** Names a Service. */
export interface ServiceOwner {
  readonly namespace: string;
  readonly name: string;
}

const NOTHING: Held = { addrs: [], ports: [] };

/** Nothing given out yet. */
export function createAddresses(settings: ClusterSettings): AddressState {
  return {
    seed: settings.seed,
    podCidrs: settings.podPrefixes.map((p) => createCidrSet(p, settings.nodePrefixBits[p.family])),
    nodes: new Map(),
    services: settings.servicePrefixes.map(createServiceAddrs),
    nodePorts: createNodePorts(DEFAULT_NODE_PORTS),
    held: new Map(),
  };
}

/** A node that wants its share; `wanted` are the prefixes its object names. */
export interface NodeRequest {
  readonly node: string;
  readonly wanted: readonly string[];
}

/** Gives a node its share of every pod prefix, or takes note of the one it has. */
export function occupyNode(
  addresses: AddressState,
  { node, wanted }: NodeRequest,
): { readonly addresses: AddressState; readonly prefixes: readonly Prefix[] } {
  const known = addresses.nodes.get(node);
  const given = wanted.flatMap((text) => tryParsePrefix(text) ?? []);
  if (known !== undefined && (given.length === 0 || areEqual(given, known.prefixes))) {
    return { addresses, prefixes: known.prefixes };
  }
  const base = known === undefined ? addresses : releaseNode(addresses, node);
  const podCidrs: CidrSet[] = [];
  const prefixes: Prefix[] = [...given];
  for (const set of base.podCidrs) {
    const mine = given.find((p) => p.family === set.cluster.family);
    if (mine !== undefined) {
      podCidrs.push(set.cluster.overlaps(mine) ? occupyCidr(set, mine) : set);
      continue;
    }
    if (given.length > 0 || set.usedCount === set.blocks) {
      podCidrs.push(set);
      continue;
    }
    const answer = allocateCidr(set);
    podCidrs.push(answer.set);
    prefixes.push(answer.cidr);
  }
  const sets = prefixes.map((p) => canonicalRangeSet([{ subnet: String(p) }]));
  const config: HostLocalConfig = { sets, requested: [], routes: [] };
  const nodes = new Map(base.nodes).set(node, { prefixes, config, leases: NO_LEASES });
  return { addresses: { ...base, podCidrs, nodes }, prefixes };
}

function areEqual(a: readonly Prefix[], b: readonly Prefix[]): boolean {
  return a.length === b.length && a.every((p) => b.some((q) => p.equals(q)));
}

/** Takes a node's share back. */
export function releaseNode(addresses: AddressState, node: string): AddressState {
  const known = addresses.nodes.get(node);
  if (known === undefined) return addresses;
  const podCidrs = addresses.podCidrs.map((set) => {
    const mine = known.prefixes.find((p) => p.family === set.cluster.family);
    return mine !== undefined && set.cluster.overlaps(mine) ? releaseCidr(set, mine) : set;
  });
  const nodes = new Map(addresses.nodes);
  nodes.delete(node);
  return { ...addresses, podCidrs, nodes };
}

/** A pod that wants addresses; `wanted` are those its status names. */
export interface PodRequest {
  readonly node: string;
  /** `ns/name`. */
  readonly pod: string;
  readonly wanted: readonly string[];
}

/**
 * Gives a pod one address of each of its node's prefixes. Addresses a status names are taken if they
 * are free and of the node; others are believed and held by nobody.
 *
 * Returns: no address when the node has none left.
 */
export function allocatePodAddrs(
  addresses: AddressState,
  { node, pod, wanted }: PodRequest,
): { readonly addresses: AddressState; readonly addrs: readonly Addr[] } {
  const known = addresses.nodes.get(node);
  const requested = wanted.flatMap((text) => tryParseAddr(text) ?? []);
  if (known === undefined) return { addresses, addrs: requested };
  const holder = { containerId: pod, ifname: "eth0" };
  const answer = addLease(known.leases, { ...known.config, requested }, holder);
  if (answer.ips === undefined) return { addresses, addrs: requested };
  const nodes = new Map(addresses.nodes).set(node, { ...known, leases: answer.leases });
  return {
    addresses: { ...addresses, nodes },
    addrs: answer.ips.map((ip) => ip.address.addr),
  };
}

/** Takes a pod's addresses back. */
export function releasePodAddrs(addresses: AddressState, node: string, pod: string): AddressState {
  const known = addresses.nodes.get(node);
  if (known === undefined) return addresses;
  const answer = deleteLease(known.leases, { containerId: pod, ifname: "eth0" });
  if (answer.effects.length === 0) return addresses;
  const nodes = new Map(addresses.nodes).set(node, { ...known, leases: answer.leases });
  return { ...addresses, nodes };
}

function heldBy(addresses: AddressState, { namespace, name }: ServiceOwner): Held {
  return addresses.held.get(`${namespace}/${name}`) ?? NOTHING;
}

function withHeld(addresses: AddressState, owner: ServiceOwner, held: Held): AddressState {
  const all = new Map(addresses.held);
  const key = `${owner.namespace}/${owner.name}`;
  if (held.addrs.length + held.ports.length === 0) all.delete(key);
  else all.set(key, held);
  return { ...addresses, held: all };
}

/** A Service that wants a cluster IP of a family, this one if it says so. */
export interface ClusterIPRequest {
  readonly family: Family;
  readonly wanted?: string | undefined;
}

/**
 * Gives a Service a cluster IP. What it holds already it keeps.
 *
 * Errors: `RefusedError` `EEXIST`, `ERANGE`, `ENOSPC`.
 */
export function allocateClusterIP(
  addresses: AddressState,
  owner: ServiceOwner,
  { family, wanted }: ClusterIPRequest,
): { readonly addresses: AddressState; readonly addr: Addr } {
  const held = heldBy(addresses, owner);
  const asked = wanted === undefined ? undefined : tryParseAddr(wanted);
  const mine = held.addrs.find((a) =>
    asked === undefined ? a.family === family : a.equals(asked),
  );
  if (mine !== undefined) return { addresses, addr: mine };
  const at = addresses.services.findIndex((s) => s.range.family === family);
  const set = addresses.services[at];
  if (set === undefined) {
    throw new RefusedError("ERANGE", "the cluster has no Service range of this family", { family });
  }
  const random = openRandom(
    addresses.seed,
    `cluster-ip/${owner.namespace}/${owner.name}/${family}`,
  );
  const answer =
    asked === undefined
      ? takeAnyServiceAddr(set, random)
      : { addrs: takeServiceAddr(set, asked), addr: asked };
  const services = addresses.services.with(at, answer.addrs);
  const addrs = [...held.addrs, answer.addr];
  const next = withHeld({ ...addresses, services }, owner, { ...held, addrs });
  return { addresses: next, addr: answer.addr };
}

/**
 * Gives a Service a node port, this one unless it is 0. What it holds already it keeps.
 *
 * Errors: `RefusedError` `EEXIST`, `ERANGE`, `ENOSPC`.
 */
export function allocateNodePort(
  addresses: AddressState,
  owner: ServiceOwner,
  wanted: number,
): { readonly addresses: AddressState; readonly port: number } {
  const held = heldBy(addresses, owner);
  if (wanted !== 0 && held.ports.includes(wanted)) return { addresses, port: wanted };
  const purpose = `node-port/${owner.namespace}/${owner.name}/${held.ports.length}`;
  const answer =
    wanted === 0
      ? takeAnyNodePort(addresses.nodePorts, openRandom(addresses.seed, purpose))
      : { ports: takeNodePort(addresses.nodePorts, wanted), port: wanted };
  const ports = [...held.ports, answer.port];
  const next = withHeld({ ...addresses, nodePorts: answer.ports }, owner, { ...held, ports });
  return { addresses: next, port: answer.port };
}

/** Takes back what a Service holds and does not use any more. */
export function retainService(
  addresses: AddressState,
  owner: ServiceOwner,
  used: Held,
): AddressState {
  const held = heldBy(addresses, owner);
  const addrs = held.addrs.filter((a) => used.addrs.some((b) => a.equals(b)));
  const ports = held.ports.filter((p) => used.ports.includes(p));
  if (addrs.length === held.addrs.length && ports.length === held.ports.length) return addresses;
  let services = addresses.services;
  for (const addr of held.addrs) {
    if (!addrs.includes(addr)) services = services.map((s) => releaseServiceAddr(s, addr));
  }
  let nodePorts = addresses.nodePorts;
  for (const port of held.ports) {
    if (!ports.includes(port)) nodePorts = releaseNodePort(nodePorts, port);
  }
  return withHeld({ ...addresses, services, nodePorts }, owner, { addrs, ports });
}

/** Takes everything of a Service back. */
export function releaseService(addresses: AddressState, owner: ServiceOwner): AddressState {
  return retainService(addresses, owner, NOTHING);
}
