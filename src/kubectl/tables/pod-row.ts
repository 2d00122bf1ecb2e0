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
  restarts: Restarts;
}

/** How often containers were started again, and when one of them last ended. */
interface Restarts {
  count: number;
  lastEnd: string | undefined;
}

/** Cells of a pod: name, ready, status, restarts, age; IP, node, nominated node, gates. */
export function podCells(pod: Pod, now: number): readonly string[] {
  const s = summarize(pod);
  const { status } = pod;
  const restarts =
    s.restarts.count !== 0 && s.restarts.lastEnd !== undefined
      ? `${s.restarts.count} (${ageOf(s.restarts.lastEnd, now)} ago)`
      : String(s.restarts.count);
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
    restarts: { count: 0, lastEnd: undefined },
  };
  const gated = status?.conditions?.some(
    (c) => c.type === "PodScheduled" && c.reason === "SchedulingGated",
  );
  if (gated) s.reason = "SchedulingGated";
  const sidecars = new Set(
    pod.spec.initContainers?.filter((c) => c.restartPolicy === "Always").map((c) => c.name),
  );
  s.total += sidecars.size;
  const ofSidecars: Restarts = { count: 0, lastEnd: undefined };
  const initializing = addInitContainers(pod, sidecars, { s, ofSidecars });
  if (!initializing || conditionOf(pod, "Initialized")?.status === "True") {
    s.restarts = ofSidecars;
    addContainers(pod, s);
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (status?.reason === "NodeLost") s.reason = "Unknown";
    else if (status?.phase !== "Succeeded" && status?.phase !== "Failed") s.reason = "Terminating";
  }
  return s;
}

/**
 * Returns whether the pod is still initializing. Once it is not, only the restarts of sidecars count
 * among those of init containers.
 */
function addInitContainers(
  pod: Pod,
  sidecars: ReadonlySet<string>,
  { s, ofSidecars }: { readonly s: Summary; readonly ofSidecars: Restarts },
): boolean {
  const list = pod.status?.initContainerStatuses ?? [];
  for (const [i, one] of list.entries()) {
    addRestarts(one, s.restarts);
    if (sidecars.has(one.name)) addRestarts(one, ofSidecars);
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

function addRestarts(one: ContainerStatus, restarts: Restarts): void {
  restarts.count += one.restartCount;
  const end = one.lastState?.terminated?.finishedAt;
  if (end === undefined) return;
  const { lastEnd } = restarts;
  const isLater = lastEnd === undefined || (parseTime(end) ?? 0) > (parseTime(lastEnd) ?? 0);
  if (isLater) restarts.lastEnd = end;
}

function addContainers(pod: Pod, s: Summary): void {
  let running = false;
  let failure = "";
  for (const one of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    addRestarts(one, s.restarts);
    const waiting = one.state?.waiting?.reason ?? "";
    const ended = one.state?.terminated;
    if (waiting !== "") s.reason = waiting;
    else if (ended !== undefined) {
      s.reason = endedReason(ended);
      if (ended.exitCode !== 0) failure = s.reason;
    } else if (one.ready && one.state?.running !== undefined) {
      running = true;
      s.ready++;
    }
  }
  if (s.reason !== "Completed") return;
  const isReady = pod.status?.conditions?.some((c) => c.type === "Ready" && c.status === "True");
  if (running && isReady === true) s.reason = "Running";
  else if (failure !== "") s.reason = failure;
  else if (running) s.reason = "NotReady";
}
