/**
 * Which families a Service gets: worked out from what was asked for and what the cluster has.
 *
 * Follows: kubernetes v1.35 pkg/registry/core/service/storage/alloc.go `initIPFamilyFields`.
 */
import type { Fault } from "../../base/index.js";
import { checkClusterIps, familyOf } from "../check/network/cluster-ips.js";
import type { IPFamily } from "../kinds/enums.js";
import type { Service, ServiceSpec } from "../kinds/network/service.js";
import { invalid } from "../shape/field-error.js";

/** The spec of a Service that is being worked out. */
export type SpecDraft = { -readonly [K in keyof ServiceSpec]: ServiceSpec[K] };

const POLICY_PATH = "spec.ipFamilyPolicy";

/**
 * Fills in `ipFamilyPolicy` and `ipFamilies` of a Service, in place.
 *
 * Returns: faults; when there are any, nothing else of the Service is looked at.
 */
export function fillFamilies(
  service: Service,
  spec: SpecDraft,
  families: readonly IPFamily[],
  before?: ServiceSpec,
): Fault[] {
  const faults: Fault[] = [];
  if (spec.type === "ExternalName" || keepsPreference(spec, before)) return faults;
  spec.ipFamilyPolicy ??= before?.ipFamilyPolicy ?? policyOf(spec);
  checkClusterIps(service, faults, before?.clusterIPs);
  if (faults.length > 0) return faults;
  if (before !== undefined) checkReleased(spec, before, faults);
  checkSingle(spec, faults);
  inferFamilies(spec, families, faults);
  if (faults.length > 0) return faults;
  if (hasNoSelectorAndNoIp(spec)) {
    fillHeadless(spec, families);
    return faults;
  }
  checkConfigured(spec, families, faults);
  if (faults.length > 0) return faults;
  const list = spec.ipFamilies ?? [];
  const own = list.length === 0 ? [families[0] as IPFamily] : list;
  const both = spec.ipFamilyPolicy !== "SingleStack" && own.length === 1 && families.length === 2;
  spec.ipFamilies = both ? withOther(own) : own;
  return faults;
}

function hasNoSelectorAndNoIp(spec: SpecDraft): boolean {
  return spec.clusterIP === "None" && Object.keys(spec.selector ?? {}).length === 0;
}

function policyOf(spec: SpecDraft): "RequireDualStack" | "SingleStack" {
  return hasNoSelectorAndNoIp(spec) ? "RequireDualStack" : "SingleStack";
}

/** On an update: fewer families only by way of `SingleStack`. */
function checkReleased(spec: SpecDraft, before: ServiceSpec, faults: Fault[]): void {
  const oldIps = before.clusterIPs ?? [];
  const oldFamilies = before.ipFamilies ?? [];
  if (spec.ipFamilyPolicy === "SingleStack") {
    if (isSameList(oldIps, spec.clusterIPs) && oldIps.length > 1) {
      spec.clusterIPs = oldIps.slice(0, 1);
    }
    if (isSameList(oldFamilies, spec.ipFamilies) && oldFamilies.length > 1) {
      spec.ipFamilies = oldFamilies.slice(0, 1);
    }
    return;
  }
  const ips = spec.clusterIPs ?? [];
  if (ips.length > 0 && ips.length < oldIps.length) {
    const message = "must be 'SingleStack' to release the secondary cluster IP";
    faults.push(invalid(POLICY_PATH, spec.ipFamilyPolicy, message));
  }
  const families = spec.ipFamilies ?? [];
  if (families.length > 0 && families.length < oldFamilies.length) {
    const message = "must be 'SingleStack' to release the secondary IP family";
    faults.push(invalid(POLICY_PATH, spec.ipFamilyPolicy, message));
  }
}

/**
 * Whether an update leaves a Service that prefers both families as it is: it neither gains nor loses
 * a family because the cluster did.
 */
export function keepsPreference(spec: SpecDraft, before: ServiceSpec | undefined): boolean {
  if (before === undefined || spec.type !== before.type) return false;
  if (spec.type !== "ClusterIP" && spec.type !== "NodePort" && spec.type !== "LoadBalancer") {
    return false;
  }
  if (spec.ipFamilyPolicy !== "PreferDualStack") return false;
  if ((before.ipFamilyPolicy ?? "PreferDualStack") !== "PreferDualStack") return false;
  return (
    isSameList(before.clusterIPs, spec.clusterIPs) && isSameList(before.ipFamilies, spec.ipFamilies)
  );
}

/** Equal lists; one that is not there is empty. */
export function isSameList(
  a: readonly string[] | undefined = [],
  b: readonly string[] | undefined = [],
): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function checkSingle(spec: SpecDraft, faults: Fault[]): void {
  if (spec.ipFamilyPolicy !== "SingleStack") return;
  const must = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
  if (spec.clusterIPs?.length === 2) {
    const message = `${must} cluster IPs are specified`;
    faults.push(invalid(POLICY_PATH, spec.ipFamilyPolicy, message));
  }
  if (spec.ipFamilies?.length === 2) {
    const message = `${must} IP families are specified`;
    faults.push(invalid(POLICY_PATH, spec.ipFamilyPolicy, message));
  }
}

function inferFamilies(spec: SpecDraft, families: readonly IPFamily[], faults: Fault[]): void {
  const ips = spec.clusterIPs ?? [];
  for (let i = 0; i < ips.length; i++) {
    const ip = ips[i] as string;
    if (ip === "None") return;
    const known = spec.ipFamilies ?? [];
    if (i < known.length) continue;
    const family = familyOf(ip);
    if (families.includes(family)) spec.ipFamilies = [...known, family];
    else {
      const message = `${family} is not configured on this cluster`;
      faults.push(invalid(`spec.clusterIPs[${i}]`, ips, message));
    }
  }
}

/** Headless without a selector: both families, even on a cluster that has one. */
function fillHeadless(spec: SpecDraft, families: readonly IPFamily[]): void {
  const list = spec.ipFamilies ?? [];
  const own = list.length === 0 ? [families[0] as IPFamily] : list;
  const both = own.length < 2 && spec.ipFamilyPolicy !== "SingleStack";
  spec.ipFamilies = both ? withOther(own) : own;
}

function withOther(own: readonly IPFamily[]): readonly IPFamily[] {
  return [...own, own[0] === "IPv4" ? "IPv6" : "IPv4"];
}

function checkConfigured(spec: SpecDraft, families: readonly IPFamily[], faults: Fault[]): void {
  if (spec.ipFamilyPolicy === "RequireDualStack" && families.length < 2) {
    const message = "this cluster is not configured for dual-stack services";
    faults.push(invalid(POLICY_PATH, spec.ipFamilyPolicy, message));
  }
  spec.ipFamilies?.forEach((family, i) => {
    if (families.includes(family)) return;
    faults.push(invalid(`spec.ipFamilies[${i}]`, family, "not configured on this cluster"));
  });
}
