/** Runs the EndpointSlice controllers for one Service, on the pods its selector picks. */
import { type EndpointSlice, matchesLabels, type Pod, type Service } from "../../objects/index.js";
import { isMirrored, mirrorEndpoints } from "../endpoints/mirror.js";
import { hasManagedSlices, reconcileSlices } from "../endpoints/reconcile.js";
import {
  LABEL_MANAGED_BY,
  LABEL_SERVICE_NAME,
  LAST_TRIGGER,
  MIRROR_CONTROLLER,
  SLICE_CONTROLLER,
  type SliceChanges,
} from "../endpoints/slice.js";
import { generateName } from "../state/identity.js";
import type { Workspace } from "../state/workspace.js";
import { create, update } from "./pod-template.js";

/** Brings the slices of a Service to what its pods are. */
export function syncSlices(workspace: Workspace, namespace: string, name: string): void {
  const service = workspace.get("Service", namespace, name);
  if (service === undefined || !hasManagedSlices(service)) return;
  const changes = reconcileSlices({
    service,
    pods: selectPods(workspace, service),
    existing: listSlices(workspace, { namespace, name, controller: SLICE_CONTROLLER }),
    getNode: (node) => workspace.get("Node", "", node),
    nameSlice: nameSlice(workspace, namespace),
  });
  write(workspace, namespace, changes);
}

/** Brings the mirrored slices of an Endpoints object to what it says. */
export function syncMirror(workspace: Workspace, namespace: string, name: string): void {
  const existing = listSlices(workspace, { namespace, name, controller: MIRROR_CONTROLLER });
  const endpoints = workspace.get("Endpoints", namespace, name);
  const service = workspace.get("Service", namespace, name);
  if (endpoints === undefined || !isMirrored(endpoints, service)) {
    write(workspace, namespace, { create: [], update: [], delete: existing });
    return;
  }
  const input = { endpoints, existing, nameSlice: nameSlice(workspace, namespace) };
  write(workspace, namespace, mirrorEndpoints(input));
}

/** The pods a Service's selector picks, by name. An empty selector picks all. */
export function selectPods(workspace: Workspace, service: Service): readonly Pod[] {
  const selector = service.spec.selector ?? {};
  return workspace
    .list("Pod", service.metadata.namespace ?? "default")
    .filter((pod) => matchesLabels(selector, pod.metadata.labels));
}

interface SliceQuery {
  readonly namespace: string;
  readonly name: string;
  readonly controller: string;
}

function listSlices(
  workspace: Workspace,
  { namespace, name, controller }: SliceQuery,
): readonly EndpointSlice[] {
  return workspace.list("EndpointSlice", namespace).filter(({ metadata: { labels } }) => {
    return labels?.[LABEL_SERVICE_NAME] === name && labels[LABEL_MANAGED_BY] === controller;
  });
}

function nameSlice(workspace: Workspace, namespace: string): (prefix: string) => string {
  const taken = new Set<string>();
  return (prefix) => {
    const name = generateName(prefix, `${namespace}/${workspace.base.revision}`, (n) => {
      return taken.has(n) || workspace.get("EndpointSlice", namespace, n) !== undefined;
    });
    taken.add(name);
    return name;
  };
}

function write(workspace: Workspace, namespace: string, changes: SliceChanges): void {
  for (const slice of changes.create) create(workspace, stamped(workspace, slice));
  for (const made of changes.update) {
    const slice = stamped(workspace, made);
    const before = workspace.get("EndpointSlice", namespace, slice.metadata.name);
    if (before === undefined) create(workspace, slice);
    else update(workspace, before, withIdentity(slice, before));
  }
  for (const { metadata } of changes.delete) {
    workspace.delete({ kind: "EndpointSlice", namespace, name: metadata.name });
  }
}

/** A slice that holds endpoints tells when they last changed. */
function stamped(workspace: Workspace, slice: EndpointSlice): EndpointSlice {
  const isManaged = slice.metadata.labels?.[LABEL_MANAGED_BY] === SLICE_CONTROLLER;
  if (!isManaged || slice.endpoints.length === 0) return slice;
  const annotations = { ...slice.metadata.annotations, [LAST_TRIGGER]: workspace.base.time };
  return { ...slice, metadata: { ...slice.metadata, annotations } };
}

/** A slice that takes the place of another keeps its identity. */
function withIdentity(slice: EndpointSlice, before: EndpointSlice): EndpointSlice {
  const { uid, creationTimestamp, generation = 1 } = before.metadata;
  const metadata = {
    ...slice.metadata,
    ...(uid === undefined ? {} : { uid }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    generation: generation + 1,
  };
  return { ...slice, metadata };
}
