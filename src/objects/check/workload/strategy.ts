/**
 * Checks of how workloads replace their pods.
 *
 * Follows: kubernetes v1.35 pkg/apis/apps/validation `ValidateDeploymentStrategy`,
 * `ValidateDaemonSetUpdateStrategy`, `validateRollingUpdateStatefulSet`,
 * `ValidatePositiveIntOrPercent`.
 */
import type {
  DaemonSetUpdateStrategy,
  DeploymentStrategy,
  StatefulSetUpdateStrategy,
} from "../../kinds/workload/workload.js";
import type { Place } from "../place.js";

/** A number of pods, or a share of them. */
type Share = number | string;

/** A strategy as the server prints its own form of it. */
function goStrategy({ rollingUpdate, type = "" }: DeploymentStrategy): unknown {
  if (rollingUpdate === undefined) return { Type: type, RollingUpdate: null };
  const { maxSurge = 0, maxUnavailable = 0 } = rollingUpdate;
  return { Type: type, RollingUpdate: { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge } };
}

/** Checks the strategy of a Deployment. */
export function checkDeploymentStrategy(strategy: DeploymentStrategy, at: Place): void {
  const { rollingUpdate, type = "" } = strategy;
  const place = at.at("rollingUpdate");
  if (type === "Recreate") {
    if (rollingUpdate === undefined) return;
    place.forbidden("may not be specified when strategy `type` is 'Recreate'");
    return;
  }
  if (type !== "RollingUpdate") {
    at.notSupported(goStrategy(strategy), ["Recreate", "RollingUpdate"]);
    return;
  }
  const { maxSurge = 0, maxUnavailable = 0 } = rollingUpdate ?? {};
  checkShare(maxUnavailable, place.at("maxUnavailable"));
  checkShare(maxSurge, place.at("maxSurge"));
  if (sizeOf(maxUnavailable) === 0 && sizeOf(maxSurge) === 0) {
    place.at("maxUnavailable").invalid(maxUnavailable, "may not be 0 when `maxSurge` is 0");
  }
  checkNotMore(maxUnavailable, place.at("maxUnavailable"));
}

/** Checks the strategy of a DaemonSet. */
export function checkDaemonStrategy(strategy: DaemonSetUpdateStrategy, at: Place): void {
  const { rollingUpdate, type = "" } = strategy;
  if (type === "OnDelete") return;
  if (type !== "RollingUpdate") {
    at.notSupported(goStrategy(strategy), ["RollingUpdate", "OnDelete"]);
    return;
  }
  const place = at.at("rollingUpdate");
  const { maxSurge = 0, maxUnavailable = 0 } = rollingUpdate ?? {};
  for (const [name, share] of Object.entries({ maxUnavailable, maxSurge })) {
    checkShare(share, place.at(name));
    checkNotMore(share, place.at(name));
  }
  const [gone, added] = [sizeOf(maxUnavailable) !== 0, sizeOf(maxSurge) !== 0];
  if (gone && added) {
    place.at("maxSurge").invalid(maxSurge, "may not be set when maxUnavailable is non-zero");
  } else if (!gone && !added) {
    place.at("maxUnavailable").required("cannot be 0 when maxSurge is 0");
  }
}

/** Checks the strategy of a StatefulSet. */
export function checkSetStrategy(strategy: StatefulSetUpdateStrategy, at: Place): void {
  const { rollingUpdate, type = "" } = strategy;
  const place = at.at("rollingUpdate");
  if (type === "") {
    at.required();
    return;
  }
  if (type !== "OnDelete" && type !== "RollingUpdate") {
    const shown = { Type: type, RollingUpdate: goPartition(rollingUpdate) };
    at.invalid(shown, "must be 'RollingUpdate' or 'OnDelete'");
    return;
  }
  if (rollingUpdate === undefined) return;
  if (type === "OnDelete") {
    const message = "only allowed for updateStrategy 'RollingUpdate'";
    place.invalid(goPartition(rollingUpdate), message);
    return;
  }
  place.at("partition").notNegative(rollingUpdate.partition);
  const { maxUnavailable } = rollingUpdate;
  if (maxUnavailable === undefined) return;
  checkShare(maxUnavailable, place.at("maxUnavailable"));
  if (sizeOf(maxUnavailable) === 0) {
    place.at("maxUnavailable").invalid(maxUnavailable, "cannot be 0");
  }
  checkNotMore(maxUnavailable, place.at("maxUnavailable"));
}

function goPartition(update: StatefulSetUpdateStrategy["rollingUpdate"]): unknown {
  if (update === undefined) return null;
  return { Partition: update.partition ?? 0, MaxUnavailable: update.maxUnavailable ?? null };
}

const PERCENT = /^[0-9]+%$/;

function checkShare(share: Share, at: Place): void {
  if (typeof share === "number") {
    at.notNegative(share);
    return;
  }
  if (PERCENT.test(share)) return;
  const words = "a valid percent string must be a numeric string followed by an ending '%'";
  const form = "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  at.invalid(share, `${words} ${form}`);
}

function checkNotMore(share: Share, at: Place): void {
  if (typeof share === "string" && PERCENT.test(share) && sizeOf(share) > 100) {
    at.invalid(share, "must not be greater than 100%");
  }
}

/** The number that stands in a share; what is no number counts as none. */
function sizeOf(share: Share): number {
  if (typeof share === "number") return share;
  if (PERCENT.test(share)) return Number(share.slice(0, -1));
  return /^[+-]?[0-9]+$/.test(share) ? Number(share) : 0;
}
