/** The built-in kubectl over a `Cluster`: each write gives a new cluster, the last one is kept. */
import type { Cluster } from "../cluster/index.js";
import { type Kind, type KubeObject, parseTime } from "../objects/index.js";
import type { ExecRequest, ExecResult, KubectlBackend } from "./backend.js";
import type { ObjectEvent } from "./describe/events.js";
import { type CommandResult, runKubectl } from "./run-kubectl.js";
import { unallocated } from "./server/dry-service.js";
import { servedObjects } from "./server/served.js";
import type { CallInput } from "./session.js";
import { compareText } from "./tables/labels.js";

/** What kubectl needs besides the cluster. */
export interface ClusterContext extends CallInput {
  /** The present, in seconds since 1970. Default: the time the cluster was made at. */
  readonly now?: number;
  /** Runs commands in pods. */
  readonly exec?: (request: ExecRequest) => ExecResult;
}

/** A backend that holds the newest state of a cluster. */
export class ClusterBackend implements KubectlBackend {
  #cluster: Cluster;
  readonly #now: number;
  readonly exec?: (request: ExecRequest) => ExecResult;

  constructor(cluster: Cluster, context: ClusterContext = {}) {
    this.#cluster = cluster;
    this.#now = context.now ?? parseTime(cluster.settings.time) ?? 0;
    if (context.exec !== undefined) this.exec = context.exec;
  }

  /** The cluster after everything that was written. */
  get cluster(): Cluster {
    return this.#cluster;
  }

  now(): number {
    return this.#now;
  }

  /** Finds an object. */
  get(kind: Kind, namespace: string, name: string): KubeObject | undefined {
    const stored = this.#cluster.get(kind, namespace, name);
    if (stored !== undefined || !SERVED.includes(kind)) return stored;
    const served = servedObjects(this.#cluster, kind, namespace === "" ? undefined : namespace);
    return served.find((object) => object.metadata.name === name);
  }

  list(kind: Kind, namespace?: string): readonly KubeObject[] {
    const stored: readonly KubeObject[] = this.#cluster.list(kind, namespace);
    if (!SERVED.includes(kind)) return stored;
    const names = new Set(stored.map(placeOf));
    const served = servedObjects(this.#cluster, kind, namespace);
    const all = [...stored, ...served.filter((object) => !names.has(placeOf(object)))];
    return all.sort((a, b) => compareText(placeOf(a), placeOf(b)));
  }

  eventsOf(object: KubeObject): readonly ObjectEvent[] {
    return this.#cluster.eventsOf(object);
  }

  /** The addresses and defaults that the server would give; nobody has seen the object yet. */
  preview(object: KubeObject): KubeObject {
    const { name, namespace = "" } = object.metadata;
    const applied = this.#cluster.apply(object, { createNamespaces: false });
    const stored = applied.get(object.kind as Kind, namespace, name) ?? object;
    const { resourceVersion: _, ...metadata } = stored.metadata;
    const seen = { ...stored, metadata: { ...metadata, annotations: object.metadata.annotations } };
    if (seen.kind === "Service" && object.kind === "Service") {
      return unallocated(this.#cluster, object, seen);
    }
    if (seen.kind !== "Pod") return { ...seen, status: statusOf(stored) } as KubeObject;
    const { nodeName: _n, ...spec } = seen.spec;
    const { qosClass } = seen.status ?? {};
    return { ...seen, spec, status: { phase: "Pending", qosClass } } as KubeObject;
  }

  create(object: KubeObject): void {
    this.#cluster = this.#cluster.apply(object, { createNamespaces: false });
  }

  update(object: KubeObject): void {
    this.#cluster = this.#cluster.apply(object, { createNamespaces: false });
  }

  /** Removes an object and, unless it is to stay, what hangs on it. */
  delete(kind: Kind, namespace: string, name: string, how = { orphan: false }): void {
    this.#cluster = this.#cluster.deleteAll([{ kind, namespace, name }], how);
  }
}

/** Kinds of which the control plane makes objects for itself. */
const SERVED: readonly Kind[] = ["ServiceCIDR", "IPAddress", "ConfigMap"];

/** Orders by namespace, then by name. */
function placeOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

/** The status that an object is stored with at first. */
function statusOf(object: KubeObject): unknown {
  if (object.kind === "Namespace" || object.kind === "Service") return object.status;
  return {};
}

/** What a command wrote, and the cluster after it. */
export interface KubectlResult extends CommandResult {
  readonly cluster: Cluster;
}

/**
 * Runs a kubectl command on a cluster.
 *
 * @example
 * kubectl(cluster, "run web --image=nginx").cluster
 */
export function kubectl(
  cluster: Cluster,
  command: string | readonly string[],
  context: ClusterContext = {},
): KubectlResult {
  const backend = new ClusterBackend(cluster, context);
  const result = runKubectl(command, backend, context);
  return { ...result, cluster: backend.cluster };
}
