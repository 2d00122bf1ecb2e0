/**
 * `Cluster`: what people type. An immutable cluster that takes YAML and kubectl commands and can be
 * run. It adds no meaning of its own: the state is `cluster`'s, the verbs are `kubectl`'s, the life is
 * `simulation`'s.
 */
import { type Origin, RefusedError } from "../base/index.js";
import {
  type ClusterOptions,
  type Compiled,
  Cluster as State,
  type Topology,
} from "../cluster/index.js";
import { type CallInput, kubectl } from "../kubectl/index.js";
import type { NetnsConfig } from "../netns/index.js";
import {
  type Kind,
  type KubeObject,
  loadManifests,
  type ManifestFile,
  type Node,
  type ObjectOf,
} from "../objects/index.js";
import type { SimulationOptions } from "../simulation/index.js";
import { LiveCluster } from "./live-cluster.js";

/** Manifests as people have them: a text, or files with their names. */
export type Manifests = string | readonly ManifestFile[];

/**
 * A cluster: nodes, objects, and what the controllers made of them.
 *
 * Shape: immutable; every change gives a new cluster.
 * Errors: `InputError` with every fault of what was given, and nothing is changed; `RefusedError`
 * for a kubectl command that ends with an error.
 *
 * @example
 * const cluster = Cluster.create({ nodes: 2 }).kubectl("run pod-a --image=nginx");
 * cluster.get("Pod", "default", "pod-a")?.status?.podIP // => 10.244.0.3
 */
export class Cluster {
  /** The objects and addresses behind it. */
  readonly state: State;
  /** What the last kubectl command printed. */
  readonly output: string;

  private constructor(state: State, output = "") {
    this.state = state;
    this.output = output;
  }

  /** Makes a cluster with sensible defaults for all of it: two nodes, flannel, iptables, CoreDNS. */
  static create(options: ClusterOptions = {}): Cluster {
    return new Cluster(State.create(options));
  }

  /** Wraps a state. */
  static of(state: State): Cluster {
    return new Cluster(state);
  }

  /** Makes a cluster from manifests. Nodes among them are its nodes. */
  static load(manifests: Manifests, options: ClusterOptions = {}): Cluster {
    const origins = readManifests(manifests);
    const objects = [...origins.keys()];
    const nodes = objects.filter((object): object is Node => object.kind === "Node");
    const own = nodes.length > 0 ? { ...options, nodes } : options;
    const rest = objects.filter((object) => object.kind !== "Node");
    return new Cluster(State.create(own).apply(rest, { origins }));
  }

  /** Applies manifests, all of them or none. */
  apply(manifests: Manifests): Cluster {
    const origins = readManifests(manifests);
    return new Cluster(this.state.apply([...origins.keys()], { origins }));
  }

  /** Removes an object and what hangs on it. */
  delete(kind: Kind, namespace: string, name: string): Cluster {
    return new Cluster(this.state.delete(kind, namespace, name));
  }

  /**
   * Runs a kubectl command; what it printed is the new cluster's `output`.
   *
   * Errors: `RefusedError` with kubectl's words when the command ends with an error.
   */
  kubectl(command: string, input: CallInput = {}): Cluster {
    const { cluster, exit, stdout, stderr } = kubectl(this.state, command, input);
    if (exit !== 0) throw new RefusedError("kubectl", stderr.trimEnd(), { command, exit, stdout });
    return new Cluster(cluster, stdout + stderr);
  }

  /** Starts it: clock, connections, names. */
  start(options: SimulationOptions = {}): LiveCluster {
    return new LiveCluster(this.state, options);
  }

  /** Finds an object. */
  get<K extends Kind>(kind: K, namespace: string, name: string): ObjectOf<K> | undefined {
    return this.state.get(kind, namespace, name);
  }

  /** All objects of a kind, by namespace and name. */
  list<K extends Kind>(kind: K, namespace?: string): readonly ObjectOf<K>[] {
    return this.state.list(kind, namespace);
  }

  /** What a node's kernel is configured with. */
  node(name: string): { readonly config: NetnsConfig } {
    return this.#configured(name);
  }

  /** What a pod's namespace is configured with; `namespace/name` outside of `default`. */
  pod(name: string): { readonly config: NetnsConfig } {
    return this.#configured(name.includes("/") ? name : `default/${name}`);
  }

  #configured(name: string): { readonly config: NetnsConfig } {
    const config = this.compile().netns.get(name);
    if (config !== undefined) return { config };
    throw new RefusedError("NotFound", `there is no namespace ${JSON.stringify(name)}`, { name });
  }

  /** What every kernel is configured with, and how they are joined. */
  compile(): Compiled {
    return this.state.compile();
  }

  /** The cluster as a graph. */
  topology(): Topology {
    return this.state.topology();
  }
}

/** The objects of manifests, each with the place where it was written. */
function readManifests(manifests: Manifests): ReadonlyMap<KubeObject, Origin> {
  const files =
    typeof manifests === "string" ? [{ file: "manifests.yaml", text: manifests }] : manifests;
  return new Map(loadManifests(files).objects.map(({ object, origin }) => [object, origin]));
}
