/**
 * Everything a cluster has given out: nodes' shares of the pod prefixes, pods' addresses, cluster IPs
 * and node ports. The allocators are those of `ipam`. What a Service holds stands in the Service itself.
 */
import {
  type Addr,
  type Family,
  type Prefix,
  tryParseAddr,
  tryParsePrefix,
} from "../../addr/index.js";
import { assert, openRandom } from "../../base/index.js";
import { POD_LINK } from "../../cni/index.js";
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
}

/** A node's share, and which pods hold which of its addresses. */
export interface NodeLeases {
  readonly prefixes: readonly Prefix[];
  readonly config: HostLocalConfig;
  readonly leases: Leases;
}

/** Nothing given out yet. */
export function createAddresses(settings: ClusterSettings): AddressState {
  return {
    seed: settings.seed,
    podCidrs: settings.podPrefixes.map((p) => createCidrSet(p, settings.nodePrefixBits[p.family])),
    nodes: new Map(),
    services: settings.servicePrefixes.map(createServiceAddrs),
    nodePorts: createNodePorts(DEFAULT_NODE_PORTS),
  };
}

/** A node that wants its share; `wanted` are the prefixes its object names. */
export interface NodeRequest {
  readonly node: string;
  readonly wanted: readonly string[];
}

/** A pod that wants addresses; `wanted` are those its status names. */
export interface PodRequest {
  readonly node: string;
  /** `ns/name`. */
  readonly pod: string;
  readonly wanted: readonly string[];
}

/**
 * Allocations being worked on. What is not touched stays shared with the state it began with.
 */
export class AddressBook {
  #state: AddressState;
  #nodes: Map<string, NodeLeases> | undefined;

  constructor(state: AddressState) {
    this.#state = state;
  }

  /** The allocations as a value; the same object as at the beginning if nothing changed. */
  finish(): AddressState {
    if (this.#nodes !== undefined) this.#state = { ...this.#state, nodes: this.#nodes };
    this.#nodes = undefined;
    return this.#state;
  }

  #node(name: string): NodeLeases | undefined {
    return (this.#nodes ?? this.#state.nodes).get(name);
  }

  #setNode(name: string, leases: NodeLeases | undefined): void {
    this.#nodes ??= new Map(this.#state.nodes);
    if (leases === undefined) this.#nodes.delete(name);
    else this.#nodes.set(name, leases);
  }

  /** Gives a node its share of every pod prefix, or takes note of the one it has. */
  occupyNode({ node, wanted }: NodeRequest): readonly Prefix[] {
    const known = this.#node(node);
    const given = wanted.flatMap((text) => tryParsePrefix(text) ?? []);
    if (known !== undefined && (given.length === 0 || areEqual(given, known.prefixes))) {
      return known.prefixes;
    }
    this.releaseNode(node);
    const prefixes: Prefix[] = [...given];
    const podCidrs = this.#state.podCidrs.map((set) => {
      const mine = given.find((p) => p.family === set.cluster.family);
      if (mine !== undefined) return set.cluster.overlaps(mine) ? occupyCidr(set, mine) : set;
      if (given.length > 0 || set.usedCount === set.blocks) return set;
      const answer = allocateCidr(set);
      prefixes.push(answer.cidr);
      return answer.set;
    });
    const sets = prefixes.map((p) => canonicalRangeSet([{ subnet: String(p) }]));
    const config: HostLocalConfig = { sets, requested: [], routes: [] };
    this.#setNode(node, { prefixes, config, leases: NO_LEASES });
    this.#state = { ...this.#state, podCidrs };
    return prefixes;
  }

  /** Takes a node's share back. */
  releaseNode(node: string): void {
    const known = this.#node(node);
    if (known === undefined) return;
    const podCidrs = this.#state.podCidrs.map((set) => {
      const mine = known.prefixes.find((p) => p.family === set.cluster.family);
      return mine !== undefined && set.cluster.overlaps(mine) ? releaseCidr(set, mine) : set;
    });
    this.#setNode(node, undefined);
    this.#state = { ...this.#state, podCidrs };
  }

  /**
   * Gives a pod one address of each of its node's prefixes. Addresses a status names are taken if
   * they are free and of the node; others are believed and held by nobody.
   *
   * Returns: no address when the node has none left.
   */
  allocatePod({ node, pod, wanted }: PodRequest): readonly Addr[] {
    const known = this.#node(node);
    const requested = wanted.flatMap((text) => tryParseAddr(text) ?? []);
    if (known === undefined) return requested;
    const holder = { containerId: pod, ifname: POD_LINK };
    const isHeld = (addr: Addr) => known.leases.get(String(addr)) === `${pod}\r\n${POD_LINK}`;
    if (requested.length > 0 && requested.every(isHeld)) return requested;
    const answer = addLease(known.leases, { ...known.config, requested }, holder);
    if (answer.ips === undefined) return requested;
    this.#setNode(node, { ...known, leases: answer.leases });
    return answer.ips.map((ip) => ip.address.addr);
  }

  /** Takes a pod's addresses back. */
  releasePod(node: string, pod: string): void {
    const known = this.#node(node);
    if (known === undefined) return;
    const answer = deleteLease(known.leases, { containerId: pod, ifname: POD_LINK });
    if (answer.effects.length > 0) this.#setNode(node, { ...known, leases: answer.leases });
  }

  /** Families of the Service ranges, the primary one first. */
  get serviceFamilies(): readonly Family[] {
    return this.#state.services.map((s) => s.range.family);
  }

  /** Takes a cluster IP that was asked for. Errors: `RefusedError` `EEXIST`, `ERANGE`. */
  takeClusterIP(addr: Addr): void {
    this.#setServices(addr.family, (set) => takeServiceAddr(set, addr));
  }

  /** Takes any cluster IP; `purpose` names the stream it is drawn from. Errors: `ENOSPC`. */
  takeAnyClusterIP(family: Family, purpose: string): Addr {
    let taken: Addr | undefined;
    this.#setServices(family, (set) => {
      const { addrs, addr } = takeAnyServiceAddr(set, openRandom(this.#state.seed, purpose));
      taken = addr;
      return addrs;
    });
    assert(taken !== undefined, "an address is chosen only in a family that the cluster has");
    return taken;
  }

  /** Gives a cluster IP back; harmless when it was not taken. */
  releaseClusterIP(addr: Addr): void {
    this.#setServices(addr.family, (set) => releaseServiceAddr(set, addr));
  }

  #setServices(family: Family, change: (set: ServiceAddrs) => ServiceAddrs): void {
    const services = this.#state.services.map((s) => (s.range.family === family ? change(s) : s));
    this.#state = { ...this.#state, services };
  }

  /** Takes a node port that was asked for. Errors: `RefusedError` `EEXIST`, `ERANGE`. */
  takeNodePort(port: number): void {
    this.#state = { ...this.#state, nodePorts: takeNodePort(this.#state.nodePorts, port) };
  }

  /** Takes any node port; `purpose` names the stream it is drawn from. Errors: `ENOSPC`. */
  takeAnyNodePort(purpose: string): number {
    const { seed, nodePorts } = this.#state;
    const { ports, port } = takeAnyNodePort(nodePorts, openRandom(seed, purpose));
    this.#state = { ...this.#state, nodePorts: ports };
    return port;
  }

  /** Gives a node port back; harmless when it was not taken. */
  releaseNodePort(port: number): void {
    this.#state = { ...this.#state, nodePorts: releaseNodePort(this.#state.nodePorts, port) };
  }
}

function areEqual(a: readonly Prefix[], b: readonly Prefix[]): boolean {
  return a.length === b.length && a.every((p) => b.some((q) => p.equals(q)));
}
