/** The door of `cluster`: a Kubernetes cluster as an immutable value, and what it compiles to. */
export { type ApplyOptions, Cluster } from "./cluster.js";
export {
  type Compiled,
  Compiler,
  type LinkEnd,
  type Segment,
} from "./compile/compile.js";
export { API_SERVER, EXTERNAL } from "./compile/hosts.js";
export { PROXY_HEALTH } from "./compile/node.js";
export { type ClusterPlan, makePlan } from "./compile/plan.js";
export { HEALTH_CHECK } from "./compile/proxy/health.js";
export {
  buildTopology,
  type Topology,
  type TopologyEdge,
  type TopologyVertex,
} from "./compile/topology.js";
export { isMirrored, type MirrorInput, mirrorEndpoints } from "./endpoints/mirror.js";
export {
  applySliceChanges,
  ENDPOINTS_PER_SLICE,
  type ReconcileInput,
  reconcileSlices,
} from "./endpoints/reconcile.js";
export type {
  AddressType,
  NameSlice,
  SliceChanges,
  SliceEndpoint,
  SlicePort,
} from "./endpoints/slice.js";
export { knownPorts } from "./listen/images.js";
export { LISTEN_ANNOTATION, listenersOf } from "./listen/listeners.js";
export type {
  ClusterOptions,
  ClusterSettings,
  ImagePort,
  LoadBalancerOptions,
  LoadBalancerSettings,
  PolicyAgentOptions,
  PolicyAgentSettings,
  PolicyMode,
  ProxyMode,
  ProxyOptions,
} from "./settings.js";
export type { AddressState, NodeLeases } from "./state/addresses.js";
export type { ClusterState, NamespaceShard, ObjectKey } from "./state/state.js";
export { dnsAddr } from "./system/dns.js";
