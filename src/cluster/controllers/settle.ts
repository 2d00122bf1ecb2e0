/**
 * Running the controllers until nothing is left to do. Each write puts keys on queues; the queues
 * are worked off in one order, keys sorted, so the outcome depends on what was written, not when.
 *
 *   write ─▶ queues: collect ▸ node ▸ service ▸ deployment ▸ replicaSet ▸ statefulSet ▸ daemonSet ▸
 *            job ▸ schedule ▸ start ▸ report ▸ reportDeployment ▸ mirror ▸ slices ─▶ quiet
 */
import { assert } from "../../base/index.js";
import {
  type Kind,
  type KubeObject,
  matchesLabels,
  type Node,
  type Pod,
  type Service,
} from "../../objects/index.js";
import { isPodInSlices, LABEL_ZONE } from "../endpoints/pod-endpoint.js";
import { hasManagedSlices } from "../endpoints/reconcile.js";
import { compareText } from "../state/identity.js";
import type { Change, ObjectKey } from "../state/state.js";
import type { Workspace } from "../state/workspace.js";
import { collectDependents, joinNode, leaveNode } from "./collect.js";
import {
  isActive,
  reportDeployment,
  reportReplicaSet,
  syncDeployment,
  syncReplicaSet,
} from "./deployment.js";
import { startPod } from "./kubelet.js";
import { Scheduler } from "./schedule.js";
import { assignIngress, freeService } from "./service.js";
import { syncMirror, syncSlices } from "./slices.js";
import {
  reportDaemonSet,
  reportJob,
  reportStatefulSet,
  syncDaemonSet,
  syncJob,
  syncStatefulSet,
} from "./workloads.js";

type Step = (workspace: Workspace, namespace: string, name: string) => void;

/** Queues by name, in the order they are worked off. */
const STEPS = {
  node: (w, _ns, name) => joinNode(w, name),
  service: assignIngress,
  deployment: syncDeployment,
  replicaSet: syncReplicaSet,
  statefulSet: syncStatefulSet,
  daemonSet: syncDaemonSet,
  job: syncJob,
  schedule: () => undefined,
  start: startPod,
  reportReplicaSet,
  reportStatefulSet,
  reportDaemonSet,
  reportJob,
  reportDeployment,
  mirror: syncMirror,
  slices: syncSlices,
} as const satisfies Readonly<Record<string, Step>>;

type QueueName = keyof typeof STEPS;

/** More rounds than any cluster needs: a controller that fights another would never end. */
const ROUNDS_MAX = 1000;

/** The queues of controllers over one workspace. Writes made before it exists are not seen. */
export class Controllers {
  readonly #workspace: Workspace;
  readonly #queues = new Map<QueueName, Map<string, readonly [string, string]>>();
  readonly #scheduler: Scheduler;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
    for (const name of Object.keys(STEPS)) this.#queues.set(name as QueueName, new Map());
    this.#scheduler = new Scheduler(workspace);
    workspace.onWrite((change) => this.#route(change));
  }

  /** Works until all queues are empty. */
  settle(): void {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const next = [...this.#queues].find(([, keys]) => keys.size > 0);
      if (next === undefined) return;
      const [name, keys] = next;
      const batch = [...keys].sort(([a], [b]) => compareText(a, b));
      keys.clear();
      const step: Step = STEPS[name];
      for (const [, [namespace, object]] of batch) {
        if (name === "schedule") this.#scheduler.schedule(namespace, object);
        else step(this.#workspace, namespace, object);
      }
    }
    assert(false, "controllers come to rest");
  }

  #add(queue: QueueName, namespace: string, name: string, rank = ""): void {
    this.#queues.get(queue)?.set(`${rank}${namespace}/${name}`, [namespace, name]);
  }

  #route(change: Change): void {
    const { key, before, after } = change;
    if (after === undefined && before !== undefined) collectDependents(this.#workspace, before);
    if (key.kind === "Pod") this.#routePod(key, before as Pod, after as Pod);
    else if (key.kind === "Service") this.#routeService(key, before as Service, after as Service);
    else if (key.kind === "Node") this.#routeNode(key, before as Node, after as Node);
    else if (key.kind === "Endpoints") this.#add("mirror", key.namespace, key.name);
    else this.#routeWorkload(key, before, after);
  }

  #routeWorkload(
    { kind, namespace, name }: ObjectKey,
    before: KubeObject | undefined,
    after: KubeObject | undefined,
  ): void {
    const queue = WORKLOADS[kind];
    if (queue === undefined) return;
    const owner = ownerOf(after ?? before);
    if (kind === "ReplicaSet" && owner !== undefined) {
      this.#add("reportDeployment", namespace, owner.name);
      if (after === undefined) this.#add("deployment", namespace, owner.name);
    }
    if (after === undefined || specOf(before) === specOf(after)) return;
    this.#add(queue.sync, namespace, name);
    if (queue.report !== undefined) this.#add(queue.report, namespace, name);
  }

  #routePod(key: ObjectKey, before: Pod | undefined, after: Pod | undefined): void {
    const { namespace, name } = key;
    const owner = ownerOf(after ?? before);
    const queue = owner === undefined ? undefined : WORKLOADS[owner.kind as Kind];
    if (owner !== undefined && queue !== undefined) {
      if (queue.report !== undefined) this.#add(queue.report, namespace, owner.name);
      const isGone = after === undefined || after.status?.phase !== before?.status?.phase;
      const isRelabelled = after?.metadata.labels !== before?.metadata.labels;
      if ((isGone || isRelabelled) && before !== undefined)
        this.#add(queue.sync, namespace, owner.name);
    }
    if (after === undefined) leaveNode(this.#workspace, before as Pod);
    else if ((after.spec?.nodeName ?? "") === "") this.#add("schedule", namespace, name);
    else if (needsStart(before, after)) {
      const rank = (after.status?.podIPs ?? []).length > 0 ? "!" : "";
      this.#add("start", namespace, name, rank);
    }
    this.#routeSelected(namespace, before, after);
  }

  /** The Services that select a pod, now or before. */
  #routeSelected(namespace: string, before: Pod | undefined, after: Pod | undefined): void {
    const versions = [before, after].filter((p) => p !== undefined && isPodInSlices(p));
    if (versions.length === 0) return;
    for (const service of this.#workspace.list("Service", namespace)) {
      if (!hasManagedSlices(service)) continue;
      const selector = service.spec.selector ?? {};
      if (!versions.some((pod) => matchesLabels(selector, pod?.metadata.labels))) continue;
      this.#add("slices", namespace, service.metadata.name);
    }
  }

  #routeService(key: ObjectKey, before: Service | undefined, after: Service | undefined): void {
    const { namespace, name } = key;
    this.#add("mirror", namespace, name);
    if (after === undefined) {
      if (before !== undefined) freeService(this.#workspace, before);
      return;
    }
    this.#add("slices", namespace, name);
    if (before?.spec === after.spec) return;
    this.#add("service", namespace, name);
  }

  #routeNode({ name }: ObjectKey, before: Node | undefined, after: Node | undefined): void {
    if (after !== undefined) this.#add("node", "", name);
    const isMoved = before?.metadata.labels?.[LABEL_ZONE] !== after?.metadata.labels?.[LABEL_ZONE];
    for (const namespace of this.#workspace.namespaces()) {
      for (const set of this.#workspace.list("DaemonSet", namespace)) {
        this.#add("daemonSet", namespace, set.metadata.name);
      }
      for (const pod of this.#workspace.list("Pod", namespace)) {
        if ((pod.spec?.nodeName ?? "") === "") this.#add("schedule", namespace, pod.metadata.name);
      }
      if (!isMoved && before !== undefined && after !== undefined) continue;
      for (const service of this.#workspace.list("Service", namespace)) {
        this.#add("slices", namespace, service.metadata.name);
      }
    }
  }
}

interface WorkloadQueues {
  readonly sync: QueueName;
  readonly report?: QueueName;
}

const WORKLOADS: Partial<Record<Kind, WorkloadQueues>> = {
  Deployment: { sync: "deployment", report: "reportDeployment" },
  ReplicaSet: { sync: "replicaSet", report: "reportReplicaSet" },
  StatefulSet: { sync: "statefulSet", report: "reportStatefulSet" },
  DaemonSet: { sync: "daemonSet", report: "reportDaemonSet" },
  Job: { sync: "job", report: "reportJob" },
};

function ownerOf(object: KubeObject | undefined) {
  return object?.metadata.ownerReferences?.find((o) => o.controller === true);
}

function specOf(object: KubeObject | undefined): unknown {
  return object !== undefined && "spec" in object ? object.spec : undefined;
}

/** Whether the kubelet has to look at a pod: newly bound, or at its end. */
function needsStart(before: Pod | undefined, after: Pod): boolean {
  if (before === undefined || before.spec?.nodeName !== after.spec?.nodeName) return true;
  return isActive(before) && !isActive(after);
}
