/** Deployments, ReplicaSets, StatefulSets, DaemonSets. Field names are those of Kubernetes v1.35.4. */

import {
  bool,
  type Infer,
  int32,
  int64,
  intOrString,
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
import { persistentVolumeClaim } from "../pod/volume.js";

export const rollingUpdateDeployment = struct("RollingUpdateDeployment", {
  maxUnavailable: ptr(intOrString),
  maxSurge: ptr(intOrString),
});

/** RollingUpdateDeployment, as Kubernetes names its fields. */
export interface RollingUpdateDeployment extends Infer<typeof rollingUpdateDeployment> {}

export const deploymentStrategy = struct("DeploymentStrategy", {
  type: opt(named("DeploymentStrategyType")),
  rollingUpdate: ptr(rollingUpdateDeployment),
});

/** DeploymentStrategy, as Kubernetes names its fields. */
export interface DeploymentStrategy extends Infer<typeof deploymentStrategy> {}

export const deploymentSpec = struct("DeploymentSpec", {
  replicas: ptr(int32, { default: 1, check: "not-negative" }),
  selector: ptr(labelSelector),
  template: req(podTemplateSpec),
  strategy: val(deploymentStrategy),
  minReadySeconds: opt(int32, { check: "not-negative" }),
  revisionHistoryLimit: ptr(int32, { default: 10, check: "not-negative" }),
  paused: opt(bool),
  progressDeadlineSeconds: ptr(int32, { default: 600, check: "not-negative" }),
});

/** DeploymentSpec, as Kubernetes names its fields. */
export interface DeploymentSpec extends Infer<typeof deploymentSpec> {}

export const deploymentCondition = struct("DeploymentCondition", {
  type: req(named("DeploymentConditionType")),
  status: req(named("ConditionStatus")),
  lastUpdateTime: val(time),
  lastTransitionTime: val(time),
  reason: opt(str),
  message: opt(str),
});

/** DeploymentCondition, as Kubernetes names its fields. */
export interface DeploymentCondition extends Infer<typeof deploymentCondition> {}

export const deploymentStatus = struct("DeploymentStatus", {
  observedGeneration: opt(int64),
  replicas: opt(int32),
  updatedReplicas: opt(int32),
  readyReplicas: opt(int32),
  availableReplicas: opt(int32),
  unavailableReplicas: opt(int32),
  terminatingReplicas: ptr(int32),
  conditions: opt(list(deploymentCondition)),
  collisionCount: ptr(int32),
});

/** DeploymentStatus, as Kubernetes names its fields. */
export interface DeploymentStatus extends Infer<typeof deploymentStatus> {}

/** The shape of Deployment. */
export const deployment = object("apps/v1", "Deployment", {
  metadata: req(objectMeta),
  spec: req(deploymentSpec),
  status: val(deploymentStatus),
});

/** Deployment, as Kubernetes names its fields. */
export interface Deployment extends Infer<typeof deployment> {}

export const replicaSetSpec = struct("ReplicaSetSpec", {
  replicas: ptr(int32, { default: 1, check: "not-negative" }),
  minReadySeconds: opt(int32, { check: "not-negative" }),
  selector: ptr(labelSelector),
  template: req(podTemplateSpec),
});

/** ReplicaSetSpec, as Kubernetes names its fields. */
export interface ReplicaSetSpec extends Infer<typeof replicaSetSpec> {}

export const replicaSetCondition = struct("ReplicaSetCondition", {
  type: req(named("ReplicaSetConditionType")),
  status: req(named("ConditionStatus")),
  lastTransitionTime: val(time),
  reason: opt(str),
  message: opt(str),
});

/** ReplicaSetCondition, as Kubernetes names its fields. */
export interface ReplicaSetCondition extends Infer<typeof replicaSetCondition> {}

export const replicaSetStatus = struct("ReplicaSetStatus", {
  replicas: req(int32),
  fullyLabeledReplicas: opt(int32),
  readyReplicas: opt(int32),
  availableReplicas: opt(int32),
  terminatingReplicas: ptr(int32),
  observedGeneration: opt(int64),
  conditions: opt(list(replicaSetCondition)),
});

/** ReplicaSetStatus, as Kubernetes names its fields. */
export interface ReplicaSetStatus extends Infer<typeof replicaSetStatus> {}

/** The shape of ReplicaSet. */
export const replicaSet = object("apps/v1", "ReplicaSet", {
  metadata: req(objectMeta),
  spec: req(replicaSetSpec),
  status: val(replicaSetStatus),
});

/** ReplicaSet, as Kubernetes names its fields. */
export interface ReplicaSet extends Infer<typeof replicaSet> {}

export const rollingUpdateStatefulSetStrategy = struct("RollingUpdateStatefulSetStrategy", {
  partition: ptr(int32),
  maxUnavailable: ptr(intOrString),
});

/** RollingUpdateStatefulSetStrategy, as Kubernetes names its fields. */
export interface RollingUpdateStatefulSetStrategy
  extends Infer<typeof rollingUpdateStatefulSetStrategy> {}

export const statefulSetUpdateStrategy = struct("StatefulSetUpdateStrategy", {
  type: opt(named("StatefulSetUpdateStrategyType")),
  rollingUpdate: ptr(rollingUpdateStatefulSetStrategy),
});

/** StatefulSetUpdateStrategy, as Kubernetes names its fields. */
export interface StatefulSetUpdateStrategy extends Infer<typeof statefulSetUpdateStrategy> {}

export const statefulSetPersistentVolumeClaimRetentionPolicy = struct(
  "StatefulSetPersistentVolumeClaimRetentionPolicy",
  {
    whenDeleted: opt(named("PersistentVolumeClaimRetentionPolicyType")),
    whenScaled: opt(named("PersistentVolumeClaimRetentionPolicyType")),
  },
);

/** StatefulSetPersistentVolumeClaimRetentionPolicy, as Kubernetes names its fields. */
export interface StatefulSetPersistentVolumeClaimRetentionPolicy
  extends Infer<typeof statefulSetPersistentVolumeClaimRetentionPolicy> {}

export const statefulSetOrdinals = struct("StatefulSetOrdinals", {
  start: req(int32),
});

/** StatefulSetOrdinals, as Kubernetes names its fields. */
export interface StatefulSetOrdinals extends Infer<typeof statefulSetOrdinals> {}

export const statefulSetSpec = struct("StatefulSetSpec", {
  replicas: ptr(int32, { default: 1, check: "not-negative" }),
  selector: ptr(labelSelector),
  template: req(podTemplateSpec),
  volumeClaimTemplates: opt(list(persistentVolumeClaim)),
  serviceName: req(str),
  podManagementPolicy: opt(named("PodManagementPolicyType"), { default: "OrderedReady" }),
  updateStrategy: val(statefulSetUpdateStrategy),
  revisionHistoryLimit: ptr(int32, { default: 10 }),
  minReadySeconds: opt(int32, { check: "not-negative" }),
  persistentVolumeClaimRetentionPolicy: ptr(statefulSetPersistentVolumeClaimRetentionPolicy),
  ordinals: ptr(statefulSetOrdinals),
});

/** StatefulSetSpec, as Kubernetes names its fields. */
export interface StatefulSetSpec extends Infer<typeof statefulSetSpec> {}

export const statefulSetCondition = struct("StatefulSetCondition", {
  type: req(named("StatefulSetConditionType")),
  status: req(named("ConditionStatus")),
  lastTransitionTime: val(time),
  reason: opt(str),
  message: opt(str),
});

/** StatefulSetCondition, as Kubernetes names its fields. */
export interface StatefulSetCondition extends Infer<typeof statefulSetCondition> {}

export const statefulSetStatus = struct("StatefulSetStatus", {
  observedGeneration: opt(int64),
  replicas: req(int32),
  readyReplicas: opt(int32),
  currentReplicas: opt(int32),
  updatedReplicas: opt(int32),
  currentRevision: opt(str),
  updateRevision: opt(str),
  collisionCount: ptr(int32),
  conditions: opt(list(statefulSetCondition)),
  availableReplicas: req(int32),
});

/** StatefulSetStatus, as Kubernetes names its fields. */
export interface StatefulSetStatus extends Infer<typeof statefulSetStatus> {}

/** The shape of StatefulSet. */
export const statefulSet = object("apps/v1", "StatefulSet", {
  metadata: req(objectMeta),
  spec: req(statefulSetSpec),
  status: val(statefulSetStatus),
});

/** StatefulSet, as Kubernetes names its fields. */
export interface StatefulSet extends Infer<typeof statefulSet> {}

export const rollingUpdateDaemonSet = struct("RollingUpdateDaemonSet", {
  maxUnavailable: ptr(intOrString),
  maxSurge: ptr(intOrString),
});

/** RollingUpdateDaemonSet, as Kubernetes names its fields. */
export interface RollingUpdateDaemonSet extends Infer<typeof rollingUpdateDaemonSet> {}

export const daemonSetUpdateStrategy = struct("DaemonSetUpdateStrategy", {
  type: opt(named("DaemonSetUpdateStrategyType")),
  rollingUpdate: ptr(rollingUpdateDaemonSet),
});

/** DaemonSetUpdateStrategy, as Kubernetes names its fields. */
export interface DaemonSetUpdateStrategy extends Infer<typeof daemonSetUpdateStrategy> {}

export const daemonSetSpec = struct("DaemonSetSpec", {
  selector: ptr(labelSelector),
  template: req(podTemplateSpec),
  updateStrategy: val(daemonSetUpdateStrategy),
  minReadySeconds: opt(int32, { check: "not-negative" }),
  revisionHistoryLimit: ptr(int32, { default: 10, check: "not-negative" }),
});

/** DaemonSetSpec, as Kubernetes names its fields. */
export interface DaemonSetSpec extends Infer<typeof daemonSetSpec> {}

export const daemonSetCondition = struct("DaemonSetCondition", {
  type: req(named("DaemonSetConditionType")),
  status: req(named("ConditionStatus")),
  lastTransitionTime: val(time),
  reason: opt(str),
  message: opt(str),
});

/** DaemonSetCondition, as Kubernetes names its fields. */
export interface DaemonSetCondition extends Infer<typeof daemonSetCondition> {}

export const daemonSetStatus = struct("DaemonSetStatus", {
  currentNumberScheduled: req(int32),
  numberMisscheduled: req(int32),
  desiredNumberScheduled: req(int32),
  numberReady: req(int32),
  observedGeneration: opt(int64),
  updatedNumberScheduled: opt(int32),
  numberAvailable: opt(int32),
  numberUnavailable: opt(int32),
  collisionCount: ptr(int32),
  conditions: opt(list(daemonSetCondition)),
});

/** DaemonSetStatus, as Kubernetes names its fields. */
export interface DaemonSetStatus extends Infer<typeof daemonSetStatus> {}

/** The shape of DaemonSet. */
export const daemonSet = object("apps/v1", "DaemonSet", {
  metadata: req(objectMeta),
  spec: req(daemonSetSpec),
  status: val(daemonSetStatus),
});

/** DaemonSet, as Kubernetes names its fields. */
export interface DaemonSet extends Infer<typeof daemonSet> {}
