/**
 * Defaults of pods and workloads that depend on other fields. Defaults of single fields stand in
 * their declarations.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/v1/defaults.go, pkg/apis/apps/v1/defaults.go.
 */

import type { Container } from "../kinds/pod/container.js";
import type { Pod, PodSpec } from "../kinds/pod/pod.js";
import type { CronJob, Job } from "../kinds/workload/batch.js";
import type { DaemonSet, Deployment, StatefulSet } from "../kinds/workload/workload.js";
import { isLatestImage } from "./image.js";
import type { Mutable } from "./network.js";

/** What a Job that limits its failures per index may fail in total. */
const MAX_INT32 = 2 ** 31 - 1;

/** Fills in the defaults of a pod, in place: requests that are not given are what the limits are. */
export function fillPod({ spec }: Mutable<Pod>): void {
  fillPodSpec(spec);
  spec.enableServiceLinks ??= true;
  for (const { ports, resources } of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    for (const port of ports ?? []) {
      if (spec.hostNetwork === true) port.hostPort ??= port.containerPort;
    }
    if (resources?.limits === undefined) continue;
    resources.requests = { ...resources.limits, ...resources.requests };
  }
}

/** Fills in the defaults of a pod's spec, in place, be it a pod's own or a template's. */
export function fillPodSpec(spec: Mutable<PodSpec> | undefined): void {
  if (spec === undefined) return;
  for (const list of ["initContainers", "containers", "ephemeralContainers"] as const) {
    for (const container of spec[list] ?? []) fillContainer(container);
  }
  for (const volume of spec.volumes ?? []) {
    if (Object.keys(volume).every((name) => name === "name")) volume.emptyDir = {};
  }
  if (spec.serviceAccountName !== undefined) spec.serviceAccount = spec.serviceAccountName;
  else if (spec.serviceAccount !== undefined) spec.serviceAccountName = spec.serviceAccount;
}

function fillContainer(container: Mutable<Container>): void {
  container.imagePullPolicy ??= isLatestImage(container.image ?? "") ? "Always" : "IfNotPresent";
}

/** Fills in how a Deployment replaces its pods, in place. */
export function fillDeployment(deployment: Mutable<Deployment>): void {
  const { spec } = deployment;
  fillPodSpec(spec.template.spec);
  spec.strategy ??= {};
  spec.strategy.type ??= "RollingUpdate";
  if (spec.strategy.type !== "RollingUpdate") return;
  spec.strategy.rollingUpdate ??= {};
  spec.strategy.rollingUpdate.maxUnavailable ??= "25%";
  spec.strategy.rollingUpdate.maxSurge ??= "25%";
}

/** Fills in how a StatefulSet replaces its pods, in place. */
export function fillStatefulSet(set: Mutable<StatefulSet>): void {
  const { spec } = set;
  fillPodSpec(spec.template.spec);
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ??= "RollingUpdate";
  if (spec.updateStrategy.type === "RollingUpdate") {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.partition ??= 0;
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ??= "Retain";
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ??= "Retain";
}

/** Fills in how a DaemonSet replaces its pods, in place. */
export function fillDaemonSet(set: Mutable<DaemonSet>): void {
  const { spec } = set;
  fillPodSpec(spec.template.spec);
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ??= "RollingUpdate";
  if (spec.updateStrategy.type !== "RollingUpdate") return;
  spec.updateStrategy.rollingUpdate ??= {};
  spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
  spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
}

/** Fills in how often a Job runs its pods, in place. */
export function fillJob(job: Mutable<Job>): void {
  const { metadata, spec } = job;
  fillPodSpec(spec.template.spec);
  if (Object.keys(metadata.labels ?? {}).length === 0 && spec.template.metadata?.labels) {
    metadata.labels = { ...spec.template.metadata.labels };
  }
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : MAX_INT32;
  spec.completionMode ??= "NonIndexed";
  spec.suspend ??= false;
  spec.podReplacementPolicy ??=
    spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed";
}

/** Fills in the defaults of a CronJob, in place. Follows: pkg/apis/batch/v1/defaults.go. */
export function fillCronJob({ spec }: Mutable<CronJob>): void {
  fillPodSpec(spec.jobTemplate?.spec?.template.spec);
  spec.concurrencyPolicy ??= "Allow";
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
}
