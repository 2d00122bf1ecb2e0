/**
 * The rows of what runs pods: Deployments and their like, Jobs, nodes.
 *
 * Follows: kubernetes v1.35 pkg/printers/internalversion/printers.go.
 */
import type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  Node,
  PodSpec,
  ReplicaSet,
  StatefulSet,
} from "../../objects/index.js";
import { parseTime } from "../../objects/index.js";
import { ageOf, printAge } from "./age.js";
import { compareText, formatSelector, printLabels, printSelector } from "./labels.js";

/** Names and images of containers, each in one cell. */
function containerCells(spec: PodSpec | undefined): readonly string[] {
  const containers = spec?.containers ?? [];
  return [containers.map((c) => c.name).join(","), containers.map((c) => c.image).join(",")];
}

/** Cells of a Deployment: name, ready, up to date, available, age; containers, images, selector. */
export function deploymentCells(one: Deployment, now: number): readonly string[] {
  const { spec, status } = one;
  return [
    one.metadata.name,
    `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`,
    String(status?.updatedReplicas ?? 0),
    String(status?.availableReplicas ?? 0),
    ageOf(one.metadata.creationTimestamp, now),
    ...containerCells(spec.template.spec),
    printSelector(spec.selector),
  ];
}

/** Cells of a ReplicaSet: name, desired, current, ready, age; containers, images, selector. */
export function replicaSetCells(one: ReplicaSet, now: number): readonly string[] {
  const { spec, status } = one;
  return [
    one.metadata.name,
    String(spec.replicas ?? 1),
    String(status?.replicas ?? 0),
    String(status?.readyReplicas ?? 0),
    ageOf(one.metadata.creationTimestamp, now),
    ...containerCells(spec.template?.spec),
    formatSelector(spec.selector),
  ];
}

/** Cells of a StatefulSet: name, ready, age; containers, images. */
export function statefulSetCells(one: StatefulSet, now: number): readonly string[] {
  const { spec, status } = one;
  return [
    one.metadata.name,
    `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`,
    ageOf(one.metadata.creationTimestamp, now),
    ...containerCells(spec.template.spec),
  ];
}

/** Cells of a DaemonSet. */
export function daemonSetCells(one: DaemonSet, now: number): readonly string[] {
  const { spec, status } = one;
  return [
    one.metadata.name,
    String(status?.desiredNumberScheduled ?? 0),
    String(status?.currentNumberScheduled ?? 0),
    String(status?.numberReady ?? 0),
    String(status?.updatedNumberScheduled ?? 0),
    String(status?.numberAvailable ?? 0),
    printLabels(spec.template.spec?.nodeSelector),
    ageOf(one.metadata.creationTimestamp, now),
    ...containerCells(spec.template.spec),
    formatSelector(spec.selector),
  ];
}

/** Cells of a Job: name, status, completions, duration, age; containers, images, selector. */
export function jobCells(one: Job, now: number): readonly string[] {
  const { spec, status } = one;
  const succeeded = status?.succeeded ?? 0;
  let completions: string;
  if (spec.completions !== undefined) completions = `${succeeded}/${spec.completions}`;
  else {
    const parallel = spec.parallelism ?? 0;
    completions = parallel > 1 ? `${succeeded}/1 of ${parallel}` : `${succeeded}/1`;
  }
  return [
    one.metadata.name,
    jobStatus(one),
    completions,
    jobDuration(one, now),
    ageOf(one.metadata.creationTimestamp, now),
    ...containerCells(spec.template.spec),
    formatSelector(spec.selector),
  ];
}

function jobStatus(one: Job): string {
  const has = (type: string) =>
    one.status?.conditions?.find((c) => c.type === type)?.status === "True";
  if (has("Complete")) return "Complete";
  if (has("Failed")) return "Failed";
  if (one.metadata.deletionTimestamp !== undefined) return "Terminating";
  if (has("Suspended")) return "Suspended";
  if (has("FailureTarget")) return "FailureTarget";
  return has("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
}

function jobDuration(one: Job, now: number): string {
  const start = parseTime(one.status?.startTime ?? "");
  if (start === undefined) return "";
  const end = parseTime(one.status?.completionTime ?? "");
  return printAge(Math.floor((end ?? now) - start));
}

/** Cells of a CronJob. */
export function cronJobCells(one: CronJob, now: number): readonly string[] {
  const { spec, status } = one;
  const template = spec.jobTemplate?.spec;
  return [
    one.metadata.name,
    spec.schedule,
    spec.timeZone ?? "<none>",
    spec.suspend === true ? "True" : "False",
    String(status?.active?.length ?? 0),
    status?.lastScheduleTime === undefined ? "<none>" : ageOf(status.lastScheduleTime, now),
    ageOf(one.metadata.creationTimestamp, now),
    ...containerCells(template?.template.spec),
    formatSelector(template?.selector),
  ];
}

const ROLE_PREFIX = "node-role.kubernetes.io/";
const ROLE_LABEL = "kubernetes.io/role";

/** Cells of a node. */
export function nodeCells(node: Node, now: number): readonly string[] {
  const info = node.status?.nodeInfo;
  return [
    node.metadata.name,
    nodeStatus(node),
    nodeRoles(node).join(",") || "<none>",
    ageOf(node.metadata.creationTimestamp, now),
    info?.kubeletVersion ?? "",
    nodeAddress(node, "InternalIP"),
    nodeAddress(node, "ExternalIP"),
    info?.osImage || "<unknown>",
    info?.kernelVersion || "<unknown>",
    info?.containerRuntimeVersion || "<unknown>",
  ];
}

/** `Ready`, `NotReady` or `Unknown`, and whether pods may be scheduled. */
export function nodeStatus(node: Node): string {
  const ready = node.status?.conditions?.filter((c) => c.type === "Ready").at(-1);
  let text = "Unknown";
  if (ready !== undefined) text = ready.status === "True" ? "Ready" : "NotReady";
  return node.spec?.unschedulable === true ? `${text},SchedulingDisabled` : text;
}

/** The roles of a node, sorted. */
export function nodeRoles(node: Node): readonly string[] {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX)) {
      const role = key.slice(ROLE_PREFIX.length);
      if (role !== "") roles.add(role);
    } else if (key === ROLE_LABEL && value !== "") roles.add(value);
  }
  return [...roles].sort(compareText);
}

function nodeAddress(node: Node, type: string): string {
  return node.status?.addresses?.find((a) => a.type === type)?.address ?? "<none>";
}
