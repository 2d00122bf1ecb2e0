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

/** A pod that wants addresses; `wanted` are those its status names. */
export interface PodRequest {
  readonly node: string;
  /** `ns/name`. */
  readonly pod: string;
  readonly wanted: readonly string[];
}

/** A Service that wants a cluster IP of a family, this one if it says so. */
export interface ClusterIPRequest {
  readonly family: Family;
  readonly wanted?: string | undefined;
}

/**
 * Allocations being worked on. What is not touched stays shared with the state it began with.
 */
export class AddressBook {
  #state: AddressState;
  #nodes: Map<string, NodeLeases> | undefined;
  #held: Map<string, Held> | undefined;

  constructor(state: AddressState) {
    this.#state = state;
  }

  /** The allocations as a value; the same object as at the beginning if nothing changed. */
  finish(): AddressState {
    if (this.#nodes !== undefined) this.#state = { ...this.#state, nodes: this.#nodes };
    if (this.#held !== undefined) this.#state = { ...this.#state, held: this.#held };
    this.#nodes = undefined;
    this.#held = undefined;
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

  #heldBy({ namespace, name }: ServiceOwner): Held {
    return (this.#held ?? this.#state.held).get(`${namespace}/${name}`) ?? NOTHING;
  }

  #setHeld({ namespace, name }: ServiceOwner, held: Held): void {
    this.#held ??= new Map(this.#state.held);
    if (held.addrs.length + held.ports.length === 0) this.#held.delete(`${namespace}/${name}`);
    else this.#held.set(`${namespace}/${name}`, held);
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

  /**
   * Gives a Service a cluster IP. What it holds already it keeps.
   *
   * Errors: `RefusedError` `EEXIST`, `ERANGE`, `ENOSPC`.
   */
  allocateClusterIP(owner: ServiceOwner, { family, wanted }: ClusterIPRequest): Addr {
    const held = this.#heldBy(owner);
    const asked = wanted === undefined ? undefined : tryParseAddr(wanted);
    const mine = held.addrs.find((a) => (asked ? a.equals(asked) : a.family === family));
    if (mine !== undefined) return mine;
    const at = this.#state.services.findIndex((s) => s.range.family === family);
    const set = this.#state.services[at];
    if (set === undefined) {
      const words = "the cluster has no Service range of this family";
      throw new RefusedError("ERANGE", words, { family });
    }
    const purpose = `cluster-ip/${owner.namespace}/${owner.name}/${family}`;
    const answer =
      asked === undefined
        ? takeAnyServiceAddr(set, openRandom(this.#state.seed, purpose))
        : { addrs: takeServiceAddr(set, asked), addr: asked };
    this.#state = { ...this.#state, services: this.#state.services.with(at, answer.addrs) };
    this.#setHeld(owner, { ...held, addrs: [...held.addrs, answer.addr] });
    return answer.addr;
  }

  /**
   * Gives a Service a node port, this one unless it is 0. What it holds already it keeps.
   *
   * Errors: `RefusedError` `EEXIST`, `ERANGE`, `ENOSPC`.
   */
  allocateNodePort(owner: ServiceOwner, wanted: number): number {
    const held = this.#heldBy(owner);
    if (wanted !== 0 && held.ports.includes(wanted)) return wanted;
    const { nodePorts, seed } = this.#state;
    const purpose = `node-port/${owner.namespace}/${owner.name}/${held.ports.length}`;
    const answer =
      wanted === 0
        ? takeAnyNodePort(nodePorts, openRandom(seed, purpose))
        : { ports: takeNodePort(nodePorts, wanted), port: wanted };
    this.#state = { ...this.#state, nodePorts: answer.ports };
    this.#setHeld(owner, { ...held, ports: [...held.ports, answer.port] });
    return answer.port;
  }

  /** Takes back what a Service holds and does not use any more. */
  retainService(owner: ServiceOwner, used: Held): void {
    const held = this.#heldBy(owner);
    const addrs = held.addrs.filter((a) => used.addrs.some((b) => a.equals(b)));
    const ports = held.ports.filter((p) => used.ports.includes(p));
    if (addrs.length === held.addrs.length && ports.length === held.ports.length) return;
    let { services, nodePorts } = this.#state;
    for (const addr of held.addrs) {
      if (!addrs.includes(addr)) services = services.map((s) => releaseServiceAddr(s, addr));
    }
    for (const port of held.ports) {
      if (!ports.includes(port)) nodePorts = releaseNodePort(nodePorts, port);
    }
    this.#state = { ...this.#state, services, nodePorts };
    this.#setHeld(owner, { addrs, ports });
  }

  /** Takes everything of a Service back. */
  releaseService(owner: ServiceOwner): void {
    this.retainService(owner, NOTHING);
  }
}

function areEqual(a: readonly Prefix[], b: readonly Prefix[]): boolean {
  return a.length === b.length && a.every((p) => b.some((q) => p.equals(q)));
}
