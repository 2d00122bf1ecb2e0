/**
 * The table of kinds: every kind that kubewire reads, with its resource name, short names and
 * scope, as the API server's discovery tells them.
 */
import type { Infer } from "../shape/shape.js";
import { configMap, namespace } from "./cluster/namespace.js";
import { node } from "./cluster/node.js";
import { endpointSlice, endpoints } from "./network/endpoint-slice.js";
import { ingress, ipAddress, serviceCIDR } from "./network/ingress.js";
import { networkPolicy } from "./network/network-policy.js";
import {
  adminNetworkPolicy,
  baselineAdminNetworkPolicy,
  clusterNetworkPolicy,
} from "./network/policy-api.js";
import { service } from "./network/service.js";
import type { ObjectShape } from "./object.js";
import { pod } from "./pod/pod.js";
import { cronJob, job } from "./workload/batch.js";
import { daemonSet, deployment, replicaSet, statefulSet } from "./workload/workload.js";

/** One kind of object. */
export interface KindInfo {
  readonly shape: ObjectShape<unknown>;
  /** Plural, as in addresses of the API: `pods`. */
  readonly resource: string;
  /** Singular, as people type it: `pod`. */
  readonly singular: string;
  /** Short names: `po`. */
  readonly short: readonly string[];
  readonly namespaced: boolean;
  /** Whether `kubectl get all` lists it. */
  readonly inAll: boolean;
  /** Whether a definition declares it, and not the server's own code. */
  readonly isCustom: boolean;
}

const row = (
  shape: ObjectShape<unknown>,
  resource: string,
  short: readonly string[],
  scope: "namespaced" | "cluster",
  inAll = false,
): KindInfo => ({
  shape,
  resource,
  singular: shape.objectKind.toLowerCase(),
  short,
  namespaced: scope === "namespaced",
  inAll,
  isCustom: shape.apiVersion.startsWith("policy.networking.k8s.io/"),
});

const SHAPES = {
  Pod: pod,
  Service: service,
  DaemonSet: daemonSet,
  Deployment: deployment,
  ReplicaSet: replicaSet,
  StatefulSet: statefulSet,
  CronJob: cronJob,
  Job: job,
  Namespace: namespace,
  Node: node,
  ConfigMap: configMap,
  Endpoints: endpoints,
  EndpointSlice: endpointSlice,
  NetworkPolicy: networkPolicy,
  Ingress: ingress,
  ServiceCIDR: serviceCIDR,
  IPAddress: ipAddress,
  AdminNetworkPolicy: adminNetworkPolicy,
  BaselineAdminNetworkPolicy: baselineAdminNetworkPolicy,
  ClusterNetworkPolicy: clusterNetworkPolicy,
} as const;

/** The name of a kind that kubewire reads. */
export type Kind = keyof typeof SHAPES;

/** The type of objects of a kind. */
export type ObjectOf<K extends Kind> = Infer<(typeof SHAPES)[K]>;

/** Any object that kubewire reads; `kind` tells which. */
export type KubeObject = { [K in Kind]: ObjectOf<K> }[Kind];

/** Every kind, in the order in which `kubectl get all` lists them first. */
export const KINDS: Readonly<Record<Kind, KindInfo>> = {
  Pod: row(pod, "pods", ["po"], "namespaced", true),
  Service: row(service, "services", ["svc"], "namespaced", true),
  DaemonSet: row(daemonSet, "daemonsets", ["ds"], "namespaced", true),
  Deployment: row(deployment, "deployments", ["deploy"], "namespaced", true),
  ReplicaSet: row(replicaSet, "replicasets", ["rs"], "namespaced", true),
  StatefulSet: row(statefulSet, "statefulsets", ["sts"], "namespaced", true),
  CronJob: row(cronJob, "cronjobs", ["cj"], "namespaced", true),
  Job: row(job, "jobs", [], "namespaced", true),
  Namespace: row(namespace, "namespaces", ["ns"], "cluster"),
  Node: row(node, "nodes", ["no"], "cluster"),
  ConfigMap: row(configMap, "configmaps", ["cm"], "namespaced"),
  Endpoints: row(endpoints, "endpoints", ["ep"], "namespaced"),
  EndpointSlice: row(endpointSlice, "endpointslices", [], "namespaced"),
  NetworkPolicy: row(networkPolicy, "networkpolicies", ["netpol"], "namespaced"),
  Ingress: row(ingress, "ingresses", ["ing"], "namespaced"),
  ServiceCIDR: row(serviceCIDR, "servicecidrs", [], "cluster"),
  IPAddress: row(ipAddress, "ipaddresses", ["ip"], "cluster"),
  AdminNetworkPolicy: row(adminNetworkPolicy, "adminnetworkpolicies", ["anp"], "cluster"),
  BaselineAdminNetworkPolicy: row(
    baselineAdminNetworkPolicy,
    "baselineadminnetworkpolicies",
    ["banp"],
    "cluster",
  ),
  ClusterNetworkPolicy: row(clusterNetworkPolicy, "clusternetworkpolicies", ["cnp"], "cluster"),
};

/** The kind of that name, where kubewire reads it. */
export function kindOf(kind: string): KindInfo | undefined {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind as Kind] : undefined;
}
