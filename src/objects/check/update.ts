/**
 * Checks of an update: everything that is checked on creation, and what may not change once an object
 * is there.
 *
 * Follows: apiserver v0.35 pkg/registry/rest/update.go `BeforeUpdate`, kubernetes v1.35
 * pkg/apis/apps/validation, pkg/apis/batch/validation, pkg/apis/discovery/validation.
 */
import type { Fault } from "../../base/index.js";
import type { KubeObject } from "../kinds/kinds.js";
import { ScratchAllocator } from "../service/scratch-allocator.js";
import { updateService } from "../service/update.js";
import { forbidden, invalid, onlyOnce } from "../shape/field-error.js";
import { checkMetaUpdate } from "./meta.js";
import { checkObject } from "./object.js";
import { checkPodUpdate } from "./pod-update.js";

const IMMUTABLE = "field is immutable";

/** Returns what is wrong with putting `after` in place of `before`; both are of one kind and name. */
export function checkUpdate(before: KubeObject, after: KubeObject): readonly Fault[] {
  if (before.kind === "Service" && after.kind === "Service") {
    return updateService(after, before, new ScratchAllocator()).faults;
  }
  const faults: Fault[] = [];
  checkMetaUpdate(after.metadata, before.metadata, faults);
  faults.push(...checkObject(after));
  if (before.kind === "Pod" && after.kind === "Pod") checkPodUpdate(before, after, faults);
  else if (before.kind === "EndpointSlice" && after.kind === "EndpointSlice") {
    if (before.addressType !== after.addressType) {
      faults.push(invalid("addressType", after.addressType, IMMUTABLE));
    }
  } else checkWorkloadUpdate(before, after, faults);
  return onlyOnce(faults);
}

function checkWorkloadUpdate(before: KubeObject, after: KubeObject, faults: Fault[]): void {
  const isSelecting =
    (before.kind === "Deployment" && after.kind === "Deployment") ||
    (before.kind === "ReplicaSet" && after.kind === "ReplicaSet") ||
    (before.kind === "DaemonSet" && after.kind === "DaemonSet");
  if (isSelecting) {
    const [old, now] = [before.spec.selector, after.spec.selector];
    if (!isSame(old, now)) faults.push(invalid("spec.selector", now, IMMUTABLE));
  } else if (before.kind === "StatefulSet" && after.kind === "StatefulSet") {
    const fixed = [
      "selector",
      "serviceName",
      "podManagementPolicy",
      "volumeClaimTemplates",
    ] as const;
    if (fixed.every((field) => isSame(before.spec[field], after.spec[field]))) return;
    const may =
      "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'";
    const text = `updates to statefulset spec for fields other than ${may} are forbidden`;
    faults.push(forbidden("spec", text));
  } else if (before.kind === "Job" && after.kind === "Job") {
    if (!isSame(before.spec.template.spec?.containers, after.spec.template.spec?.containers)) {
      faults.push(invalid("spec.template", after.spec.template, IMMUTABLE));
    }
  }
}

/** Equal whatever the order of keys. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => isSame(left[key], right[key]));
}
