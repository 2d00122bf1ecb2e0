/**
 * Who is listed: workloads, i.e. pods of one owner. Manifests that were never applied have no pods, but
 * templates of them, and those say all that policies look at.
 */
import type { Origin } from "../../base/index.js";
import type { KubeObject, Namespace, Pod, PodTemplateSpec } from "../../objects/index.js";
import { type Member, type MemberOptions, membersOf } from "../model/members.js";
import type { SourcedObject } from "../model/read-policies.js";

/** Pods of one owner, or a pod without one. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  /** The owner's kind, `Pod` for a pod without owner. */
  readonly kind: string;
  /** Its pods; of a template, one that stands for all. */
  readonly members: readonly Member[];
  readonly origin: Origin;
}

/**
 * The workloads among some objects, by namespace, name and kind.
 *
 * Shape: pods go by the first of their owner references; a mirror pod's owner, a node, is none. A
 * template counts where no pod in the objects has its workload as an owner.
 * Not modelled: owners of owners: the pods of a Deployment are their ReplicaSet's where the objects
 * are a running cluster's.
 */
export function workloadsOf(
  objects: readonly SourcedObject[],
  options: MemberOptions = {},
): Workload[] {
  const namespaces = objects.flatMap(({ object }) =>
    object.kind === "Namespace" ? [object as Namespace] : [],
  );
  const workloads = new Map<string, { workload: Omit<Workload, "members">; pods: Pod[] }>();
  const add = (workload: Omit<Workload, "members">, pod: Pod) => {
    const key = `${workload.namespace}/${workload.name}/${workload.kind}`;
    const known = workloads.get(key) ?? { workload, pods: [] };
    known.pods.push(pod);
    workloads.set(key, known);
  };
  for (const sourced of objects) {
    const { object } = sourced;
    if (object.kind === "Pod") add(ownerOf(sourced, object), object);
  }
  const withPods = new Set(workloads.keys());
  for (const sourced of objects) {
    const template = templateOf(sourced.object);
    if (template === undefined) continue;
    const { namespace = "default", name = "" } = sourced.object.metadata;
    const { kind } = sourced.object;
    if (withPods.has(`${namespace}/${name}/${kind}`)) continue;
    const origin = originOf(sourced);
    add({ namespace, name, kind, origin }, podOf(template, { namespace, name }));
  }
  return [...workloads.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { workload, pods }]) => ({
      ...workload,
      members: membersOf({ namespaces, pods }, options),
    }))
    .filter(({ members }) => members.length > 0);
}

function ownerOf(sourced: SourcedObject, pod: Pod): Omit<Workload, "members"> {
  const { namespace = "default", name: own = "", ownerReferences = [] } = pod.metadata;
  const owner = ownerReferences[0];
  const origin = originOf(sourced);
  if (owner === undefined || owner.kind === "Node") {
    return { namespace, name: own, kind: "Pod", origin };
  }
  return { namespace, name: owner.name, kind: owner.kind === "" ? "Pod" : owner.kind, origin };
}

function originOf({ object, origin }: SourcedObject): Origin {
  const { namespace, name } = object.metadata;
  const named = { kind: object.kind, name: name ?? "", ...(namespace ? { namespace } : {}) };
  return { ...named, ...origin };
}

function templateOf(object: KubeObject): PodTemplateSpec | undefined {
  switch (object.kind) {
    case "Deployment":
    case "ReplicaSet":
    case "StatefulSet":
    case "DaemonSet":
    case "Job":
      return object.spec?.template;
    case "CronJob":
      return object.spec?.jobTemplate?.spec?.template;
    default:
      return undefined;
  }
}

function podOf(template: PodTemplateSpec, named: { namespace: string; name: string }): Pod {
  return {
    kind: "Pod",
    apiVersion: "v1",
    metadata: { ...template.metadata, ...named },
    spec: template.spec,
  } as Pod;
}
