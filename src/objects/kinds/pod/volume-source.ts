/** The kinds of volume. Field names are those of Kubernetes v1.35.4. */

import {
  bool,
  embedded,
  type Infer,
  int32,
  int64,
  list,
  map,
  named,
  opt,
  ptr,
  quantity,
  req,
  resourceList,
  str,
  struct,
  val,
} from "../../shape/shape.js";
import { labelSelector, objectMeta } from "../meta.js";
import { localObjectReference, typedLocalObjectReference } from "../reference.js";
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

export const hostPathVolumeSource = struct("HostPathVolumeSource", {
  path: req(str),
  type: ptr(named("HostPathType"), { default: "" }),
});

/** HostPathVolumeSource, as Kubernetes names its fields. */
export interface HostPathVolumeSource extends Infer<typeof hostPathVolumeSource> {}

export const emptyDirVolumeSource = struct("EmptyDirVolumeSource", {
  medium: opt(named("StorageMedium")),
  sizeLimit: ptr(quantity),
});

/** EmptyDirVolumeSource, as Kubernetes names its fields. */
export interface EmptyDirVolumeSource extends Infer<typeof emptyDirVolumeSource> {}

export const gitRepoVolumeSource = struct("GitRepoVolumeSource", {
  repository: req(str),
  revision: opt(str),
  directory: opt(str),
});

/** GitRepoVolumeSource, as Kubernetes names its fields. */
export interface GitRepoVolumeSource extends Infer<typeof gitRepoVolumeSource> {}

export const keyToPath = struct("KeyToPath", {
  key: req(str),
  path: req(str),
  mode: ptr(int32),
});

/** KeyToPath, as Kubernetes names its fields. */
export interface KeyToPath extends Infer<typeof keyToPath> {}

export const secretVolumeSource = struct("SecretVolumeSource", {
  secretName: opt(str),
  items: opt(list(keyToPath)),
  defaultMode: ptr(int32, { default: 420 }),
  optional: ptr(bool),
});

/** SecretVolumeSource, as Kubernetes names its fields. */
export interface SecretVolumeSource extends Infer<typeof secretVolumeSource> {}

export const nfsVolumeSource = struct("NFSVolumeSource", {
  server: req(str),
  path: req(str),
  readOnly: opt(bool),
});

/** NFSVolumeSource, as Kubernetes names its fields. */
export interface NFSVolumeSource extends Infer<typeof nfsVolumeSource> {}

export const persistentVolumeClaimVolumeSource = struct("PersistentVolumeClaimVolumeSource", {
  claimName: req(str),
  readOnly: opt(bool),
});

/** PersistentVolumeClaimVolumeSource, as Kubernetes names its fields. */
export interface PersistentVolumeClaimVolumeSource
  extends Infer<typeof persistentVolumeClaimVolumeSource> {}

export const objectFieldSelector = struct("ObjectFieldSelector", {
  apiVersion: opt(str, { default: "v1" }),
  fieldPath: req(str),
});

/** ObjectFieldSelector, as Kubernetes names its fields. */
export interface ObjectFieldSelector extends Infer<typeof objectFieldSelector> {}

export const resourceFieldSelector = struct("ResourceFieldSelector", {
  containerName: opt(str),
  resource: req(str),
  divisor: opt(quantity),
});

/** ResourceFieldSelector, as Kubernetes names its fields. */
export interface ResourceFieldSelector extends Infer<typeof resourceFieldSelector> {}

export const downwardAPIVolumeFile = struct("DownwardAPIVolumeFile", {
  path: req(str),
  fieldRef: ptr(objectFieldSelector),
  resourceFieldRef: ptr(resourceFieldSelector),
  mode: ptr(int32),
});

/** DownwardAPIVolumeFile, as Kubernetes names its fields. */
export interface DownwardAPIVolumeFile extends Infer<typeof downwardAPIVolumeFile> {}

export const downwardAPIVolumeSource = struct("DownwardAPIVolumeSource", {
  items: opt(list(downwardAPIVolumeFile)),
  defaultMode: ptr(int32, { default: 420 }),
});

/** DownwardAPIVolumeSource, as Kubernetes names its fields. */
export interface DownwardAPIVolumeSource extends Infer<typeof downwardAPIVolumeSource> {}

export const configMapVolumeSource = struct("ConfigMapVolumeSource", {
  ...embedded("LocalObjectReference", { name: opt(str) }),
  items: opt(list(keyToPath)),
  defaultMode: ptr(int32, { default: 420 }),
  optional: ptr(bool),
});

/** ConfigMapVolumeSource, as Kubernetes names its fields. */
export interface ConfigMapVolumeSource extends Infer<typeof configMapVolumeSource> {}

export const secretProjection = struct("SecretProjection", {
  ...embedded("LocalObjectReference", { name: opt(str) }),
  items: opt(list(keyToPath)),
  optional: ptr(bool),
});

/** SecretProjection, as Kubernetes names its fields. */
export interface SecretProjection extends Infer<typeof secretProjection> {}

export const downwardAPIProjection = struct("DownwardAPIProjection", {
  items: opt(list(downwardAPIVolumeFile)),
});

/** DownwardAPIProjection, as Kubernetes names its fields. */
export interface DownwardAPIProjection extends Infer<typeof downwardAPIProjection> {}

export const configMapProjection = struct("ConfigMapProjection", {
  ...embedded("LocalObjectReference", { name: opt(str) }),
  items: opt(list(keyToPath)),
  optional: ptr(bool),
});

/** ConfigMapProjection, as Kubernetes names its fields. */
export interface ConfigMapProjection extends Infer<typeof configMapProjection> {}

export const serviceAccountTokenProjection = struct("ServiceAccountTokenProjection", {
  audience: opt(str),
  expirationSeconds: ptr(int64),
  path: req(str),
});

/** ServiceAccountTokenProjection, as Kubernetes names its fields. */
export interface ServiceAccountTokenProjection
  extends Infer<typeof serviceAccountTokenProjection> {}

export const clusterTrustBundleProjection = struct("ClusterTrustBundleProjection", {
  name: ptr(str),
  signerName: ptr(str),
  labelSelector: ptr(labelSelector),
  optional: ptr(bool),
  path: req(str),
});

/** ClusterTrustBundleProjection, as Kubernetes names its fields. */
export interface ClusterTrustBundleProjection extends Infer<typeof clusterTrustBundleProjection> {}

export const podCertificateProjection = struct("PodCertificateProjection", {
  signerName: opt(str),
  keyType: opt(str),
  maxExpirationSeconds: ptr(int32),
  credentialBundlePath: opt(str),
  keyPath: opt(str),
  certificateChainPath: opt(str),
  userAnnotations: opt(map(str)),
});

/** PodCertificateProjection, as Kubernetes names its fields. */
export interface PodCertificateProjection extends Infer<typeof podCertificateProjection> {}

export const volumeProjection = struct("VolumeProjection", {
  secret: ptr(secretProjection),
  downwardAPI: ptr(downwardAPIProjection),
  configMap: ptr(configMapProjection),
  serviceAccountToken: ptr(serviceAccountTokenProjection),
  clusterTrustBundle: ptr(clusterTrustBundleProjection),
  podCertificate: ptr(podCertificateProjection),
});

/** VolumeProjection, as Kubernetes names its fields. */
export interface VolumeProjection extends Infer<typeof volumeProjection> {}

export const projectedVolumeSource = struct("ProjectedVolumeSource", {
  sources: req(list(volumeProjection)),
  defaultMode: ptr(int32, { default: 420 }),
});

/** ProjectedVolumeSource, as Kubernetes names its fields. */
export interface ProjectedVolumeSource extends Infer<typeof projectedVolumeSource> {}

export const csiVolumeSource = struct("CSIVolumeSource", {
  driver: req(str),
  readOnly: ptr(bool),
  fsType: ptr(str),
  volumeAttributes: opt(map(str)),
  nodePublishSecretRef: ptr(localObjectReference),
});

/** CSIVolumeSource, as Kubernetes names its fields. */
export interface CSIVolumeSource extends Infer<typeof csiVolumeSource> {}

export const volumeResourceRequirements = struct("VolumeResourceRequirements", {
  limits: opt(resourceList),
  requests: opt(resourceList),
});

/** VolumeResourceRequirements, as Kubernetes names its fields. */
export interface VolumeResourceRequirements extends Infer<typeof volumeResourceRequirements> {}

export const typedObjectReference = struct("TypedObjectReference", {
  apiGroup: ptr(str),
  kind: req(str),
  name: req(str),
  namespace: ptr(str),
});

/** TypedObjectReference, as Kubernetes names its fields. */
export interface TypedObjectReference extends Infer<typeof typedObjectReference> {}

export const persistentVolumeClaimSpec = struct("PersistentVolumeClaimSpec", {
  accessModes: opt(list(named("PersistentVolumeAccessMode"))),
  selector: ptr(labelSelector),
  resources: val(volumeResourceRequirements),
  volumeName: opt(str),
  storageClassName: ptr(str),
  volumeMode: ptr(named("PersistentVolumeMode")),
  dataSource: ptr(typedLocalObjectReference),
  dataSourceRef: ptr(typedObjectReference),
  volumeAttributesClassName: ptr(str),
});

/** PersistentVolumeClaimSpec, as Kubernetes names its fields. */
export interface PersistentVolumeClaimSpec extends Infer<typeof persistentVolumeClaimSpec> {}

export const persistentVolumeClaimTemplate = struct("PersistentVolumeClaimTemplate", {
  metadata: val(objectMeta),
  spec: val(persistentVolumeClaimSpec),
});

/** PersistentVolumeClaimTemplate, as Kubernetes names its fields. */
export interface PersistentVolumeClaimTemplate
  extends Infer<typeof persistentVolumeClaimTemplate> {}

export const ephemeralVolumeSource = struct("EphemeralVolumeSource", {
  volumeClaimTemplate: ptr(persistentVolumeClaimTemplate),
});

/** EphemeralVolumeSource, as Kubernetes names its fields. */
export interface EphemeralVolumeSource extends Infer<typeof ephemeralVolumeSource> {}

export const imageVolumeSource = struct("ImageVolumeSource", {
  reference: opt(str),
  pullPolicy: opt(named("PullPolicy")),
});

/** ImageVolumeSource, as Kubernetes names its fields. */
export interface ImageVolumeSource extends Infer<typeof imageVolumeSource> {}

/** Every kind of volume, as a volume embeds it. */
export const volumeSources = embedded("VolumeSource", {
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
