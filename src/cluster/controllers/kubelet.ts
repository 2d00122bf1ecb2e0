/** The kubelet as far as it is seen from outside: a bound pod gets its addresses and runs. */
import type { Container, Node, Pod } from "../../objects/index.js";
import type { Workspace } from "../state/workspace.js";
import { internalIPs } from "../system/nodes.js";
import { updateStatus } from "./pod-template.js";

/**
 * Starts a bound pod: addresses from its node's share, or the node's own on the host network, and a
 * status that says it runs and is ready. What a status already says is kept. Without an address it
 * waits.
 *
 * Follows: Kubernetes v1.35.4 pkg/kubelet/kubelet_pods.go `generateAPIPodStatus`.
 */
export function startPod(workspace: Workspace, namespace: string, name: string): void {
  const pod = workspace.get("Pod", namespace, name);
  const nodeName = pod?.spec?.nodeName ?? "";
  const node = workspace.get("Node", "", nodeName);
  if (pod === undefined || node === undefined) return;
  const phase = pod.status?.phase;
  if (phase === "Succeeded" || phase === "Failed") {
    workspace.addresses.releasePod(nodeName, `${namespace}/${name}`);
    return;
  }
  const given = (pod.status?.podIPs ?? []).map((p) => p.ip);
  const known = given.length > 0 || !pod.status?.podIP ? given : [pod.status.podIP];
  const podIPs = pod.spec?.hostNetwork === true ? internalIPs(node) : addressesOf(known);
  const status =
    podIPs.length === 0
      ? { ...pod.status, ...WAITING, qosClass: qosClass(pod) }
      : { ...statusOf(pod, node, workspace), ...ipFields(podIPs) };
  updateStatus(workspace, pod, status as Pod["status"] & object);

  function addressesOf(wanted: readonly string[]): readonly string[] {
    const request = { node: nodeName, pod: `${namespace}/${name}`, wanted };
    return workspace.addresses.allocatePod(request).map(String);
  }
}

function ipFields(podIPs: readonly string[]) {
  const [first] = podIPs;
  return first === undefined ? {} : { podIP: first, podIPs: podIPs.map((ip) => ({ ip })) };
}

/** A running pod's status, in the order an API server lists fields. */
function statusOf(pod: Pod, node: Node, workspace: Workspace) {
  const time = pod.status?.startTime ?? workspace.base.time;
  const hostIPs = internalIPs(node);
  const base = {
    conditions: CONDITIONS.map((type) => ({
      lastProbeTime: null,
      lastTransitionTime: time,
      status: "True",
      type,
    })),
    containerStatuses: (pod.spec?.containers ?? []).map((container, at) => ({
      ...identityOf(container, `containerd://${at + 1}`),
      started: true,
      state: { running: { startedAt: time } },
    })),
    ...(hostIPs[0] === undefined
      ? {}
      : { hostIP: hostIPs[0], hostIPs: hostIPs.map((ip) => ({ ip })) }),
    ...initStatuses(pod, time),
    phase: "Running",
    qosClass: pod.status?.qosClass ?? qosClass(pod),
    startTime: time,
  };
  const given = pod.status ?? {};
  const isPending = given.phase === undefined || given.phase === "Pending";
  const isUnscheduled = given.conditions?.some((c) => c.reason === "Unschedulable") === true;
  const isFresh = (isPending && (given.conditions ?? []).length === 0) || isUnscheduled;
  return isFresh ? base : { ...base, ...given };
}

/** What the status of any container says, whether it runs or has ended. */
function identityOf({ image = "", name }: Container, containerID: string) {
  return { containerID, image, imageID: "", lastState: {}, name, ready: true, restartCount: 0 };
}

/**
 * Containers of the start have run to their end; those that are to stay run beside the others.
 *
 * Follows: Kubernetes v1.35.4 pkg/kubelet/prober/prober_manager.go `UpdatePodStatus`.
 */
function initStatuses({ spec }: Pod, time: string) {
  const list = spec?.initContainers ?? [];
  if (list.length === 0) return {};
  const initContainerStatuses = list.map((container, at) => {
    const containerID = `containerd://i${at + 1}`;
    const isSidecar = container.restartPolicy === "Always";
    const ended = { containerID, exitCode: 0, finishedAt: time, reason: "Completed" };
    return {
      ...identityOf(container, containerID),
      started: isSidecar,
      state: isSidecar
        ? { running: { startedAt: time } }
        : { terminated: { ...ended, startedAt: time } },
    };
  });
  return { initContainerStatuses };
}

/** A pod whose node has no address left for it. */
const WAITING = { conditions: [{ status: "True", type: "PodScheduled" }], phase: "Pending" };

const CONDITIONS = [
  "PodReadyToStartContainers",
  "Initialized",
  "Ready",
  "ContainersReady",
  "PodScheduled",
];

/** Follows: Kubernetes v1.35.4 pkg/apis/core/v1/helper/qos/qos.go `ComputePodQOS`. */
function qosClass(pod: Pod): string {
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const resources = all.map((c) => c.resources ?? {});
  const keys = ["cpu", "memory"] as const;
  const isNone = resources.every((r) => keys.every((k) => !r.requests?.[k] && !r.limits?.[k]));
  if (isNone) return "BestEffort";
  const isFull = resources.every((r) =>
    keys.every(
      (k) => r.limits?.[k] !== undefined && (r.requests?.[k] ?? r.limits[k]) === r.limits[k],
    ),
  );
  return isFull ? "Guaranteed" : "Burstable";
}
