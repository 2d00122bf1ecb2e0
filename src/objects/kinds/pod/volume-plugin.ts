/** Volumes of particular stores. Field names are those of Kubernetes v1.35.4. */

import {
  bool,
  type Infer,
  int32,
  list,
  map,
  named,
  opt,
  ptr,
  req,
  str,
  struct,
} from "../../shape/shape.js";
import { localObjectReference } from "../reference.js";

export const gcePersistentDiskVolumeSource = struct("GCEPersistentDiskVolumeSource", {
  pdName: req(str),
  fsType: opt(str),
  partition: opt(int32),
  readOnly: opt(bool),
});

/** GCEPersistentDiskVolumeSource, as Kubernetes names its fields. */
export interface GCEPersistentDiskVolumeSource
  extends Infer<typeof gcePersistentDiskVolumeSource> {}

export const awsElasticBlockStoreVolumeSource = struct("AWSElasticBlockStoreVolumeSource", {
  volumeID: req(str),
  fsType: opt(str),
  partition: opt(int32),
  readOnly: opt(bool),
});

/** AWSElasticBlockStoreVolumeSource, as Kubernetes names its fields. */
export interface AWSElasticBlockStoreVolumeSource
  extends Infer<typeof awsElasticBlockStoreVolumeSource> {}

export const glusterfsVolumeSource = struct("GlusterfsVolumeSource", {
  endpoints: req(str),
  path: req(str),
  readOnly: opt(bool),
});

/** GlusterfsVolumeSource, as Kubernetes names its fields. */
export interface GlusterfsVolumeSource extends Infer<typeof glusterfsVolumeSource> {}

export const rbdVolumeSource = struct("RBDVolumeSource", {
  monitors: req(list(str)),
  image: req(str),
  fsType: opt(str),
  pool: opt(str),
  user: opt(str),
  keyring: opt(str),
  secretRef: ptr(localObjectReference),
  readOnly: opt(bool),
});

/** RBDVolumeSource, as Kubernetes names its fields. */
export interface RBDVolumeSource extends Infer<typeof rbdVolumeSource> {}

export const flexVolumeSource = struct("FlexVolumeSource", {
  driver: req(str),
  fsType: opt(str),
  secretRef: ptr(localObjectReference),
  readOnly: opt(bool),
  options: opt(map(str)),
});

/** FlexVolumeSource, as Kubernetes names its fields. */
export interface FlexVolumeSource extends Infer<typeof flexVolumeSource> {}

export const cinderVolumeSource = struct("CinderVolumeSource", {
  volumeID: req(str),
  fsType: opt(str),
  readOnly: opt(bool),
  secretRef: ptr(localObjectReference),
});

/** CinderVolumeSource, as Kubernetes names its fields. */
export interface CinderVolumeSource extends Infer<typeof cinderVolumeSource> {}

export const cephFSVolumeSource = struct("CephFSVolumeSource", {
  monitors: req(list(str)),
  path: opt(str),
  user: opt(str),
  secretFile: opt(str),
  secretRef: ptr(localObjectReference),
  readOnly: opt(bool),
});

/** CephFSVolumeSource, as Kubernetes names its fields. */
export interface CephFSVolumeSource extends Infer<typeof cephFSVolumeSource> {}

export const flockerVolumeSource = struct("FlockerVolumeSource", {
  datasetName: opt(str),
  datasetUUID: opt(str),
});

/** FlockerVolumeSource, as Kubernetes names its fields. */
export interface FlockerVolumeSource extends Infer<typeof flockerVolumeSource> {}

export const fcVolumeSource = struct("FCVolumeSource", {
  targetWWNs: opt(list(str)),
  lun: ptr(int32),
  fsType: opt(str),
  readOnly: opt(bool),
  wwids: opt(list(str)),
});

/** FCVolumeSource, as Kubernetes names its fields. */
export interface FCVolumeSource extends Infer<typeof fcVolumeSource> {}

export const azureFileVolumeSource = struct("AzureFileVolumeSource", {
  secretName: req(str),
  shareName: req(str),
  readOnly: opt(bool),
});

/** AzureFileVolumeSource, as Kubernetes names its fields. */
export interface AzureFileVolumeSource extends Infer<typeof azureFileVolumeSource> {}

export const vsphereVirtualDiskVolumeSource = struct("VsphereVirtualDiskVolumeSource", {
  volumePath: req(str),
  fsType: opt(str),
  storagePolicyName: opt(str),
  storagePolicyID: opt(str),
});

/** VsphereVirtualDiskVolumeSource, as Kubernetes names its fields. */
export interface VsphereVirtualDiskVolumeSource
  extends Infer<typeof vsphereVirtualDiskVolumeSource> {}

export const quobyteVolumeSource = struct("QuobyteVolumeSource", {
  registry: req(str),
  volume: req(str),
  readOnly: opt(bool),
  user: opt(str),
  group: opt(str),
  tenant: opt(str),
});

/** QuobyteVolumeSource, as Kubernetes names its fields. */
export interface QuobyteVolumeSource extends Infer<typeof quobyteVolumeSource> {}

export const azureDiskVolumeSource = struct("AzureDiskVolumeSource", {
  diskName: req(str),
  diskURI: req(str),
  cachingMode: ptr(named("AzureDataDiskCachingMode")),
  fsType: ptr(str),
  readOnly: ptr(bool),
  kind: ptr(named("AzureDataDiskKind")),
});

/** AzureDiskVolumeSource, as Kubernetes names its fields. */
export interface AzureDiskVolumeSource extends Infer<typeof azureDiskVolumeSource> {}

export const photonPersistentDiskVolumeSource = struct("PhotonPersistentDiskVolumeSource", {
  pdID: req(str),
  fsType: opt(str),
});

/** PhotonPersistentDiskVolumeSource, as Kubernetes names its fields. */
export interface PhotonPersistentDiskVolumeSource
  extends Infer<typeof photonPersistentDiskVolumeSource> {}

export const portworxVolumeSource = struct("PortworxVolumeSource", {
  volumeID: req(str),
  fsType: opt(str),
  readOnly: opt(bool),
});

/** PortworxVolumeSource, as Kubernetes names its fields. */
export interface PortworxVolumeSource extends Infer<typeof portworxVolumeSource> {}

export const scaleIOVolumeSource = struct("ScaleIOVolumeSource", {
  gateway: req(str),
  system: req(str),
  secretRef: ptr(localObjectReference),
  sslEnabled: opt(bool),
  protectionDomain: opt(str),
  storagePool: opt(str),
  storageMode: opt(str),
  volumeName: opt(str),
  fsType: opt(str),
  readOnly: opt(bool),
});

/** ScaleIOVolumeSource, as Kubernetes names its fields. */
export interface ScaleIOVolumeSource extends Infer<typeof scaleIOVolumeSource> {}

export const storageOSVolumeSource = struct("StorageOSVolumeSource", {
  volumeName: opt(str),
  volumeNamespace: opt(str),
  fsType: opt(str),
  readOnly: opt(bool),
  secretRef: ptr(localObjectReference),
});

/** StorageOSVolumeSource, as Kubernetes names its fields. */
export interface StorageOSVolumeSource extends Infer<typeof storageOSVolumeSource> {}

export const iscsiVolumeSource = struct("ISCSIVolumeSource", {
  targetPortal: req(str),
  iqn: req(str),
  lun: req(int32),
  iscsiInterface: opt(str),
  fsType: opt(str),
  readOnly: opt(bool),
  portals: opt(list(str)),
  chapAuthDiscovery: opt(bool),
  chapAuthSession: opt(bool),
  secretRef: ptr(localObjectReference),
  initiatorName: ptr(str),
});

/** ISCSIVolumeSource, as Kubernetes names its fields. */
export interface ISCSIVolumeSource extends Infer<typeof iscsiVolumeSource> {}
