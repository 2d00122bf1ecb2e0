/**
 * `kubectl describe` of Deployments and nodes, and of what has no form of its own.
 *
 * Follows: kubectl v0.35 pkg/describe/describe.go `describeDeployment`, `describeNode`.
 * Not modelled: events; amounts of resources that pods ask for on a node.
 */
import type { Deployment, KubeObject, Node, Pod, ReplicaSet } from "../../objects/index.js";
import { jsonOf } from "../output/formats.js";
import { printYaml } from "../output/yaml-text.js";
import { ageOf } from "../tables/age.js";
import { compareText, printSelector } from "../tables/labels.js";
import { nodeRoles } from "../tables/workload-rows.js";
import { describeTemplate } from "./pod.js";
import { DescribeWriter, longTime } from "./writer.js";

/** Describes a Deployment with its ReplicaSets, the newest last. */
export function describeDeployment(one: Deployment, sets: readonly ReplicaSet[]): string {
  const w = new DescribeWriter();
  const { metadata, spec, status = {} } = one;
  w.line(0, `Name:\t${metadata.name}`);
  w.line(0, `Namespace:\t${metadata.namespace ?? ""}`);
  w.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`);
  w.labels("Labels", metadata.labels);
  w.annotations("Annotations", metadata.annotations);
  w.line(0, `Selector:\t${printSelector(spec.selector)}`);
  const counts = `${spec.replicas ?? 1} desired | ${status.updatedReplicas ?? 0} updated | ${status.replicas ?? 0} total | ${status.availableReplicas ?? 0} available | ${status.unavailableReplicas ?? 0} unavailable`;
  w.line(0, `Replicas:\t${counts}`);
  w.line(0, `StrategyType:\t${spec.strategy?.type ?? "RollingUpdate"}`);
  w.line(0, `MinReadySeconds:\t${spec.minReadySeconds ?? 0}`);
  const rolling = spec.strategy?.rollingUpdate;
  if (rolling !== undefined) {
    const text = `${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`;
    w.line(0, `RollingUpdateStrategy:\t${text}`);
  }
  describeTemplate(w, spec.template);
  if ((status.conditions ?? []).length > 0) {
    w.line(0, "Conditions:");
    w.line(1, "Type\tStatus\tReason");
    w.line(1, "----\t------\t------");
    for (const c of status.conditions ?? [])
      w.line(1, `${c.type} \t${c.status}\t${c.reason ?? ""}`);
  }
  describeSets(w, sets);
  w.line(0, "Events:\t<none>");
  return w.toString();
}

function describeSets(w: DescribeWriter, sets: readonly ReplicaSet[]): void {
  const text = (list: readonly ReplicaSet[]) =>
    list
      .map(
        (s) =>
          `${s.metadata.name} (${s.status?.replicas ?? 0}/${s.spec.replicas ?? 1} replicas created)`,
      )
      .join(", ") || "<none>";
  if (sets.length === 0) return;
  w.line(0, `OldReplicaSets:\t${text(sets.slice(0, -1))}`);
  w.line(0, `NewReplicaSet:\t${text(sets.slice(-1))}`);
}

/** Describes a node with the pods that run on it. */
export function describeNode(node: Node, pods: readonly Pod[], now: number): string {
  const w = new DescribeWriter();
  const { metadata, spec, status } = node;
  w.line(0, `Name:\t${metadata.name}`);
  w.line(0, `Roles:\t${nodeRoles(node).join(",") || "<none>"}`);
  w.labels("Labels", metadata.labels);
  w.annotations("Annotations", metadata.annotations);
  w.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`);
  const taints = (spec?.taints ?? []).map(
    (t) => `${t.key}${t.value ? `=${t.value}` : ""}:${t.effect}`,
  );
  w.lines("Taints", taints.sort(compareText));
  w.line(0, `Unschedulable:\t${spec?.unschedulable === true}`);
  w.line(0, `Lease:\tFailed to get lease: leases.coordination.k8s.io "${metadata.name}" not found`);
  describeNodeConditions(w, node);
  w.line(0, "Addresses:");
  for (const { address, type } of status?.addresses ?? []) w.line(1, `${type}:\t${address}`);
  describeAmounts(w, "Capacity", status?.capacity);
  describeAmounts(w, "Allocatable", status?.allocatable);
  describeSystem(w, node);
  if (spec?.podCIDR) w.line(0, `PodCIDR:\t${spec.podCIDR}`);
  if ((spec?.podCIDRs ?? []).length > 0) w.line(0, `PodCIDRs:\t${spec?.podCIDRs?.join(",")}`);
  if (spec?.providerID) w.line(0, `ProviderID:\t${spec.providerID}`);
  describeNodePods(w, pods, now);
  w.line(0, "Events:\t<none>");
  return w.toString();
}

function describeNodeConditions(w: DescribeWriter, { status }: Node): void {
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) return;
  w.line(0, "Conditions:");
  w.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
  w.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
  for (const c of conditions) {
    const times = `${longTime(c.lastHeartbeatTime)} \t${longTime(c.lastTransitionTime)}`;
    w.line(1, `${c.type} \t${c.status} \t${times} \t${c.reason ?? ""} \t${c.message ?? ""}`);
  }
}

function describeAmounts(
  w: DescribeWriter,
  title: string,
  amounts: Readonly<Record<string, string>> | undefined,
): void {
  const names = Object.keys(amounts ?? {}).sort(compareText);
  if (names.length > 0) w.line(0, `${title}:`);
  for (const name of names) w.line(1, `${name}:\t${amounts?.[name]}`);
}

function describeSystem(w: DescribeWriter, { status }: Node): void {
  const info = status?.nodeInfo;
  w.line(0, "System Info:");
  w.line(1, `Machine ID:\t${info?.machineID ?? ""}`);
  w.line(1, `System UUID:\t${info?.systemUUID ?? ""}`);
  w.line(1, `Boot ID:\t${info?.bootID ?? ""}`);
  w.line(1, `Kernel Version:\t${info?.kernelVersion ?? ""}`);
  w.line(1, `OS Image:\t${info?.osImage ?? ""}`);
  w.line(1, `Operating System:\t${info?.operatingSystem ?? ""}`);
  w.line(1, `Architecture:\t${info?.architecture ?? ""}`);
  w.line(1, `Container Runtime Version:\t${info?.containerRuntimeVersion ?? ""}`);
  w.line(1, `Kubelet Version:\t${info?.kubeletVersion ?? ""}`);
  w.line(1, `Kube-Proxy Version:\t${info?.kubeProxyVersion ?? ""}`);
}

function describeNodePods(w: DescribeWriter, pods: readonly Pod[], now: number): void {
  w.line(0, `Non-terminated Pods:\t(${pods.length} in total)`);
  w.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
  w.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
  for (const { metadata } of pods) {
    const age = ageOf(metadata.creationTimestamp, now);
    const none = "0 (0%)\t0 (0%)\t0 (0%)\t0 (0%)";
    w.line(1, `${metadata.namespace ?? ""}\t${metadata.name}\t\t${none}\t${age}`);
  }
  w.line(0, "Allocated resources:");
  w.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
  w.line(1, "Resource\tRequests\tLimits");
  w.line(1, "--------\t--------\t------");
  for (const name of ["cpu", "memory", "ephemeral-storage"]) w.line(1, `${name}\t0 (0%)\t0 (0%)`);
}

/** Describes an object of any other kind: its head, then its fields. */
export function describeOther(object: KubeObject): string {
  const w = new DescribeWriter();
  const { metadata } = object;
  w.line(0, `Name:\t${metadata.name}`);
  if (metadata.namespace !== undefined) w.line(0, `Namespace:\t${metadata.namespace}`);
  w.labels("Labels", metadata.labels);
  w.annotations("Annotations", metadata.annotations);
  const { apiVersion: _v, kind: _k, metadata: _m, ...rest } = jsonOf(object);
  for (const line of printYaml(rest).split("\n").slice(0, -1)) w.line(0, line);
  w.line(0, "Events:\t<none>");
  return w.toString();
}
