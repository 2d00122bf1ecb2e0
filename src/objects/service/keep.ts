/**
 * What an update of a Service means by what it leaves out: allocated values are kept, the singular
 * cluster IP and the plural ones are brought together, and fields that the new type has no use for
 * are dropped where the update did not touch them.
 */
import { isExternallyAccessible, needsHealthCheck } from "../check/network/service.js";
import type { Service, ServicePort, ServiceSpec } from "../kinds/network/service.js";
import { isSameList, type SpecDraft } from "./families.js";

/** Whether node ports are chosen for a Service. */
function needsNodePort({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean {
  if (type === "NodePort") return true;
  return type === "LoadBalancer" && allocateLoadBalancerNodePorts !== false;
}

/**
 * Fills in allocated values that an update leaves out, in place.
 *
 * Follows: kubernetes v1.35 pkg/registry/core/service/storage/storage.go `patchAllocatedValues`.
 */
export function keepAllocated(spec: SpecDraft, before: ServiceSpec): void {
  if (spec.type !== "ExternalName" && before.type !== "ExternalName") {
    if ((spec.clusterIP ?? "") === "") spec.clusterIP = before.clusterIP;
    if ((spec.clusterIPs ?? []).length === 0) spec.clusterIPs = before.clusterIPs;
  }
  if (needsNodePort(spec) && needsNodePort(before)) keepNodePorts(spec, before.ports ?? []);
  if (needsHealthCheck({ spec }) && needsHealthCheck({ spec: before })) {
    if ((spec.healthCheckNodePort ?? 0) === 0) {
      spec.healthCheckNodePort = before.healthCheckNodePort;
    }
  }
}

/** Ports are known again by name, however they changed otherwise. */
function keepNodePorts(spec: SpecDraft, before: readonly ServicePort[]): void {
  const numbers = (ports: readonly ServicePort[]) => new Set(ports.map((p) => p.nodePort ?? 0));
  const ports = spec.ports ?? [];
  const named = numbers(ports);
  const known = numbers(before);
  const byName = new Map(before.map((p) => [p.name ?? "", p.nodePort ?? 0]));
  if (spec.ports === undefined) return;
  spec.ports = ports.map((port) => {
    if ((port.nodePort ?? 0) !== 0) return port;
    const nodePort = byName.get(port.name ?? "") ?? 0;
    const isUsed = nodePort !== 0 && named.has(nodePort) && known.has(nodePort);
    return nodePort === 0 || isUsed ? port : { ...port, nodePort };
  });
}

/**
 * Brings the singular and the plural field together, in place.
 *
 * Follows: kubernetes v1.35 pkg/registry/core/service/storage/storage.go `normalizeClusterIPs`.
 */
export function syncClusterIps(spec: SpecDraft, before: ServiceSpec): void {
  const [old, now] = [before.clusterIP ?? "", spec.clusterIP ?? ""];
  if ((before.clusterIPs ?? []).length > 0 && (spec.clusterIPs ?? []).length === 0) {
    if (old === now) spec.clusterIPs = before.clusterIPs;
  }
  if (old === now || !isSameList(before.clusterIPs, spec.clusterIPs)) return;
  spec.clusterIPs = old !== "" && now === "" ? undefined : [now];
}

/**
 * Drops fields that the new type has no use for and the update did not touch.
 *
 * Follows: kubernetes v1.35 pkg/registry/core/service/strategy.go `dropTypeDependentFields`.
 */
export function dropUnused(service: Service, spec: SpecDraft, before: Service): Service {
  const old = before.spec;
  if (old.type !== "ExternalName" && spec.type === "ExternalName") dropAddresses(spec, old);
  if (hasNodePorts(old) && !hasNodePorts(spec) && addsNoNodePort(spec, old)) {
    spec.ports = spec.ports?.map(({ nodePort: _dropped, ...port }) => port);
  }
  if (needsHealthCheck(before) && !needsHealthCheck(service)) {
    if ((spec.healthCheckNodePort ?? 0) === (old.healthCheckNodePort ?? 0)) {
      delete spec.healthCheckNodePort;
    }
  }
  if (old.type === "LoadBalancer" && spec.type !== "LoadBalancer") {
    if (spec.allocateLoadBalancerNodePorts === old.allocateLoadBalancerNodePorts) {
      delete spec.allocateLoadBalancerNodePorts;
    }
    if (spec.loadBalancerClass === old.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (isExternallyAccessible(before) && !isExternallyAccessible(service)) {
    if (spec.externalTrafficPolicy === old.externalTrafficPolicy) delete spec.externalTrafficPolicy;
  }
  if (spec.type === "LoadBalancer") return service;
  return { ...service, status: { ...service.status, loadBalancer: {} } };
}

/** Whether a Service may have node ports. */
function hasNodePorts({ type }: ServiceSpec): boolean {
  return type === "NodePort" || type === "LoadBalancer";
}

function dropAddresses(spec: SpecDraft, before: ServiceSpec): void {
  const isSame =
    (spec.clusterIP ?? "") === (before.clusterIP ?? "") &&
    isSameList(spec.clusterIPs, before.clusterIPs);
  if (isSame) {
    delete spec.clusterIP;
    delete spec.clusterIPs;
  }
  if (isSameList(spec.ipFamilies, before.ipFamilies)) delete spec.ipFamilies;
  if (spec.ipFamilyPolicy === before.ipFamilyPolicy) delete spec.ipFamilyPolicy;
}

/** Whether an update names no node port that was not there before. */
function addsNoNodePort(spec: ServiceSpec, before: ServiceSpec): boolean {
  const known = new Set((before.ports ?? []).map((p) => p.nodePort ?? 0));
  return (spec.ports ?? []).every(({ nodePort = 0 }) => nodePort === 0 || known.has(nodePort));
}
