/**
 * The EndpointSlice mirroring controller as a function: an Endpoints object that somebody wrote for a
 * Service without a selector, to slices with the same addresses.
 */
import type { EndpointSlice, Endpoints, Service } from "../../objects/index.js";
import { trySloppyAddr } from "../../proxy/index.js";
import { endpointKey } from "./pack.js";
import { portsKey, sortPorts } from "./ports.js";
import { repackSubsets } from "./repack.js";
import {
  type AddressType,
  LABEL_MANAGED_BY,
  LABEL_SERVICE_NAME,
  MIRROR_CONTROLLER,
  type NameSlice,
  type SliceChanges,
  type SliceEndpoint,
  type SlicePort,
} from "./slice.js";

type Subset = NonNullable<Endpoints["subsets"]>[number];
type SubsetAddress = NonNullable<Subset["addresses"]>[number];

/** Most addresses mirrored from one subset (kube-controller-manager's default). */
export const MIRRORED_PER_SUBSET = 1000;

/** Label that keeps an Endpoints object from being mirrored. */
const LABEL_SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror";
const NOT_MIRRORED_ANNOTATIONS = new Set([
  "endpoints.kubernetes.io/last-change-trigger-time",
  "kubectl.kubernetes.io/last-applied-configuration",
]);

/** What the controller knows when it looks at one Endpoints object. */
export interface MirrorInput {
  readonly endpoints: Endpoints;
  /** Slices of this name that the mirroring controller manages, in a stated order. */
  readonly existing: readonly EndpointSlice[];
  readonly nameSlice: NameSlice;
  /** Default: `MIRRORED_PER_SUBSET`. */
  readonly perSubsetMax?: number;
}

/**
 * Whether an Endpoints object is mirrored: its Service exists and has no selector, and nobody said
 * otherwise.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/endpointslicemirroring/endpointslicemirroring_controller.go
 * `syncEndpoints`, `shouldMirror`.
 */
export function isMirrored(endpoints: Endpoints, service: Service | undefined): boolean {
  const { labels, annotations } = endpoints.metadata ?? {};
  return (
    service !== undefined &&
    service.spec?.selector === undefined &&
    labels?.[LABEL_SKIP_MIRROR] !== "true" &&
    annotations?.["control-plane.alpha.kubernetes.io/leader"] === undefined
  );
}

/**
 * Computes what the mirroring controller would write for one Endpoints object: one slice for each
 * group of ports and family.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/endpointslicemirroring/reconciler.go `reconcile`.
 * Not modelled: events about invalid or too many addresses.
 */
export function mirrorEndpoints(input: MirrorInput): SliceChanges {
  const groups = groupSubsets(input);
  for (const slice of input.existing) {
    const key = `${slice.addressType}:${portsKey(slice.ports ?? [])}`;
    groups.get(key)?.existing.push(slice);
  }
  const grouped = new Set([...groups.values()].flatMap((g) => g.existing));
  const remove = input.existing.filter((slice) => !grouped.has(slice));
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  for (const group of groups.values()) {
    const [first, ...others] = group.existing;
    if (group.desired.size === 0) {
      remove.push(...group.existing);
      continue;
    }
    remove.push(...others);
    const slice = makeSlice(input, group, first?.metadata?.name ?? "");
    if (first === undefined) create.push(slice);
    else if (!isUpToDate(first, slice)) update.push(slice);
  }
  return recycle(input, { create, update, delete: remove });
}

interface Group {
  readonly addressType: AddressType;
  readonly ports: readonly SlicePort[];
  readonly desired: Map<string, SliceEndpoint>;
  readonly existing: EndpointSlice[];
}

function groupSubsets(input: MirrorInput): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const subset of repackSubsets(input.endpoints.subsets ?? [])) {
    const ports = sortPorts((subset.ports ?? []).map(toSlicePort));
    const key = portsKey(ports);
    for (const addressType of ["IPv4", "IPv6"] as const) {
      const name = `${addressType}:${key}`;
      if (groups.has(name)) continue;
      groups.set(name, { addressType, ports, desired: new Map(), existing: [] });
    }
    let left = input.perSubsetMax ?? MIRRORED_PER_SUBSET;
    for (const [addresses, ready] of [
      [subset.addresses ?? [], true],
      [subset.notReadyAddresses ?? [], false],
    ] as const) {
      for (const address of addresses) {
        const made = left > 0 ? toEndpoint(address, ready) : undefined;
        if (made === undefined) continue;
        left--;
        groups.get(`${made.type}:${key}`)?.desired.set(endpointKey(made.endpoint), made.endpoint);
      }
    }
  }
  return groups;
}

function toSlicePort(port: NonNullable<Subset["ports"]>[number]): SlicePort {
  return {
    name: port.name ?? "",
    protocol: port.protocol ?? "TCP",
    port: port.port,
    ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
  };
}

function toEndpoint(
  address: SubsetAddress,
  ready: boolean,
): { readonly type: AddressType; readonly endpoint: SliceEndpoint } | undefined {
  const addr = trySloppyAddr(address.ip);
  if (addr === undefined) return undefined;
  const { hostname, targetRef, nodeName } = address;
  const endpoint: SliceEndpoint = {
    addresses: [addr.toString()],
    conditions: { ready },
    ...(hostname === undefined || hostname === "" ? {} : { hostname }),
    ...(targetRef === undefined ? {} : { targetRef }),
    ...(nodeName === undefined ? {} : { nodeName }),
  };
  return { type: addr.family === "ip6" ? "IPv6" : "IPv4", endpoint };
}

function makeSlice({ endpoints }: MirrorInput, group: Group, name: string): EndpointSlice {
  const owner = endpoints.metadata?.name ?? "";
  const annotations = Object.entries(endpoints.metadata?.annotations ?? {}).filter(
    ([key]) => !NOT_MIRRORED_ANNOTATIONS.has(key),
  );
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name,
      ...(name === "" ? { generateName: `${owner}-` } : {}),
      namespace: endpoints.metadata?.namespace ?? "default",
      labels: {
        ...endpoints.metadata?.labels,
        [LABEL_SERVICE_NAME]: owner,
        [LABEL_MANAGED_BY]: MIRROR_CONTROLLER,
      },
      ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
      ownerReferences: [
        {
          apiVersion: "v1",
          kind: "Endpoints",
          name: owner,
          uid: endpoints.metadata?.uid ?? "",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    addressType: group.addressType,
    endpoints: [...group.desired.values()],
    ports: [...group.ports],
  };
}

/** Whether the slice holds the same endpoints, in any order, with the same owner and metadata. */
function isUpToDate(old: EndpointSlice, wanted: EndpointSlice): boolean {
  return sliceFacts(old) === sliceFacts(wanted);
}

function sliceFacts(slice: EndpointSlice): string {
  const endpoints = (slice.endpoints ?? [])
    .map((e) => JSON.stringify([endpointKey(e), e.conditions?.ready, e.nodeName, targetOf(e)]))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const { labels, annotations, ownerReferences = [] } = slice.metadata ?? {};
  const owners = ownerReferences.map((owner) => owner.uid);
  return JSON.stringify([endpoints, sortEntries(labels), sortEntries(annotations), owners]);
}

/** The target but for its resource version, which changes all the time. */
function targetOf({ targetRef }: SliceEndpoint) {
  const { resourceVersion: _version, ...rest } = targetRef ?? {};
  return targetRef === undefined ? null : sortEntries(rest as Readonly<Record<string, string>>);
}

function sortEntries(record: Readonly<Record<string, string>> | undefined) {
  return Object.entries(record ?? {}).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** A slice to delete and one of the same family to create become an update. */
function recycle(input: MirrorInput, changes: SliceChanges): SliceChanges {
  const remove = [...changes.delete];
  const update = [...changes.update];
  const create: EndpointSlice[] = [];
  for (const slice of changes.create) {
    const at = remove.findIndex((old) => old.addressType === slice.addressType);
    const old = at < 0 ? undefined : remove.splice(at, 1)[0];
    const prefix = slice.metadata?.generateName ?? "";
    const name = old?.metadata?.name ?? input.nameSlice(prefix);
    const named = { ...slice, metadata: { ...slice.metadata, name } } as EndpointSlice;
    (old === undefined ? create : update).push(named);
  }
  const isDying = input.endpoints.metadata?.deletionTimestamp !== undefined;
  return { create: isDying ? [] : create, update, delete: remove };
}
