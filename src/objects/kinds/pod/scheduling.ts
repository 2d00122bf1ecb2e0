/** Where a pod may run. Field names are those of Kubernetes v1.35.4. */

import {
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
  val,
} from "../../shape/shape.js";
import { labelSelector } from "../meta.js";

export const nodeSelectorRequirement = struct("NodeSelectorRequirement", {
  key: req(str),
  operator: req(named("NodeSelectorOperator")),
  values: opt(list(str)),
});

/** NodeSelectorRequirement, as Kubernetes names its fields. */
export interface NodeSelectorRequirement extends Infer<typeof nodeSelectorRequirement> {}

export const nodeSelectorTerm = struct("NodeSelectorTerm", {
  matchExpressions: opt(list(nodeSelectorRequirement)),
  matchFields: opt(list(nodeSelectorRequirement)),
});

/** NodeSelectorTerm, as Kubernetes names its fields. */
export interface NodeSelectorTerm extends Infer<typeof nodeSelectorTerm> {}

export const nodeSelector = struct("NodeSelector", {
  nodeSelectorTerms: req(list(nodeSelectorTerm)),
});

/** NodeSelector, as Kubernetes names its fields. */
export interface NodeSelector extends Infer<typeof nodeSelector> {}

export const preferredSchedulingTerm = struct("PreferredSchedulingTerm", {
  weight: req(int32),
  preference: val(nodeSelectorTerm),
});

/** PreferredSchedulingTerm, as Kubernetes names its fields. */
export interface PreferredSchedulingTerm extends Infer<typeof preferredSchedulingTerm> {}

export const nodeAffinity = struct("NodeAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: ptr(nodeSelector),
  preferredDuringSchedulingIgnoredDuringExecution: opt(list(preferredSchedulingTerm)),
});

/** NodeAffinity, as Kubernetes names its fields. */
export interface NodeAffinity extends Infer<typeof nodeAffinity> {}

export const podAffinityTerm = struct("PodAffinityTerm", {
  labelSelector: ptr(labelSelector),
  namespaces: opt(list(str)),
  topologyKey: req(str),
  namespaceSelector: ptr(labelSelector),
  matchLabelKeys: opt(list(str)),
  mismatchLabelKeys: opt(list(str)),
});

/** PodAffinityTerm, as Kubernetes names its fields. */
export interface PodAffinityTerm extends Infer<typeof podAffinityTerm> {}

export const weightedPodAffinityTerm = struct("WeightedPodAffinityTerm", {
  weight: req(int32),
  podAffinityTerm: val(podAffinityTerm),
});

/** WeightedPodAffinityTerm, as Kubernetes names its fields. */
export interface WeightedPodAffinityTerm extends Infer<typeof weightedPodAffinityTerm> {}

export const podAffinity = struct("PodAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: opt(list(podAffinityTerm)),
  preferredDuringSchedulingIgnoredDuringExecution: opt(list(weightedPodAffinityTerm)),
});

/** PodAffinity, as Kubernetes names its fields. */
export interface PodAffinity extends Infer<typeof podAffinity> {}

export const podAntiAffinity = struct("PodAntiAffinity", {
  requiredDuringSchedulingIgnoredDuringExecution: opt(list(podAffinityTerm)),
  preferredDuringSchedulingIgnoredDuringExecution: opt(list(weightedPodAffinityTerm)),
});

/** PodAntiAffinity, as Kubernetes names its fields. */
export interface PodAntiAffinity extends Infer<typeof podAntiAffinity> {}

export const affinity = struct("Affinity", {
  nodeAffinity: ptr(nodeAffinity),
  podAffinity: ptr(podAffinity),
  podAntiAffinity: ptr(podAntiAffinity),
});

/** Affinity, as Kubernetes names its fields. */
export interface Affinity extends Infer<typeof affinity> {}

export const toleration = struct("Toleration", {
  key: opt(str),
  operator: opt(named("TolerationOperator")),
  value: opt(str),
  effect: opt(named("TaintEffect")),
  tolerationSeconds: ptr(int64),
});

/** Toleration, as Kubernetes names its fields. */
export interface Toleration extends Infer<typeof toleration> {}

export const topologySpreadConstraint = struct("TopologySpreadConstraint", {
  maxSkew: req(int32),
  topologyKey: req(str),
  whenUnsatisfiable: req(named("UnsatisfiableConstraintAction")),
  labelSelector: ptr(labelSelector),
  minDomains: ptr(int32),
  nodeAffinityPolicy: ptr(named("NodeInclusionPolicy")),
  nodeTaintsPolicy: ptr(named("NodeInclusionPolicy")),
  matchLabelKeys: opt(list(str)),
});

/** TopologySpreadConstraint, as Kubernetes names its fields. */
export interface TopologySpreadConstraint extends Infer<typeof topologySpreadConstraint> {}
