/** The Services and slices that kube-proxy watches. */
import type { EndpointSlice, Service } from "../../../objects/index.js";
import { LABEL_HEADLESS } from "../../endpoints/slice.js";
import type { ClusterState } from "../../state/state.js";

/** Objects with this label belong to another proxy. */
const LABEL_OTHER_PROXY = "service.kubernetes.io/service-proxy-name";

/** The Services and slices that kube-proxy watches. */
export interface ProxyWatch {
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
}

/**
 * Gathers what kube-proxy watches.
 *
 * Follows: Kubernetes v1.35.4 cmd/kube-proxy/app/server.go `Run`: its watch leaves out headless
 * Services' slices and what is labelled for another proxy.
 */
export function watchServices(state: ClusterState): ProxyWatch {
  const services: Service[] = [];
  const endpointSlices: EndpointSlice[] = [];
  for (const { kinds } of state.namespaces.values()) {
    for (const service of kinds.get("Service")?.values() ?? []) {
      if (isWatched(service.metadata.labels)) services.push(service as Service);
    }
    for (const slice of kinds.get("EndpointSlice")?.values() ?? []) {
      const { labels } = slice.metadata;
      if (isWatched(labels)) endpointSlices.push(slice as EndpointSlice);
    }
  }
  return { services, endpointSlices };
}

function isWatched(labels: Readonly<Record<string, string>> | undefined): boolean {
  return labels?.[LABEL_OTHER_PROXY] === undefined && labels?.[LABEL_HEADLESS] === undefined;
}
