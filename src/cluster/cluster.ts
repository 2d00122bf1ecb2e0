/**
 * `Cluster`: a Kubernetes cluster as an immutable value. Applying objects gives a new cluster in which
 * the controllers have come to rest; the old one stays as it was.
 */
import { type Fault, InputError, type Origin } from "../base/index.js";
import {
  aboutObject,
  freezeDeep,
  KINDS,
  type Kind,
  type KubeObject,
  type Node,
  type ObjectOf,
} from "../objects/index.js";
import { lintProxy, type ProxyFinding, type ProxyModel } from "../proxy/index.js";
import { type Compiled, Compiler } from "./compile/compile.js";
import { ServiceWatch } from "./compile/proxy/watch.js";
import { buildTopology, type Topology } from "./compile/topology.js";
import { releaseDependents } from "./controllers/collect.js";
import { Controllers } from "./controllers/settle.js";
import { applyObject } from "./controllers/write.js";
import { deriveEndpoints } from "./endpoints/endpoints.js";
import { type ClusterOptions, type ClusterSettings, readSettings } from "./settings.js";
import { createAddresses } from "./state/addresses.js";
import { type ClusterEvent, keepEvents } from "./state/events.js";
import { compareText } from "./state/identity.js";
import { findPlace, placeKey } from "./state/places.js";
import {
  applyChanges,
  type ClusterState,
  eachObject,
  emptyState,
  findObject,
  keyOf,
  type ObjectKey,
} from "./state/state.js";
import { Workspace } from "./state/workspace.js";
import { makeNamespace, systemObjects } from "./system/objects.js";

/** How objects are applied. */
export interface ApplyOptions {
  /** Make namespaces that objects stand in and nobody made. Default: true. */
  readonly createNamespaces?: boolean;
  /** Where the objects were written, so that `locate` can tell. */
  readonly origins?: ReadonlyMap<KubeObject, Origin>;
}

/**
 * A cluster.
 *
 * Laws: compiling a cluster gives what compiling it from scratch gives, whatever was applied before
 * (test/property/cluster/compile.prop.test.ts); objects applied together give the same cluster in
 * any order.
 *
 * @example
 * const cluster = Cluster.create({ nodes: 2, network: "vxlan" }).apply(objects);
 * cluster.compile().netns.get("node-1")
 */
export class Cluster {
  /** Everything the cluster is. */
  readonly state: ClusterState;
  readonly #compiler: Compiler;

  private constructor(state: ClusterState, compiler: Compiler) {
    this.state = state;
    this.#compiler = compiler;
  }

  /** Makes a cluster with nodes, the namespaces every cluster has, the API server's Service and DNS. */
  static create(options: ClusterOptions = {}): Cluster {
    const settings = readSettings(options);
    const state = emptyState(settings, createAddresses(settings));
    const system = systemObjects(options, settings).map(freezeDeep);
    return new Cluster(state, new Compiler()).apply(system);
  }

  /** What the cluster was made with. */
  get settings(): ClusterSettings {
    return this.state.settings;
  }

  /**
   * The same cluster at another time, RFC 3339 as the API prints it: what is written from now on is
   * stamped with it. Configurations do not depend on it.
   */
  at(time: string): Cluster {
    if (time === this.state.time) return this;
    return new Cluster({ ...this.state, time }, this.#compiler);
  }

  /** The same cluster with another policy agent on its nodes. */
  withPolicyAgent(policyAgent: ClusterSettings["policyAgent"]): Cluster {
    const settings = { ...this.state.settings, policyAgent };
    return new Cluster({ ...this.state, settings }, new Compiler());
  }

  /**
   * Writes objects and lets the controllers come to rest.
   *
   * Shape: all objects or none. Objects that were loaded are frozen and taken as they are; others are
   * decoded, defaulted and checked first. An object that is there is updated: what the cluster gave it
   * (addresses, node, uid) it keeps.
   * Errors: `InputError` with every fault: whatever the API server would refuse, an object twice, a
   * node or namespace that is not there, an address or port that is taken.
   */
  apply(objects: readonly KubeObject[] | KubeObject, options: ApplyOptions = {}): Cluster {
    const list = Array.isArray(objects)
      ? (objects as readonly KubeObject[])
      : [objects as KubeObject];
    const { origins } = options;
    const placeOf = (object: KubeObject) => placeIn(origins?.get(object));
    const lenient = options.createNamespaces !== false;
    const faults = checkBatch({ cluster: this, objects: list, lenient, placeOf });
    if (faults.length > 0) throw new InputError(faults);
    const base = origins === undefined ? this : this.#withPlaces(list, origins);
    return base.#work((workspace) => {
      for (const name of missingNamespaces(this, list)) applyObject(workspace, makeNamespace(name));
      const refused: Fault[] = [];
      for (const object of sortBatch(list)) {
        const attempt = () => applyObject(workspace, object);
        refused.push(
          ...faultsOf(attempt).map((f) => ({ ...placeOf(object), ...aboutObject(f, object) })),
        );
      }
      if (refused.length > 0) throw new InputError(refused);
    });
  }

  #withPlaces(objects: readonly KubeObject[], origins: ReadonlyMap<KubeObject, Origin>): Cluster {
    const places = new Map(this.state.places);
    for (const object of objects) {
      const { file, line } = origins.get(object) ?? {};
      if (file === undefined) continue;
      places.set(placeKey(keyOf(object)), { file, ...(line === undefined ? {} : { line }) });
    }
    return new Cluster({ ...this.state, places }, this.#compiler);
  }

  /**
   * An origin with the file and line of its object, or of the object that made its object: a pod is
   * where its Deployment is, a slice where its Service is.
   */
  locate(origin: Origin): Origin {
    if (origin.file !== undefined || this.state.places.size === 0) return origin;
    const place = findPlace(this.state, origin);
    return place === undefined ? origin : { ...origin, ...place };
  }

  /** Removes an object and what hangs on it. One that is not there is no fault. */
  delete(kind: Kind, namespace: string, name: string): Cluster {
    return this.deleteAll([{ kind, namespace, name }]);
  }

  /** Removes several objects at once; with `orphan`, what they own stays. */
  deleteAll(keys: readonly ObjectKey[], { orphan = false } = {}): Cluster {
    return this.#work((workspace) => {
      for (const { kind, name, namespace: typed } of keys) {
        const namespace = KINDS[kind].namespaced ? typed : "";
        const owner = orphan ? workspace.get(kind, namespace, name) : undefined;
        if (owner !== undefined) releaseDependents(workspace, owner as KubeObject);
        workspace.delete({ kind, name, namespace });
      }
    });
  }

  #work(change: (workspace: Workspace) => void): Cluster {
    const workspace = new Workspace(this.state);
    const controllers = new Controllers(workspace);
    change(workspace);
    controllers.settle();
    if (workspace.faults.length > 0) throw new InputError(workspace.faults);
    const changes = workspace.changes();
    const addresses = workspace.addresses.finish();
    if (changes.length === 0 && addresses === this.state.addresses) return this;
    const state = applyChanges(this.state, changes, addresses);
    const events = keepEvents(this.state.events, workspace.events);
    return new Cluster({ ...state, events }, this.#compiler);
  }

  /** What the controllers said about an object, the oldest first. */
  eventsOf(object: KubeObject): readonly ClusterEvent[] {
    const { uid } = object.metadata;
    return this.state.events.filter((event) => event.uid === uid);
  }

  /** Finds an object, or undefined. `namespace` is ignored for cluster-scoped kinds. */
  get<K extends Kind>(kind: K, namespace: string, name: string): ObjectOf<K> | undefined {
    if (kind === "Endpoints") {
      return deriveEndpoints(this.state, namespace, name) as ObjectOf<K> | undefined;
    }
    return findObject(this.state, kind, namespace, name);
  }

  /** All objects of a kind, in one namespace or in all, by namespace and name. */
  list<K extends Kind>(kind: K, namespace?: string): readonly ObjectOf<K>[] {
    const all = KINDS[kind].namespaced ? [...this.state.namespaces.keys()].sort(compareText) : [""];
    const spaces = namespace === undefined || !KINDS[kind].namespaced ? all : [namespace];
    return spaces.flatMap((space) => {
      if (kind === "Endpoints") return this.#listEndpoints(space) as unknown as ObjectOf<K>[];
      const found = [...eachObject(this.state, kind, space)] as ObjectOf<K>[];
      return found.sort((a, b) => compareText(nameOf(a), nameOf(b)));
    });
  }

  #listEndpoints(namespace: string) {
    const kinds = ["Service", "Endpoints"] as const;
    const names = kinds.flatMap((kind) => [...eachObject(this.state, kind, namespace)].map(nameOf));
    return [...new Set(names)]
      .sort(compareText)
      .flatMap((name) => deriveEndpoints(this.state, namespace, name) ?? []);
  }

  /** All nodes, by name. */
  get nodes(): readonly Node[] {
    return this.list("Node");
  }

  /** What every kernel of the cluster is configured with, and how they are joined. */
  compile(): Compiled {
    return this.#compiler.compile(this.state);
  }

  /**
   * What kube-proxy on every node knows of Services and their endpoints, one model for each family:
   * ip4, then ip6. The same models as long as no Service and no slice has changed.
   */
  proxyModels(): readonly ProxyModel[] {
    return this.#compiler.proxyModels(this.state);
  }

  /** The cluster as a graph: nodes, pods, links, bridges, Services. */
  topology(): Topology {
    return buildTopology(this.state, this.compile());
  }

  /** Where the real kube-proxy would answer by chance: objects that contradict each other. */
  lint(): readonly ProxyFinding[] {
    const { proxyRelease: release } = this.state.settings;
    const findings = lintProxy(new ServiceWatch(release).take(this.state), release);
    return findings.map((finding) => {
      const origins = finding.origins.map((origin) => this.locate(origin));
      return { ...finding, origins };
    });
  }
}

function nameOf(object: unknown): string {
  return (object as KubeObject).metadata.name;
}

/** Order of kinds in a batch: what others need comes first. */
const KIND_ORDER: readonly Kind[] = ["Namespace", "Node", "ServiceCIDR", "Service", "Endpoints"];

/** Services that ask for an address or a port are served before those that take any. */
function asksForAddress(object: KubeObject): boolean {
  if (object.kind !== "Service") return false;
  const { clusterIP = "", healthCheckNodePort = 0, ports = [] } = object.spec;
  return clusterIP !== "" || healthCheckNodePort !== 0 || ports.some((p) => !!p.nodePort);
}

function sortBatch(objects: readonly KubeObject[]): readonly KubeObject[] {
  const rank = (o: KubeObject) => {
    const at = KIND_ORDER.indexOf(o.kind as Kind);
    return (at < 0 ? KIND_ORDER.length : at) - (asksForAddress(o) ? 0.5 : 0);
  };
  const text = (o: KubeObject) => `${o.kind}/${o.metadata.namespace ?? ""}/${nameOf(o)}`;
  return objects.toSorted((a, b) => rank(a) - rank(b) || compareText(text(a), text(b)));
}

function missingNamespaces(cluster: Cluster, objects: readonly KubeObject[]): readonly string[] {
  const made = new Set(objects.filter((o) => o.kind === "Namespace").map(nameOf));
  const wanted = objects.filter((o) => KINDS[o.kind as Kind].namespaced);
  const names = new Set(wanted.map((o) => o.metadata.namespace ?? "default"));
  return [...names]
    .filter((name) => !made.has(name) && cluster.get("Namespace", "", name) === undefined)
    .sort(compareText);
}

interface Batch {
  readonly cluster: Cluster;
  readonly objects: readonly KubeObject[];
  /** Namespaces that nobody made are no fault. */
  readonly lenient: boolean;
  readonly placeOf: (object: KubeObject) => Place;
}

function checkBatch({ cluster, objects, lenient, placeOf }: Batch): Fault[] {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  const nodes = new Set(objects.filter((o) => o.kind === "Node").map(nameOf));
  const missing = lenient ? [] : missingNamespaces(cluster, objects);
  for (const object of objects) {
    const namespace = object.metadata.namespace ?? "default";
    const text = `${object.kind}/${namespace}/${nameOf(object)}`;
    if (seen.has(text)) {
      const message = `${object.kind} ${namespace}/${nameOf(object)} is there twice`;
      faults.push({
        code: "duplicate-name",
        path: "metadata.name",
        value: nameOf(object),
        message,
        ...placeOf(object),
      });
    }
    seen.add(text);
    if (missing.includes(namespace) && KINDS[object.kind as Kind].namespaced) {
      const message = `namespaces "${namespace}" not found`;
      const fault = { code: "NotFound", path: "metadata.namespace", value: namespace, message };
      faults.push({ ...fault, ...placeOf(object) });
    }
    const nodeName = object.kind === "Pod" ? (object.spec?.nodeName ?? "") : "";
    if (nodeName === "" || nodes.has(nodeName)) continue;
    if (cluster.get("Node", "", nodeName) !== undefined) continue;
    const message = `Pod ${namespace}/${nameOf(object)} asks for a node that does not exist`;
    const known = cluster.nodes.map(nameOf).slice(0, 10).join(", ");
    const expected = `a node of the cluster: ${known}`;
    const fault = { code: "NotFound", path: "spec.nodeName", value: nodeName, message, expected };
    faults.push({ ...fault, ...placeOf(object) });
  }
  return faults;
}

/** Where something was written, as far as it is known. */
type Place = Pick<Fault, "file" | "line">;

function placeIn(origin: Origin | undefined): Place {
  const { file, line } = origin ?? {};
  return { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}

/** What an attempt was refused for; any other error goes on its way. */
function faultsOf(attempt: () => void): readonly Fault[] {
  try {
    attempt();
    return [];
  } catch (error) {
    if (error instanceof InputError) return error.faults;
    throw error;
  }
}
