/**
 * Checks of an update: fields that may not change once an object is there.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `ValidateServiceUpdate`, `ValidatePodUpdate`,
 * pkg/apis/apps/validation, pkg/apis/batch/validation, pkg/apis/discovery/validation.
 * Not modelled: the difference that the server prints below a refused pod.
 */
import type { Fault } from "../../base/index.js";
import type { KubeObject } from "../kinds/kinds.js";
import type { Service, ServiceSpec } from "../kinds/network/service.js";
import type { Pod } from "../kinds/pod/pod.js";
import { forbidden, invalid } from "../shape/field-error.js";

const IMMUTABLE = "field is immutable";
const ONCE = "may not change once set";

/** Returns what is wrong with putting `after` in place of `before`; both are of one kind and name. */
export function checkUpdate(before: KubeObject, after: KubeObject): readonly Fault[] {
  const faults: Fault[] = [];
  if (before.kind === "Service" && after.kind === "Service") {
    checkServiceUpdate(before, after, faults);
  } else if (before.kind === "Pod" && after.kind === "Pod") checkPodUpdate(before, after, faults);
  else if (before.kind === "EndpointSlice" && after.kind === "EndpointSlice") {
    if (before.addressType !== after.addressType) {
      faults.push(invalid("addressType", after.addressType, IMMUTABLE));
    }
  } else checkWorkloadUpdate(before, after, faults);
  return faults;
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

/** Of a pod only images may change, and a few fields that the network does not see. */
function checkPodUpdate(before: Pod, after: Pod, faults: Fault[]): void {
  const [old, now] = [before.spec.containers, after.spec.containers];
  const names = (list: Pod["spec"]["containers"]) => list.map((c) => c.name);
  const ports = (list: Pod["spec"]["containers"]) => list.map((c) => c.ports ?? []);
  const { nodeName } = after.spec;
  const moved = nodeName !== undefined && before.spec.nodeName !== nodeName;
  if (!isSame(names(old), names(now))) {
    faults.push(forbidden("spec.containers", "pod updates may not add or remove containers"));
  } else if (!isSame(ports(old), ports(now)) || (moved && before.spec.nodeName !== undefined)) {
    const may =
      "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
    faults.push(forbidden("spec", `pod updates may not change fields other than ${may}`));
  }
}

function checkServiceUpdate(before: Service, after: Service, faults: Fault[]): void {
  const [old, now] = [before.spec, after.spec];
  if (old.type === "LoadBalancer" && now.type === "LoadBalancer") {
    if (old.loadBalancerClass !== now.loadBalancerClass) {
      faults.push(invalid("spec.loadBalancerClass", now.loadBalancerClass, ONCE));
    }
  }
  if (old.type === "ExternalName" || now.type === "ExternalName") return;
  const isHeadless = [old, now].map((spec) => spec.clusterIPs?.[0] === "None");
  if (isHeadless[0] && isHeadless[1]) return;
  checkIps(old.clusterIPs ?? [], clusterIpsOf(old, now), now, faults);
  if (isHeadless[0] === isHeadless[1]) checkFamilies(old, now, faults);
}

/** What an update asks for: what it leaves out it keeps, the singular field leads the plural one. */
function clusterIpsOf(old: ServiceSpec, now: ServiceSpec): readonly string[] {
  const before = old.clusterIPs ?? [];
  const wanted = now.clusterIPs ?? [];
  const first = now.clusterIP ?? "";
  if (first === "" && wanted.length === 0) return before;
  if (wanted.length === 0) return [first, ...before.slice(1)];
  const onlyFirst = first !== "" && first !== old.clusterIP && isSame(wanted, before);
  return onlyFirst ? [first, ...wanted.slice(1)] : wanted;
}

function checkIps(
  old: readonly string[],
  now: readonly string[],
  spec: ServiceSpec,
  faults: Fault[],
): void {
  if (old.length === now.length) {
    old.forEach((ip, i) => {
      if (ip !== now[i]) faults.push(invalid(`spec.clusterIPs[${i}]`, now, ONCE));
    });
    return;
  }
  if (now.length === 0) {
    faults.push(invalid("spec.clusterIPs[0]", now, "primary clusterIP can not be unset"));
  }
  if (old.length > 0 && now.length > 0 && old[0] !== now[0]) {
    faults.push(invalid("spec.clusterIPs[0]", now, ONCE));
  }
  if (old.length > 1 && now.length === 1 && spec.ipFamilyPolicy !== "SingleStack") {
    const message = "must be set to 'SingleStack' when releasing the secondary clusterIP";
    faults.push(invalid("spec.ipFamilyPolicy", spec.ipFamilyPolicy, message));
  }
}

function checkFamilies(old: ServiceSpec, now: ServiceSpec, faults: Fault[]): void {
  const before = old.ipFamilies ?? [];
  const after = now.ipFamilies ?? before;
  if (after.length === 0) return;
  const changed =
    before.length === after.length
      ? before.some((family, i) => family !== after[i])
      : before.length > 0 && before[0] !== after[0];
  if (changed) faults.push(invalid("spec.ipFamilies[0]", after, ONCE));
  if (before.length > 1 && after.length === 1 && now.ipFamilyPolicy !== "SingleStack") {
    const message = "must be set to 'SingleStack' when releasing the secondary ipFamily";
    faults.push(invalid("spec.ipFamilyPolicy", now.ipFamilyPolicy, message));
  }
}
