/**
 * Roll-outs of Deployments: the steps from one ReplicaSet to the next, and the notes that the
 * controller keeps on them.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/deployment/util/deployment_util.go, rolling.go,
 * recreate.go.
 */
import type { Deployment, ReplicaSet } from "../../objects/index.js";

/** Annotation with the number of a version of the template. */
export const REVISION = "deployment.kubernetes.io/revision";
const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
const DESIRED = "deployment.kubernetes.io/desired-replicas";
const MAX = "deployment.kubernetes.io/max-replicas";

/** Annotations of a Deployment that its ReplicaSets do not take over. */
const NOT_COPIED = [
  "kubectl.kubernetes.io/last-applied-configuration",
  REVISION,
  REVISION_HISTORY,
  DESIRED,
  MAX,
  "deprecated.deployment.rollback.to",
];

type Annotations = Readonly<Record<string, string>>;

/** The number of a ReplicaSet's version; 0 for one that has none. */
export function revisionOf({ metadata }: ReplicaSet): number {
  return Number.parseInt(metadata.annotations?.[REVISION] ?? "0", 10) || 0;
}

/** The annotations that ReplicaSets take over from their Deployment. */
export function ownAnnotations({ metadata }: Deployment): Annotations {
  const entries = Object.entries(metadata.annotations ?? {});
  return Object.fromEntries(entries.filter(([key]) => !NOT_COPIED.includes(key)));
}

/** For which size of the Deployment a ReplicaSet has its own. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const replicas = deployment.spec.replicas ?? 1;
  return { [DESIRED]: String(replicas), [MAX]: String(replicas + limitsOf(deployment).surge) };
}

/** The annotations of a ReplicaSet that is the newest (again); earlier numbers are remembered. */
export function renewedAnnotations(
  deployment: Deployment,
  rs: ReplicaSet,
  revision: string,
): Annotations {
  const { annotations = {} } = rs.metadata;
  const copied = { ...annotations, ...ownAnnotations(deployment) };
  const before = annotations[REVISION];
  if (revisionOf(rs) >= Number(revision)) return copied;
  const history = [annotations[REVISION_HISTORY], before].filter((part) => (part ?? "") !== "");
  return {
    ...copied,
    [REVISION]: revision,
    ...(before === undefined ? {} : { [REVISION_HISTORY]: history.join(",") }),
  };
}

/** How far a roll-out may be from the wanted number of pods. */
export interface Limits {
  /** Pods beyond the wanted number. */
  readonly surge: number;
  /** Pods that may be missing. */
  readonly unavailable: number;
}

/** Follows: deployment_util.go `ResolveFenceposts`, `MaxUnavailable`. */
export function limitsOf({ spec }: Deployment): Limits {
  const rolling = spec.strategy?.rollingUpdate;
  if ((spec.strategy?.type ?? "RollingUpdate") !== "RollingUpdate" || (spec.replicas ?? 1) === 0) {
    return { surge: 0, unavailable: 0 };
  }
  const replicas = spec.replicas ?? 1;
  const surge = resolve(rolling?.maxSurge ?? "25%", replicas, Math.ceil);
  const unavailable = resolve(rolling?.maxUnavailable ?? "25%", replicas, Math.floor);
  if (surge === 0 && unavailable === 0) return { surge, unavailable: 1 };
  return { surge, unavailable: Math.min(unavailable, replicas) };
}

function resolve(value: number | string, replicas: number, round: (n: number) => number): number {
  if (typeof value === "number") return value;
  return round((Number.parseInt(value, 10) * replicas) / 100) || 0;
}

/** One change of size. */
export interface RolloutStep {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** More steps than any roll-out needs. */
const MAX_STEPS = 10_000;

/** The sizes on the way from the old ReplicaSets to the new one, whose pods are ready at once. */
export function rolloutSteps(
  deployment: Deployment,
  target: ReplicaSet,
  old: readonly ReplicaSet[],
): readonly RolloutStep[] {
  const steps: RolloutStep[] = [];
  const wanted = deployment.spec.replicas ?? 1;
  const isNew = target.metadata.uid === undefined;
  const sizes = new Map(old.map((rs) => [rs.metadata.name, rs.spec?.replicas ?? 1]));
  const { name } = target.metadata;
  let size = isNew ? 0 : (target.spec?.replicas ?? 1);
  const set = (to: number) => {
    if (to !== size) steps.push({ name, from: size, to });
    size = to;
  };
  const active = [...sizes].filter(([, count]) => count > 0).map(([set]) => set);
  if (active.length === 0) {
    set(wanted);
    return steps;
  }
  const shrink = (set: string, to: number) => {
    steps.push({ name: set, from: sizes.get(set) ?? 0, to });
    sizes.set(set, to);
  };
  if (deployment.spec.strategy?.type === "Recreate") {
    for (const set of active) shrink(set, 0);
    set(wanted);
    return steps;
  }
  roll({ wanted, limits: limitsOf(deployment), active, sizes, shrink, set, size: () => size });
  return steps;
}

interface Rolling {
  readonly wanted: number;
  readonly limits: Limits;
  readonly active: readonly string[];
  readonly sizes: ReadonlyMap<string, number>;
  readonly shrink: (set: string, to: number) => void;
  readonly set: (to: number) => void;
  readonly size: () => number;
}

function roll({ active, limits, set, shrink, size, sizes, wanted }: Rolling): void {
  const oldSize = () => active.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  for (let step = 0; step < MAX_STEPS; step++) {
    const room = wanted + limits.surge - oldSize() - size();
    if (size() > wanted) set(wanted);
    else if (room > 0 && size() < wanted) set(Math.min(size() + room, wanted));
    else {
      let spare = oldSize() + size() - (wanted - limits.unavailable);
      if (spare <= 0 || oldSize() === 0) return;
      for (const name of active) {
        const count = sizes.get(name) ?? 0;
        const less = Math.min(count, spare);
        if (less > 0) shrink(name, count - less);
        spare -= less;
      }
    }
  }
}
