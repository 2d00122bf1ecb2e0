/** Nodes. Field names are those of Kubernetes v1.35.4. */

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
import { objectMeta } from "../meta.js";
import { object } from "../object.js";

export const taint = struct("Taint", {
  key: req(str),
  value: opt(str),
  effect: req(named("TaintEffect")),
  timeAdded: ptr(time),
});

/** Taint, as Kubernetes names its fields. */
export interface Taint extends Infer<typeof taint> {}

export const configMapNodeConfigSource = struct("ConfigMapNodeConfigSource", {
  namespace: req(str),
  name: req(str),
  uid: opt(str),
  resourceVersion: opt(str),
  kubeletConfigKey: req(str),
});

/** ConfigMapNodeConfigSource, as Kubernetes names its fields. */
export interface ConfigMapNodeConfigSource extends Infer<typeof configMapNodeConfigSource> {}

export const nodeConfigSource = struct("NodeConfigSource", {
  configMap: ptr(configMapNodeConfigSource),
});

/** NodeConfigSource, as Kubernetes names its fields. */
export interface NodeConfigSource extends Infer<typeof nodeConfigSource> {}

export const nodeSpec = struct("NodeSpec", {
  podCIDR: opt(str),
  podCIDRs: opt(list(str)),
  providerID: opt(str),
  unschedulable: opt(bool),
  taints: opt(list(taint)),
  configSource: ptr(nodeConfigSource),
  externalID: opt(str),
});

/** NodeSpec, as Kubernetes names its fields. */
export interface NodeSpec extends Infer<typeof nodeSpec> {}

export const nodeCondition = struct("NodeCondition", {
  type: req(named("NodeConditionType")),
  status: req(named("ConditionStatus")),
  lastHeartbeatTime: val(time),
  lastTransitionTime: val(time),
  reason: opt(str),
  message: opt(str),
});

/** NodeCondition, as Kubernetes names its fields. */
export interface NodeCondition extends Infer<typeof nodeCondition> {}

export const nodeAddress = struct("NodeAddress", {
  type: req(named("NodeAddressType")),
  address: req(str),
});

/** NodeAddress, as Kubernetes names its fields. */
export interface NodeAddress extends Infer<typeof nodeAddress> {}

export const daemonEndpoint = struct("DaemonEndpoint", {
  Port: req(int32),
});

/** DaemonEndpoint, as Kubernetes names its fields. */
export interface DaemonEndpoint extends Infer<typeof daemonEndpoint> {}

export const nodeDaemonEndpoints = struct("NodeDaemonEndpoints", {
  kubeletEndpoint: val(daemonEndpoint),
});

/** NodeDaemonEndpoints, as Kubernetes names its fields. */
export interface NodeDaemonEndpoints extends Infer<typeof nodeDaemonEndpoints> {}

export const nodeSwapStatus = struct("NodeSwapStatus", {
  capacity: ptr(int64),
});

/** NodeSwapStatus, as Kubernetes names its fields. */
export interface NodeSwapStatus extends Infer<typeof nodeSwapStatus> {}

export const nodeSystemInfo = struct("NodeSystemInfo", {
  machineID: req(str),
  systemUUID: req(str),
  bootID: req(str),
  kernelVersion: req(str),
  osImage: req(str),
  containerRuntimeVersion: req(str),
  kubeletVersion: req(str),
  kubeProxyVersion: req(str),
  operatingSystem: req(str),
  architecture: req(str),
  swap: ptr(nodeSwapStatus),
});

/** NodeSystemInfo, as Kubernetes names its fields. */
export interface NodeSystemInfo extends Infer<typeof nodeSystemInfo> {}

export const containerImage = struct("ContainerImage", {
  names: req(list(str)),
  sizeBytes: opt(int64),
});

/** ContainerImage, as Kubernetes names its fields. */
export interface ContainerImage extends Infer<typeof containerImage> {}

export const attachedVolume = struct("AttachedVolume", {
  name: req(named("UniqueVolumeName")),
  devicePath: req(str),
});

/** AttachedVolume, as Kubernetes names its fields. */
export interface AttachedVolume extends Infer<typeof attachedVolume> {}

export const nodeConfigStatus = struct("NodeConfigStatus", {
  assigned: ptr(nodeConfigSource),
  active: ptr(nodeConfigSource),
  lastKnownGood: ptr(nodeConfigSource),
  error: opt(str),
});

/** NodeConfigStatus, as Kubernetes names its fields. */
export interface NodeConfigStatus extends Infer<typeof nodeConfigStatus> {}

export const nodeRuntimeHandlerFeatures = struct("NodeRuntimeHandlerFeatures", {
  recursiveReadOnlyMounts: ptr(bool),
  userNamespaces: ptr(bool),
});

/** NodeRuntimeHandlerFeatures, as Kubernetes names its fields. */
export interface NodeRuntimeHandlerFeatures extends Infer<typeof nodeRuntimeHandlerFeatures> {}

export const nodeRuntimeHandler = struct("NodeRuntimeHandler", {
  name: req(str),
  features: ptr(nodeRuntimeHandlerFeatures),
});

/** NodeRuntimeHandler, as Kubernetes names its fields. */
export interface NodeRuntimeHandler extends Infer<typeof nodeRuntimeHandler> {}

export const nodeFeatures = struct("NodeFeatures", {
  supplementalGroupsPolicy: ptr(bool),
});

/** NodeFeatures, as Kubernetes names its fields. */
export interface NodeFeatures extends Infer<typeof nodeFeatures> {}

export const nodeStatus = struct("NodeStatus", {
  capacity: opt(resourceList),
  allocatable: opt(resourceList),
  phase: opt(named("NodePhase")),
  conditions: opt(list(nodeCondition)),
  addresses: opt(list(nodeAddress)),
  daemonEndpoints: val(nodeDaemonEndpoints),
  nodeInfo: val(nodeSystemInfo),
  images: opt(list(containerImage)),
  volumesInUse: opt(list(named("UniqueVolumeName"))),
  volumesAttached: opt(list(attachedVolume)),
  config: ptr(nodeConfigStatus),
  runtimeHandlers: opt(list(nodeRuntimeHandler)),
  features: ptr(nodeFeatures),
  declaredFeatures: opt(list(str)),
});

/** NodeStatus, as Kubernetes names its fields. */
export interface NodeStatus extends Infer<typeof nodeStatus> {}

/** The shape of Node. */
export const node = object("v1", "Node", {
  metadata: req(objectMeta),
  spec: req(nodeSpec),
  status: val(nodeStatus),
});

/** Node, as Kubernetes names its fields. */
export interface Node extends Infer<typeof node> {}
