/**
 * Defaults of Services, EndpointSlices and NetworkPolicies that depend on other fields. Defaults of
 * single fields stand in their declarations.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/v1/defaults.go, pkg/apis/discovery/v1/defaults.go,
 * pkg/apis/networking/v1/defaults.go.
 */
import { isExternallyAccessible } from "../check/network/service.js";
import type { Namespace } from "../kinds/cluster/namespace.js";
import type { Node } from "../kinds/cluster/node.js";
import type { EndpointSlice } from "../kinds/network/endpoint-slice.js";
import type { NetworkPolicy } from "../kinds/network/network-policy.js";
import type { Service } from "../kinds/network/service.js";

/** A value all of whose parts may still be changed. */
export type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

/** How long a client sticks to an endpoint, in seconds: three hours. */
const DEFAULT_AFFINITY_SECONDS = 10800;

/** Fills in the defaults of a Service, in place. */
export function fillService(service: Mutable<Service>): void {
  const { spec } = service;
  spec.sessionAffinity ??= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === "ClientIP") {
    if (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
      spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: DEFAULT_AFFINITY_SECONDS } };
    }
  }
  spec.type ??= "ClusterIP";
  for (const port of spec.ports ?? []) {
    if ((port.targetPort ?? 0) === 0 || port.targetPort === "") port.targetPort = port.port;
  }
  if (isExternallyAccessible(service as Service)) spec.externalTrafficPolicy ??= "Cluster";
  if (spec.type === "ClusterIP" || spec.type === "NodePort" || spec.type === "LoadBalancer") {
    spec.internalTrafficPolicy ??= "Cluster";
  }
  if (spec.type === "LoadBalancer") {
    spec.allocateLoadBalancerNodePorts ??= true;
    for (const ingress of service.status?.loadBalancer?.ingress ?? []) {
      if ((ingress.ip ?? "") !== "") ingress.ipMode ??= "VIP";
    }
  }
}

/** Fills in the policy types of a NetworkPolicy, in place. */
export function fillNetworkPolicy(policy: Mutable<NetworkPolicy>): void {
  const { spec } = policy;
  if ((spec.policyTypes ?? []).length > 0) return;
  spec.policyTypes = (spec.egress ?? []).length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
}

/**
 * Drops the topology of endpoints, in place: nobody can write it through `discovery.k8s.io/v1`.
 *
 * Follows: kubernetes v1.35 pkg/registry/discovery/endpointslice/strategy.go `dropTopologyOnV1`.
 */
export function dropTopology(slice: Mutable<EndpointSlice>): void {
  for (const endpoint of slice.endpoints) {
    if (endpoint.deprecatedTopology !== undefined) delete endpoint.deprecatedTopology;
  }
}

/** Gives a namespace the label of its own name and the finalizer of Kubernetes, in place. */
export function fillNamespace(namespace: Mutable<Namespace>): void {
  const { metadata, spec } = namespace;
  if (!spec.finalizers?.includes("kubernetes")) {
    spec.finalizers = [...(spec.finalizers ?? []), "kubernetes"];
  }
  namespace.status ??= {};
  namespace.status.phase ??= "Active";
  if (metadata.name === "") return;
  metadata.labels ??= {};
  metadata.labels["kubernetes.io/metadata.name"] = metadata.name;
}

/**
 * Brings the singular and the plural pod CIDR of a node together, in place; the plural one gives way.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/v1/conversion.go `Convert_v1_NodeSpec_To_core_NodeSpec`.
 */
export function fillNode(node: Mutable<Node>): void {
  const { spec } = node;
  const { podCIDR = "", podCIDRs = [] } = spec;
  if (podCIDR !== "" && podCIDRs[0] !== podCIDR) spec.podCIDRs = [podCIDR];
  else if (podCIDR === "" && podCIDRs.length > 0) spec.podCIDR = podCIDRs[0];
}
