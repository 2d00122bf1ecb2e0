/**
 * The parts of an EndpointSlice, the labels the controllers own, and the making of an empty slice.
 * Read `reconcile.ts` next.
 */
import type { EndpointSlice, Service } from "../../objects/index.js";

/** One endpoint of a slice. */
export type SliceEndpoint = NonNullable<EndpointSlice["endpoints"]>[number];

/** One port of a slice: all endpoints of the slice have it. */
export type SlicePort = NonNullable<EndpointSlice["ports"]>[number];

/** The address types that the controller writes. */
export type AddressType = "IPv4" | "IPv6";

/** Label that names the Service of a slice. */
export const LABEL_SERVICE_NAME = "kubernetes.io/service-name";
/** Label that names the controller of a slice. */
export const LABEL_MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
/** Annotation with the time of what last changed the endpoints. */
export const LAST_TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time";

/** Label of the slices of a Service without a cluster IP. */
export const LABEL_HEADLESS = "service.kubernetes.io/headless";
/** The controller that makes slices of Services with a selector. */
export const SLICE_CONTROLLER = "endpointslice-controller.k8s.io";
/** The controller that copies Endpoints objects to slices. */
export const MIRROR_CONTROLLER = "endpointslicemirroring-controller.k8s.io";

/** Gives a new slice a name of its own: `prefix` followed by a suffix the cluster chooses. */
export type NameSlice = (prefix: string) => string;

/** Changes to the slices of one Service. */
export interface SliceChanges {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
}

/**
 * Whether the Service has an address of its own.
 *
 * Follows: Kubernetes v1.35.4 k8s.io/endpointslice utils.go `isServiceIPSet`.
 */
export function hasClusterIP(service: Service): boolean {
  const clusterIP = service.spec?.clusterIP ?? "";
  return clusterIP !== "" && clusterIP !== "None";
}

/**
 * The labels a slice must have: those of its Service, with the reserved ones overridden, and
 * whether the unreserved ones differ from what the slice has now.
 *
 * Follows: Kubernetes v1.35.4 k8s.io/endpointslice utils.go `setEndpointSliceLabels`.
 */
export function computeSliceLabels(
  current: Readonly<Record<string, string>>,
  service: Service,
): { readonly labels: Record<string, string>; readonly changed: boolean } {
  const wanted = copyUnreserved(service.metadata?.labels ?? {});
  const changed = !equalLabels(copyUnreserved(current), wanted);
  const labels = { ...wanted };
  if (!hasClusterIP(service)) labels[LABEL_HEADLESS] = "";
  labels[LABEL_SERVICE_NAME] = service.metadata?.name ?? "";
  labels[LABEL_MANAGED_BY] = SLICE_CONTROLLER;
  return { labels, changed };
}

function copyUnreserved(labels: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(labels).filter(([key]) => !isReserved(key));
  return Object.fromEntries(entries);
}

function isReserved(key: string): boolean {
  return key === LABEL_SERVICE_NAME || key === LABEL_MANAGED_BY || key === LABEL_HEADLESS;
}

function equalLabels(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/**
 * Makes a slice without endpoints, owned by its Service. Its name is empty until it is written.
 *
 * Follows: Kubernetes v1.35.4 k8s.io/endpointslice utils.go `newEndpointSlice`.
 */
export function createSlice(
  service: Service,
  addressType: AddressType,
  ports: readonly SlicePort[],
): EndpointSlice {
  const { labels } = computeSliceLabels({}, service);
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: "",
      generateName: slicePrefix(service.metadata?.name ?? ""),
      namespace: service.metadata?.namespace ?? "default",
      labels,
      ownerReferences: [
        {
          apiVersion: "v1",
          kind: "Service",
          name: service.metadata?.name ?? "",
          uid: service.metadata?.uid ?? "",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    addressType,
    endpoints: [],
    ports: [...ports],
  };
}

/** Longest name of an object that is a DNS subdomain (RFC 1123). */
const NAME_LENGTH_MAX = 253;

function slicePrefix(serviceName: string): string {
  return serviceName.length + 1 > NAME_LENGTH_MAX ? serviceName : `${serviceName}-`;
}

/** Whether the slice belongs to this very Service, not to a deleted one of the same name. */
export function isOwnedBy(slice: EndpointSlice, service: Service): boolean {
  const owners = slice.metadata?.ownerReferences ?? [];
  const uid = service.metadata?.uid ?? "";
  return owners.some((o) => o.uid === uid && o.kind === "Service" && o.apiVersion === "v1");
}
