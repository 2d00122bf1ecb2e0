/** The door of `objects`: Kubernetes objects, their types, loading, defaults and validation. */

export { type Admission, admitObject } from "./admit.js";
export { checkLoaded } from "./check/loaded.js";
export { faultsOfLabelValue, faultsOfQualifiedName } from "./check/names.js";
export { checkObject } from "./check/object.js";
export { checkUpdate } from "./check/update/update.js";
export { fillObject } from "./defaults/object.js";
export { aboutObject } from "./fault-text.js";
export { withGeneratedName } from "./generated-name.js";
export type {
  ConfigMap,
  Namespace,
  NamespaceCondition,
  NamespaceSpec,
  NamespaceStatus,
} from "./kinds/cluster/namespace.js";
export type {
  AttachedVolume,
  ConfigMapNodeConfigSource,
  ContainerImage,
  DaemonEndpoint,
  Node,
  NodeAddress,
  NodeCondition,
  NodeConfigSource,
  NodeConfigStatus,
  NodeDaemonEndpoints,
  NodeFeatures,
  NodeRuntimeHandler,
  NodeRuntimeHandlerFeatures,
  NodeSpec,
  NodeStatus,
  NodeSwapStatus,
  NodeSystemInfo,
  Taint,
} from "./kinds/cluster/node.js";
export type {
  AddressType,
  IPFamily,
  IPFamilyPolicy,
  LabelSelectorOperator,
  PolicyType,
  Protocol,
  ServiceAffinity,
  ServiceExternalTrafficPolicy,
  ServiceInternalTrafficPolicy,
  ServiceType,
} from "./kinds/enums.js";
export {
  KINDS,
  type Kind,
  type KindInfo,
  type KubeObject,
  kindOf,
  type ObjectOf,
} from "./kinds/kinds.js";
export type {
  Condition,
  LabelSelector,
  LabelSelectorRequirement,
  ManagedFieldsEntry,
  ObjectMeta,
  OwnerReference,
} from "./kinds/meta.js";
export type {
  Endpoint,
  EndpointAddress,
  EndpointConditions,
  EndpointHints,
  EndpointPort,
  EndpointSlice,
  EndpointSubset,
  Endpoints,
  ForNode,
  ForZone,
  SliceEndpointPort,
} from "./kinds/network/endpoint-slice.js";
export type {
  HTTPIngressPath,
  HTTPIngressRuleValue,
  Ingress,
  IngressBackend,
  IngressLoadBalancerIngress,
  IngressLoadBalancerStatus,
  IngressPortStatus,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  IngressStatus,
  IngressTLS,
  IPAddress,
  IPAddressSpec,
  ParentReference,
  ServiceBackendPort,
  ServiceCIDR,
  ServiceCIDRSpec,
  ServiceCIDRStatus,
} from "./kinds/network/ingress.js";
export type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyEgressRule,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "./kinds/network/network-policy.js";
export type {
  AdminEgressRule,
  AdminIngressRule,
  AdminNetworkPolicy,
  AdminNetworkPolicySpec,
  AdminPort,
  AdminPortNumber,
  AdminPortRange,
  BaselineAdminNetworkPolicy,
  BaselineAdminNetworkPolicySpec,
  BaselineEgressPeer,
  BaselineEgressRule,
  BaselineIngressRule,
  ClusterEgressRule,
  ClusterIngressRule,
  ClusterNetworkPolicy,
  ClusterNetworkPolicySpec,
  ClusterPort,
  ClusterPortRange,
  ClusterProtocol,
  ClusterTransport,
  NamespacedPod,
  PolicyEgressPeer,
  PolicyIngressPeer,
  PolicySelector,
  PolicyStatus,
  PolicySubject,
} from "./kinds/network/policy-api.js";
export type {
  ClientIPConfig,
  LoadBalancerIngress,
  LoadBalancerStatus,
  PortStatus,
  Service,
  ServicePort,
  ServiceSpec,
  ServiceStatus,
  SessionAffinityConfig,
} from "./kinds/network/service.js";
export type { Container, ContainerPort, EnvVar, Probe } from "./kinds/pod/container.js";
export type { Pod, PodSpec, PodTemplateSpec } from "./kinds/pod/pod.js";
export type {
  ContainerState,
  ContainerStatus,
  PodCondition,
  PodIP,
  PodStatus,
} from "./kinds/pod/pod-status.js";
export type {
  CronJob,
  CronJobSpec,
  CronJobStatus,
  Job,
  JobCondition,
  JobSpec,
  JobStatus,
  JobTemplateSpec,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicy,
  SuccessPolicyRule,
  UncountedTerminatedPods,
} from "./kinds/workload/batch.js";
export type {
  DaemonSet,
  DaemonSetCondition,
  DaemonSetSpec,
  DaemonSetStatus,
  DaemonSetUpdateStrategy,
  Deployment,
  DeploymentCondition,
  DeploymentSpec,
  DeploymentStatus,
  DeploymentStrategy,
  ReplicaSet,
  ReplicaSetCondition,
  ReplicaSetSpec,
  ReplicaSetStatus,
  RollingUpdateDaemonSet,
  RollingUpdateDeployment,
  RollingUpdateStatefulSetStrategy,
  StatefulSet,
  StatefulSetCondition,
  StatefulSetOrdinals,
  StatefulSetPersistentVolumeClaimRetentionPolicy,
  StatefulSetSpec,
  StatefulSetStatus,
  StatefulSetUpdateStrategy,
} from "./kinds/workload/workload.js";
export {
  type Document,
  type DocumentList,
  readDocuments,
  type TextOptions,
} from "./load/documents.js";
export {
  type Item,
  itemsOf,
  type LoadAttempt,
  type LoadedManifests,
  type LoadedObject,
  type LoadOptions,
  loadManifests,
  type ManifestFile,
  type OtherKind,
  tryLoadManifests,
} from "./load/manifests.js";
export { infoOf, type ReadOptions, type ReadResult, readObject } from "./read-object.js";
export {
  askableSelector,
  isEmptySelector,
  type Labels,
  matchesLabels,
  matchesRequirement,
  matchesSelector,
} from "./selector.js";
export type { Allocator } from "./service/allocator.js";
export { createService, type ServiceOutcome } from "./service/create.js";
export { releaseService, updateService } from "./service/update.js";
export { civilOf, printTime } from "./shape/clock-time.js";
export { isFieldError, printErrorBody, printFieldError } from "./shape/field-error.js";
export { freezeDeep } from "./shape/freeze.js";
export { quote } from "./shape/go-text.js";
export { nearest } from "./shape/nearest.js";
export { parsePath, printPath } from "./shape/path.js";
export { toJson } from "./shape/print.js";
export {
  addQuantities,
  maxQuantity,
  parseQuantity,
  printQuantity,
  type Quantity,
  ZERO,
} from "./shape/quantity.js";
export { parseTime } from "./shape/rfc3339.js";
