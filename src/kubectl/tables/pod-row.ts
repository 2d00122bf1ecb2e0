/**
 * The row of a pod: readiness, the one word that says how it is, restarts.
 *
 * Follows: kubernetes v1.35 pkg/printers/internalversion/printers.go `printPod`.
 */
import {
  type ContainerState,
  type ContainerStatus,
  type Pod,
  parseTime,
} from "../../objects/index.js";
import { ageOf } from "./age.js";

/** What the row of a pod counts and says. */
interface Summary {
  reason: string;
  ready: number;
  total: number;
  restarts: number;
  /** When a container last ended, in seconds since 1970. */
  lastEnd: string | undefined;
}

/** Cells of a pod: name, ready, status, restarts, age; IP, node, nominated node, gates. */
export function podCells(pod: Pod, now: number): readonly string[] {
  const s = summarize(pod);
  const { status } = pod;
  const restarts =
    s.restarts !== 0 && s.lastEnd !== undefined
      ? `${s.restarts} (${ageOf(s.lastEnd, now)} ago)`
      : String(s.restarts);
  return [
    pod.metadata.name,
    `${s.ready}/${s.total}`,
    s.reason,
    restarts,
    ageOf(pod.metadata.creationTimestamp, now),
    status?.podIPs?.[0]?.ip || status?.podIP || "<none>",
    pod.spec.nodeName || "<none>",
    status?.nominatedNodeName || "<none>",
    gatesOf(pod),
  ];
}

function gatesOf(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return "<none>";
  const open = gates.filter((gate) => conditionOf(pod, gate.conditionType)?.status === "True");
  return `${open.length}/${gates.length}`;
}

function conditionOf(pod: Pod, type: string) {
  return pod.status?.conditions?.find((c) => c.type === type);
}

function summarize(pod: Pod): Summary {
  const { status } = pod;
  const s: Summary = {
    reason: status?.reason || status?.phase || "",
    ready: 0,
    total: pod.spec.containers.length,
    restarts: 0,
    lastEnd: undefined,
  };
  const gated = status?.conditions?.some(
    (c) => c.type === "PodScheduled" && c.reason === "SchedulingGated",
  );
  if (gated) s.reason = "SchedulingGated";
  const sidecars = new Set(
    pod.spec.initContainers?.filter((c) => c.restartPolicy === "Always").map((c) => c.name),
  );
  s.total += sidecars.size;
  const initializing = addInitContainers(pod, sidecars, s);
  if (!initializing || conditionOf(pod, "Initialized")?.status === "True") {
    restartFromSidecars(status?.initContainerStatuses ?? [], sidecars, s);
    addContainers(pod, s);
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (status?.reason === "NodeLost") s.reason = "Unknown";
    else if (status?.phase !== "Succeeded" && status?.phase !== "Failed") s.reason = "Terminating";
  }
  return s;
}

/** Returns whether the pod is still initializing. */
function addInitContainers(pod: Pod, sidecars: ReadonlySet<string>, s: Summary): boolean {
  const list = pod.status?.initContainerStatuses ?? [];
  for (const [i, one] of list.entries()) {
    addRestarts(one, s);
    const ended = one.state?.terminated;
    if (ended !== undefined && ended.exitCode === 0) continue;
    if (sidecars.has(one.name) && one.started === true) {
      if (one.ready) s.ready++;
      continue;
    }
    const waiting = one.state?.waiting?.reason ?? "";
    if (ended !== undefined) s.reason = `Init:${endedReason(ended)}`;
    else if (waiting !== "" && waiting !== "PodInitializing") s.reason = `Init:${waiting}`;
    else s.reason = `Init:${i}/${pod.spec.initContainers?.length ?? 0}`;
    return true;
  }
  return false;
}

function endedReason(ended: NonNullable<ContainerState["terminated"]>): string {
  if ((ended.reason ?? "") !== "") return ended.reason as string;
  return (ended.signal ?? 0) !== 0 ? `Signal:${ended.signal}` : `ExitCode:${ended.exitCode}`;
}

function addRestarts(one: ContainerStatus, s: Summary): void {
  s.restarts += one.restartCount;
  const end = one.lastState?.terminated?.finishedAt;
  if (end === undefined) return;
  const isLater = s.lastEnd === undefined || (parseTime(end) ?? 0) > (parseTime(s.lastEnd) ?? 0);
  if (isLater) s.lastEnd = end;
}

/** Once the pod is initialized only sidecars' restarts count among the init containers. */
function restartFromSidecars(
  list: readonly ContainerStatus[],
  sidecars: ReadonlySet<string>,
  s: Summary,
): void {
  s.restarts = 0;
  s.lastEnd = undefined;
  for (const one of list) {
    if (sidecars.has(one.name)) addRestarts(one, s);
  }
}

function addContainers(pod: Pod, s: Summary): void {
  let running = false;
  for (const one of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    addRestarts(one, s);
    const waiting = one.state?.waiting?.reason ?? "";
    const ended = one.state?.terminated;
    if (waiting !== "") s.reason = waiting;
    else if (ended !== undefined) s.reason = endedReason(ended);
    else if (one.ready && one.state?.running !== undefined) {
      running = true;
      s.ready++;
    }
  }
  if (s.reason !== "Completed" || !running) return;
  s.reason = conditionOf(pod, "Ready")?.status === "True" ? "Running" : "NotReady";
}
