/** The policies of a cluster, and who they can select, of one state after the other. */
import { tryParseAddr } from "../../../addr/index.js";
import type { EndpointSlice, KubeObject, Namespace, Node, Pod } from "../../../objects/index.js";
import {
  comparePolicies,
  type Member,
  memberOf,
  type NodeMember,
  namespaceLabelsOf,
  nodeMembersOf,
  type Policy,
  type PolicyChange,
  type PolicyEndpoint,
  policyProtocol,
  readPolicies,
} from "../../../policy/index.js";
import { compareText } from "../../state/identity.js";
import type { ClusterState, NamespaceShard } from "../../state/state.js";

/** The kinds of policies that stand in no namespace. */
const CLUSTER_WIDE = [
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
  "ClusterNetworkPolicy",
] as const;

type Shelf = ReadonlyMap<string, KubeObject>;
type Pods = NamespaceShard["pods"];

/** What is known of one namespace. */
interface KnownNamespace {
  readonly object: KubeObject | undefined;
  readonly labels: Member["namespaceLabels"];
  readonly pods: Pods;
}

/** Whether a state has policies at all. */
export function hasPolicies(state: ClusterState): boolean {
  return shelvesOf(state).length > 0;
}

/**
 * What a policy agent watches: policies, nodes, and pods that have changed.
 *
 * Shape: lists are the same lists as before if nothing in them has changed.
 * Cost: one look at each namespace, and at the nodes and pods of those that changed.
 */
export class PolicyWatch {
  readonly #read = new WeakMap<KubeObject, readonly Policy[]>();
  readonly #namespaces = new Map<string, KnownNamespace>();
  readonly #members = new Map<string, Member>();
  #shelves: readonly Shelf[] = [];
  #policies: readonly Policy[] = [];
  #endpoints:
    | { readonly of: readonly EndpointSlice[]; readonly list: readonly PolicyEndpoint[] }
    | undefined;
  #nodes:
    | { readonly of: ClusterState["nodes"]; readonly members: readonly NodeMember[] }
    | undefined;

  /** What has changed since the state before; with the first state, everything. */
  take(state: ClusterState, slices: readonly EndpointSlice[]): PolicyChange {
    return {
      endpoints: this.#takeEndpoints(slices),
      members: this.#takePods(state),
      policies: this.#takePolicies(state),
      nodes: this.#takeNodes(state.nodes),
    };
  }

  #takePolicies(state: ClusterState): readonly Policy[] {
    const shelves = shelvesOf(state);
    const isSame = shelves.length === this.#shelves.length;
    if (isSame && shelves.every((shelf, at) => shelf === this.#shelves[at])) return this.#policies;
    this.#shelves = shelves;
    const all = shelves.flatMap((shelf) => [...shelf.values()].flatMap((o) => this.#readOne(o)));
    this.#policies = all.sort(comparePolicies);
    return this.#policies;
  }

  #readOne(object: KubeObject): readonly Policy[] {
    const known = this.#read.get(object);
    if (known !== undefined) return known;
    const read = readPolicies([{ object }]);
    this.#read.set(object, read);
    return read;
  }

  #takeNodes(nodes: ClusterState["nodes"]): readonly NodeMember[] {
    if (this.#nodes?.of === nodes) return this.#nodes.members;
    const nameOf = ({ metadata }: Node) => metadata.name ?? "";
    const sorted = [...nodes.values()].sort((a, b) => compareText(nameOf(a), nameOf(b)));
    this.#nodes = { of: nodes, members: nodeMembersOf(sorted) };
    return this.#nodes.members;
  }

  #takeEndpoints(slices: readonly EndpointSlice[]): readonly PolicyEndpoint[] {
    if (this.#endpoints?.of !== slices) {
      this.#endpoints = { of: slices, list: slices.flatMap(endpointsOf) };
    }
    return this.#endpoints.list;
  }

  #takePods(state: ClusterState): [string, Member | undefined][] {
    const changes = new Map<string, Member | undefined>();
    const objects = state.globals.get("Namespace");
    for (const name of new Set([...this.#namespaces.keys(), ...state.namespaces.keys()])) {
      const old = this.#namespaces.get(name);
      const pods = state.namespaces.get(name)?.pods ?? NO_PODS;
      const object = objects?.get(name);
      if (old?.pods === pods && old.object === object) continue;
      const labels = keepLabels(old?.labels, namespaceLabelsOf(name, object as Namespace));
      const hasNewLabels = old?.labels !== labels;
      if (state.namespaces.has(name)) this.#namespaces.set(name, { object, labels, pods });
      else this.#namespaces.delete(name);
      const before = old?.pods ?? NO_PODS;
      const remove = (key: string) => changes.set(key, undefined);
      const place = (key: string, pod: Pod) => changes.set(key, memberOf(pod, labels));
      eachGone(before, pods, remove);
      eachChanged(hasNewLabels ? NO_PODS : before, pods, place);
    }
    return [...changes].filter(([key, member]) => this.#remember(key, member));
  }

  /** Takes over a pod. Returns whether policies see it otherwise than before. */
  #remember(key: string, member: Member | undefined): boolean {
    const old = this.#members.get(key);
    if (member === undefined) return this.#members.delete(key);
    if (old !== undefined && readsAlike(old, member)) return false;
    this.#members.set(key, member);
    return true;
  }
}

const NO_PODS: Pods = new Map();

function endpointsOf({ endpoints, ports }: EndpointSlice): PolicyEndpoint[] {
  return (endpoints ?? []).flatMap(({ addresses }) =>
    (addresses ?? []).flatMap((text) => {
      const addr = tryParseAddr(text);
      if (addr === undefined) return [];
      return (ports ?? []).flatMap(({ port, protocol = "TCP" }) =>
        port === undefined ? [] : [{ addr, port, protocol: policyProtocol(protocol) }],
      );
    }),
  );
}

function shelvesOf({ namespaces, globals }: ClusterState): readonly Shelf[] {
  const own = [...namespaces.values()].flatMap(({ kinds }) => kinds.get("NetworkPolicy") ?? []);
  return [...own, ...CLUSTER_WIDE.flatMap((kind) => globals.get(kind) ?? [])].filter(
    (shelf) => shelf.size > 0,
  );
}

/** Pods that are not on their node any more; one that has moved comes again among the changed. */
function eachGone(before: Pods, after: Pods, tell: (key: string) => void): void {
  for (const [node, pods] of before) {
    const now = after.get(node);
    if (now === pods) continue;
    for (const [name, pod] of pods) if (!now?.has(name)) tell(keyOf(pod));
  }
}

function eachChanged(before: Pods, after: Pods, tell: (key: string, pod: Pod) => void): void {
  for (const [node, pods] of after) {
    const then = before.get(node);
    if (then === pods) continue;
    for (const [name, pod] of pods) if (then?.get(name) !== pod) tell(keyOf(pod), pod);
  }
}

function keyOf({ metadata: { namespace = "default", name } }: Pod): string {
  return `${namespace}/${name}`;
}

function keepLabels(
  old: Member["namespaceLabels"] | undefined,
  now: Member["namespaceLabels"],
): Member["namespaceLabels"] {
  return old !== undefined && JSON.stringify(old) === JSON.stringify(now) ? old : now;
}

function readsAlike(a: Member, b: Member): boolean {
  if (a.namespaceLabels !== b.namespaceLabels || a.node !== b.node) return false;
  const text = ({ labels, addrs, ports }: Member) => JSON.stringify([labels, addrs, ports]);
  return text(a) === text(b);
}
