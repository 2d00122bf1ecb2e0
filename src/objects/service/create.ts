/**
 * The create path of Services: families, cluster IPs, node ports, health-check port, and then the
 * checks, in the server's order. That order decides what is reported: a Service whose addresses
 * make no sense is refused for them alone.
 *
 * Follows: kubernetes v1.35 pkg/registry/core/service/storage `beginCreate`, `allocateCreate`.
 */
import { type Fault, RefusedError } from "../../base/index.js";
import { checkService, needsHealthCheck } from "../check/network/service.js";
import type { Service, ServicePort } from "../kinds/network/service.js";
import { invalid } from "../shape/field-error.js";
import { type Allocator, Taken } from "./allocator.js";
import { fillFamilies, type SpecDraft } from "./families.js";

/** A Service as it would be stored, or why it is refused. */
export interface ServiceOutcome {
  readonly service: Service;
  readonly faults: readonly Fault[];
}

/**
 * Creates a Service: what the server adds is added, what it takes is taken from the allocator.
 *
 * Shape: the input is not changed. When there are faults nothing stays allocated.
 */
export function createService(input: Service, allocator: Allocator): ServiceOutcome {
  const spec: SpecDraft = { ...input.spec };
  const service: Service = { ...input, spec, status: { loadBalancer: {} } };
  if ((spec.clusterIP ?? "") !== "" && (spec.clusterIPs ?? []).length === 0) {
    spec.clusterIPs = [spec.clusterIP as string];
  }
  const families = fillFamilies(service, spec, allocator.families);
  if (families.length > 0) return { service, faults: families };
  const taken = new Taken(allocator);
  const faults = [...takeIps(spec, taken)];
  if (faults.length === 0) faults.push(...takeNodePorts(spec, taken));
  if (faults.length === 0) faults.push(...takeHealthPort(service, spec, taken));
  if (faults.length === 0) checkService(service, faults);
  if (faults.length > 0) {
    taken.revert();
    return { service, faults };
  }
  taken.commit();
  return { service: asRead(service), faults };
}

/**
 * A Service as it is read back: an ExternalName has no use for `internalTrafficPolicy`.
 *
 * Follows: kubernetes v1.35 pkg/registry/core/service/storage `defaultOnReadService`.
 */
export function asRead(service: Service): Service {
  if (service.spec.type !== "ExternalName") return service;
  const { internalTrafficPolicy: _unread, ...spec } = service.spec;
  const { clusterIP = "", clusterIPs = [] } = spec;
  const isLone = clusterIP !== "" && clusterIPs.length === 0;
  return { ...service, spec: isLone ? { ...spec, clusterIPs: [clusterIP] } : spec };
}

/** Takes cluster IPs for every family that has none yet, from the family at index `from`. */
export function takeIps(spec: SpecDraft, taken: Taken, from = 0): readonly Fault[] {
  if (spec.type === "ExternalName") return [];
  if (from === 0 && spec.clusterIPs?.[0] === "None") return [];
  const ips = [...(spec.clusterIPs ?? [])];
  for (const [i, family] of (spec.ipFamilies ?? []).entries()) {
    if (i < from) continue;
    const wanted = ips[i] ?? "";
    try {
      ips[i] = taken.ip(family, wanted);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (wanted === "") return [internal(`failed to allocate a serviceIP: ${error.message}`)];
      const message = `failed to allocate IP ${wanted}: ${error.message}`;
      return [invalid("spec.clusterIPs", withPlaces(spec), message)];
    }
  }
  if (ips.length > 0) {
    spec.clusterIPs = ips;
    spec.clusterIP = ips[0];
  }
  return [];
}

/** The cluster IPs with an empty place for each that was yet to be chosen, as the server tells them. */
function withPlaces(spec: SpecDraft): readonly string[] {
  const count = Math.max(spec.clusterIPs?.length ?? 0, spec.ipFamilies?.length ?? 0);
  return Array.from({ length: count }, (_, i) => spec.clusterIPs?.[i] ?? "");
}

/** Something went wrong that is no field's fault. */
export function internal(message: string): Fault {
  return { code: "InternalError", path: "", message };
}

/** Whether node ports are chosen where none was asked for. */
export function choosesNodePorts(spec: SpecDraft): boolean {
  if (spec.type === "NodePort") return true;
  return spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false;
}

/** Ports of one number share a node port, whatever their protocol. */
function takeNodePorts(spec: SpecDraft, taken: Taken): readonly Fault[] {
  if (spec.type !== "NodePort" && spec.type !== "LoadBalancer") return [];
  const ports = [...(spec.ports ?? [])];
  const byPort = new Map<number, number>();
  for (const [i, port] of ports.entries()) {
    const wanted = port.nodePort ?? 0;
    if (wanted === 0 && !choosesNodePorts(spec)) continue;
    const shared = byPort.get(port.port) ?? 0;
    const asked = shared === 0 ? requestedNodePort(port.port, ports) : wanted;
    if (shared !== 0 && (wanted === 0 || wanted === shared)) {
      ports[i] = { ...port, nodePort: shared };
      continue;
    }
    try {
      const nodePort = taken.port(asked);
      ports[i] = { ...port, nodePort };
      if (shared === 0) byPort.set(port.port, nodePort);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (asked === 0) return [internal(`failed to allocate a nodePort: ${error.message}`)];
      return [invalid(`spec.ports[${i}].nodePort`, asked, error.message)];
    }
  }
  if (spec.ports !== undefined) spec.ports = ports;
  return [];
}

function requestedNodePort(port: number, ports: readonly ServicePort[]): number {
  return ports.find((p) => p.port === port && (p.nodePort ?? 0) !== 0)?.nodePort ?? 0;
}

/** Takes a health-check node port for a load balancer that keeps traffic local. */
export function takeHealthPort(service: Service, spec: SpecDraft, taken: Taken): readonly Fault[] {
  if (!needsHealthCheck(service)) return [];
  const wanted = spec.healthCheckNodePort ?? 0;
  try {
    spec.healthCheckNodePort = taken.port(wanted);
    return [];
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const what =
      wanted === 0 ? "a HealthCheck NodePort 0" : `requested HealthCheck NodePort ${wanted}`;
    return [internal(`failed to allocate ${what}: ${error.message}`)];
  }
}
