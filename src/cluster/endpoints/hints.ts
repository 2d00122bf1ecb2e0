/**
 * Hints for traffic distribution: which zone or node an endpoint is meant for. Hints stand on ready
 * endpoints; a slice whose hints are right is not written again.
 */
import type { EndpointSlice, Service } from "../../objects/index.js";
import type { SliceEndpoint } from "./slice.js";

/** What a Service asks for: nothing, its own zone, or its own zone and node. */
export type HintRule = "none" | "zone" | "zone-and-node";

/**
 * Reads which hints a Service's slices carry. The annotation for hints by CPU share switches traffic
 * distribution off.
 *
 * Follows: Kubernetes v1.35.4 k8s.io/endpointslice reconciler.go `validTrafficDistribution`,
 * utils.go `hintsEnabled`.
 * Not modelled: hints by CPU share themselves (`service.kubernetes.io/topology-mode: Auto`).
 */
export function readHintRule(service: Service): HintRule {
  const annotations = service.metadata?.annotations ?? {};
  const mode =
    annotations["service.kubernetes.io/topology-aware-hints"] ??
    annotations["service.kubernetes.io/topology-mode"];
  if (mode === "Auto" || mode === "auto") return "none";
  switch (service.spec?.trafficDistribution) {
    case "PreferClose":
    case "PreferSameZone":
      return "zone";
    case "PreferSameNode":
      return "zone-and-node";
    default:
      return "none";
  }
}

/**
 * Whether the hints of a slice are not what the rule asks for.
 *
 * Follows: Kubernetes v1.35.4 k8s.io/endpointslice trafficdist/trafficdist.go `needsUpdate`,
 * topologycache/utils.go `RemoveHintsFromSlices`.
 */
export function needsHints(slice: EndpointSlice, rule: HintRule): boolean {
  const endpoints = slice.endpoints ?? [];
  if (rule === "none") return endpoints.some((e) => e.hints !== undefined);
  return endpoints.some((e) => isReady(e) && !hasHints(e, rule));
}

/**
 * The slice with the hints the rule asks for. Endpoints that are not ready keep what they have,
 * unless no hints are wanted at all.
 *
 * Follows: Kubernetes v1.35.4 k8s.io/endpointslice trafficdist/trafficdist.go `update`.
 */
export function withHints(slice: EndpointSlice, rule: HintRule): EndpointSlice {
  const endpoints = (slice.endpoints ?? []).map((endpoint) =>
    rule !== "none" && !isReady(endpoint) ? endpoint : setHints(endpoint, rule),
  );
  return { ...slice, endpoints };
}

function isReady(endpoint: SliceEndpoint): boolean {
  return endpoint.conditions?.ready === true;
}

function setHints(endpoint: SliceEndpoint, rule: HintRule): SliceEndpoint {
  const { hints: _old, ...rest } = endpoint;
  const zone = rule === "none" ? undefined : endpoint.zone;
  const node = rule === "zone-and-node" ? endpoint.nodeName : undefined;
  if (zone === undefined && node === undefined) return rest;
  return {
    ...rest,
    hints: {
      ...(zone === undefined ? {} : { forZones: [{ name: zone }] }),
      ...(node === undefined ? {} : { forNodes: [{ name: node }] }),
    },
  };
}

function hasHints(endpoint: SliceEndpoint, rule: HintRule): boolean {
  const node = rule === "zone-and-node" ? endpoint.nodeName : undefined;
  return (
    namesOnly(endpoint.hints?.forZones, endpoint.zone) && namesOnly(endpoint.hints?.forNodes, node)
  );
}

function namesOnly(list: readonly { name?: string }[] | undefined, name: string | undefined) {
  const found = list ?? [];
  if (name === undefined) return found.length === 0;
  return found.length === 1 && found[0]?.name === name;
}
