/**
 * Random clusters in which a packet may have several endpoints to go to, as plain data that shrinks, and
 * the cluster in each of kube-proxy's modes. Slices are written by hand, so that every condition occurs.
 */
import * as fc from "fast-check";
import { Cluster, LISTEN_ANNOTATION, type ProxyMode } from "../../../../src/cluster/index.js";
import type { KubeObject, Service } from "../../../../src/objects/index.js";

/** An endpoint: one of the pods, and what the slice says of it. */
export interface EndpointSpec {
  readonly pod: number;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly zone: "zone-1" | "zone-2" | undefined;
}

/** A Service with one port, 80. */
export interface ServiceSpec {
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer";
  readonly protocol: "TCP" | "UDP";
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  readonly affinity: boolean;
  readonly externalIP: boolean;
  readonly ranges: boolean;
  readonly distribution: "PreferSameZone" | undefined;
  readonly endpoints: readonly EndpointSpec[];
}

/** What a packet asks for. */
export interface ProbeSpec {
  readonly from: number;
  readonly service: number;
  readonly to: "cluster IP" | "node port" | "loopback" | "external IP" | "load balancer" | "unused";
  readonly node: number;
  readonly isOff: boolean;
}

/** One cluster and what is tried in it. Places are taken modulo what there is. */
export interface ModeCase {
  readonly nodes: number;
  readonly family: "ip4" | "ip6";
  readonly network: "bridge" | "vxlan";
  /** The node of each pod, and whether it is in the node's own network. */
  readonly pods: readonly { readonly node: number; readonly onHost: boolean }[];
  readonly services: readonly ServiceSpec[];
  readonly probes: readonly ProbeSpec[];
}

const seldom = (one: number) => fc.nat(one - 1).map((n) => n === one - 1);

const endpoint: fc.Arbitrary<EndpointSpec> = fc
  .record({
    pod: fc.nat(7),
    state: fc.constantFrom("ready", "ready", "ready", "unready", "leaving", "left"),
    zone: fc.constantFrom("zone-1", "zone-2", undefined),
  })
  .map(({ pod, state, zone }) => ({
    pod,
    ready: state === "ready",
    serving: state === "ready" || state === "leaving",
    terminating: state === "leaving" || state === "left",
    zone,
  }));

const service: fc.Arbitrary<ServiceSpec> = fc.record({
  type: fc.constantFrom("ClusterIP", "NodePort", "LoadBalancer"),
  protocol: fc.constantFrom("TCP", "TCP", "UDP"),
  internalLocal: seldom(4),
  externalLocal: fc.boolean(),
  affinity: seldom(4),
  externalIP: seldom(3),
  ranges: seldom(4),
  distribution: fc.constantFrom(undefined, undefined, "PreferSameZone"),
  endpoints: fc.uniqueArray(endpoint, { selector: (e) => e.pod, maxLength: 6, size: "max" }),
});

const probe: fc.Arbitrary<ProbeSpec> = fc.record({
  from: fc.nat(11),
  service: fc.nat(3),
  to: fc.constantFrom(
    ...(["cluster IP", "cluster IP", "node port", "loopback"] as const),
    ...(["external IP", "load balancer", "load balancer", "unused"] as const),
  ),
  node: fc.nat(2),
  isOff: seldom(8),
});

/** Any such cluster. */
export const modeCase: fc.Arbitrary<ModeCase> = fc.record({
  nodes: fc.integer({ min: 1, max: 3 }),
  family: fc.constantFrom("ip4", "ip4", "ip6"),
  network: fc.constantFrom("bridge", "vxlan"),
  pods: fc.array(fc.record({ node: fc.nat(2), onHost: seldom(8) }), {
    minLength: 3,
    maxLength: 5,
    size: "max",
  }),
  services: fc.array(service, { minLength: 1, maxLength: 3, size: "max" }),
  probes: fc.array(probe, { minLength: 6, maxLength: 12, size: "max" }),
});

/** The name of the pod at a place. */
export const podName = (at: number): string => `pod-${at}`;
/** The name of the Service at a place. */
export const serviceName = (at: number): string => `service-${at}`;

/** Addresses outside that belong to the Service at a place. */
export const externalIP = (at: number, family: "ip4" | "ip6"): string =>
  family === "ip4" ? `198.51.100.${at + 1}` : `2001:db8:51::${at + 1}`;

/** The pods that a Service's endpoints name, each once. */
export function endpointsOf(spec: ServiceSpec, { pods }: ModeCase): readonly EndpointSpec[] {
  const byPod = new Map(spec.endpoints.map((e) => [e.pod % pods.length, e]));
  return [...byPod].map(([pod, e]) => ({ ...e, pod }));
}

/** The cluster in one mode. The objects, addresses and ports are the same in all of them. */
export function makeModeCluster(one: ModeCase, proxy: ProxyMode): Cluster {
  const { nodes, family, network } = one;
  const base = Cluster.create({
    ...{ nodes, network, proxy, families: [family], zones: 2, dns: false, loadBalancer: {} },
    ...{ policyAgent: "none", seed: "modes" },
  }).apply([...one.pods.map((_, at) => makePod(one, at)), ...one.services.map(makeService(one))]);
  return base.apply(one.services.map((spec, at) => makeSlice(one, base, spec, at)));
}

function makePod({ pods, nodes }: ModeCase, at: number): KubeObject {
  const { node = 0, onHost = false } = pods[at] ?? {};
  // On one node's network each pod has a port of its own.
  const listen = onHost ? `${8000 + at},${8000 + at}/udp` : "80,80/udp";
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: podName(at),
      namespace: "default",
      annotations: { [LISTEN_ANNOTATION]: listen },
    },
    spec: {
      nodeName: `node-${(node % nodes) + 1}`,
      ...(onHost ? { hostNetwork: true } : {}),
      containers: [{ name: "c", image: "example.org/echo" }],
    },
  } as unknown as KubeObject;
}

function makeService(one: ModeCase) {
  return (spec: ServiceSpec, at: number): KubeObject => {
    const isOutside = spec.type !== "ClusterIP";
    const nodes = one.family === "ip4" ? "192.168.0.8/29" : "fd00:192:168::8/125";
    return {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: serviceName(at), namespace: "default" },
      spec: {
        type: spec.type,
        ...(isOutside && spec.externalLocal ? { externalTrafficPolicy: "Local" } : {}),
        internalTrafficPolicy: spec.internalLocal ? "Local" : "Cluster",
        sessionAffinity: spec.affinity ? "ClientIP" : "None",
        ...(spec.externalIP ? { externalIPs: [externalIP(at, one.family)] } : {}),
        ...(spec.ranges && spec.type === "LoadBalancer"
          ? { loadBalancerSourceRanges: [nodes] }
          : {}),
        ports: [{ name: "p", port: 80, targetPort: 80, protocol: spec.protocol }],
      },
    } as unknown as KubeObject;
  };
}

/** All endpoints of a slice have one port: pods of a node's own network are left out of it. */
function makeSlice(one: ModeCase, base: Cluster, spec: ServiceSpec, at: number): KubeObject {
  const endpoints = endpointsOf(spec, one).flatMap(({ pod, zone, ...conditions }) => {
    const found = base.get("Pod", "default", podName(pod));
    const address = found?.status?.podIP;
    if (address === undefined || one.pods[pod]?.onHost === true) return [];
    return [
      {
        addresses: [address],
        conditions,
        nodeName: found?.spec.nodeName,
        targetRef: { kind: "Pod", namespace: "default", name: podName(pod) },
        ...(spec.distribution === undefined || zone === undefined
          ? {}
          : { hints: { forZones: [{ name: zone }] } }),
      },
    ];
  });
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${serviceName(at)}-a`,
      namespace: "default",
      labels: { "kubernetes.io/service-name": serviceName(at) },
    },
    addressType: one.family === "ip4" ? "IPv4" : "IPv6",
    endpoints,
    ports: [{ name: "p", port: 80, protocol: spec.protocol }],
  } as unknown as KubeObject;
}

/** A Service as the cluster stored it. */
export function storedService(cluster: Cluster, at: number): Service | undefined {
  return cluster.get("Service", "default", serviceName(at));
}
