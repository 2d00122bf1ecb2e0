/**
 * The conditions of a Deployment, in the order in which a controller that watches every step leaves
 * them: what changed last stands last.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/deployment/sync.go `calculateStatus`,
 * `checkPausedConditions`, progress.go `syncRolloutStatus`, util `SetDeploymentCondition`.
 */
import type { Deployment, DeploymentCondition } from "../../objects/index.js";
import type { Workspace } from "../state/workspace.js";
import { limitsOf } from "./rollout.js";

/** What a roll-out has come to. */
export interface Progress {
  /** Name of the ReplicaSet of the present template; "" for none. */
  readonly set: string;
  /** Pods that are ready. */
  readonly ready: number;
  /** Whether all pods are of the present template, and ready. */
  readonly isComplete: boolean;
}

type Said = Pick<DeploymentCondition, "type" | "status" | "reason" | "message">;

/** The conditions of a Deployment after a change, from those before it. */
export function conditionsOf(
  workspace: Workspace,
  deployment: Deployment,
  progress: Progress,
): readonly DeploymentCondition[] {
  const { status, spec } = deployment;
  const before = status?.conditions ?? [];
  const least = (spec.replicas ?? 1) - limitsOf(deployment).unavailable;
  const wasShort = (status?.availableReplicas ?? 0) < least;
  const said = progressing(deployment, progress);
  const isTold = before.some((c) => c.type === said.type && isSame(c, said));
  let after = [...before];
  // A Deployment that grew lacked pods for a moment, so that its condition changed twice.
  if (wasShort || before.length === 0) after = moveToEnd(after, available(progress.ready >= least));
  else after = after.map((c) => (c.type === "Available" ? available(progress.ready >= least) : c));
  if (!isTold) after = moveToEnd(after, said);
  return after.map((c) => dated(workspace, before, c));
}

function moveToEnd(list: readonly Said[], said: Said): DeploymentCondition[] {
  return [...list.filter((c) => c.type !== said.type), said] as DeploymentCondition[];
}

function isSame(a: Said, b: Said): boolean {
  return a.status === b.status && a.reason === b.reason && a.message === b.message;
}

function available(holds: boolean): DeploymentCondition {
  const verb = holds ? "has" : "does not have";
  return {
    type: "Available",
    status: holds ? "True" : "False",
    reason: holds ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
    message: `Deployment ${verb} minimum availability.`,
  } as DeploymentCondition;
}

/** A roll-out that was over once stays over until the template changes. */
function progressing({ status, spec }: Deployment, { isComplete, set }: Progress): Said {
  const type = "Progressing";
  if (spec.paused === true) {
    return { type, status: "Unknown", reason: "DeploymentPaused", message: "Deployment is paused" };
  }
  const done = `ReplicaSet "${set}" has successfully progressed.`;
  const wasDone = status?.conditions?.some((c) => c.type === type && c.message === done) === true;
  if (isComplete || wasDone) {
    return { type, status: "True", reason: "NewReplicaSetAvailable", message: done };
  }
  const message = `ReplicaSet "${set}" is progressing.`;
  return { type, status: "True", reason: "ReplicaSetUpdated", message };
}

/** A condition with the times of when it became so. */
function dated(
  { base }: Workspace,
  before: readonly DeploymentCondition[],
  { message, reason, status, type }: Said,
): DeploymentCondition {
  const old = before.find((c) => c.type === type && c.status === status);
  const isUnchanged = old?.message === message;
  return {
    lastTransitionTime: old?.lastTransitionTime ?? base.time,
    lastUpdateTime: (isUnchanged ? old?.lastUpdateTime : undefined) ?? base.time,
    message,
    reason,
    status,
    type,
  } as DeploymentCondition;
}
