/** What became of a pod. Field names are those of Kubernetes v1.35.4. */

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
  resourceList,
  str,
  struct,
  time,
  val,
} from "../../shape/shape.js";
import { resourceRequirements } from "./container.js";

export const podCondition = struct("PodCondition", {
  type: req(named("PodConditionType")),
  observedGeneration: opt(int64),
  status: req(named("ConditionStatus")),
  lastProbeTime: val(time),
  lastTransitionTime: val(time),
  reason: opt(str),
  message: opt(str),
});

/** PodCondition, as Kubernetes names its fields. */
export interface PodCondition extends Infer<typeof podCondition> {}

export const hostIP = struct("HostIP", {
  ip: req(str),
});

/** HostIP, as Kubernetes names its fields. */
export interface HostIP extends Infer<typeof hostIP> {}

export const podIP = struct("PodIP", {
  ip: req(str),
});

/** PodIP, as Kubernetes names its fields. */
export interface PodIP extends Infer<typeof podIP> {}

export const containerStateWaiting = struct("ContainerStateWaiting", {
  reason: opt(str),
  message: opt(str),
});

/** ContainerStateWaiting, as Kubernetes names its fields. */
export interface ContainerStateWaiting extends Infer<typeof containerStateWaiting> {}

export const containerStateRunning = struct("ContainerStateRunning", {
  startedAt: val(time),
});

/** ContainerStateRunning, as Kubernetes names its fields. */
export interface ContainerStateRunning extends Infer<typeof containerStateRunning> {}

export const containerStateTerminated = struct("ContainerStateTerminated", {
  exitCode: req(int32),
  signal: opt(int32),
  reason: opt(str),
  message: opt(str),
  startedAt: val(time),
  finishedAt: val(time),
  containerID: opt(str),
});

/** ContainerStateTerminated, as Kubernetes names its fields. */
export interface ContainerStateTerminated extends Infer<typeof containerStateTerminated> {}

export const containerState = struct("ContainerState", {
  waiting: ptr(containerStateWaiting),
  running: ptr(containerStateRunning),
  terminated: ptr(containerStateTerminated),
});

/** ContainerState, as Kubernetes names its fields. */
export interface ContainerState extends Infer<typeof containerState> {}

export const volumeMountStatus = struct("VolumeMountStatus", {
  name: req(str),
  mountPath: req(str),
  readOnly: opt(bool),
  recursiveReadOnly: ptr(named("RecursiveReadOnlyMode")),
});

/** VolumeMountStatus, as Kubernetes names its fields. */
export interface VolumeMountStatus extends Infer<typeof volumeMountStatus> {}

export const linuxContainerUser = struct("LinuxContainerUser", {
  uid: req(int64),
  gid: req(int64),
  supplementalGroups: opt(list(int64)),
});

/** LinuxContainerUser, as Kubernetes names its fields. */
export interface LinuxContainerUser extends Infer<typeof linuxContainerUser> {}

export const containerUser = struct("ContainerUser", {
  linux: ptr(linuxContainerUser),
});

/** ContainerUser, as Kubernetes names its fields. */
export interface ContainerUser extends Infer<typeof containerUser> {}

export const resourceHealth = struct("ResourceHealth", {
  resourceID: req(named("ResourceID")),
  health: opt(named("ResourceHealthStatus")),
});

/** ResourceHealth, as Kubernetes names its fields. */
export interface ResourceHealth extends Infer<typeof resourceHealth> {}

export const resourceStatus = struct("ResourceStatus", {
  name: req(named("ResourceName")),
  resources: opt(list(resourceHealth)),
});

/** ResourceStatus, as Kubernetes names its fields. */
export interface ResourceStatus extends Infer<typeof resourceStatus> {}

export const containerStatus = struct("ContainerStatus", {
  name: req(str),
  state: val(containerState),
  lastState: val(containerState),
  ready: req(bool),
  restartCount: req(int32),
  image: req(str),
  imageID: req(str),
  containerID: opt(str),
  started: ptr(bool),
  allocatedResources: opt(resourceList),
  resources: ptr(resourceRequirements),
  volumeMounts: opt(list(volumeMountStatus)),
  user: ptr(containerUser),
  allocatedResourcesStatus: opt(list(resourceStatus)),
  stopSignal: ptr(named("Signal")),
});

/** ContainerStatus, as Kubernetes names its fields. */
export interface ContainerStatus extends Infer<typeof containerStatus> {}

export const podResourceClaimStatus = struct("PodResourceClaimStatus", {
  name: req(str),
  resourceClaimName: ptr(str),
});

/** PodResourceClaimStatus, as Kubernetes names its fields. */
export interface PodResourceClaimStatus extends Infer<typeof podResourceClaimStatus> {}

export const containerExtendedResourceRequest = struct("ContainerExtendedResourceRequest", {
  containerName: req(str),
  resourceName: req(str),
  requestName: req(str),
});

/** ContainerExtendedResourceRequest, as Kubernetes names its fields. */
export interface ContainerExtendedResourceRequest
  extends Infer<typeof containerExtendedResourceRequest> {}

export const podExtendedResourceClaimStatus = struct("PodExtendedResourceClaimStatus", {
  requestMappings: req(list(containerExtendedResourceRequest)),
  resourceClaimName: req(str),
});

/** PodExtendedResourceClaimStatus, as Kubernetes names its fields. */
export interface PodExtendedResourceClaimStatus
  extends Infer<typeof podExtendedResourceClaimStatus> {}

export const podStatus = struct("PodStatus", {
  observedGeneration: opt(int64),
  phase: opt(named("PodPhase")),
  conditions: opt(list(podCondition)),
  message: opt(str),
  reason: opt(str),
  nominatedNodeName: opt(str),
  hostIP: opt(str),
  hostIPs: opt(list(hostIP)),
  podIP: opt(str),
  podIPs: opt(list(podIP)),
  startTime: ptr(time),
  initContainerStatuses: opt(list(containerStatus)),
  containerStatuses: opt(list(containerStatus)),
  qosClass: opt(named("PodQOSClass")),
  ephemeralContainerStatuses: opt(list(containerStatus)),
  resize: opt(named("PodResizeStatus")),
  resourceClaimStatuses: opt(list(podResourceClaimStatus)),
  extendedResourceClaimStatus: ptr(podExtendedResourceClaimStatus),
  allocatedResources: opt(resourceList),
  resources: ptr(resourceRequirements),
});

/** PodStatus, as Kubernetes names its fields. */
export interface PodStatus extends Infer<typeof podStatus> {}
