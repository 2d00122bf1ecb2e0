/** What goes when something goes: dependents of an owner, objects of a namespace, pods of a node. */
import type { Kind, KubeObject, Node, Pod } from "../../objects/index.js";
import { KINDS } from "../../objects/index.js";
import { keyOf } from "../state/state.js";
import type { Workspace } from "../state/workspace.js";
import { update } from "./pod-template.js";

/** Kinds that have owners here. */
const DEPENDENTS = ["ReplicaSet", "Job", "Pod", "EndpointSlice"] as const;

/** All namespaced kinds. */
const NAMESPACED = (Object.keys(KINDS) as Kind[]).filter((kind) => KINDS[kind].namespaced);

/**
 * Deletes what an object that is gone leaves behind.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/garbagecollector, pkg/controller/namespace,
 * pkg/controller/podgc, pkg/controller/endpoint; background deletion, over at once.
 */
export function collectDependents(workspace: Workspace, gone: KubeObject): void {
  if (gone.kind === "Namespace") clearNamespace(workspace, gone.metadata.name);
  else if (gone.kind === "Node") clearNode(workspace, gone);
  else collectOwned(workspace, gone);
  if (gone.kind !== "Service") return;
  const { name, namespace = "default" } = gone.metadata;
  workspace.delete({ kind: "Endpoints", namespace, name });
}

/**
 * Lets go what an object owns, so that it stays when the object goes.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/garbagecollector `orphanDependents`.
 */
export function releaseDependents(workspace: Workspace, owner: KubeObject): void {
  const { namespace = "default", uid } = owner.metadata;
  for (const kind of DEPENDENTS) {
    for (const object of workspace.list(kind, namespace) as readonly KubeObject[]) {
      const { ownerReferences = [], ...metadata } = object.metadata;
      const left = ownerReferences.filter((o) => o.uid !== uid);
      if (left.length === ownerReferences.length) continue;
      const owners = left.length === 0 ? {} : { ownerReferences: left };
      update(workspace, object, { ...object, metadata: { ...metadata, ...owners } } as KubeObject);
    }
  }
}

function collectOwned(workspace: Workspace, gone: KubeObject): void {
  const uid = gone.metadata.uid;
  if (uid === undefined || !OWNERS.has(gone.kind)) return;
  const namespace = gone.metadata.namespace ?? "default";
  for (const kind of DEPENDENTS) {
    for (const object of workspace.list(kind, namespace)) {
      if (!object.metadata.ownerReferences?.some((o) => o.uid === uid)) continue;
      workspace.delete(keyOf(object));
    }
  }
}

const OWNERS = new Set<string>([
  "Deployment",
  "ReplicaSet",
  "StatefulSet",
  "DaemonSet",
  "CronJob",
  "Job",
  "Service",
  "Endpoints",
]);

function clearNamespace(workspace: Workspace, namespace: string): void {
  for (const kind of NAMESPACED) {
    for (const object of workspace.list(kind, namespace)) workspace.delete(keyOf(object));
  }
}

function clearNode(workspace: Workspace, node: Node): void {
  const nodeName = node.metadata.name;
  for (const namespace of workspace.namespaces()) {
    for (const pod of workspace.list("Pod", namespace)) {
      if (pod.spec?.nodeName === nodeName) workspace.delete(keyOf(pod));
    }
  }
  workspace.addresses.releaseNode(nodeName);
}

/** Gives back the addresses of a pod that is gone. */
export function leaveNode(workspace: Workspace, pod: Pod): void {
  const node = pod.spec?.nodeName ?? "";
  const key = `${pod.metadata.namespace ?? "default"}/${pod.metadata.name}`;
  if (node !== "") workspace.addresses.releasePod(node, key);
}

/**
 * Gives a node its share of the pod prefixes, and the annotation that every node has.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/nodeipam/ipam/range_allocator.go
 * `AllocateOrOccupyCIDR`, pkg/controller/ttl/ttl_controller.go.
 */
export function joinNode(workspace: Workspace, name: string): void {
  const node = workspace.get("Node", "", name);
  if (node === undefined) return;
  const given = node.spec?.podCIDRs ?? (node.spec?.podCIDR ? [node.spec.podCIDR] : []);
  const prefixes = workspace.addresses.occupyNode({ node: name, wanted: given });
  const podCIDRs = prefixes.map(String);
  const isGiven = given.length > 0 || podCIDRs.length === 0;
  if (isGiven && node.metadata.annotations?.[NODE_TTL] !== undefined) return;
  const annotations = { [NODE_TTL]: "0", ...node.metadata.annotations };
  const metadata = { ...node.metadata, annotations };
  const [podCIDR] = podCIDRs;
  const spec = isGiven ? node.spec : { ...node.spec, podCIDR, podCIDRs };
  workspace.put({ ...node, metadata, spec } as Node);
}

/** How long kubelets may remember Secrets; in clusters of up to 100 nodes not at all. */
const NODE_TTL = "node.alpha.kubernetes.io/ttl";
