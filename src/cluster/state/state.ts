/**
 * The desired and observed state of a cluster as one immutable value, sharded so that a change copies
 * little:
 *
 *   state ─┬─ nodes: name ─▶ Node
 *          ├─ namespaces: name ─▶ shard ─┬─ pods: node ─▶ name ─▶ Pod
 *          │                             └─ kinds: kind ─▶ name ─▶ object
 *          ├─ globals: kind ─▶ name ─▶ object         (cluster-scoped kinds, Namespace too)
 *          └─ addresses: what is allocated
 *
 * A part that is the same object as before has not changed: compiling is memoised on that.
 */
import { enableMapSet, Immer } from "immer";
import {
  KINDS,
  type Kind,
  type KubeObject,
  type Node,
  type ObjectOf,
  type Pod,
} from "../../objects/index.js";
import type { ClusterSettings } from "../settings.js";
import type { AddressState } from "./addresses.js";
import type { ClusterEvent } from "./events.js";

enableMapSet();
/** What is frozen is not walked through: objects come in frozen, at their top. */
const immer = new Immer({ autoFreeze: true });

/** All objects of one namespace. */
export interface NamespaceShard {
  /** By node, then by name; pods without a node stand under "". */
  readonly pods: ReadonlyMap<string, ReadonlyMap<string, Pod>>;
  readonly kinds: ReadonlyMap<Kind, ReadonlyMap<string, KubeObject>>;
}

/** Everything a cluster is. */
export interface ClusterState {
  readonly settings: ClusterSettings;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly namespaces: ReadonlyMap<string, NamespaceShard>;
  readonly globals: ReadonlyMap<Kind, ReadonlyMap<string, KubeObject>>;
  readonly addresses: AddressState;
  /** Where objects were written, by kind, namespace and name. */
  readonly places: ReadonlyMap<string, Place>;
  /** What controllers said they did, the oldest first. */
  readonly events: readonly ClusterEvent[];
  /** Counts changes; the `resourceVersion` of what was written last. */
  readonly revision: number;
  /** What the cluster's clock shows: new objects are stamped with it. */
  readonly time: string;
}

/** Where an object was written. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line?: number;
}

/** Where an object stands. */
export interface ObjectKey {
  readonly kind: Kind;
  /** "" for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

/** One written object, or one that is gone. */
export interface Change {
  readonly key: ObjectKey;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
}

/** A cluster without objects. */
export function emptyState(settings: ClusterSettings, addresses: AddressState): ClusterState {
  return {
    settings,
    nodes: new Map(),
    namespaces: new Map(),
    globals: new Map(),
    addresses,
    places: new Map(),
    events: [],
    revision: 1,
    time: settings.time,
  };
}

/** Where an object stands. */
export function keyOf(object: KubeObject): ObjectKey {
  const kind = object.kind as Kind;
  const namespaced = KINDS[kind].namespaced;
  return {
    kind,
    namespace: namespaced ? (object.metadata.namespace ?? "default") : "",
    name: object.metadata.name,
  };
}

/** The pods of a namespace on a node, by name. */
export function podsOnNode(shard: NamespaceShard, node: string): ReadonlyMap<string, Pod> {
  return shard.pods.get(node) ?? NO_PODS;
}

const NO_PODS: ReadonlyMap<string, Pod> = new Map();

/** Finds an object. */
export function findObject<K extends Kind>(
  state: ClusterState,
  kind: K,
  namespace: string,
  name: string,
): ObjectOf<K> | undefined {
  return findAny(state, { kind, namespace, name }) as ObjectOf<K> | undefined;
}

function findAny(state: ClusterState, { kind, namespace, name }: ObjectKey) {
  if (kind === "Node") return state.nodes.get(name);
  if (!KINDS[kind].namespaced) return state.globals.get(kind)?.get(name);
  const shard = state.namespaces.get(namespace);
  if (kind !== "Pod") return shard?.kinds.get(kind)?.get(name);
  for (const pods of shard?.pods.values() ?? []) {
    const pod = pods.get(name);
    if (pod !== undefined) return pod;
  }
  return undefined;
}

/** All objects of a kind in one namespace (any namespace name for cluster-scoped kinds), unsorted. */
export function* eachObject(
  state: ClusterState,
  kind: Kind,
  namespace: string,
): Generator<KubeObject> {
  if (kind === "Node") yield* state.nodes.values();
  else if (!KINDS[kind].namespaced) yield* state.globals.get(kind)?.values() ?? [];
  else {
    const shard = state.namespaces.get(namespace);
    if (kind !== "Pod") yield* shard?.kinds.get(kind)?.values() ?? [];
    else for (const pods of shard?.pods.values() ?? []) yield* pods.values();
  }
}

/**
 * Applies changes to a state.
 *
 * Shape: everything that no change touches is shared with the state before.
 * Cost: the size of the shards that change.
 */
export function applyChanges(
  state: ClusterState,
  changes: readonly Change[],
  addresses: AddressState,
): ClusterState {
  return immer.produce(state, (draft) => {
    draft.revision = state.revision + changes.length;
    draft.addresses = Object.freeze(addresses) as unknown as typeof draft.addresses;
    for (const change of changes) applyChange(draft as unknown as MutableState, change);
  });
}

type Mutable<T> = Map<string, T>;

interface MutableShard {
  pods: Map<string, Mutable<Pod>>;
  kinds: Map<Kind, Mutable<KubeObject>>;
}

interface MutableState {
  nodes: Mutable<Node>;
  namespaces: Map<string, MutableShard>;
  globals: Map<Kind, Mutable<KubeObject>>;
}

function applyChange(draft: MutableState, { key, before, after }: Change): void {
  if (before !== undefined && shardOf(before) !== (after && shardOf(after))) {
    mapOf(draft, key, before).delete(key.name);
  }
  if (after !== undefined)
    mapOf(draft, key, after).set(key.name, Object.freeze(after) as KubeObject);
  else if (key.kind === "Namespace") draft.namespaces.delete(key.name);
}

/** Tells shards of one kind apart. */
function shardOf(object: KubeObject): string {
  return object.kind === "Pod" ? (object.spec?.nodeName ?? "") : "";
}

function mapOf(draft: MutableState, key: ObjectKey, object: KubeObject): Mutable<KubeObject> {
  if (key.kind === "Node") return draft.nodes as unknown as Mutable<KubeObject>;
  if (!KINDS[key.kind].namespaced) return reach(draft.globals, key.kind);
  let shard = draft.namespaces.get(key.namespace);
  if (shard === undefined) {
    shard = { pods: new Map(), kinds: new Map() };
    draft.namespaces.set(key.namespace, shard);
  }
  if (key.kind !== "Pod") return reach(shard.kinds, key.kind);
  return reach(shard.pods, shardOf(object)) as unknown as Mutable<KubeObject>;
}

function reach<K, T>(maps: Map<K, Mutable<T>>, key: K): Mutable<T> {
  if (!maps.has(key)) maps.set(key, new Map());
  return maps.get(key) as Mutable<T>;
}
