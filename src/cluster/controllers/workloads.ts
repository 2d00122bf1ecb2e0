/** The StatefulSet, DaemonSet, Job and CronJob controllers, as they stand when they have settled. */
import type { DaemonSet, Job, Pod, StatefulSet } from "../../objects/index.js";
import { generateName, templateHash } from "../state/identity.js";
import { podsOwnedBy, type Workspace } from "../state/workspace.js";
import { isActive, isReady } from "./deployment.js";
import { fitsNode } from "./fit.js";
import { createPod, updateStatus } from "./pod-template.js";

/**
 * Keeps pods `name-0` … `name-(n-1)` of a StatefulSet.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/statefulset/stateful_set_utils.go `newVersionedStatefulSetPod`.
 * Not modelled: volume claims; the order in which pods start.
 */
export function syncStatefulSet(workspace: Workspace, namespace: string, name: string): void {
  const set = workspace.get("StatefulSet", namespace, name);
  if (set?.spec?.template === undefined) return;
  const start = set.spec.ordinals?.start ?? 0;
  const wanted = new Map<string, number>();
  for (let at = start; at < start + (set.spec.replicas ?? 1); at++) wanted.set(`${name}-${at}`, at);
  const revision = revisionName(set);
  for (const pod of podsOwnedBy(workspace, namespace, set.metadata.uid ?? "")) {
    if (wanted.has(pod.metadata.name) && !isOutdated(set, pod, revision)) continue;
    workspace.delete({ kind: "Pod", namespace, name: pod.metadata.name });
    sayOrdinal(workspace, set, "Delete", pod.metadata.name);
  }
  for (const [podName, ordinal] of wanted) {
    if (workspace.get("Pod", namespace, podName) !== undefined) continue;
    createPod(workspace, set, set.spec.template, {
      name: podName,
      generateName: `${name}-`,
      labels: {
        "apps.kubernetes.io/pod-index": String(ordinal),
        [REVISION_HASH]: revision,
        "statefulset.kubernetes.io/pod-name": podName,
      },
      spec: {
        hostname: podName,
        ...(set.spec.serviceName === undefined || set.spec.serviceName === ""
          ? {}
          : { subdomain: set.spec.serviceName }),
      },
    });
    sayOrdinal(workspace, set, "Create", podName);
  }
}

/** Label of the version of the template that a pod was made of. */
const REVISION_HASH = "controller-revision-hash";

function revisionName(set: StatefulSet | DaemonSet): string {
  return `${set.metadata.name}-${templateHash(set.spec.template)}`;
}

/** Whether a roll-out replaces a pod: it is of another version, and nothing holds it back. */
function isOutdated(set: StatefulSet, pod: Pod, revision: string): boolean {
  const { rollingUpdate, type = "RollingUpdate" } = set.spec.updateStrategy ?? {};
  const own = pod.metadata.labels?.[REVISION_HASH];
  if (type !== "RollingUpdate" || own === undefined || own === revision) return false;
  const ordinal = Number(pod.metadata.labels?.["apps.kubernetes.io/pod-index"] ?? 0);
  return ordinal >= (rollingUpdate?.partition ?? 0);
}

function sayOrdinal(
  workspace: Workspace,
  set: StatefulSet,
  did: "Create" | "Delete",
  name: string,
): void {
  const message = `${did} Pod ${name} in StatefulSet ${set.metadata.name} successful`;
  workspace.say(set, { reason: `Successful${did}`, message, source: "statefulset-controller" });
}

/** Counts a StatefulSet's pods into its status. */
export function reportStatefulSet(workspace: Workspace, namespace: string, name: string): void {
  const set = workspace.get("StatefulSet", namespace, name);
  if (set === undefined) return;
  const pods = podsOwnedBy(workspace, namespace, set.metadata.uid ?? "").filter(isActive);
  const ready = pods.filter(isReady).length;
  updateStatus(workspace, set, {
    availableReplicas: ready,
    collisionCount: 0,
    ...(pods.length === 0 ? {} : { currentReplicas: pods.length }),
    currentRevision: revisionName(set),
    observedGeneration: set.metadata.generation ?? 1,
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    replicas: pods.length,
    updateRevision: revisionName(set),
    ...(pods.length === 0 ? {} : { updatedReplicas: pods.length }),
  } as StatefulSet["status"] & object);
}

/** Tolerations every pod of a DaemonSet has (`pkg/controller/daemon/util`). */
const DAEMON_TOLERATIONS = [
  ["node.kubernetes.io/not-ready", "NoExecute"],
  ["node.kubernetes.io/unreachable", "NoExecute"],
  ["node.kubernetes.io/disk-pressure", "NoSchedule"],
  ["node.kubernetes.io/memory-pressure", "NoSchedule"],
  ["node.kubernetes.io/pid-pressure", "NoSchedule"],
  ["node.kubernetes.io/unschedulable", "NoSchedule"],
] as const;

/**
 * Keeps one pod of a DaemonSet on every node that it fits.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/daemon/daemon_controller.go `podsShouldBeOnNode`. Pods
 * are bound at once instead of through node affinity.
 */
export function syncDaemonSet(workspace: Workspace, namespace: string, name: string): void {
  const set = workspace.get("DaemonSet", namespace, name);
  if (set?.spec?.template === undefined) return;
  const pods = podsOwnedBy(workspace, namespace, set.metadata.uid ?? "").filter(isActive);
  const byNode = new Map(pods.map((pod) => [pod.spec?.nodeName ?? "", pod]));
  const template = set.spec.template;
  const tolerations = [...(template.spec?.tolerations ?? []), ...daemonTolerations(set)];
  const prefix = `${name}-`;
  const hash = templateHash(template);
  for (const node of workspace.list("Node", "")) {
    const nodeName = node.metadata.name;
    const isWanted = fitsNode({ ...template.spec, tolerations } as Pod["spec"], node);
    const found = byNode.get(nodeName);
    const isKept = found !== undefined && isWanted && !isReplaced(set, found, hash);
    byNode.delete(nodeName);
    if (found !== undefined && !isKept) {
      workspace.delete({ kind: "Pod", namespace, name: found.metadata.name });
      sayDaemon(workspace, set, "Delete", found.metadata.name);
    }
    if (!isWanted || isKept) continue;
    const salt = `${set.metadata.uid}/${nodeName}/${workspace.base.revision}`;
    const podName = generateName(prefix, salt, (n) => {
      return workspace.get("Pod", namespace, n) !== undefined;
    });
    const spec = { nodeName, tolerations } as Partial<Pod["spec"]>;
    const labels = { [REVISION_HASH]: hash, "pod-template-generation": generationOf(set) };
    createPod(workspace, set, template, { name: podName, generateName: prefix, labels, spec });
    sayDaemon(workspace, set, "Create", podName);
  }
  for (const pod of byNode.values()) {
    workspace.delete({ kind: "Pod", namespace, name: pod.metadata.name });
  }
}

/** Whether a roll-out replaces a pod. */
function isReplaced({ spec }: DaemonSet, pod: Pod, hash: string): boolean {
  const own = pod.metadata.labels?.[REVISION_HASH];
  const isRolling = (spec.updateStrategy?.type ?? "RollingUpdate") === "RollingUpdate";
  return isRolling && own !== undefined && own !== hash;
}

function generationOf({ metadata }: DaemonSet): string {
  return metadata.annotations?.["deprecated.daemonset.template.generation"] ?? "1";
}

function sayDaemon(
  workspace: Workspace,
  set: DaemonSet,
  did: "Create" | "Delete",
  name: string,
): void {
  const message = `${did}d pod: ${name}`;
  workspace.say(set, { reason: `Successful${did}`, message, source: "daemonset-controller" });
}

function daemonTolerations(set: DaemonSet) {
  const tolerations = DAEMON_TOLERATIONS.map(([key, effect]) => ({
    effect,
    key,
    operator: "Exists",
  }));
  if (set.spec?.template?.spec?.hostNetwork !== true) return tolerations;
  const key = "node.kubernetes.io/network-unavailable";
  return [...tolerations, { effect: "NoSchedule", key, operator: "Exists" }];
}

/** Counts a DaemonSet's pods into its status. */
export function reportDaemonSet(workspace: Workspace, namespace: string, name: string): void {
  const set = workspace.get("DaemonSet", namespace, name);
  if (set === undefined) return;
  const pods = podsOwnedBy(workspace, namespace, set.metadata.uid ?? "").filter(isActive);
  const ready = pods.filter(isReady).length;
  updateStatus(workspace, set, {
    currentNumberScheduled: pods.length,
    desiredNumberScheduled: pods.length,
    ...(ready === 0 ? {} : { numberAvailable: ready }),
    numberMisscheduled: 0,
    numberReady: ready,
    observedGeneration: set.metadata.generation ?? 1,
    ...(pods.length === 0 ? {} : { updatedNumberScheduled: pods.length }),
  } as DaemonSet["status"] & object);
}

/**
 * Starts the pods of a Job. They run and do not end: how long they take is nobody's to say.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/job/job_controller.go `manageJob`.
 */
export function syncJob(workspace: Workspace, namespace: string, name: string): void {
  const job = workspace.get("Job", namespace, name);
  if (job?.spec?.template === undefined || job.spec.suspend === true) return;
  const pods = podsOwnedBy(workspace, namespace, job.metadata.uid ?? "");
  const active = pods.filter(isActive).length;
  const ended = pods.filter((pod) => pod.status?.phase === "Succeeded").length;
  const parallelism = job.spec.parallelism ?? 1;
  const wanted = Math.min(parallelism, (job.spec.completions ?? parallelism) - ended);
  const prefix = `${name}-`;
  for (let count = active; count < wanted; count++) {
    const salt = `${job.metadata.uid}/${workspace.base.revision}/${count}`;
    const podName = generateName(prefix, salt, (n) => {
      return workspace.get("Pod", namespace, n) !== undefined;
    });
    createPod(workspace, job, job.spec.template, { name: podName, generateName: prefix });
    workspace.say(job, {
      reason: "SuccessfulCreate",
      message: `Created pod: ${podName}`,
      source: "job-controller",
    });
  }
}

/** Counts a Job's pods into its status. */
export function reportJob(workspace: Workspace, namespace: string, name: string): void {
  const job = workspace.get("Job", namespace, name);
  if (job === undefined) return;
  const pods = podsOwnedBy(workspace, namespace, job.metadata.uid ?? "").filter(isActive);
  const ready = pods.filter(isReady).length;
  updateStatus(workspace, job, {
    ...job.status,
    active: pods.length,
    ready,
    startTime: job.status?.startTime ?? workspace.base.time,
    terminating: 0,
    uncountedTerminatedPods: job.status?.uncountedTerminatedPods ?? {},
  } as Job["status"] & object);
}
