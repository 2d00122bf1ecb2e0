/**
 * Services and their endpoints as one family's proxy sees them, before any node looks at them. One
 * model serves all nodes of a cluster, and the model after a change shares everything unchanged with
 * the model before.
 */
import type { Family } from "../addr/index.js";
import {
  endpointsOfService,
  NO_ENDPOINTS,
  type PortEndpoints,
  serviceOfSlice,
} from "./endpoints/endpoint.js";
import { affectedServices, type ObjectChanges } from "./object-changes.js";
import { DEFAULT_RELEASE, type ProxyRelease, type ReleaseFacts, releaseFacts } from "./release.js";
import type { ProxyEndpointSlice, ProxyService } from "./services/object.js";
import { type ServicePort, servicePortsOf } from "./services/service-port.js";
import { SortedTable } from "./sorted-table.js";

/** The objects a proxy watches. */
export interface ProxyObjects {
  readonly services: readonly ProxyService[];
  readonly endpointSlices: readonly ProxyEndpointSlice[];
}

/** What is known under one name: a Service, its endpoints, or both. */
export interface ServiceState {
  /** `ns/name`. */
  readonly service: string;
  /** Ports this family's proxy serves, sorted by key. The same array as long as they are the same. */
  readonly ports: readonly ServicePort[];
  /** By key of the port. The same map as long as the slices say the same. */
  readonly byPort: ReadonlyMap<string, PortEndpoints>;
  /** Endpoints of the served ports. */
  readonly endpointCount: number;
  readonly object: ProxyService | undefined;
  /** Sorted by name. */
  readonly slices: readonly ProxyEndpointSlice[];
}

/** Who reads the objects; settings of a proxy say it, too. */
export interface ProxyReader {
  readonly family: Family;
  /** Default: `1.35`. */
  readonly release?: ProxyRelease;
}

/** Everything a proxy knows of the cluster. */
export interface ProxyModel {
  readonly family: Family;
  readonly release: ProxyRelease;
  readonly services: SortedTable<ServiceState>;
  /** Endpoints of all served ports together. */
  readonly endpointCount: number;
  readonly objects: ProxyObjects;
  /** What changed since the model this one was made from; `since` is that model's `objects`. */
  readonly delta:
    | { readonly since: ProxyObjects; readonly changed: ReadonlySet<string> }
    | undefined;
}

/**
 * Reads objects into a model.
 *
 * Shape: independent of the order of the objects. With the model before, unchanged Services and
 * slices keep what was made of them, so a change costs one comparison for each object (by identity)
 * and work for those changed.
 * Follows: Kubernetes v1.35.4 pkg/proxy/servicechangetracker.go, endpointschangetracker.go.
 */
export function buildModel(
  objects: ProxyObjects,
  { family, release = DEFAULT_RELEASE }: ProxyReader,
  before: ProxyModel | undefined = undefined,
): ProxyModel {
  const reading: Reading = { family, release, facts: releaseFacts(release) };
  if (before?.family !== family || before.release !== release) return readAll(objects, reading);
  const affected = affectedServices(before.objects, objects, reading);
  const states = new Map<string, ServiceState | undefined>();
  const changed = new Set<string>();
  let { endpointCount } = before;
  for (const [service, changes] of affected) {
    const old = before.services.get(service);
    const state = reread(service, old, { changes, reading });
    states.set(service, state);
    endpointCount += (state?.endpointCount ?? 0) - (old?.endpointCount ?? 0);
    if (differs(old, state)) changed.add(service);
  }
  return {
    family,
    release,
    services: before.services.with(states),
    endpointCount,
    objects,
    delta: { since: before.objects, changed },
  };
}

/** The endpoints of a Service port. */
export function endpointsOf({ byPort }: ServiceState, port: ServicePort): PortEndpoints {
  return byPort.get(port.key) ?? NO_ENDPOINTS;
}

/** The Services whose ports or endpoints differ between two models, as `ns/name`. */
export function changedServices(before: ProxyModel, after: ProxyModel): ReadonlySet<string> {
  if (before === after) return new Set();
  if (after.delta?.since === before.objects) return after.delta.changed;
  const changed = new Set<string>();
  for (const state of after.services.values) {
    if (differs(before.services.get(state.service), state)) changed.add(state.service);
  }
  for (const state of before.services.values) {
    if (differs(state, after.services.get(state.service))) changed.add(state.service);
  }
  return changed;
}

/** Whether anything a proxy reads is different. */
function differs(a: ServiceState | undefined, b: ServiceState | undefined): boolean {
  const ports = (s: ServiceState | undefined) => s?.ports ?? NO_PORTS;
  const byPort = (s: ServiceState | undefined) => s?.byPort ?? NOTHING;
  return ports(a) !== ports(b) || byPort(a) !== byPort(b);
}

const NO_PORTS: readonly ServicePort[] = [];

const NOTHING: ReadonlyMap<string, PortEndpoints> = new Map();

/** How objects are read. */
interface Reading {
  readonly family: Family;
  readonly release: ProxyRelease;
  readonly facts: ReleaseFacts;
}

function readAll(objects: ProxyObjects, reading: Reading): ProxyModel {
  const { family, release, facts } = reading;
  const slices = new Map<string, ProxyEndpointSlice[]>();
  for (const slice of objects.endpointSlices) {
    const service = serviceOfSlice(slice, family, facts);
    if (service === undefined) continue;
    const group = slices.get(service);
    if (group === undefined) slices.set(service, [slice]);
    else group.push(slice);
  }
  const states = new Map<string, ServiceState>();
  for (const object of objects.services) {
    const ports = sortedPorts(object, reading);
    const service = ports[0]?.service;
    if (service !== undefined) {
      const own = slices.get(service) ?? [];
      states.set(service, makeState(service, { object, ports, slices: own, facts }));
    }
  }
  for (const [service, group] of slices) {
    if (states.has(service)) continue;
    states.set(
      service,
      makeState(service, { object: undefined, ports: NO_PORTS, slices: group, facts }),
    );
  }
  let endpointCount = 0;
  for (const state of states.values()) endpointCount += state.endpointCount;
  const services = SortedTable.of(states);
  return { family, release, services, endpointCount, objects, delta: undefined };
}

function makeState(
  service: string,
  from: {
    readonly object: ProxyService | undefined;
    readonly ports: readonly ServicePort[];
    readonly slices: readonly ProxyEndpointSlice[];
    readonly byPort?: ReadonlyMap<string, PortEndpoints>;
    readonly facts: ReleaseFacts;
  },
): ServiceState {
  const { object, ports } = from;
  const slices = from.slices.length > 1 ? from.slices.toSorted(bySliceName) : from.slices;
  const read = slices.length === 0 ? NOTHING : endpointsOfService(service, slices, from.facts);
  const byPort = from.byPort ?? (read.size === 0 ? NOTHING : read);
  let endpointCount = 0;
  for (const { key } of ports) endpointCount += byPort.get(key)?.list.length ?? 0;
  return { service, ports, byPort, endpointCount, object, slices };
}

/** Reads a name again after some of its objects changed, keeping what says the same. */
function reread(
  service: string,
  old: ServiceState | undefined,
  { changes, reading }: { readonly changes: ObjectChanges; readonly reading: Reading },
): ServiceState | undefined {
  const { object, slices } = changes.apply(old?.object, old?.slices ?? []);
  const same = object === old?.object;
  const ports = same || object === undefined ? NO_PORTS : sortedPorts(object, reading);
  const kept = same || sameText(ports, old?.ports ?? NO_PORTS);
  const found = kept ? (old?.ports ?? NO_PORTS) : ports;
  const sorted = slices.length > 1 ? slices.toSorted(bySliceName) : slices;
  if (found.length === 0 && sorted.length === 0) return undefined;
  const byPort = areSameSlices(old?.slices ?? [], sorted) ? old?.byPort : undefined;
  return makeState(service, {
    object,
    ports: found,
    slices: sorted,
    facts: reading.facts,
    ...(byPort === undefined ? {} : { byPort }),
  });
}

function sortedPorts(object: ProxyService, { family, facts }: Reading): readonly ServicePort[] {
  const ports = servicePortsOf(object, family, facts);
  if (ports.length === 0) return NO_PORTS;
  return ports.length === 1 ? ports : ports.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function sameText(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Equal slices read alike; comparing their text is only needed when they were replaced. */
function areSameSlices(
  before: readonly ProxyEndpointSlice[],
  after: readonly ProxyEndpointSlice[],
): boolean {
  if (before.length !== after.length) return false;
  return before.every((slice, i) => slice === after[i] || sameText(slice, after[i]));
}

function bySliceName(a: ProxyEndpointSlice, b: ProxyEndpointSlice): number {
  const left = a.metadata?.name ?? "";
  const right = b.metadata?.name ?? "";
  return left < right ? -1 : left > right ? 1 : 0;
}
