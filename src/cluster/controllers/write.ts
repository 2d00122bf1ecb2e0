/** Writing what a user applies: new objects are created, known ones keep what the cluster gave them. */
import { InputError } from "../../base/index.js";
import {
  admitObject,
  checkUpdate,
  type DaemonSet,
  type KubeObject,
  type Pod,
  withGeneratedName,
} from "../../objects/index.js";
import { keyOf } from "../state/state.js";
import type { Workspace } from "../state/workspace.js";
import { create, update } from "./pod-template.js";
import { admitService } from "./service.js";

/**
 * Creates or updates one object.
 *
 * Errors: `InputError` with everything that the API server would refuse it for.
 */
export function applyObject(workspace: Workspace, object: KubeObject): void {
  const { kind, namespace, name } = keyOf(object);
  const before = workspace.get(kind, namespace, name) as KubeObject | undefined;
  const placed = withGeneratedName(
    withNamespace(object, namespace),
    (made) => workspace.get(kind, namespace, made) !== undefined,
  );
  const { object: admitted, faults } = admitObject(placed as KubeObject);
  if (faults.length > 0) throw new InputError(faults);
  const wanted = withNameLabel(admitted);
  if (before === undefined) {
    const isService = wanted.kind === "Service";
    create(workspace, isService ? admitService(workspace, wanted, undefined) : wanted);
    return;
  }
  const after = replace(workspace, before, withServerFields(before, wanted));
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

function withServerFields(before: KubeObject, wanted: KubeObject): KubeObject {
  const kept = SERVER_FIELDS.flatMap((field) => {
    const value = before.metadata[field];
    return value === undefined ? [] : [[field, value] as const];
  });
  const metadata = { ...wanted.metadata, ...Object.fromEntries(kept) };
  const status = "status" in wanted ? wanted.status : undefined;
  const old = "status" in before ? before.status : undefined;
  return {
    ...wanted,
    metadata,
    ...(status === undefined && old === undefined ? {} : { status: status ?? old }),
  } as KubeObject;
}

/** An object in the place of another, as it is stored: what only the cluster writes stays. */
function replace(workspace: Workspace, before: KubeObject, wanted: KubeObject): KubeObject {
  if (before.kind === "Service" && wanted.kind === "Service") {
    return admitService(workspace, wanted, before);
  }
  const faults = checkUpdate(before, wanted);
  if (faults.length > 0) throw new InputError(faults);
  if (before.kind === "DaemonSet" && wanted.kind === "DaemonSet") {
    return countTemplates(before, wanted);
  }
  if (before.kind === "Pod" && wanted.kind === "Pod") return keepPod(before, wanted);
  if (before.kind === "Node" && wanted.kind === "Node") {
    const { podCIDR, podCIDRs } = before.spec ?? {};
    return { ...wanted, spec: { podCIDR, podCIDRs, ...wanted.spec } } as KubeObject;
  }
  return wanted;
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
  const { initContainers } = before.spec;
  const all = [...wanted.spec.containers, ...(wanted.spec.initContainers ?? [])];
  const images = new Map(all.map((c) => [c.name, c.image]));
  const withImage = (c: Pod["spec"]["containers"][number]) => {
    const image = images.get(c.name) ?? c.image;
    return image === c.image || image === undefined ? c : { ...c, image };
  };
  const containers = before.spec.containers.map(withImage);
  const inits =
    initContainers === undefined ? {} : { initContainers: initContainers.map(withImage) };
  const nodeName = before.spec.nodeName ?? wanted.spec.nodeName;
  const spec = {
    ...before.spec,
    ...(nodeName === undefined ? {} : { nodeName }),
    containers,
    ...inits,
  };
  return { ...wanted, spec };
}
