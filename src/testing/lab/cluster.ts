/** The cluster of a case: its manifest as a user would write it, and the cluster that it makes. */
import { Cluster } from "../../cluster/index.js";
import { loadManifests } from "../../objects/index.js";
import type { CaseSpec, PodSpec, PolicySpec, ServiceSpec } from "./spec.js";

/** The name of the pod at a place. */
export function podName(at: number): string {
  return `pod-${at}`;
}

/** The name of the Service at a place. */
export function serviceName(at: number): string {
  return `service-${at}`;
}

/** The external IP of the Service at a place: addresses of the documentation. */
export function externalIP(at: number, family: "ip4" | "ip6"): string {
  return family === "ip4" ? `198.51.100.${at + 1}` : `2001:db8:51::${at + 1}`;
}

/** Writes a case's objects as YAML. */
export function printCase(spec: CaseSpec): string {
  const pods = spec.pods.map((p, at) => printPod(p, at, spec));
  const services = spec.services.map((s, at) => printService(s, at, spec));
  const policies = spec.policies.map((p, at) => printPolicy(p, at, spec));
  return [...pods, ...services, ...policies].map((lines) => `${lines.join("\n")}\n`).join("---\n");
}

/** Makes a case's cluster. */
export function makeCluster(spec: CaseSpec, manifest: string): Cluster {
  const { objects } = loadManifests([{ file: "case.yaml", text: manifest }]);
  const { nodes, network, proxy, families, recheck, pairSets, dns } = spec;
  const hairpin = pairSets ? "endpoints" : "rules";
  const policyAgent = { established: recheck ? "recheck" : "keep", hairpin } as const;
  const flavour = { network, proxy, families, policyAgent, dns };
  const options = { nodes, ...flavour, loadBalancer: {}, seed: "lab" };
  return Cluster.create(options).apply(objects.map(({ object }) => object));
}

function printPod(pod: PodSpec, at: number, { nodes }: CaseSpec): string[] {
  return [
    "apiVersion: v1",
    "kind: Pod",
    `metadata: { name: ${podName(at)}, labels: { app: ${podName(at)} } }`,
    "spec:",
    `  nodeName: node-${(pod.node % nodes) + 1}`,
    ...(pod.onHost ? ["  hostNetwork: true"] : []),
    "  containers:",
    "    - name: c",
    "      image: example.org/echo",
    `      ports: [{ containerPort: ${pod.port}, protocol: ${pod.protocol} }]`,
    ...(pod.isReady
      ? []
      : ['status: { phase: Running, conditions: [{ type: Ready, status: "False" }] }']),
  ];
}

function printService(service: ServiceSpec, at: number, spec: CaseSpec): string[] {
  const target = podOf(service, spec);
  const isOutside = service.type !== "ClusterIP";
  const family = spec.families[0] ?? "ip4";
  const protocol = protocolOf(service, spec);
  const port = `{ port: ${service.port}, protocol: ${protocol}, targetPort: ${target?.port ?? 80} }`;
  const ranges = service.type === "LoadBalancer" && service.ranges !== "any";
  return [
    "apiVersion: v1",
    "kind: Service",
    `metadata: { name: ${serviceName(at)} }`,
    "spec:",
    `  type: ${service.type}`,
    `  selector: { app: ${target === undefined ? "nobody" : podName(spec.pods.indexOf(target))} }`,
    ...(service.isHeadless && !isOutside ? ["  clusterIP: None"] : []),
    ...(service.dualStack ? ["  ipFamilyPolicy: PreferDualStack"] : []),
    ...(service.externalLocal && isOutside ? ["  externalTrafficPolicy: Local"] : []),
    ...(service.internalLocal ? ["  internalTrafficPolicy: Local"] : []),
    ...(service.affinity ? ["  sessionAffinity: ClientIP"] : []),
    ...(service.externalIP ? [`  externalIPs: [${externalIP(at, family)}]`] : []),
    ...(ranges ? [`  loadBalancerSourceRanges: [${sourceRange(service, family)}]`] : []),
    ...(service.publishNotReady ? ["  publishNotReadyAddresses: true"] : []),
    `  ports: [${port}]`,
  ];
}

/** The pod a Service selects. */
export function podOf({ pod }: ServiceSpec, { pods }: CaseSpec): PodSpec | undefined {
  return pod === undefined ? undefined : pods[pod % pods.length];
}

/** The protocol of a Service's port. */
export function protocolOf(service: ServiceSpec, spec: CaseSpec): "TCP" | "UDP" {
  const own = podOf(service, spec)?.protocol ?? "TCP";
  if (!service.isOtherProtocol) return own;
  return own === "TCP" ? "UDP" : "TCP";
}

/** Everybody, or the first nodes but not the router, which is the outside host. */
function sourceRange({ ranges }: ServiceSpec, family: "ip4" | "ip6"): string {
  if (ranges === "all") return family === "ip4" ? "0.0.0.0/0" : '"::/0"';
  return family === "ip4" ? "192.168.0.8/29" : '"fd00:192:168::8/125"';
}

function printPolicy(policy: PolicySpec, at: number, spec: CaseSpec): string[] {
  const { pod, direction, peer, portOf } = policy;
  const types = direction === "both" ? ["Ingress", "Egress"] : [direction];
  const selected = pod === undefined ? "{}" : selectorOf(pod, spec);
  const port = portOf === undefined ? undefined : spec.pods[portOf % spec.pods.length];
  const ports = port && `ports: [{ port: ${port.port}, protocol: ${port.protocol} }]`;
  const rules = types.flatMap((type) => {
    if (peer === "nobody") return [];
    const side = type === "Ingress" ? "from" : "to";
    const peers = peer === "anybody" ? undefined : `${side}: [${printPeer(policy, spec)}]`;
    const parts = [peers, ports].filter((part) => part !== undefined);
    return [`  ${type.toLowerCase()}: [{ ${parts.join(", ")} }]`];
  });
  return [
    "apiVersion: networking.k8s.io/v1",
    "kind: NetworkPolicy",
    `metadata: { name: policy-${at} }`,
    "spec:",
    `  podSelector: ${selected}`,
    `  policyTypes: [${types.join(", ")}]`,
    ...rules,
  ];
}

function selectorOf(pod: number, { pods }: CaseSpec): string {
  return `{ matchLabels: { app: ${podName(pod % pods.length)} } }`;
}

function printPeer({ peer, peerPod }: PolicySpec, spec: CaseSpec): string {
  const is4 = (spec.families[0] ?? "ip4") === "ip4";
  if (peer === "pod") return `{ podSelector: ${selectorOf(peerPod, spec)} }`;
  if (peer === "namespace") return "{ namespaceSelector: {} }";
  const [all, nodes, pods] = is4
    ? ["0.0.0.0/0", "192.168.0.0/16", "10.244.0.0/16"]
    : ["::/0", "fd00:192:168::/64", "fd00:10:244::/56"];
  if (peer === "block") return `{ ipBlock: { cidr: "${pods}" } }`;
  return `{ ipBlock: { cidr: "${all}", except: ["${nodes}"] } }`;
}
