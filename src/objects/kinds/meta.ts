/** What every object carries: metadata, owners, label selectors, conditions. Field names are those of Kubernetes v1.35.4. */

import {
  any,
  bool,
  have,
  type Infer,
  int64,
  list,
  map,
  named,
  opt,
  ptr,
  req,
  str,
  struct,
  time,
  val,
} from "../shape/shape.js";
import { labelSelectorOperator } from "./enums.js";

export const ownerReference = struct("OwnerReference", {
  apiVersion: req(str),
  kind: req(str),
  name: req(str),
  uid: req(str),
  controller: ptr(bool),
  blockOwnerDeletion: ptr(bool),
});

/** OwnerReference, as Kubernetes names its fields. */
export interface OwnerReference extends Infer<typeof ownerReference> {}

export const managedFieldsEntry = struct("ManagedFieldsEntry", {
  manager: opt(str),
  operation: opt(named("ManagedFieldsOperationType")),
  apiVersion: opt(str),
  time: ptr(time),
  fieldsType: opt(str),
  fieldsV1: ptr(any),
  subresource: opt(str),
});

/** ManagedFieldsEntry, as Kubernetes names its fields. */
export interface ManagedFieldsEntry extends Infer<typeof managedFieldsEntry> {}

export const objectMeta = struct("ObjectMeta", {
  name: have(str),
  generateName: opt(str),
  namespace: opt(str),
  selfLink: opt(str),
  uid: opt(str),
  resourceVersion: opt(str),
  generation: opt(int64),
  creationTimestamp: opt(time),
  deletionTimestamp: ptr(time),
  deletionGracePeriodSeconds: ptr(int64),
  labels: opt(map(str)),
  annotations: opt(map(str)),
  ownerReferences: opt(list(ownerReference)),
  finalizers: opt(list(str)),
  managedFields: opt(list(managedFieldsEntry)),
});

/** ObjectMeta, as Kubernetes names its fields. */
export interface ObjectMeta extends Infer<typeof objectMeta> {}

export const labelSelectorRequirement = struct("LabelSelectorRequirement", {
  key: req(str),
  operator: req(labelSelectorOperator),
  values: opt(list(str)),
});

/** LabelSelectorRequirement, as Kubernetes names its fields. */
export interface LabelSelectorRequirement extends Infer<typeof labelSelectorRequirement> {}

export const labelSelector = {
  ...struct("LabelSelector", {
    matchLabels: opt(map(str)),
    matchExpressions: opt(list(labelSelectorRequirement)),
  }),
  isCheckedApart: true,
};

/** LabelSelector, as Kubernetes names its fields. */
export interface LabelSelector extends Infer<typeof labelSelector> {}

export const condition = struct("Condition", {
  type: req(str),
  status: req(named("ConditionStatus")),
  observedGeneration: opt(int64),
  lastTransitionTime: val(time),
  reason: req(str),
  message: req(str),
});

/** Condition, as Kubernetes names its fields. */
export interface Condition extends Infer<typeof condition> {}
