/** The StatefulSet, DaemonSet, Job and CronJob controllers, as they stand when they have settled. */
import type { DaemonSet, Job, Pod, StatefulSet } from "../../objects/index.js";
import { generateName } from "../state/identity.js";
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
  for (const pod of podsOwnedBy(workspace, namespace, set.metadata.uid ?? "")) {
    if (wanted.has(pod.metadata.name)) continue;
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
    currentReplicas: pods.length,
    observedGeneration: set.metadata.generation ?? 1,
    readyReplicas: ready,
    replicas: pods.length,
    updatedReplicas: pods.length,
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
  for (const node of workspace.list("Node", "")) {
    const nodeName = node.metadata.name;
    const isWanted = fitsNode({ ...template.spec, tolerations } as Pod["spec"], node);
    const pod = byNode.get(nodeName);
    byNode.delete(nodeName);
    if (!isWanted && pod !== undefined) {
      workspace.delete({ kind: "Pod", namespace, name: pod.metadata.name });
    }
    if (!isWanted || pod !== undefined) continue;
    const podName = generateName(prefix, `${set.metadata.uid}/${nodeName}`, (n) => {
      return workspace.get("Pod", namespace, n) !== undefined;
    });
    const spec = { nodeName, tolerations } as Partial<Pod["spec"]>;
    createPod(workspace, set, template, { name: podName, generateName: prefix, spec });
    workspace.say(set, {
      reason: "SuccessfulCreate",
      message: `Created pod: ${podName}`,
      source: "daemonset-controller",
    });
  }
  for (const pod of byNode.values()) {
    workspace.delete({ kind: "Pod", namespace, name: pod.metadata.name });
  }
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
    numberAvailable: ready,
    numberMisscheduled: 0,
    numberReady: ready,
    observedGeneration: set.metadata.generation ?? 1,
    updatedNumberScheduled: pods.length,
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
    const labels = {
      "batch.kubernetes.io/controller-uid": job.metadata.uid ?? "",
      "batch.kubernetes.io/job-name": name,
      "controller-uid": job.metadata.uid ?? "",
      "job-name": name,
    };
    const wantedPod = { name: podName, generateName: prefix, labels };
    createPod(workspace, job, job.spec.template, wantedPod);
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
  } as Job["status"] & object);
}
