/** One pod as an endpoint of a Service. */
import type { Node, Pod, Service } from "../../objects/index.js";
import { trySloppyAddr } from "../../proxy/index.js";
import type { AddressType, SliceEndpoint } from "./slice.js";

/** Label of a node that says in which zone it stands. */
export const LABEL_ZONE = "topology.kubernetes.io/zone";

/**
 * Whether a pod belongs in the slices of the Services that select it: it has an address and has not
 * ended. Terminating pods belong there.
 *
 * Follows: Kubernetes v1.35.4 k8s.io/endpointslice util/controller_utils.go `ShouldPodBeInEndpoints`.
 */
export function isPodInSlices(pod: Pod): boolean {
  const status = pod.status ?? {};
  if (status.phase === "Failed" || status.phase === "Succeeded") return false;
  return (status.podIP ?? "") !== "" || (status.podIPs ?? []).length > 0;
}

/** Whether the pod's Ready condition is true. */
export function isPodReady(pod: Pod): boolean {
  const ready = (pod.status?.conditions ?? []).find((c) => c.type === "Ready");
  return ready?.status === "True";
}

/**
 * Makes the endpoint of a pod for one address family. It has no addresses if the pod has none of
 * that family.
 *
 * Follows: Kubernetes v1.35.4 k8s.io/endpointslice utils.go `podToEndpoint`.
 */
export function makeEndpoint(
  pod: Pod,
  node: Node | undefined,
  service: Service,
  addressType: AddressType,
): SliceEndpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata?.deletionTimestamp !== undefined;
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const zone = node?.metadata?.labels?.[LABEL_ZONE] ?? "";
  const nodeName = pod.spec?.nodeName ?? "";
  return {
    addresses: listAddresses(pod, addressType),
    conditions: { ready, serving, terminating },
    ...(isHostnamePublished(pod, service) ? { hostname: pod.spec?.hostname as string } : {}),
    targetRef: {
      kind: "Pod",
      namespace: pod.metadata?.namespace ?? "default",
      name: pod.metadata?.name ?? "",
      uid: pod.metadata?.uid ?? "",
    },
    ...(nodeName === "" ? {} : { nodeName }),
    ...(zone === "" ? {} : { zone }),
  };
}

function isHostnamePublished(pod: Pod, service: Service): boolean {
  return (
    (pod.spec?.hostname ?? "") !== "" &&
    (pod.spec?.subdomain ?? "") === service.metadata?.name &&
    service.metadata?.namespace === pod.metadata?.namespace
  );
}

function listAddresses(pod: Pod, addressType: AddressType): string[] {
  const family = addressType === "IPv6" ? "ip6" : "ip4";
  const found: string[] = [];
  for (const { ip } of pod.status?.podIPs ?? []) {
    const addr = trySloppyAddr(ip ?? "");
    if (addr?.family === family) found.push(addr.toString());
  }
  return found;
}
