/** The cluster as a graph, for questions and pictures. Nothing on the packet path reads it. */
import { MultiUndirectedGraph } from "graphology";
import { BRIDGE, podNetns } from "../../cni/index.js";
import type { EndpointSlice } from "../../objects/index.js";
import { LABEL_SERVICE_NAME } from "../endpoints/slice.js";
import { compareText } from "../state/identity.js";
import { type ClusterState, eachObject } from "../state/state.js";
import type { Compiled } from "./compile.js";

/** What a vertex stands for. Keys are `node/node-1`, `pod/ns/name`, `bridge/node-1/cni0`, … */
export interface TopologyVertex {
  readonly kind: "node" | "pod" | "host" | "bridge" | "segment" | "service";
  readonly label: string;
}

/** What joins two vertices. */
export interface TopologyEdge {
  readonly kind: "link" | "port" | "endpoint";
  readonly label: string;
}

/** Nodes, pods, bridges, segments and Services, and what joins them. */
export type Topology = MultiUndirectedGraph<TopologyVertex, TopologyEdge>;

/** Draws the graph of a cluster: the wires from what was compiled, the Services from their slices. */
export function buildTopology(state: ClusterState, compiled: Compiled): Topology {
  const graph: Topology = new MultiUndirectedGraph<TopologyVertex, TopologyEdge>();
  const vertexOf = (netns: string) => {
    if (state.nodes.has(netns)) return `node/${netns}`;
    return netns.includes("/") ? `pod/${netns}` : `host/${netns}`;
  };
  for (const name of compiled.netns.keys()) {
    const key = vertexOf(name);
    const kind = key.slice(0, key.indexOf("/")) as TopologyVertex["kind"];
    graph.mergeNode(key, { kind, label: name });
  }
  for (const segment of compiled.segments) {
    const key = `segment/${segment.name}`;
    graph.mergeNode(key, { kind: "segment", label: segment.name });
    for (const { netns, link } of segment.members) {
      graph.addEdge(vertexOf(netns), key, { kind: "link", label: link });
    }
  }
  for (const config of compiled.netns.values()) {
    if (!config.links.some((l) => l.kind.kind === "bridge")) continue;
    const bridge = `bridge/${config.name}/${BRIDGE}`;
    graph.mergeNode(bridge, { kind: "bridge", label: BRIDGE });
    graph.addEdge(vertexOf(config.name), bridge, { kind: "link", label: BRIDGE });
    for (const link of config.links) {
      const peer = link.kind.kind === "veth" ? link.kind.peer?.netns : undefined;
      if (link.master !== BRIDGE || peer === undefined) continue;
      graph.addEdge(bridge, vertexOf(peer), { kind: "port", label: link.name });
    }
  }
  addServices(graph, state);
  return graph;
}

function addServices(graph: Topology, state: ClusterState): void {
  for (const namespace of [...state.namespaces.keys()].sort(compareText)) {
    for (const service of eachObject(state, "Service", namespace)) {
      const label = `${namespace}/${service.metadata.name}`;
      graph.mergeNode(`service/${label}`, { kind: "service", label });
    }
    for (const object of eachObject(state, "EndpointSlice", namespace)) {
      const slice = object as EndpointSlice;
      const name = slice.metadata.labels?.[LABEL_SERVICE_NAME] ?? "";
      const service = `service/${namespace}/${name}`;
      if (!graph.hasNode(service)) continue;
      for (const { targetRef } of slice.endpoints ?? []) {
        if (targetRef?.kind !== "Pod") continue;
        const target = { namespace: targetRef.namespace ?? namespace, name: targetRef.name ?? "" };
        const pod = `pod/${podNetns(target)}`;
        if (!graph.hasNode(pod) || graph.hasEdge(service, pod)) continue;
        graph.addEdge(service, pod, { kind: "endpoint", label: slice.addressType });
      }
    }
  }
}
