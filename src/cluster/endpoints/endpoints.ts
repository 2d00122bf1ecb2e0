/** The old Endpoints objects: stored ones of Services without a selector, worked out ones of others. */
import { tryParseAddr } from "../../addr/index.js";
import {
  type EndpointAddress,
  type EndpointPort,
  type Endpoints,
  matchesLabels,
  type Pod,
  type Service,
} from "../../objects/index.js";
import { type ClusterState, eachObject, findObject } from "../state/state.js";
import { isPodInSlices, isPodReady } from "./pod-endpoint.js";
import { computeSlicePorts } from "./ports.js";
import { hasClusterIP, LABEL_HEADLESS, LAST_TRIGGER, type SlicePort } from "./slice.js";
import { type Offer, packSubsets } from "./subsets.js";

/**
 * The Endpoints object of a Service, as reading it would give.
 *
 * Shape: worked out from the pods on every call; nothing is stored for Services with a selector.
 * Follows: Kubernetes v1.35.4 pkg/controller/endpoint/endpoints_controller.go `syncService`,
 * pkg/api/v1/endpoints/util.go `RepackSubsets`.
 */
export function deriveEndpoints(
  state: ClusterState,
  namespace: string,
  name: string,
): Endpoints | undefined {
  const service = findObject(state, "Service", namespace, name);
  const isDerived = service?.spec.selector !== undefined && service.spec.type !== "ExternalName";
  if (!isDerived) return findObject(state, "Endpoints", namespace, name);
  const pods = [...eachObject(state, "Pod", namespace)] as Pod[];
  const selected = pods
    .filter((pod) => matchesLabels(service.spec.selector ?? {}, pod.metadata.labels))
    .filter((pod) => isPodInSlices(pod) && pod.metadata.deletionTimestamp === undefined);
  const { labels, uid, creationTimestamp, resourceVersion } = service.metadata;
  const subsets = packSubsets(offersOf(service, selected));
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: {
      name,
      namespace,
      labels: {
        ...labels,
        "endpoints.kubernetes.io/managed-by": "endpoint-controller",
        ...(hasClusterIP(service) ? {} : { [LABEL_HEADLESS]: "" }),
      },
      ...triggerOf(subsets.length === 0 ? undefined : creationTimestamp),
      ...(uid === undefined ? {} : { uid }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    ...(subsets.length === 0 ? {} : { subsets }),
  } as Endpoints;
}

/** When something last happened to what the Service selects. */
function triggerOf(time: string | undefined) {
  return time === undefined ? {} : { annotations: { [LAST_TRIGGER]: time } };
}

function offersOf(service: Service, pods: readonly Pod[]): readonly Offer[] {
  const isHeadless = !hasClusterIP(service) && (service.spec.ports ?? []).length === 0;
  const offers: Offer[] = [];
  for (const pod of pods) {
    const address = toAddress(service, pod);
    const ports = computeSlicePorts(service, pod).map(toPort);
    if (address === undefined || (ports.length === 0 && !isHeadless)) continue;
    const isReady = service.spec.publishNotReadyAddresses === true || isPodReady(pod);
    offers.push({ address, isReady, ports });
  }
  return offers;
}

function toPort(port: SlicePort): EndpointPort {
  const name = port.name ?? "";
  const { appProtocol, port: number, protocol } = port;
  return {
    ...(name === "" ? {} : { name }),
    port: number,
    protocol,
    ...(appProtocol === undefined ? {} : { appProtocol }),
  } as EndpointPort;
}

function toAddress(service: Service, pod: Pod): EndpointAddress | undefined {
  const family = service.spec.ipFamilies?.[0] === "IPv6" ? "ip6" : "ip4";
  const addr = (pod.status?.podIPs ?? [])
    .map(({ ip }) => tryParseAddr(ip))
    .find((a) => a?.family === family);
  if (addr === undefined) return undefined;
  const { name, namespace, uid } = pod.metadata;
  const { hostname, subdomain, nodeName } = pod.spec;
  const isNamed = hostname !== undefined && subdomain === service.metadata.name;
  return {
    ...(isNamed ? { hostname } : {}),
    ip: addr.toString(),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: "Pod", name, namespace, uid },
  } as EndpointAddress;
}
