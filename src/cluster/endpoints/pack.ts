/**
 * Packing endpoints of one port group into slices: endpoints stay where they are, slices that change
 * anyway are filled first, then one unchanged slice if everything fits it, then new slices.
 */
import type { EndpointSlice, Service } from "../../objects/index.js";
import {
  type AddressType,
  computeSliceLabels,
  createSlice,
  type SliceChanges,
  type SliceEndpoint,
  type SlicePort,
} from "./slice.js";

/** Desired endpoints by identity, in a stated order. */
export type EndpointSet = Map<string, SliceEndpoint>;

/** What one port group is packed with. */
export interface PackInput {
  readonly service: Service;
  readonly addressType: AddressType;
  readonly ports: readonly SlicePort[];
  readonly existing: readonly EndpointSlice[];
  /** Used up by packing. */
  readonly desired: EndpointSet;
  readonly endpointsMax: number;
}

/**
 * What identifies an endpoint: addresses, host name and target. Everything else may change in place.
 *
 * Follows: Kubernetes v1.35.4 k8s.io/endpointslice util/endpointset.go `hashEndpoint`.
 */
export function endpointKey(endpoint: SliceEndpoint): string {
  const addresses = [...endpoint.addresses].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const target = endpoint.targetRef;
  const parts = [endpoint.hostname ?? "", target?.namespace ?? "", target?.name ?? ""];
  return [...parts, ...addresses].join("\n");
}

/**
 * Packs the endpoints of one group of ports.
 *
 * Follows: Kubernetes v1.35.4 k8s.io/endpointslice reconciler.go `reconcileByPortMapping`. Where the
 * controller takes "any" endpoint of a Go map, the order of `desired` is used.
 */
export function packEndpoints(input: PackInput): SliceChanges {
  const { desired, endpointsMax } = input;
  const kept = keepEndpoints(input);
  const byLength = [...kept.changed].sort((a, b) => b.endpoints.length - a.endpoints.length);
  for (const slice of byLength) fill(slice.endpoints, desired, endpointsMax);
  const updates = kept.changed.map((c) => c.done());
  const unchanged = [...kept.unchanged];
  const create: EndpointSlice[] = [];
  while (desired.size > 0) {
    const roomy =
      desired.size < endpointsMax ? chooseRoomy(unchanged, desired.size, endpointsMax) : -1;
    const chosen = roomy < 0 ? undefined : unchanged.splice(roomy, 1)[0];
    const slice = chosen ?? createSlice(input.service, input.addressType, input.ports);
    const endpoints = [...(slice.endpoints ?? [])];
    fill(endpoints, desired, endpointsMax);
    (chosen === undefined ? create : updates).push({ ...slice, endpoints });
  }
  return { create, update: updates, delete: kept.emptied };
}

interface Changed {
  readonly endpoints: SliceEndpoint[];
  done(): EndpointSlice;
}

/** Takes out what is no longer wanted and renews what changed; what stays leaves `desired`. */
function keepEndpoints({ existing, desired, service }: PackInput) {
  const changed: Changed[] = [];
  const unchanged: EndpointSlice[] = [];
  const emptied: EndpointSlice[] = [];
  for (const slice of existing) {
    const old = slice.endpoints ?? [];
    const endpoints: SliceEndpoint[] = [];
    let isUpdated = false;
    for (const endpoint of old) {
      const key = endpointKey(endpoint);
      const wanted = desired.get(key);
      if (wanted === undefined) continue;
      endpoints.push(wanted);
      isUpdated ||= !isEqualBeyondKey(wanted, endpoint);
      desired.delete(key);
    }
    const labels = computeSliceLabels(slice.metadata?.labels ?? {}, service);
    if (isUpdated || old.length !== endpoints.length) {
      if (endpoints.length === 0) emptied.push(slice);
      else changed.push(change(slice, endpoints, labels.labels));
    } else if (labels.changed) {
      changed.push(change(slice, [...old], labels.labels));
    } else {
      unchanged.push(slice);
    }
  }
  return { changed, unchanged, emptied };
}

function change(
  slice: EndpointSlice,
  endpoints: SliceEndpoint[],
  labels: Record<string, string>,
): Changed {
  const metadata = { ...slice.metadata, labels };
  return { endpoints, done: () => ({ ...slice, metadata, endpoints }) as EndpointSlice };
}

function fill(endpoints: SliceEndpoint[], desired: EndpointSet, endpointsMax: number): void {
  for (const [key, endpoint] of desired) {
    if (endpoints.length >= endpointsMax) return;
    endpoints.push(endpoint);
    desired.delete(key);
  }
}

/** Index of the slice that is fullest with `count` more endpoints, or -1 if none has room. */
function chooseRoomy(
  slices: readonly EndpointSlice[],
  count: number,
  endpointsMax: number,
): number {
  let closest = endpointsMax;
  let chosen = -1;
  for (const [index, slice] of slices.entries()) {
    const left = endpointsMax - (count + (slice.endpoints ?? []).length);
    if (left >= 0 && left < closest) {
      closest = left;
      chosen = index;
    }
  }
  return chosen;
}

/**
 * Follows: util/controller_utils.go `EndpointsEqualBeyondHash`; targets are pods. Hints are looked at
 * elsewhere.
 */
function isEqualBeyondKey(a: SliceEndpoint, b: SliceEndpoint): boolean {
  return (
    a.nodeName === b.nodeName &&
    a.zone === b.zone &&
    a.conditions?.ready === b.conditions?.ready &&
    a.conditions?.serving === b.conditions?.serving &&
    a.conditions?.terminating === b.conditions?.terminating &&
    a.targetRef?.kind === b.targetRef?.kind &&
    a.targetRef?.uid === b.targetRef?.uid
  );
}
