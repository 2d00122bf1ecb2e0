/** Volumes of a pod. Field names are those of Kubernetes v1.35.4. */

import {
  type Infer,
  list,
  map,
  named,
  opt,
  ptr,
  quantity,
  req,
  str,
  struct,
  time,
  val,
} from "../../shape/shape.js";
import { objectMeta } from "../meta.js";
import {
  awsElasticBlockStoreVolumeSource,
  azureDiskVolumeSource,
  azureFileVolumeSource,
  cephFSVolumeSource,
  cinderVolumeSource,
  fcVolumeSource,
  flexVolumeSource,
  flockerVolumeSource,
  gcePersistentDiskVolumeSource,
  glusterfsVolumeSource,
  iscsiVolumeSource,
  photonPersistentDiskVolumeSource,
  portworxVolumeSource,
  quobyteVolumeSource,
  rbdVolumeSource,
  scaleIOVolumeSource,
  storageOSVolumeSource,
  vsphereVirtualDiskVolumeSource,
} from "./volume-plugin.js";
import {
  configMapVolumeSource,
  csiVolumeSource,
  downwardAPIVolumeSource,
  emptyDirVolumeSource,
  ephemeralVolumeSource,
  gitRepoVolumeSource,
  hostPathVolumeSource,
  imageVolumeSource,
  nfsVolumeSource,
  persistentVolumeClaimSpec,
  persistentVolumeClaimVolumeSource,
  projectedVolumeSource,
  secretVolumeSource,
} from "./volume-source.js";

export const volume = struct("Volume", {
  name: req(str),
  hostPath: ptr(hostPathVolumeSource),
  emptyDir: ptr(emptyDirVolumeSource),
  gcePersistentDisk: ptr(gcePersistentDiskVolumeSource),
  awsElasticBlockStore: ptr(awsElasticBlockStoreVolumeSource),
  gitRepo: ptr(gitRepoVolumeSource),
  secret: ptr(secretVolumeSource),
  nfs: ptr(nfsVolumeSource),
  iscsi: ptr(iscsiVolumeSource),
  glusterfs: ptr(glusterfsVolumeSource),
  persistentVolumeClaim: ptr(persistentVolumeClaimVolumeSource),
  rbd: ptr(rbdVolumeSource),
  flexVolume: ptr(flexVolumeSource),
  cinder: ptr(cinderVolumeSource),
  cephfs: ptr(cephFSVolumeSource),
  flocker: ptr(flockerVolumeSource),
  downwardAPI: ptr(downwardAPIVolumeSource),
  fc: ptr(fcVolumeSource),
  azureFile: ptr(azureFileVolumeSource),
  configMap: ptr(configMapVolumeSource),
  vsphereVolume: ptr(vsphereVirtualDiskVolumeSource),
  quobyte: ptr(quobyteVolumeSource),
  azureDisk: ptr(azureDiskVolumeSource),
  photonPersistentDisk: ptr(photonPersistentDiskVolumeSource),
  projected: ptr(projectedVolumeSource),
  portworxVolume: ptr(portworxVolumeSource),
  scaleIO: ptr(scaleIOVolumeSource),
  storageos: ptr(storageOSVolumeSource),
  csi: ptr(csiVolumeSource),
  ephemeral: ptr(ephemeralVolumeSource),
  image: ptr(imageVolumeSource),
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
  capacity: opt(map(quantity)),
  conditions: opt(list(persistentVolumeClaimCondition)),
  allocatedResources: opt(map(quantity)),
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
