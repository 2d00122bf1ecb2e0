/** Jobs and CronJobs. Field names are those of Kubernetes v1.35.4. */

import {
  bool,
  type Infer,
  int32,
  int64,
  list,
  named,
  opt,
  ptr,
  req,
  str,
  struct,
  time,
  val,
} from "../../shape/shape.js";
import { labelSelector, objectMeta } from "../meta.js";
import { object } from "../object.js";
import { podTemplateSpec } from "../pod/pod.js";
import { objectReference } from "../reference.js";

export const podFailurePolicyOnExitCodesRequirement = struct(
  "PodFailurePolicyOnExitCodesRequirement",
  {
    containerName: ptr(str),
    operator: req(named("PodFailurePolicyOnExitCodesOperator")),
    values: req(list(int32)),
  },
);

/** PodFailurePolicyOnExitCodesRequirement, as Kubernetes names its fields. */
export interface PodFailurePolicyOnExitCodesRequirement
  extends Infer<typeof podFailurePolicyOnExitCodesRequirement> {}

export const podFailurePolicyOnPodConditionsPattern = struct(
  "PodFailurePolicyOnPodConditionsPattern",
  {
    type: req(named("PodConditionType")),
    status: req(named("ConditionStatus")),
  },
);

/** PodFailurePolicyOnPodConditionsPattern, as Kubernetes names its fields. */
export interface PodFailurePolicyOnPodConditionsPattern
  extends Infer<typeof podFailurePolicyOnPodConditionsPattern> {}

export const podFailurePolicyRule = struct("PodFailurePolicyRule", {
  action: req(named("PodFailurePolicyAction")),
  onExitCodes: ptr(podFailurePolicyOnExitCodesRequirement),
  onPodConditions: opt(list(podFailurePolicyOnPodConditionsPattern)),
});

/** PodFailurePolicyRule, as Kubernetes names its fields. */
export interface PodFailurePolicyRule extends Infer<typeof podFailurePolicyRule> {}

export const podFailurePolicy = struct("PodFailurePolicy", {
  rules: req(list(podFailurePolicyRule)),
});

/** PodFailurePolicy, as Kubernetes names its fields. */
export interface PodFailurePolicy extends Infer<typeof podFailurePolicy> {}

export const successPolicyRule = struct("SuccessPolicyRule", {
  succeededIndexes: ptr(str),
  succeededCount: ptr(int32),
});

/** SuccessPolicyRule, as Kubernetes names its fields. */
export interface SuccessPolicyRule extends Infer<typeof successPolicyRule> {}

export const successPolicy = struct("SuccessPolicy", {
  rules: req(list(successPolicyRule)),
});

/** SuccessPolicy, as Kubernetes names its fields. */
export interface SuccessPolicy extends Infer<typeof successPolicy> {}

export const jobSpec = struct("JobSpec", {
  parallelism: ptr(int32),
  completions: ptr(int32),
  activeDeadlineSeconds: ptr(int64),
  podFailurePolicy: ptr(podFailurePolicy),
  successPolicy: ptr(successPolicy),
  backoffLimit: ptr(int32),
  backoffLimitPerIndex: ptr(int32),
  maxFailedIndexes: ptr(int32),
  selector: ptr(labelSelector),
  manualSelector: ptr(bool),
  template: req(podTemplateSpec),
  ttlSecondsAfterFinished: ptr(int32),
  completionMode: ptr(named("CompletionMode")),
  suspend: ptr(bool),
  podReplacementPolicy: ptr(named("PodReplacementPolicy")),
  managedBy: ptr(str),
});

/** JobSpec, as Kubernetes names its fields. */
export interface JobSpec extends Infer<typeof jobSpec> {}

export const jobCondition = struct("JobCondition", {
  type: req(named("JobConditionType")),
  status: req(named("ConditionStatus")),
  lastProbeTime: val(time),
  lastTransitionTime: val(time),
  reason: opt(str),
  message: opt(str),
});

/** JobCondition, as Kubernetes names its fields. */
export interface JobCondition extends Infer<typeof jobCondition> {}

export const uncountedTerminatedPods = struct("UncountedTerminatedPods", {
  succeeded: opt(list(str)),
  failed: opt(list(str)),
});

/** UncountedTerminatedPods, as Kubernetes names its fields. */
export interface UncountedTerminatedPods extends Infer<typeof uncountedTerminatedPods> {}

export const jobStatus = struct("JobStatus", {
  conditions: opt(list(jobCondition)),
  startTime: ptr(time),
  completionTime: ptr(time),
  active: opt(int32),
  succeeded: opt(int32),
  failed: opt(int32),
  terminating: ptr(int32),
  completedIndexes: opt(str),
  failedIndexes: ptr(str),
  uncountedTerminatedPods: ptr(uncountedTerminatedPods),
  ready: ptr(int32),
});

/** JobStatus, as Kubernetes names its fields. */
export interface JobStatus extends Infer<typeof jobStatus> {}

/** The shape of Job. */
export const job = object("batch/v1", "Job", {
  metadata: req(objectMeta),
  spec: req(jobSpec),
  status: val(jobStatus),
});

/** Job, as Kubernetes names its fields. */
export interface Job extends Infer<typeof job> {}

export const jobTemplateSpec = struct("JobTemplateSpec", {
  metadata: val(objectMeta),
  spec: val(jobSpec),
});

/** JobTemplateSpec, as Kubernetes names its fields. */
export interface JobTemplateSpec extends Infer<typeof jobTemplateSpec> {}

export const cronJobSpec = struct("CronJobSpec", {
  schedule: req(str),
  timeZone: ptr(str),
  startingDeadlineSeconds: ptr(int64),
  concurrencyPolicy: opt(named("ConcurrencyPolicy")),
  suspend: ptr(bool),
  jobTemplate: val(jobTemplateSpec),
  successfulJobsHistoryLimit: ptr(int32),
  failedJobsHistoryLimit: ptr(int32),
});

/** CronJobSpec, as Kubernetes names its fields. */
export interface CronJobSpec extends Infer<typeof cronJobSpec> {}

export const cronJobStatus = struct("CronJobStatus", {
  active: opt(list(objectReference)),
  lastScheduleTime: ptr(time),
  lastSuccessfulTime: ptr(time),
});

/** CronJobStatus, as Kubernetes names its fields. */
export interface CronJobStatus extends Infer<typeof cronJobStatus> {}

/** The shape of CronJob. */
export const cronJob = object("batch/v1", "CronJob", {
  metadata: req(objectMeta),
  spec: req(cronJobSpec),
  status: val(cronJobStatus),
});

/** CronJob, as Kubernetes names its fields. */
export interface CronJob extends Infer<typeof cronJob> {}
