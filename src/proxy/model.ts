/**
 * Services and their endpoints as one family's proxy sees them, before any node looks at them. One
 * model serves all nodes of a cluster, and the model after a change shares everything unchanged with
 * the model before: an entry that is the same object means "nothing to do".
 */
import type { Family } from "../addr/index.js";
import {
  endpointsOfService,
  NO_ENDPOINTS,
  type PortEndpoints,
  serviceOfSlice,
} from "./endpoints/endpoint.js";
import type { ProxyEndpointSlice, ProxyService } from "./services/object.js";
import { type ServicePort, servicePortsOf } from "./services/service-port.js";

/** The objects a proxy watches. */
export interface ProxyObjects {
  readonly services: readonly ProxyService[];
  readonly endpointSlices: readonly ProxyEndpointSlice[];
}

/** One Service with at least one port this family's proxy serves. */
export interface ServiceEntry {
  /** `ns/name`. */
  readonly service: string;
  /** Sorted by key. */
  readonly ports: readonly ServicePort[];
}

/** The endpoints of one Service, whether or not the Service exists. */
export interface EndpointsEntry {
  readonly slices: readonly ProxyEndpointSlice[];
  readonly byPort: ReadonlyMap<string, PortEndpoints>;
}

/** Everything a proxy knows of the cluster. */
export interface ProxyModel {
  readonly family: Family;
  /** By `ns/name`, in that order. */
  readonly services: ReadonlyMap<string, ServiceEntry>;
  readonly endpoints: ReadonlyMap<string, EndpointsEntry>;
  /** Endpoints of all served ports together. */
  readonly endpointCount: number;
  /** What each Service object was read as. */
  readonly read: ReadonlyMap<ProxyService, ServiceEntry | undefined>;
}

/**
 * Reads objects into a model.
 *
 * Shape: independent of the order of the objects. With the model before, unchanged Services and
 * slices keep their entries, so a change costs one look at each object and work for those changed.
 * Follows: Kubernetes v1.35.4 pkg/proxy/servicechangetracker.go, endpointschangetracker.go.
 */
export function buildModel(
  objects: ProxyObjects,
  family: Family,
  before: ProxyModel | undefined = undefined,
): ProxyModel {
  const { services, read } = readServices(objects.services, family, before);
  const endpoints = readEndpoints(objects.endpointSlices, family, before);
  let endpointCount = 0;
  for (const { service, ports } of services.values()) {
    const byPort = endpoints.get(service)?.byPort;
    if (byPort === undefined) continue;
    for (const { key } of ports) endpointCount += byPort.get(key)?.list.length ?? 0;
  }
  return { family, services, endpoints, endpointCount, read };
}

/** The endpoints of a Service port. */
export function endpointsOf(model: ProxyModel, port: ServicePort): PortEndpoints {
  return model.endpoints.get(port.service)?.byPort.get(port.key) ?? NO_ENDPOINTS;
}

/** The Services whose ports or endpoints differ between two models, as `ns/name`. */
export function changedServices(before: ProxyModel, after: ProxyModel): ReadonlySet<string> {
  const changed = new Set<string>();
  collectDifferences(before.services, after.services, changed);
  collectDifferences(before.endpoints, after.endpoints, changed);
  return changed;
}

function collectDifferences(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
  changed: Set<string>,
): void {
  for (const [key, value] of after) if (before.get(key) !== value) changed.add(key);
  for (const key of before.keys()) if (!after.has(key)) changed.add(key);
}

function readServices(
  objects: readonly ProxyService[],
  family: Family,
  before: ProxyModel | undefined,
): Pick<ProxyModel, "services" | "read"> {
  const read = new Map<ProxyService, ServiceEntry | undefined>();
  const entries: ServiceEntry[] = [];
  for (const object of objects) {
    const known = before?.read.has(object);
    const entry = known ? before?.read.get(object) : readService(object, family, before);
    read.set(object, entry);
    if (entry !== undefined) entries.push(entry);
  }
  if (!isSorted(entries)) entries.sort(byService);
  return { services: new Map(entries.map((e) => [e.service, e])), read };
}

function readService(
  object: ProxyService,
  family: Family,
  before: ProxyModel | undefined,
): ServiceEntry | undefined {
  const ports = servicePortsOf(object, family).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const [first] = ports;
  if (first === undefined) return undefined;
  const old = before?.services.get(first.service);
  if (old !== undefined && JSON.stringify(old.ports) === JSON.stringify(ports)) return old;
  return { service: first.service, ports };
}

function readEndpoints(
  objects: readonly ProxyEndpointSlice[],
  family: Family,
  before: ProxyModel | undefined,
): ReadonlyMap<string, EndpointsEntry> {
  const groups = new Map<string, ProxyEndpointSlice[]>();
  for (const slice of objects) {
    const service = serviceOfSlice(slice, family);
    if (service === undefined) continue;
    const group = groups.get(service);
    if (group === undefined) groups.set(service, [slice]);
    else group.push(slice);
  }
  const endpoints = new Map<string, EndpointsEntry>();
  for (const [service, slices] of groups) {
    if (slices.length > 1) slices.sort(bySliceName);
    const old = before?.endpoints.get(service);
    const same = old !== undefined && areSameSlices(old.slices, slices);
    endpoints.set(service, same ? old : { slices, byPort: endpointsOfService(service, slices) });
  }
  return endpoints;
}

/** Equal slices read alike; comparing their text is only needed when they were replaced. */
function areSameSlices(
  before: readonly ProxyEndpointSlice[],
  after: readonly ProxyEndpointSlice[],
): boolean {
  if (before.length !== after.length) return false;
  return before.every((slice, i) => {
    const other = after[i];
    return slice === other || JSON.stringify(slice) === JSON.stringify(other);
  });
}

function isSorted(entries: readonly ServiceEntry[]): boolean {
  return entries.every((e, i) => i === 0 || (entries[i - 1] as ServiceEntry).service < e.service);
}

function byService(a: ServiceEntry, b: ServiceEntry): number {
  return a.service < b.service ? -1 : a.service > b.service ? 1 : 0;
}

function bySliceName(a: ProxyEndpointSlice, b: ProxyEndpointSlice): number {
  const left = a.metadata?.name ?? "";
  const right = b.metadata?.name ?? "";
  return left < right ? -1 : left > right ? 1 : 0;
}
