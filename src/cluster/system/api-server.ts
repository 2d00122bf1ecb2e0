/** The Service `kubernetes`, and where the API server behind it answers. */
import { type Addr, addOffset, type Family, type Prefix, tryParseAddr } from "../../addr/index.js";
import type { KubeObject, Node } from "../../objects/index.js";
import { type ClusterSettings, chooseUnderlay, underlayAddr } from "../settings.js";
import { internalIPs } from "./nodes.js";

/**
 * The Service `kubernetes` and the endpoint behind it: the first control-plane node, or a host of its
 * own on the nodes' segment.
 *
 * Follows: Kubernetes v1.35.4 pkg/controlplane/controller/kubernetesservice, pkg/controlplane/reconcilers.
 */
export function makeApiServer(
  settings: ClusterSettings,
  nodes: readonly Node[],
): readonly KubeObject[] {
  const family = settings.families[0] ?? "ip4";
  const addressType = family === "ip6" ? "IPv6" : "IPv4";
  const address = apiServerAddr(settings, nodes);
  const clusterIP = String(addOffset((settings.servicePrefixes[0] as Prefix).addr, 1));
  const port = settings.apiServerPort;
  const metadata = { name: "kubernetes", namespace: "default" };
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...metadata, labels: { component: "apiserver", provider: "kubernetes" } },
    spec: {
      clusterIP,
      clusterIPs: [clusterIP],
      internalTrafficPolicy: "Cluster",
      ipFamilies: [addressType],
      ipFamilyPolicy: "SingleStack",
      ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: port }],
      sessionAffinity: "None",
      type: "ClusterIP",
    },
    status: { loadBalancer: {} },
  };
  const skip = { "endpointslice.kubernetes.io/skip-mirror": "true" };
  const endpoints = {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { ...metadata, labels: skip },
    subsets: [{ addresses: [{ ip: address }], ports: [{ name: "https", port, protocol: "TCP" }] }],
  };
  const slice = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { ...metadata, labels: { "kubernetes.io/service-name": "kubernetes" } },
    addressType,
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: "https", port, protocol: "TCP" }],
  };
  return [service, endpoints, slice] as unknown as readonly KubeObject[];
}

/** Label of nodes that run the control plane. */
const CONTROL_PLANE = "node-role.kubernetes.io/control-plane";

/** Where the API server answers: on a control-plane node if there is one. */
export function apiServerAddr(settings: ClusterSettings, nodes: readonly Node[]): string {
  const family = settings.families[0] ?? "ip4";
  const isMaster = (n: Node) => n.metadata.labels?.[CONTROL_PLANE] !== undefined;
  const [own] = nodes.filter(isMaster).flatMap(internalIPs);
  if (own !== undefined) return own;
  const addrs = addrsOf(nodes, family);
  return String(underlayAddr(chooseUnderlay(family, addrs), "api-server"));
}

/** The nodes' own addresses of a family. */
export function addrsOf(nodes: readonly Node[], family: Family): readonly Addr[] {
  return nodes
    .flatMap(internalIPs)
    .flatMap((text) => tryParseAddr(text) ?? [])
    .filter((addr) => addr.family === family);
}
