/**
 * The EndpointSlice controller as a function: a Service, the pods its selector picks and the slices
 * there are, to the slices to create, update and delete.
 *
 *   pods ─▶ one endpoint per pod and family ─▶ grouped by ports ─▶ packed into slices ─▶ hints
 *          (pod-endpoint.ts)                   (ports.ts)          (pack.ts)            (hints.ts)
 */
import { tryParseAddr } from "../../addr/index.js";
import type { EndpointSlice, Node, Pod, Service } from "../../objects/index.js";
import { needsHints, readHintRule, withHints } from "./hints.js";
import { type EndpointSet, endpointKey, packEndpoints } from "./pack.js";
import { isPodInSlices, makeEndpoint } from "./pod-endpoint.js";
import { computeSlicePorts, portsKey } from "./ports.js";
import {
  type AddressType,
  createSlice,
  isOwnedBy,
  type NameSlice,
  type SliceChanges,
  type SlicePort,
} from "./slice.js";

/** How many endpoints a slice holds unless told otherwise (kube-controller-manager's default). */
export const ENDPOINTS_PER_SLICE = 100;

/** What the controller knows when it looks at one Service. */
export interface ReconcileInput {
  readonly service: Service;
  /** The pods that the selector picks, in the order in which they shall stand. */
  readonly pods: readonly Pod[];
  /** The slices the controller manages for this Service, in a stated order. */
  readonly existing: readonly EndpointSlice[];
  /** The node of a name, for its zone; undefined when there is none. */
  getNode(name: string): Node | undefined;
  readonly nameSlice: NameSlice;
  /** Default: `ENDPOINTS_PER_SLICE`. */
  readonly endpointsMax?: number;
}

/**
 * Computes what the EndpointSlice controller would write for one Service.
 *
 * Shape: pure. An unchanged slice is in none of the lists. New slices are named by `nameSlice`.
 * Laws: applied twice, the second time changes nothing (test/property/cluster/endpoints.prop.test.ts).
 * Follows: Kubernetes v1.35.4 k8s.io/endpointslice reconciler.go `Reconcile`.
 * Not modelled: hints by CPU share; the trigger-time annotation.
 * Cost: linear in pods and existing endpoints.
 */
export function reconcileSlices(input: ReconcileInput): SliceChanges {
  const families = listAddressTypes(input.service);
  const wrongFamily = input.existing.filter((s) => !families.has(s.addressType as AddressType));
  const all = [...families].map((family) => reconcileFamily(input, family));
  return {
    create: all.flatMap((c) => c.create),
    update: all.flatMap((c) => c.update),
    delete: [...all.flatMap((c) => c.delete), ...wrongFamily],
  };
}

/**
 * Applies changes to a list of slices: what the API server would list afterwards, in the old order,
 * new slices at the end.
 */
export function applySliceChanges(
  existing: readonly EndpointSlice[],
  changes: SliceChanges,
): readonly EndpointSlice[] {
  const gone = new Set(changes.delete.map((s) => s.metadata?.name));
  const updated = new Map(changes.update.map((s) => [s.metadata?.name, s]));
  const kept = existing.filter((s) => !gone.has(s.metadata?.name));
  return [...kept.map((s) => updated.get(s.metadata?.name) ?? s), ...changes.create];
}

/** Whether the controller makes slices for the Service: it has a selector and is no alias. */
export function hasManagedSlices(service: Service): boolean {
  return service.spec?.type !== "ExternalName" && service.spec?.selector !== undefined;
}

/** Follows: utils.go `getAddressTypesForService`. */
function listAddressTypes(service: Service): ReadonlySet<AddressType> {
  const families = (service.spec?.ipFamilies ?? []).filter((f) => f === "IPv4" || f === "IPv6");
  if (families.length > 0) return new Set(families as AddressType[]);
  const clusterIP = service.spec?.clusterIP ?? "";
  if (clusterIP === "" || clusterIP === "None") return new Set(["IPv4", "IPv6"]);
  return new Set([tryParseAddr(clusterIP)?.family === "ip6" ? "IPv6" : "IPv4"]);
}

interface Group {
  readonly ports: readonly SlicePort[];
  readonly desired: EndpointSet;
  readonly existing: EndpointSlice[];
}

/** Follows: reconciler.go `reconcileByAddressType`. */
function reconcileFamily(input: ReconcileInput, family: AddressType): SliceChanges {
  const { service } = input;
  const existing = input.existing.filter((s) => s.addressType === family);
  const groups = groupPods(input, family);
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  const remove: EndpointSlice[] = [];
  const outdated: EndpointSlice[] = [];
  for (const slice of existing) {
    const group = groups.get(portsKey(slice.ports ?? []));
    if (!isOwnedBy(slice, service)) remove.push(slice);
    else if (group === undefined) outdated.push(slice);
    else group.existing.push(slice);
  }
  const endpointsMax = input.endpointsMax ?? ENDPOINTS_PER_SLICE;
  for (const group of groups.values()) {
    const packed = packEndpoints({ ...group, service, addressType: family, endpointsMax });
    create.push(...packed.create);
    update.push(...packed.update);
    remove.push(...packed.delete);
  }
  remove.push(...outdated);
  keepPlaceholder({ input, family, existing, create, remove });
  const rule = readHintRule(service);
  const touched = new Set([...update, ...remove].map((s) => s.metadata?.name));
  for (const slice of existing) {
    if (!touched.has(slice.metadata?.name) && needsHints(slice, rule)) update.push(slice);
  }
  const hinted = update.map((s) => withHints(s, rule));
  return finish(input, {
    create: create.map((s) => withHints(s, rule)),
    update: hinted,
    delete: remove,
  });
}

function groupPods(input: ReconcileInput, family: AddressType): ReadonlyMap<string, Group> {
  const { service } = input;
  const groups = new Map<string, Group>();
  for (const pod of input.pods) {
    if (!isPodInSlices(pod)) continue;
    const ports = computeSlicePorts(service, pod);
    const key = portsKey(ports);
    const group: Group = groups.get(key) ?? { ports, desired: new Map(), existing: [] };
    groups.set(key, group);
    const node = input.getNode(pod.spec?.nodeName ?? "");
    // A pod on a node that does not exist is about to be collected.
    if (node === undefined && service.spec?.publishNotReadyAddresses !== true) continue;
    const endpoint = makeEndpoint(pod, node, service, family);
    if (endpoint.addresses.length > 0) group.desired.set(endpointKey(endpoint), endpoint);
  }
  return groups;
}

interface PlaceholderInput {
  readonly input: ReconcileInput;
  readonly family: AddressType;
  readonly existing: readonly EndpointSlice[];
  readonly create: EndpointSlice[];
  readonly remove: EndpointSlice[];
}

/** A Service always has a slice in each family: an empty one without ports if there is no other. */
function keepPlaceholder({ input, family, existing, create, remove }: PlaceholderInput): void {
  if (existing.length !== remove.length || create.length > 0) return;
  const placeholder = createSlice(input.service, family, []);
  const only = remove.length === 1 ? remove[0] : undefined;
  if (only !== undefined && isSamePlaceholder(only, placeholder)) remove.pop();
  else create.push(placeholder);
}

/**
 * Whether there is a placeholder already. Whose it is does not count, and an empty label is as none.
 *
 * Follows: reconciler.go `placeholderSliceCompare`.
 */
function isSamePlaceholder(slice: EndpointSlice, placeholder: EndpointSlice): boolean {
  const facts = (s: EndpointSlice) =>
    JSON.stringify([
      s.endpoints ?? [],
      s.ports ?? [],
      Object.entries(s.metadata?.labels ?? {})
        .filter(([, value]) => value !== "")
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
    ]);
  return facts(slice) === facts(placeholder);
}

/** Turns pairs of a deleted and a created slice into an update, then names what is left to create. */
function finish(input: ReconcileInput, changes: SliceChanges): SliceChanges {
  const create = [...changes.create];
  const update = [...changes.update];
  const remove: EndpointSlice[] = [];
  for (const old of changes.delete) {
    const isReusable = create.length > 0 && isOwnedBy(old, input.service);
    const slice = isReusable ? create.pop() : undefined;
    if (slice === undefined) remove.push(old);
    else update.push(withName(slice, old.metadata?.name ?? ""));
  }
  const isDying = input.service.metadata?.deletionTimestamp !== undefined;
  const named = create.map((s) => withName(s, input.nameSlice(s.metadata?.generateName ?? "")));
  return { create: isDying ? [] : named, update, delete: remove };
}

function withName(slice: EndpointSlice, name: string): EndpointSlice {
  return { ...slice, metadata: { ...slice.metadata, name } } as EndpointSlice;
}
