/**
 * The update path of Services: what the update leaves out is kept, what the new type does not need is
 * given back, what it needs more is taken; then the checks, in the server's order.
 *
 * Follows: kubernetes v1.35 pkg/registry/core/service/storage `beginUpdate`, `allocateUpdate`,
 * pkg/registry/core/service/strategy.go `PrepareForUpdate`.
 */
import { type Fault, RefusedError } from "../../base/index.js";
import { needsHealthCheck } from "../check/network/service.js";
import { checkServiceUpdate } from "../check/update/service.js";
import type { Service, ServicePort, ServiceSpec } from "../kinds/network/service.js";
import { invalid, onlyOnce } from "../shape/field-error.js";
import { type Allocator, Taken } from "./allocator.js";
import {
  asRead,
  choosesNodePorts,
  internal,
  type ServiceOutcome,
  takeHealthPort,
  takeIps,
} from "./create.js";
import { fillFamilies, keepsPreference, type SpecDraft } from "./families.js";
import { dropUnused, keepAllocated, syncClusterIps } from "./keep.js";

/**
 * Puts a Service in the place of another.
 *
 * Shape: neither is changed. The status stays what it was. When there are faults nothing is taken
 * and nothing given back.
 */
export function updateService(
  input: Service,
  before: Service,
  allocator: Allocator,
): ServiceOutcome {
  const spec: SpecDraft = { ...input.spec };
  const service: Service = { ...input, spec, status: before.status };
  keepAllocated(spec, before.spec);
  syncClusterIps(spec, before.spec);
  const wrong = fillFamilies(service, spec, allocator.families, before.spec);
  if (wrong.length > 0) return { service, faults: wrong };
  const taken = new Taken(allocator);
  const faults: Fault[] = [...updateIps(spec, before.spec, taken)];
  if (faults.length === 0) faults.push(...updatePorts(service, spec, before, taken));
  if (faults.length === 0) {
    const settled = dropUnused(service, spec, before);
    checkServiceUpdate(settled, before, faults);
    if (faults.length === 0) {
      taken.commit();
      return { service: asRead(settled), faults };
    }
  }
  taken.revert();
  return { service, faults: onlyOnce(faults) };
}

/** Follows: `updateClusterIPs`, with its cases A to D. */
function updateIps(spec: SpecDraft, before: ServiceSpec, taken: Taken): readonly Fault[] {
  if (keepsPreference(spec, before)) return [];
  const isExternal = spec.type === "ExternalName";
  if (before.type === "ExternalName") return isExternal ? [] : takeIps(spec, taken);
  const ips = before.clusterIPs ?? [];
  if (ips[0] === "None") return [];
  if (isExternal) {
    for (const ip of ips) taken.releaseIp(ip);
    return [];
  }
  const [was, is] = [before.ipFamilies?.length ?? 0, spec.ipFamilies?.length ?? 0];
  if (was === 1 && is === 2) return takeIps(spec, taken, 1);
  if (was === 2 && is === 1 && ips[1] !== undefined) taken.releaseIp(ips[1]);
  return [];
}

function updatePorts(
  service: Service,
  spec: SpecDraft,
  before: Service,
  taken: Taken,
): readonly Fault[] {
  const hadPorts = before.spec.type === "NodePort" || before.spec.type === "LoadBalancer";
  const hasPorts = spec.type === "NodePort" || spec.type === "LoadBalancer";
  const old = nodePortsOf(before.spec.ports);
  if (hadPorts && (spec.type === "ExternalName" || spec.type === "ClusterIP")) {
    for (const port of old) taken.releasePort(port);
  }
  if (hasPorts) {
    const faults = updateNodePorts(spec, old, taken);
    if (faults.length > 0) return faults;
    const now = nodePortsOf(spec.ports);
    for (const port of old) if (!now.includes(port)) taken.releasePort(port);
  }
  const [needed, needs] = [needsHealthCheck(before), needsHealthCheck(service)];
  if (!needed && needs) return takeHealthPort(service, spec, taken);
  if (needed && !needs) taken.releasePort(before.spec.healthCheckNodePort ?? 0);
  return [];
}

function nodePortsOf(ports: readonly ServicePort[] | undefined): readonly number[] {
  return (ports ?? []).flatMap(({ nodePort = 0 }) => (nodePort === 0 ? [] : [nodePort]));
}

/** Takes the node ports that are new; two protocols may not be given one number unasked. */
function updateNodePorts(spec: SpecDraft, old: readonly number[], taken: Taken): readonly Fault[] {
  const ports = [...(spec.ports ?? [])];
  const mine = new Set<number>();
  const seen = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const wanted = port.nodePort ?? 0;
    if (wanted === 0 && !choosesNodePorts(spec)) continue;
    let nodePort = wanted;
    try {
      if (wanted === 0) nodePort = taken.port(0);
      else if (!old.includes(wanted) && !mine.has(wanted)) mine.add(taken.port(wanted));
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (wanted === 0) return [internal(`failed to allocate a nodePort: ${error.message}`)];
      return [invalid(`spec.ports[${i}].nodePort`, wanted, error.message)];
    }
    ports[i] = { ...port, nodePort };
    const key = `${port.protocol ?? ""} ${nodePort}`;
    if (seen.has(key)) return [internal(`duplicate nodePort: {${key}}`)];
    seen.add(key);
  }
  if (spec.ports !== undefined) spec.ports = ports;
  return [];
}

/**
 * Gives back everything that a deleted Service held.
 *
 * Follows: kubernetes v1.35 pkg/registry/core/service/storage `releaseAllocatedResources`.
 */
export function releaseService(service: Service, allocator: Allocator): void {
  const { spec } = service;
  const taken = new Taken(allocator);
  for (const ip of spec.type === "ExternalName" ? [] : (spec.clusterIPs ?? [])) taken.releaseIp(ip);
  for (const port of nodePortsOf(spec.ports)) taken.releasePort(port);
  if (needsHealthCheck(service)) taken.releasePort(spec.healthCheckNodePort ?? 0);
  taken.commit();
}
