/**
 * What of a pod may change once it is there: images, more tolerations, fewer gates, a nearer deadline.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `ValidatePodUpdate`,
 * `validateOnlyAddedTolerations`, `validateOnlyDeletedSchedulingGates`.
 * Not modelled: the difference that the server prints below a refused pod; what may change of pods that
 * wait for their gates.
 */
import type { Fault } from "../../../base/index.js";
import type { Pod, PodSpec } from "../../kinds/pod/pod.js";
import { forbidden } from "../../shape/field-error.js";
import { Place } from "../place.js";
import { isSame } from "./same.js";

const MAY_CHANGE =
  "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/** Fields that the cluster gives a pod; a manifest that leaves them out asks for no change. */
const GIVEN = [
  "nodeName",
  "serviceAccount",
  "serviceAccountName",
  "priority",
  "preemptionPolicy",
  "enableServiceLinks",
] as const;

/** Adds what is wrong with putting one pod in place of another. */
export function checkPodUpdate(before: Pod, after: Pod, faults: Fault[]): void {
  const [old, now] = [before.spec, withGiven(before.spec, after.spec)];
  for (const list of ["containers", "initContainers"] as const) {
    if ((old[list] ?? []).length === (now[list] ?? []).length) continue;
    faults.push(forbidden(`spec.${list}`, "pod updates may not add or remove containers"));
    return;
  }
  const at = new Place("spec", faults);
  if (!checkDeadline(old, now, at.at("activeDeadlineSeconds"))) return;
  checkTolerations(old, now, faults);
  at.each("schedulingGates", now.schedulingGates, ({ name }, place) => {
    if (old.schedulingGates?.some((gate) => gate.name === name) === true) return;
    const message = `only deletion is allowed, but found new scheduling gate '${name}'`;
    place.at("name").forbidden(message);
  });
  if (isSame(comparable(old, old), comparable(now, old))) return;
  faults.push(forbidden("spec", `pod updates may not change fields other than ${MAY_CHANGE}`));
}

const MAX_INT32 = 2 ** 31 - 1;

/** A deadline may be set, and come nearer. Returns: whether the server looks further. */
function checkDeadline(old: PodSpec, now: PodSpec, at: Place): boolean {
  const [before, after] = [old.activeDeadlineSeconds, now.activeDeadlineSeconds];
  if (after === undefined) {
    if (before !== undefined)
      at.invalid(null, "must not update from a positive integer to nil value");
    return true;
  }
  if (after < 0 || after > MAX_INT32) {
    at.range(after, 0, MAX_INT32);
    return false;
  }
  if (before === undefined || before >= after) return true;
  at.invalid(after, "must be less than or equal to previous value");
  return false;
}

type Spec = Readonly<Record<string, unknown>>;
type Container = PodSpec["containers"][number];

/** A spec without what may change. */
function comparable(spec: PodSpec, old: PodSpec): Spec {
  const { activeDeadlineSeconds: _a, schedulingGates: _s, tolerations: _t, ...rest } = spec as Spec;
  const grace = spec.terminationGracePeriodSeconds;
  const wasNegative = (old.terminationGracePeriodSeconds ?? 0) < 0;
  return {
    ...rest,
    containers: spec.containers.map(withoutImage),
    initContainers: (spec.initContainers ?? []).map(withoutImage),
    terminationGracePeriodSeconds:
      wasNegative && grace === 1 ? old.terminationGracePeriodSeconds : grace,
  };
}

function withoutImage({ image: _, ...container }: Container): Spec {
  return container;
}

/** Tolerations are only added; how long one lasts may change. */
function checkTolerations(old: PodSpec, now: PodSpec, faults: Fault[]): void {
  const bare = (list: PodSpec["tolerations"]) =>
    (list ?? []).map(({ tolerationSeconds: _, ...toleration }) => toleration);
  const left = bare(now.tolerations);
  if (bare(old.tolerations).every((one) => left.some((other) => isSame(one, other)))) return;
  const why = "existing toleration can not be modified except its tolerationSeconds";
  faults.push(forbidden("spec.tolerations", why));
}

const TOKEN_VOLUME = /^kube-api-access-/;
const NODE_TOLERATION = /^node\.kubernetes\.io\//;

/** A spec with what the cluster gave the pod that is there. */
function withGiven(old: PodSpec, now: PodSpec): PodSpec {
  const given = GIVEN.filter((field) => now[field] === undefined && old[field] !== undefined);
  const fields = Object.fromEntries(given.map((field) => [field, old[field]]));
  const volumes = (now.volumes ?? []).some(({ name }) => TOKEN_VOLUME.test(name))
    ? now.volumes
    : [...(now.volumes ?? []), ...(old.volumes ?? []).filter((v) => TOKEN_VOLUME.test(v.name))];
  const own = now.tolerations ?? [];
  const tolerations = (old.tolerations ?? []).filter(
    ({ key = "" }) => NODE_TOLERATION.test(key) && !own.some((one) => one.key === key),
  );
  const mounted = (list: PodSpec["initContainers"], before: PodSpec["initContainers"]) =>
    list?.map((container, i) => withToken(container, before?.[i]));
  return {
    ...now,
    ...fields,
    volumes,
    tolerations: [...own, ...tolerations],
    containers: mounted(now.containers, old.containers),
    ...(now.initContainers === undefined
      ? {}
      : { initContainers: mounted(now.initContainers, old.initContainers) }),
  } as PodSpec;
}

function withToken(container: Container, before: Container | undefined): Container {
  const own = container.volumeMounts ?? [];
  if (own.some(({ name }) => TOKEN_VOLUME.test(name))) return container;
  const given = (before?.volumeMounts ?? []).filter(({ name }) => TOKEN_VOLUME.test(name));
  return given.length === 0 ? container : { ...container, volumeMounts: [...own, ...given] };
}
