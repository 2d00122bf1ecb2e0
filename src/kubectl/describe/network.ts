/**
 * `kubectl describe` of Services and NetworkPolicies.
 *
 * Follows: kubectl v0.35 pkg/describe/describe.go.
 */
import {
  type EndpointSlice,
  type NetworkPolicy,
  type NetworkPolicyPeer,
  type NetworkPolicyPort,
  parseTime,
  printTime,
  type Service,
} from "../../objects/index.js";
import { formatSelector, printLabels } from "../tables/labels.js";
import { joinHostPort } from "../tables/network-rows.js";
import { writeEvents } from "./events.js";
import type { Surroundings } from "./pod.js";
import { DescribeWriter } from "./writer.js";

/** Describes a Service with the slices of its endpoints. */
export function describeService(
  service: Service,
  slices: readonly EndpointSlice[],
  { events, now }: Surroundings,
): string {
  const w = new DescribeWriter();
  const { metadata, spec } = service;
  w.line(0, `Name:\t${metadata.name}`);
  w.line(0, `Namespace:\t${metadata.namespace ?? ""}`);
  w.labels("Labels", metadata.labels);
  w.annotations("Annotations", metadata.annotations);
  w.line(0, `Selector:\t${printLabels(spec.selector)}`);
  w.line(0, `Type:\t${spec.type ?? ""}`);
  if (spec.ipFamilyPolicy !== undefined) w.line(0, `IP Family Policy:\t${spec.ipFamilyPolicy}`);
  w.line(0, `IP Families:\t${(spec.ipFamilies ?? []).join(",") || "<none>"}`);
  w.line(0, `IP:\t${spec.clusterIP ?? ""}`);
  w.line(0, `IPs:\t${(spec.clusterIPs ?? []).join(",") || "<none>"}`);
  describeOutside(w, service);
  describePorts(w, service, slices);
  describeTraffic(w, service);
  writeEvents(w, events, now);
  return w.toString();
}

function describeOutside(w: DescribeWriter, { spec, status }: Service): void {
  if ((spec.externalIPs ?? []).length > 0)
    w.line(0, `External IPs:\t${spec.externalIPs?.join(",")}`);
  if (spec.loadBalancerIP) w.line(0, `Desired LoadBalancer IP:\t${spec.loadBalancerIP}`);
  if (spec.externalName) w.line(0, `External Name:\t${spec.externalName}`);
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (ingress.length === 0) return;
  const places = ingress.map((i) => {
    const place = i.ip || i.hostname || "";
    return i.ipMode === undefined ? place : `${place} (${i.ipMode})`;
  });
  w.line(0, `LoadBalancer Ingress:\t${places.join(", ")}`);
}

function describePorts(
  w: DescribeWriter,
  { spec }: Service,
  slices: readonly EndpointSlice[],
): void {
  for (const port of spec.ports ?? []) {
    const name = port.name || "<unset>";
    w.line(0, `Port:\t${name}\t${port.port}/${port.protocol}`);
    w.line(0, `TargetPort:\t${port.targetPort}/${port.protocol}`);
    if ((port.nodePort ?? 0) !== 0)
      w.line(0, `NodePort:\t${name}\t${port.nodePort}/${port.protocol}`);
    w.line(0, `Endpoints:\t${endpointsText(slices, port.name ?? "")}`);
  }
}

/** Most endpoints told of a port. */
const MOST_ENDPOINTS = 3;

/**
 * The ready endpoints of one port of slices: the first three, and how many more, which is told, be it
 * none, where there is any endpoint after them.
 *
 * Follows: kubectl v0.35 pkg/describe/describe.go `formatEndpointSlices`.
 */
export function endpointsText(slices: readonly EndpointSlice[], name: string): string {
  if (slices.length === 0) return "<none>";
  const ready: string[] = [];
  let isCut = false;
  const add = ({ addresses, conditions }: EndpointSlice["endpoints"][number], port?: number) => {
    isCut ||= ready.length === MOST_ENDPOINTS;
    if (conditions?.ready === false) return;
    const [address = ""] = addresses;
    ready.push(port === undefined ? address : joinHostPort(address, port));
  };
  for (const { endpoints, ports } of slices) {
    const own = ports.filter((port) => (port.name ?? "") === name);
    if (ports.length === 0) for (const endpoint of endpoints) add(endpoint);
    for (const { port = 0 } of own) for (const endpoint of endpoints) add(endpoint, port);
  }
  const shown = ready.slice(0, MOST_ENDPOINTS).join(",");
  return isCut ? `${shown} + ${ready.length - MOST_ENDPOINTS} more...` : shown;
}

function describeTraffic(w: DescribeWriter, { spec }: Service): void {
  w.line(0, `Session Affinity:\t${spec.sessionAffinity ?? ""}`);
  if (spec.externalTrafficPolicy)
    w.line(0, `External Traffic Policy:\t${spec.externalTrafficPolicy}`);
  if (spec.internalTrafficPolicy)
    w.line(0, `Internal Traffic Policy:\t${spec.internalTrafficPolicy}`);
  if (spec.healthCheckNodePort) w.line(0, `HealthCheck NodePort:\t${spec.healthCheckNodePort}`);
  if ((spec.loadBalancerSourceRanges ?? []).length > 0) {
    w.line(0, `LoadBalancer Source Ranges:\t${spec.loadBalancerSourceRanges?.join(",")}`);
  }
  if (spec.trafficDistribution) w.line(0, `Traffic Distribution:\t${spec.trafficDistribution}`);
}

/** Describes a NetworkPolicy. */
export function describeNetworkPolicy(policy: NetworkPolicy): string {
  const w = new DescribeWriter();
  const { metadata, spec } = policy;
  const created = printTime(parseTime(metadata.creationTimestamp ?? "") ?? 0);
  w.line(0, `Name:\t${metadata.name}`);
  w.line(0, `Namespace:\t${metadata.namespace ?? ""}`);
  w.line(0, `Created on:\t${created.replace("T", " ").replace("Z", "")} +0000 UTC`);
  w.labels("Labels", metadata.labels);
  w.annotations("Annotations", metadata.annotations);
  w.line(0, "Spec:");
  const selector = formatSelector(spec.podSelector);
  const everyPod = "<none> (Allowing the specific traffic to all pods in this namespace)";
  w.line(1, `PodSelector:     ${selector === "<none>" ? everyPod : selector}`);
  const types = spec.policyTypes ?? [];
  describeSide(
    w,
    "ingress",
    types.includes("Ingress"),
    (spec.ingress ?? []).map((r) => ({
      ports: r.ports ?? [],
      peers: r.from ?? [],
    })),
  );
  describeSide(
    w,
    "egress",
    types.includes("Egress"),
    (spec.egress ?? []).map((r) => ({
      ports: r.ports ?? [],
      peers: r.to ?? [],
    })),
  );
  w.line(1, `Policy Types: ${types.join(", ") || "<none>"}`);
  return w.toString();
}

interface Rule {
  readonly ports: readonly NetworkPolicyPort[];
  readonly peers: readonly NetworkPolicyPeer[];
}

function describeSide(
  w: DescribeWriter,
  side: "ingress" | "egress",
  isAffected: boolean,
  rules: readonly Rule[],
): void {
  if (!isAffected) {
    w.line(1, `Not affecting ${side} traffic`);
    return;
  }
  w.line(1, `Allowing ${side} traffic:`);
  if (rules.length === 0) {
    w.line(2, `<none> (Selected pods are isolated for ${side} connectivity)`);
  }
  const [word, end] = side === "ingress" ? ["From", "source"] : ["To", "destination"];
  rules.forEach((rule, i) => {
    describeRulePorts(w, rule.ports);
    if (rule.peers.length === 0) w.line(2, `${word}: <any> (traffic not restricted by ${end})`);
    for (const peer of rule.peers) {
      w.line(2, `${word}:`);
      describePeer(w, peer);
    }
    if (i < rules.length - 1) w.line(2, "----------");
  });
}

function describeRulePorts(w: DescribeWriter, ports: readonly NetworkPolicyPort[]): void {
  if (ports.length === 0) w.line(2, "To Port: <any> (traffic allowed to all ports)");
  for (const { endPort, port = "<nil>", protocol = "TCP" } of ports) {
    if (endPort === undefined) w.line(2, `To Port: ${port}/${protocol}`);
    else w.line(2, `To Port Range: ${port}-${endPort}/${protocol}`);
  }
}

function describePeer(w: DescribeWriter, peer: NetworkPolicyPeer): void {
  if (peer.namespaceSelector !== undefined) {
    w.line(3, `NamespaceSelector: ${formatSelector(peer.namespaceSelector)}`);
  }
  if (peer.podSelector !== undefined) {
    w.line(3, `PodSelector: ${formatSelector(peer.podSelector)}`);
  }
  if (peer.ipBlock === undefined) return;
  w.line(3, "IPBlock:");
  w.line(4, `CIDR: ${peer.ipBlock.cidr}`);
  w.line(4, `Except: ${(peer.ipBlock.except ?? []).join(", ")}`);
}
