/** Volumes of a pod. Field names are those of Kubernetes v1.35.4. */

import {
  type Infer,
  list,
  map,
  named,
  opt,
  ptr,
  req,
  resourceList,
  str,
  struct,
  time,
  val,
} from "../../shape/shape.js";
import { objectMeta } from "../meta.js";
import { persistentVolumeClaimSpec, volumeSources } from "./volume-source.js";

export const volume = struct("Volume", {
  name: req(str),
  ...volumeSources,
});

/** Volume, as Kubernetes names its fields. */
export interface Volume extends Infer<typeof volume> {}

export const persistentVolumeClaimCondition = struct("PersistentVolumeClaimCondition", {
  type: req(named("PersistentVolumeClaimConditionType")),
  status: req(named("ConditionStatus")),
  lastProbeTime: val(time),
  lastTransitionTime: val(time),
  reason: opt(str),
  message: opt(str),
});

/** PersistentVolumeClaimCondition, as Kubernetes names its fields. */
export interface PersistentVolumeClaimCondition
  extends Infer<typeof persistentVolumeClaimCondition> {}

export const modifyVolumeStatus = struct("ModifyVolumeStatus", {
  targetVolumeAttributesClassName: opt(str),
  status: req(named("PersistentVolumeClaimModifyVolumeStatus")),
});

/** ModifyVolumeStatus, as Kubernetes names its fields. */
export interface ModifyVolumeStatus extends Infer<typeof modifyVolumeStatus> {}

export const persistentVolumeClaimStatus = struct("PersistentVolumeClaimStatus", {
  phase: opt(named("PersistentVolumeClaimPhase")),
  accessModes: opt(list(named("PersistentVolumeAccessMode"))),
  capacity: opt(resourceList),
  conditions: opt(list(persistentVolumeClaimCondition)),
  allocatedResources: opt(resourceList),
  allocatedResourceStatuses: opt(map(named("ClaimResourceStatus"))),
  currentVolumeAttributesClassName: ptr(str),
  modifyVolumeStatus: ptr(modifyVolumeStatus),
});

/** PersistentVolumeClaimStatus, as Kubernetes names its fields. */
export interface PersistentVolumeClaimStatus extends Infer<typeof persistentVolumeClaimStatus> {}

export const persistentVolumeClaim = struct("PersistentVolumeClaim", {
  metadata: val(objectMeta),
  spec: val(persistentVolumeClaimSpec),
  status: val(persistentVolumeClaimStatus),
});

/** PersistentVolumeClaim, as Kubernetes names its fields. */
export interface PersistentVolumeClaim extends Infer<typeof persistentVolumeClaim> {}
