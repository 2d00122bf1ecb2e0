/**
 * `kubectl describe` of Deployments, ReplicaSets, StatefulSets and DaemonSets.
 *
 * Follows: kubectl v0.35 pkg/describe/describe.go.
 */
import type {
  DaemonSet,
  Deployment,
  KubeObject,
  Pod,
  ReplicaSet,
  StatefulSet,
} from "../../objects/index.js";
import { formatSelector, printLabels, printSelector } from "../tables/labels.js";
import { writeEvents } from "./events.js";
import { describeTemplate, type Surroundings } from "./pod.js";
import { DescribeWriter, longTime } from "./writer.js";

/** Name and namespace. */
export function writeName(w: DescribeWriter, { metadata }: KubeObject): void {
  w.line(0, `Name:\t${metadata.name}`);
  w.line(0, `Namespace:\t${metadata.namespace ?? ""}`);
}

/** Labels and annotations. */
export function writeLabels(w: DescribeWriter, { metadata }: KubeObject): void {
  w.labels("Labels", metadata.labels);
  w.annotations("Annotations", metadata.annotations);
}

/** The controller of an object, where it has one. */
export function writeController(w: DescribeWriter, { metadata }: KubeObject): void {
  const owner = metadata.ownerReferences?.find((o) => o.controller === true);
  if (owner !== undefined) w.line(0, `Controlled By:\t${owner.kind}/${owner.name}`);
}

function writePodCounts(w: DescribeWriter, pods: readonly Pod[]): void {
  const count = (phase: string) => pods.filter((p) => p.status?.phase === phase).length;
  const counts = `${count("Running")} Running / ${count("Pending")} Waiting / ${count("Succeeded")} Succeeded / ${count("Failed")} Failed`;
  w.line(0, `Pods Status:\t${counts}`);
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
}

function writeConditions(w: DescribeWriter, conditions: readonly Condition[] | undefined): void {
  if ((conditions ?? []).length === 0) return;
  w.line(0, "Conditions:");
  w.line(1, "Type\tStatus\tReason");
  w.line(1, "----\t------\t------");
  for (const c of conditions ?? []) w.line(1, `${c.type} \t${c.status}\t${c.reason ?? ""}`);
}

/** The ReplicaSets of a Deployment. */
export interface DeploymentSets {
  readonly old: readonly ReplicaSet[];
  readonly current: ReplicaSet | undefined;
}

/** Describes a Deployment with its ReplicaSets. */
export function describeDeployment(
  one: Deployment,
  sets: DeploymentSets,
  { events, now }: Surroundings,
): string {
  const w = new DescribeWriter();
  const { metadata, spec, status = {} } = one;
  writeName(w, one);
  w.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`);
  writeLabels(w, one);
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
  writeConditions(w, status.conditions);
  writeSets(w, sets);
  writeEvents(w, events, now);
  return w.toString();
}

function writeSets(w: DescribeWriter, { current, old }: DeploymentSets): void {
  if (old.length === 0 && current === undefined) return;
  const text = (list: readonly ReplicaSet[]) => {
    const sizes = (s: ReplicaSet) => `${s.status?.replicas ?? 0}/${s.spec.replicas ?? 1}`;
    return (
      list.map((s) => `${s.metadata.name} (${sizes(s)} replicas created)`).join(", ") || "<none>"
    );
  };
  w.line(0, `OldReplicaSets:\t${text(old)}`);
  w.line(0, `NewReplicaSet:\t${text(current === undefined ? [] : [current])}`);
}

/** Describes a ReplicaSet with its pods. */
export function describeReplicaSet(
  one: ReplicaSet,
  pods: readonly Pod[],
  { events, now }: Surroundings,
): string {
  const w = new DescribeWriter();
  const { spec, status } = one;
  writeName(w, one);
  w.line(0, `Selector:\t${formatSelector(spec.selector)}`);
  writeLabels(w, one);
  writeController(w, one);
  w.line(0, `Replicas:\t${status?.replicas ?? 0} current / ${spec.replicas ?? 1} desired`);
  writePodCounts(w, pods);
  describeTemplate(w, spec.template);
  writeConditions(w, status?.conditions);
  writeEvents(w, events, now);
  return w.toString();
}

/** Describes a StatefulSet with its pods. */
export function describeStatefulSet(
  one: StatefulSet,
  pods: readonly Pod[],
  { events, now }: Surroundings,
): string {
  const w = new DescribeWriter();
  const { metadata, spec, status } = one;
  writeName(w, one);
  w.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`);
  w.line(0, `Selector:\t${printSelector(spec.selector)}`);
  writeLabels(w, one);
  w.line(0, `Replicas:\t${spec.replicas ?? 1} desired | ${status?.replicas ?? 0} total`);
  w.line(0, `Update Strategy:\t${spec.updateStrategy?.type ?? ""}`);
  const partition = spec.updateStrategy?.rollingUpdate?.partition;
  if (partition !== undefined) w.line(1, `Partition:\t${partition}`);
  writePodCounts(w, pods);
  describeTemplate(w, spec.template);
  const claims = spec.volumeClaimTemplates ?? [];
  w.line(0, `Volume Claims:${claims.length === 0 ? "\t<none>" : ""}`);
  for (const claim of claims) w.line(1, `Name:\t${nameOf(claim)}`);
  writeEvents(w, events, now);
  return w.toString();
}

function nameOf(claim: unknown): string {
  const { metadata } = (claim ?? {}) as { readonly metadata?: { readonly name?: string } };
  return metadata?.name ?? "";
}

/** Describes a DaemonSet with its pods. */
export function describeDaemonSet(
  one: DaemonSet,
  pods: readonly Pod[],
  { events, now }: Surroundings,
): string {
  const w = new DescribeWriter();
  const { spec, status } = one;
  writeName(w, one);
  w.line(0, `Selector:\t${printSelector(spec.selector)}`);
  w.line(0, `Node-Selector:\t${printLabels(spec.template.spec?.nodeSelector)}`);
  writeLabels(w, one);
  const counts: readonly (readonly [string, number | undefined])[] = [
    ["Desired Number of Nodes Scheduled", status?.desiredNumberScheduled],
    ["Current Number of Nodes Scheduled", status?.currentNumberScheduled],
    ["Number of Nodes Scheduled with Up-to-date Pods", status?.updatedNumberScheduled],
    ["Number of Nodes Scheduled with Available Pods", status?.numberAvailable],
    ["Number of Nodes Misscheduled", status?.numberMisscheduled],
  ];
  for (const [text, count] of counts) w.line(0, `${text}: ${count ?? 0}`);
  writePodCounts(w, pods);
  describeTemplate(w, spec.template);
  writeEvents(w, events, now);
  return w.toString();
}
