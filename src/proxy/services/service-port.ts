/**
 * What the proxy knows of one port of one Service, for one address family. Everything the three
 * modes need of a Service is here; they never look at the object again.
 */
import type { Addr, Family, Prefix } from "../../addr/index.js";
import type { Origin } from "../../base/index.js";
import type { ReleaseFacts } from "../release.js";
import type { ProxyIngress, ProxyService, ProxyServicePortSpec } from "./object.js";
import { trySloppyAddr, trySloppyPrefix } from "./sloppy-addr.js";

/** One port of a Service, as one family's proxy sees it. */
export interface ServicePort {
  /** `ns/name:port/tcp`: unique, and the order in which everything is written. */
  readonly key: string;
  /** `ns/name`. */
  readonly service: string;
  /** `ns/name:port`, or `ns/name` when the port has no name. */
  readonly name: string;
  readonly portName: string;
  /** In lower case. */
  readonly protocol: string;
  readonly clusterIP: Addr;
  readonly port: number;
  /** 0: none. */
  readonly nodePort: number;
  readonly externalIPs: readonly Addr[];
  /** Load balancer addresses of mode `VIP`. */
  readonly loadBalancerVIPs: readonly Addr[];
  /** Empty: everybody. */
  readonly sourceRanges: readonly Prefix[];
  /** 0: none. */
  readonly healthCheckNodePort: number;
  /** Present with ClientIP affinity. */
  readonly affinitySeconds: number | undefined;
  readonly externalPolicyLocal: boolean;
  readonly internalPolicyLocal: boolean;
  readonly origin: Origin;
}

/** Where a port can be reached, and what keeps its traffic on the node. */
export type PortExposure = Pick<
  ServicePort,
  "internalPolicyLocal" | "externalPolicyLocal" | "nodePort" | "loadBalancerVIPs" | "externalIPs"
>;

/** `timeoutSeconds` of ClientIP affinity when the object does not say (API default). */
const DEFAULT_AFFINITY_SECONDS = 10800;

const FAMILY_NAME: Readonly<Record<Family, string>> = { ip4: "IPv4", ip6: "IPv6" };

/**
 * The ports of a Service that a proxy of this family serves; none for headless and ExternalName
 * Services, for those of another proxy, and for those without an address of the family.
 *
 * Shape: `facts` say which labels hide a Service.
 * Follows: Kubernetes v1.35.4 pkg/proxy/servicechangetracker.go `serviceToServiceMap`,
 * pkg/proxy/serviceport.go `newBaseServiceInfo`, cmd/kube-proxy/app/server.go (label selectors).
 */
export function servicePortsOf(
  service: ProxyService,
  family: Family,
  facts: ReleaseFacts,
): readonly ServicePort[] {
  const { metadata, spec } = service;
  if (spec === undefined || isLeftToOthers(service, facts) || spec.type === "ExternalName")
    return [];
  if (!spec.clusterIP || spec.clusterIP === "None") return [];
  const clusterIP = trySloppyAddr(clusterIPOf(spec, family));
  if (clusterIP === undefined || clusterIP.family !== family) return [];
  const namespace = metadata?.namespace ?? "";
  const name = metadata?.name ?? "";
  const shared = sharedFields(service, family, { service: `${namespace}/${name}`, clusterIP });
  const origin: Origin = { kind: "Service", namespace, name };
  const made = (spec.ports ?? []).map((port) => makePort(port, shared, origin));
  if (made.length < 2) return made;
  return [...new Map(made.map((port) => [port.key, port])).values()];
}

/** Whether the port can be reached other than by its cluster IP. */
export function isExternallyAccessible(port: PortExposure): boolean {
  return port.nodePort !== 0 || port.loadBalancerVIPs.length > 0 || port.externalIPs.length > 0;
}

/** Whether any traffic of the port is spread over the endpoints of all nodes. */
export function usesClusterEndpoints(port: PortExposure): boolean {
  return !port.internalPolicyLocal || isExternallyAccessible(port);
}

/** Whether any traffic of the port is kept on the node. */
export function usesLocalEndpoints(port: PortExposure): boolean {
  return port.internalPolicyLocal || (port.externalPolicyLocal && isExternallyAccessible(port));
}

type Shared = Omit<
  ServicePort,
  "key" | "name" | "portName" | "protocol" | "port" | "nodePort" | "origin"
>;

function makePort(spec: ProxyServicePortSpec, shared: Shared, origin: Origin): ServicePort {
  const portName = spec.name ?? "";
  const protocol = (spec.protocol ?? "TCP").toLowerCase();
  const name = portName === "" ? shared.service : `${shared.service}:${portName}`;
  return {
    key: `${name}/${protocol}`,
    service: shared.service,
    name,
    portName,
    protocol,
    clusterIP: shared.clusterIP,
    port: spec.port ?? 0,
    nodePort: spec.nodePort ?? 0,
    externalIPs: shared.externalIPs,
    loadBalancerVIPs: shared.loadBalancerVIPs,
    sourceRanges: shared.sourceRanges,
    healthCheckNodePort: shared.healthCheckNodePort,
    affinitySeconds: shared.affinitySeconds,
    externalPolicyLocal: shared.externalPolicyLocal,
    internalPolicyLocal: shared.internalPolicyLocal,
    origin: portName === "" ? origin : { ...origin, part: portName },
  };
}

function sharedFields(
  { spec = {}, status }: ProxyService,
  family: Family,
  { service, clusterIP }: Pick<Shared, "service" | "clusterIP">,
): Shared {
  const vips = (status?.loadBalancer?.ingress ?? NO_INGRESS).filter((i) => i.ip && isVip(i.ipMode));
  const externalPolicyLocal = spec.externalTrafficPolicy === "Local" && mayBeExternal(spec);
  const needsHealthCheck = spec.type === "LoadBalancer" && externalPolicyLocal;
  return {
    service,
    clusterIP,
    externalIPs: addrsOf(spec.externalIPs ?? [], family),
    loadBalancerVIPs: addrsOf(
      vips.map((i) => i.ip ?? ""),
      family,
    ),
    sourceRanges: sourceRangesOf(spec.loadBalancerSourceRanges ?? [], family),
    healthCheckNodePort: needsHealthCheck ? (spec.healthCheckNodePort ?? 0) : 0,
    affinitySeconds:
      spec.sessionAffinity === "ClientIP"
        ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS)
        : undefined,
    externalPolicyLocal,
    internalPolicyLocal: spec.internalTrafficPolicy === "Local",
  };
}

/** Whether a label tells kube-proxy to leave a Service alone. */
function isLeftToOthers({ metadata }: ProxyService, { hiddenBy }: ReleaseFacts): boolean {
  const labels = metadata?.labels ?? {};
  return hiddenBy.services.some((label) => Object.hasOwn(labels, label));
}

function clusterIPOf(spec: NonNullable<ProxyService["spec"]>, family: Family): string {
  const families = spec.ipFamilies ?? [];
  if (families.length === 0) return spec.clusterIP ?? "";
  const index = families.indexOf(FAMILY_NAME[family]);
  return index < 0 ? "" : (spec.clusterIPs?.[index] ?? "");
}

function mayBeExternal(spec: NonNullable<ProxyService["spec"]>): boolean {
  if (spec.type === "LoadBalancer" || spec.type === "NodePort") return true;
  return (spec.type ?? "ClusterIP") === "ClusterIP" && (spec.externalIPs ?? []).length > 0;
}

function isVip(mode: string | null | undefined): boolean {
  return mode === undefined || mode === null || mode === "VIP";
}

const NO_INGRESS: readonly ProxyIngress[] = [];

const NO_ADDRS: readonly Addr[] = [];

function addrsOf(texts: readonly string[], family: Family): readonly Addr[] {
  if (texts.length === 0) return NO_ADDRS;
  return texts.flatMap((text) => {
    const addr = trySloppyAddr(text);
    return addr?.family === family ? [addr] : [];
  });
}

/** A range of no bits lets everybody in, which is what no ranges mean too. */
function sourceRangesOf(texts: readonly string[], family: Family): readonly Prefix[] {
  const prefixes = texts.flatMap((text) => {
    const prefix = trySloppyPrefix(text.trim());
    return prefix?.family === family ? [prefix] : [];
  });
  return prefixes.some((p) => p.bits === 0) ? [] : prefixes;
}
