/** Writing what a user applies: new objects are created, known ones keep what the cluster gave them. */
import type { DaemonSet, KubeObject, Pod, Service } from "../../objects/index.js";
import { keyOf } from "../state/state.js";
import type { Workspace } from "../state/workspace.js";
import { create, update } from "./pod-template.js";

/** Creates or updates one object. */
export function applyObject(workspace: Workspace, object: KubeObject): void {
  const { kind, namespace, name } = keyOf(object);
  const before = workspace.get(kind, namespace, name) as KubeObject | undefined;
  const labelled = withNameLabel(withNamespace(object, namespace));
  if (before === undefined) {
    create(workspace, labelled);
    return;
  }
  const after = keepGiven(before, labelled);
  if (JSON.stringify(after) !== JSON.stringify(before)) update(workspace, before, after);
}

function withNamespace<T extends KubeObject>(object: T, namespace: string): T {
  if (namespace === "" || object.metadata.namespace !== undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

/** Every namespace is labelled with its name (`NamespaceDefaultLabelName`). */
function withNameLabel(object: KubeObject): KubeObject {
  if (object.kind !== "Namespace") return object;
  const { name, labels } = object.metadata;
  const metadata = {
    ...object.metadata,
    labels: { ...labels, "kubernetes.io/metadata.name": name },
  };
  const spec = object.spec?.finalizers === undefined ? { finalizers: ["kubernetes"] } : object.spec;
  const status = object.status?.phase === undefined ? { phase: "Active" } : object.status;
  return { ...object, metadata, spec, status } as KubeObject;
}

/** Fields of the metadata that only the API server writes. */
const SERVER_FIELDS = ["uid", "resourceVersion", "generation", "creationTimestamp"] as const;

function keepGiven(before: KubeObject, wanted: KubeObject): KubeObject {
  const kept = SERVER_FIELDS.flatMap((field) => {
    const value = before.metadata[field];
    return value === undefined ? [] : [[field, value] as const];
  });
  const metadata = { ...wanted.metadata, ...Object.fromEntries(kept) };
  const status = "status" in wanted ? wanted.status : undefined;
  const old = "status" in before ? before.status : undefined;
  const merged = {
    ...wanted,
    metadata,
    ...(status === undefined && old === undefined ? {} : { status: status ?? old }),
  } as KubeObject;
  if (before.kind === "DaemonSet" && merged.kind === "DaemonSet") {
    return countTemplates(before, merged);
  }
  if (before.kind === "Pod" && merged.kind === "Pod") return keepPod(before, merged);
  if (before.kind === "Service" && merged.kind === "Service") return keepService(before, merged);
  if (before.kind === "Node" && merged.kind === "Node") {
    const { podCIDR, podCIDRs } = before.spec ?? {};
    return { ...merged, spec: { podCIDR, podCIDRs, ...merged.spec } } as KubeObject;
  }
  return merged;
}

const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

/** A DaemonSet counts the versions of its template in an annotation. */
function countTemplates(before: DaemonSet, wanted: DaemonSet): DaemonSet {
  const isSame = JSON.stringify(before.spec.template) === JSON.stringify(wanted.spec.template);
  const count = Number(before.metadata.annotations?.[TEMPLATE_GENERATION] ?? 1);
  const own = { [TEMPLATE_GENERATION]: String(isSame ? count : count + 1) };
  const annotations = { ...wanted.metadata.annotations, ...own };
  return { ...wanted, metadata: { ...wanted.metadata, annotations } };
}

/** Of a running pod only images and metadata can change; the rest is what admission made of it. */
function keepPod(before: Pod, wanted: Pod): Pod {
  const images = new Map(wanted.spec.containers.map((c) => [c.name, c.image]));
  const containers = before.spec.containers.map((c) => {
    const image = images.get(c.name) ?? c.image;
    return image === c.image || image === undefined ? c : { ...c, image };
  });
  const nodeName = before.spec.nodeName ?? wanted.spec.nodeName;
  const spec = { ...before.spec, ...(nodeName === undefined ? {} : { nodeName }), containers };
  return { ...wanted, spec };
}

/**
 * An update that leaves allocated fields out keeps them.
 *
 * Follows: Kubernetes v1.35.4 pkg/registry/core/service/strategy.go `patchAllocatedValues`.
 */
function keepService(before: Service, wanted: Service): Service {
  const [old, spec] = [before.spec, wanted.spec];
  if (spec.type === "ExternalName" || old.type === "ExternalName") return wanted;
  const keepsIP = (spec.clusterIP ?? "") === "" && (spec.clusterIPs ?? []).length === 0;
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } = old;
  const given = { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy };
  const keepsPorts = spec.type === "NodePort" || spec.type === "LoadBalancer";
  const ports = (spec.ports ?? []).map((port) => {
    if (!keepsPorts || (port.nodePort ?? 0) !== 0) return port;
    const same = old.ports?.find((p) => p.port === port.port && p.protocol === port.protocol);
    return same?.nodePort === undefined ? port : { ...port, nodePort: same.nodePort };
  });
  const isPatched = keepsIP && spec.ipFamilyPolicy === undefined;
  return {
    ...wanted,
    spec: {
      ...spec,
      ...(keepsIP ? { clusterIP, clusterIPs } : {}),
      ...(isPatched ? given : {}),
      ...(spec.ports === undefined ? {} : { ports }),
    },
  } as Service;
}
