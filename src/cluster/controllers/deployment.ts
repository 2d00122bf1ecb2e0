/** The Deployment and ReplicaSet controllers, with roll-outs that are over at once. */
import {
  type Deployment,
  matchesSelector,
  type Pod,
  type ReplicaSet,
} from "../../objects/index.js";
import { compareText, generateName, templateHash } from "../state/identity.js";
import { controllerUid, podsOwnedBy, type Workspace } from "../state/workspace.js";
import { conditionsOf } from "./deployment-conditions.js";
import { controllerReference, create, createPod, update, updateStatus } from "./pod-template.js";
import {
  ownAnnotations,
  REVISION,
  renewedAnnotations,
  revisionOf,
  rolloutSteps,
  sizeAnnotations,
} from "./rollout.js";

/** Label that ties a ReplicaSet and its pods to a version of the template. */
export const TEMPLATE_HASH = "pod-template-hash";

/**
 * Brings the ReplicaSets of a Deployment to what it wants: the one of its template at full size, all
 * others at none.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/deployment/sync.go `getNewReplicaSet`, rolling.go, as
 * they stand when a roll-out is over.
 * Not modelled: proportional scaling of a paused Deployment.
 */
export function syncDeployment(workspace: Workspace, namespace: string, name: string): void {
  const deployment = workspace.get("Deployment", namespace, name);
  if (deployment?.spec === undefined) return;
  const hash = templateHash(deployment.spec.template);
  const owned = setsOf(workspace, deployment);
  const current = owned.find((rs) => rs.metadata.labels?.[TEMPLATE_HASH] === hash);
  if (deployment.spec.paused === true && current === undefined) {
    const active = owned.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0];
    if (active !== undefined) resize(workspace, deployment, active, deployment.spec.replicas ?? 1);
    return;
  }
  const old = owned.filter((rs) => rs !== current).sort((a, b) => revisionOf(a) - revisionOf(b));
  const revision = String(Math.max(0, ...old.map(revisionOf)) + 1);
  const wanted = { hash, revision };
  const target = current ?? makeReplicaSet(deployment, wanted);
  for (const step of rolloutSteps(deployment, target, old)) {
    const direction = step.to > step.from ? "up" : "down";
    workspace.say(deployment, {
      reason: "ScalingReplicaSet",
      message: `Scaled ${direction} replica set ${step.name} from ${step.from} to ${step.to}`,
      source: "deployment-controller",
    });
  }
  for (const rs of old) resize(workspace, deployment, rs, 0);
  if (current === undefined) create(workspace, target);
  else renew(workspace, deployment, current, revision);
  forget(workspace, deployment, old);
  writeRevision(workspace, deployment, revision, current);
}

/** The ReplicaSets that a Deployment owns, by name. */
function setsOf(workspace: Workspace, { metadata }: Deployment): readonly ReplicaSet[] {
  const sets = workspace.list("ReplicaSet", metadata.namespace ?? "default");
  return sets.filter((rs) => controllerUid(rs) === metadata.uid);
}

/** Gives a ReplicaSet its size, and notes for what size of the Deployment. */
function resize(
  workspace: Workspace,
  deployment: Deployment,
  rs: ReplicaSet,
  replicas: number,
): void {
  if (rs.spec === undefined || (rs.spec.replicas ?? 1) === replicas) return;
  const annotations = { ...rs.metadata.annotations, ...sizeAnnotations(deployment) };
  const metadata = { ...rs.metadata, annotations };
  update(workspace, rs, { ...rs, metadata, spec: { ...rs.spec, replicas } });
}

/** Takes up a ReplicaSet that is there: at full size, and the newest of all. */
function renew(
  workspace: Workspace,
  deployment: Deployment,
  rs: ReplicaSet,
  revision: string,
): void {
  const replicas = deployment.spec.replicas ?? 1;
  const isResized = (rs.spec?.replicas ?? 1) !== replicas;
  const annotations = {
    ...renewedAnnotations(deployment, rs, revision),
    ...(isResized ? sizeAnnotations(deployment) : {}),
  };
  const metadata = { ...rs.metadata, annotations };
  const isSame = JSON.stringify(annotations) === JSON.stringify(rs.metadata.annotations);
  if (isSame && !isResized) return;
  update(workspace, rs, { ...rs, metadata, spec: { ...rs.spec, replicas } } as ReplicaSet);
}

/** Old ReplicaSets beyond the limit of history go, the oldest first. */
function forget(workspace: Workspace, { spec }: Deployment, old: readonly ReplicaSet[]): void {
  const excess = old.length - (spec.revisionHistoryLimit ?? 10);
  for (const rs of excess > 0 ? old.slice(0, excess) : []) {
    const { name, namespace = "default" } = rs.metadata;
    workspace.delete({ kind: "ReplicaSet", namespace, name });
  }
}

/** The Deployment carries the revision of its newest ReplicaSet. */
function writeRevision(
  workspace: Workspace,
  deployment: Deployment,
  revision: string,
  current: ReplicaSet | undefined,
): void {
  const own =
    current === undefined ? revision : String(Math.max(revisionOf(current), Number(revision)));
  if (deployment.metadata.annotations?.[REVISION] === own) return;
  const annotations = { ...deployment.metadata.annotations, [REVISION]: own };
  update(workspace, deployment, {
    ...deployment,
    metadata: { ...deployment.metadata, annotations },
  });
}

function makeReplicaSet(
  deployment: Deployment,
  { hash, revision }: { readonly hash: string; readonly revision: string },
): ReplicaSet {
  const { spec, metadata } = deployment;
  const { template, selector } = spec;
  const labels = { ...template.metadata?.labels, [TEMPLATE_HASH]: hash };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace ?? "default",
      labels,
      annotations: {
        ...ownAnnotations(deployment),
        ...sizeAnnotations(deployment),
        [REVISION]: revision,
      },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: spec.replicas ?? 1,
      selector: {
        ...selector,
        matchLabels: { ...selector?.matchLabels, [TEMPLATE_HASH]: hash },
      },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  } as unknown as ReplicaSet;
}

/**
 * Brings the number of a ReplicaSet's pods to what it wants.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/replicaset/replica_set.go `manageReplicas`.
 */
export function syncReplicaSet(workspace: Workspace, namespace: string, name: string): void {
  const rs = workspace.get("ReplicaSet", namespace, name);
  if (rs?.spec?.template === undefined) return;
  const owned = keptPods(workspace, rs);
  const wanted = rs.spec.replicas ?? 1;
  for (const pod of chooseVictims(owned, owned.length - wanted)) {
    workspace.delete({ kind: "Pod", namespace, name: pod.metadata.name });
    sayPod(workspace, rs, "Delete", pod.metadata.name);
  }
  const prefix = `${name}-`;
  const salt = `${rs.metadata.uid}/${workspace.base.revision}`;
  for (let count = owned.length; count < wanted; count++) {
    const podName = generateName(prefix, `${salt}/${count}`, (n) => {
      return workspace.get("Pod", namespace, n) !== undefined;
    });
    createPod(workspace, rs, rs.spec.template, { name: podName, generateName: prefix });
    sayPod(workspace, rs, "Create", podName);
  }
}

/**
 * The pods that a ReplicaSet owns; those that its selector no longer selects are let go.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/controller_ref_manager.go `ClaimPods`.
 * Not modelled: taking up pods that nobody owns.
 */
function keptPods(workspace: Workspace, { metadata, spec }: ReplicaSet): readonly Pod[] {
  const { namespace = "default", uid = "" } = metadata;
  const owned = podsOwnedBy(workspace, namespace, uid).filter(isActive);
  const { selector } = spec;
  const isKept = (pod: Pod) =>
    selector === undefined || matchesSelector(selector, pod.metadata.labels);
  for (const pod of owned) {
    if (isKept(pod)) continue;
    const { ownerReferences = [], ...rest } = pod.metadata;
    const left = ownerReferences.filter((owner) => owner.uid !== uid);
    const owners = left.length === 0 ? {} : { ownerReferences: left };
    update(workspace, pod, { ...pod, metadata: { ...rest, ...owners } });
  }
  return owned.filter(isKept);
}

function sayPod(
  workspace: Workspace,
  rs: ReplicaSet,
  did: "Create" | "Delete",
  name: string,
): void {
  workspace.say(rs, {
    reason: `Successful${did}`,
    message: `${did}d pod: ${name}`,
    source: "replicaset-controller",
  });
}

/** Whether a pod counts for its controller: it has not ended and is not on its way out. */
export function isActive(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return (
    phase !== "Succeeded" && phase !== "Failed" && pod.metadata.deletionTimestamp === undefined
  );
}

/**
 * The pods to delete first: those that run nowhere or are not ready, then those that share a node
 * with most others of the set, then the last by name.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/controller_utils.go `ActivePodsWithRanks`, without ages.
 */
function chooseVictims(pods: readonly Pod[], count: number): readonly Pod[] {
  if (count <= 0) return [];
  const left = new Set(pods);
  const victims: Pod[] = [];
  while (victims.length < count) {
    const perNode = new Map<string, number>();
    for (const pod of left) {
      const node = pod.spec?.nodeName ?? "";
      perNode.set(node, (perNode.get(node) ?? 0) + 1);
    }
    const rank = (pod: Pod) => [
      Number((pod.spec?.nodeName ?? "") !== ""),
      Number(isReady(pod)),
      -(perNode.get(pod.spec?.nodeName ?? "") ?? 0),
    ];
    const [victim] = [...left].sort(
      (a, b) => compareRanks(rank(a), rank(b)) || compareText(b.metadata.name, a.metadata.name),
    );
    if (victim === undefined) break;
    left.delete(victim);
    victims.push(victim);
  }
  return victims;
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [at, rank] of a.entries()) {
    const difference = rank - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether the pod's Ready condition is true. */
export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some((c) => c.type === "Ready" && c.status === "True") === true;
}

/** Counts a ReplicaSet's pods into its status. */
export function reportReplicaSet(workspace: Workspace, namespace: string, name: string): void {
  const rs = workspace.get("ReplicaSet", namespace, name);
  if (rs === undefined) return;
  const pods = podsOwnedBy(workspace, namespace, rs.metadata.uid ?? "").filter(isActive);
  const ready = pods.filter(isReady).length;
  updateStatus(workspace, rs, {
    ...(ready === 0 ? {} : { availableReplicas: ready }),
    ...(pods.length === 0 ? {} : { fullyLabeledReplicas: pods.length }),
    observedGeneration: rs.metadata.generation ?? 1,
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    replicas: pods.length,
    terminatingReplicas: 0,
  } as ReplicaSet["status"] & object);
}

/** Counts a Deployment's pods into its status. */
export function reportDeployment(workspace: Workspace, namespace: string, name: string): void {
  const deployment = workspace.get("Deployment", namespace, name);
  if (deployment?.spec === undefined) return;
  const uid = deployment.metadata.uid ?? "";
  const hash = templateHash(deployment.spec.template);
  const sets = workspace.list("ReplicaSet", namespace).filter((rs) => controllerUid(rs) === uid);
  const total = sumOf(sets, (s) => s.replicas);
  const ready = sumOf(sets, (s) => s.readyReplicas);
  const current = sets.filter((rs) => rs.metadata.labels?.[TEMPLATE_HASH] === hash);
  const updated = sumOf(current, (s) => s.replicas);
  const wanted = deployment.spec.replicas ?? 1;
  updateStatus(workspace, deployment, {
    ...(ready === 0 ? {} : { availableReplicas: ready }),
    conditions: conditionsOf(workspace, deployment, {
      set: current[0]?.metadata.name ?? "",
      ready,
      isComplete: updated === wanted && total === wanted && ready === wanted,
    }),
    observedGeneration: deployment.metadata.generation ?? 1,
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(total === 0 ? {} : { replicas: total }),
    terminatingReplicas: 0,
    ...(wanted > ready ? { unavailableReplicas: wanted - ready } : {}),
    ...(updated === 0 ? {} : { updatedReplicas: updated }),
  } as Deployment["status"] & object);
}

type SetStatus = NonNullable<ReplicaSet["status"]>;

function sumOf(sets: readonly ReplicaSet[], count: (s: SetStatus) => number | undefined): number {
  return sets.reduce((sum, rs) => sum + (rs.status ? (count(rs.status) ?? 0) : 0), 0);
}
