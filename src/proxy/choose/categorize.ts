/**
 * The decision all three modes share: which endpoints a node uses for a Service port, for traffic
 * that may go anywhere and for traffic that must stay on the node. Pure; what the rules look like is
 * the modes' business.
 */
import { type Endpoint, isLocalTo } from "../endpoints/endpoint.js";
import {
  type PortExposure,
  usesClusterEndpoints,
  usesLocalEndpoints,
} from "../services/service-port.js";

/** What of a node matters for the choice. */
export interface ChoosingNode {
  readonly name: string;
  /** Label `topology.kubernetes.io/zone`, or "". */
  readonly zone: string;
  /** Feature gate PreferSameTrafficDistribution; on unless said otherwise. */
  readonly nodeHints?: boolean;
}

/** The endpoints one node uses for one Service port. All lists are sorted by text. */
export interface Choice {
  /** For policy Cluster; undefined when the port never uses it. */
  readonly cluster: readonly Endpoint[] | undefined;
  /** For policy Local; undefined when the port never uses it. */
  readonly local: readonly Endpoint[] | undefined;
  /** Both together: every endpoint this node may send to. */
  readonly reachable: readonly Endpoint[];
  /** Whether there is a usable endpoint anywhere, here or not. */
  readonly hasEndpoints: boolean;
}

/** What restricts the endpoints of all nodes: the `sameNode` or `sameZone` hints, or nothing. */
export type TopologyMode = "none" | "sameNode" | "sameZone";

/**
 * Chooses the endpoints of a Service port for one node.
 *
 * Shape: `endpoints` sorted by text, one per text. Ready endpoints first; endpoints that are serving
 * while they terminate only where no ready one is left in that scope. Hints restrict the cluster set
 * only, and only if every ready endpoint has one and one of them names this node or its zone.
 * Laws: the same whatever order objects came in (test/property/proxy/choose.prop.test.ts).
 * Follows: Kubernetes v1.35.4 pkg/proxy/topology.go `CategorizeEndpoints`.
 * Cost: linear in the endpoints.
 */
export function chooseEndpoints(
  endpoints: readonly Endpoint[],
  port: PortExposure,
  node: ChoosingNode,
): Choice {
  const clusterUsed = usesClusterEndpoints(port);
  const localUsed = usesLocalEndpoints(port);
  if (endpoints.length === 0) {
    const none = (used: boolean) => (used ? NONE : undefined);
    return {
      cluster: none(clusterUsed),
      local: none(localUsed),
      reachable: NONE,
      hasEndpoints: false,
    };
  }
  const mode = clusterUsed ? topologyMode(endpoints, node) : "none";
  const cluster = clusterUsed ? clusterSet(endpoints, mode, node) : undefined;
  if (!localUsed) {
    const reachable = cluster ?? NONE;
    return { cluster, local: undefined, reachable, hasEndpoints: reachable.length > 0 };
  }
  const local = localSet(endpoints, node);
  const hasEndpoints = endpoints.some(isUsable);
  const reachable = reachableSet({ endpoints, cluster, local, mode });
  return { cluster, local, reachable, hasEndpoints };
}

/**
 * Which hints count for this node.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/topology.go `topologyModeFromHints`, feature
 * PreferSameTrafficDistribution on (the default since v1.34).
 */
export function topologyMode(endpoints: readonly Endpoint[], node: ChoosingNode): TopologyMode {
  let allNode = true;
  let forNode = false;
  let allZone = true;
  let forZone = false;
  for (const endpoint of endpoints) {
    if (!endpoint.ready) continue;
    if (endpoint.nodeHints.length === 0) allNode = false;
    else forNode ||= endpoint.nodeHints.includes(node.name);
    if (endpoint.zoneHints.length === 0) allZone = false;
    else forZone ||= endpoint.zoneHints.includes(node.zone);
    if (!allNode && !allZone) return "none";
  }
  if (allNode && forNode && node.nodeHints !== false) return "sameNode";
  return allZone && forZone ? "sameZone" : "none";
}

const NONE: readonly Endpoint[] = [];

/** Serving while terminating: good enough when nothing better is left. */
function isFallback(endpoint: Endpoint): boolean {
  return endpoint.serving && endpoint.terminating;
}

function isUsable(endpoint: Endpoint): boolean {
  return endpoint.ready || isFallback(endpoint);
}

function clusterSet(
  endpoints: readonly Endpoint[],
  mode: TopologyMode,
  node: ChoosingNode,
): readonly Endpoint[] {
  if (mode === "none" && endpoints.every((e) => e.ready)) return endpoints;
  const ready = endpoints.filter((e) => e.ready && allows(e, mode, node));
  return ready.length > 0 ? ready : endpoints.filter(isFallback);
}

function allows(endpoint: Endpoint, mode: TopologyMode, node: ChoosingNode): boolean {
  if (mode === "sameNode") return endpoint.nodeHints.includes(node.name);
  return mode === "none" || endpoint.zoneHints.includes(node.zone);
}

function localSet(endpoints: readonly Endpoint[], node: ChoosingNode): readonly Endpoint[] {
  const here = endpoints.filter((e) => isLocalTo(e, node.name));
  const ready = here.filter((e) => e.ready);
  return ready.length > 0 ? ready : here.filter((e) => !e.ready && isFallback(e));
}

function reachableSet(sets: {
  readonly endpoints: readonly Endpoint[];
  readonly cluster: readonly Endpoint[] | undefined;
  readonly local: readonly Endpoint[];
  readonly mode: TopologyMode;
}): readonly Endpoint[] {
  const { endpoints, cluster, local, mode } = sets;
  if (cluster === undefined) return local;
  const localIsFallback = local.length > 0 && local[0]?.ready === false;
  if (mode === "none" && !localIsFallback) return cluster;
  const texts = new Set([...cluster, ...local].map((e) => e.text));
  return endpoints.filter((e) => texts.has(e.text));
}
