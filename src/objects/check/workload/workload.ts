/**
 * Checks of Deployments, ReplicaSets, StatefulSets and DaemonSets.
 *
 * Follows: kubernetes v1.35 pkg/apis/apps/validation/validation.go.
 */
import type { Fault } from "../../../base/index.js";
import type { PodTemplateSpec } from "../../kinds/pod/pod.js";
import type {
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
} from "../../kinds/workload/workload.js";
import { isEmptySelector } from "../../selector.js";
import { checkSelector } from "../meta.js";
import { faultsOfLabel } from "../names.js";
import { Place } from "../place.js";
import { checkClaim } from "../pod/claim.js";
import { checkDaemonStrategy, checkDeploymentStrategy, checkSetStrategy } from "./strategy.js";
import {
  canAsk,
  checkEndless,
  checkOwnSelector,
  checkSelects,
  checkTemplate,
  shownSelector,
  specOf,
  tellUnselected,
} from "./template.js";

/** Checks a Deployment or a ReplicaSet. */
export function checkReplicated(object: Deployment | ReplicaSet, faults: Fault[]): void {
  const at = new Place("spec", faults);
  const { selector, template } = object.spec;
  checkOwnSelector(selector, "deployment", at.at("selector"));
  if (selector !== undefined && !canAsk(selector)) {
    at.at("selector").invalid(shownSelector(selector), "invalid label selector");
  } else {
    const place = at.at("template");
    if (selector === undefined) tellUnselected(template, place);
    else if (!isEmptySelector(selector)) checkSelects(selector, template, place);
    checkTemplate(template, place);
    checkEndless(template, "ReplicaSet", place);
  }
  if (object.kind !== "Deployment") return;
  const { minReadySeconds = 0, progressDeadlineSeconds: deadline, strategy } = object.spec;
  checkDeploymentStrategy(strategy ?? {}, at.at("strategy"));
  if (deadline === undefined || deadline > minReadySeconds) return;
  at.at("progressDeadlineSeconds").invalid(deadline, "must be greater than minReadySeconds");
}

/** Checks a DaemonSet. */
export function checkDaemonSet({ spec }: DaemonSet, faults: Fault[]): void {
  const at = new Place("spec", faults);
  const { selector, template, updateStrategy } = spec;
  const place = at.at("template");
  if (selector === undefined) tellUnselected(template, place);
  else {
    checkSelector("spec.selector", selector, faults);
    if (canAsk(selector)) checkSelects(selector, template, place);
    if (isEmptySelector(selector)) {
      at.at("selector").invalid(selector, "empty selector is invalid for daemonset");
    }
  }
  checkTemplate(template, place);
  checkEndless(template, "DaemonSet", place);
  checkDaemonStrategy(updateStrategy ?? {}, at.at("updateStrategy"));
}

const PVC_POLICIES: readonly string[] = ["Retain", "Delete"];

/** Checks a StatefulSet. */
export function checkStatefulSet({ spec }: StatefulSet, faults: Fault[]): void {
  const at = new Place("spec", faults);
  const { persistentVolumeClaimRetentionPolicy: kept, podManagementPolicy: policy = "" } = spec;
  if (policy === "") at.at("podManagementPolicy").required();
  else if (policy !== "OrderedReady" && policy !== "Parallel") {
    at.at("podManagementPolicy").invalid(policy, "must be 'OrderedReady' or 'Parallel'");
  }
  checkSetStrategy(spec.updateStrategy ?? {}, at.at("updateStrategy"));
  for (const when of ["whenDeleted", "whenScaled"] as const) {
    const place = at.at(`persistentVolumeClaimRetentionPolicy.${when}`);
    if (kept !== undefined) place.ifOneOf(kept[when] ?? "", PVC_POLICIES);
  }
  at.each("volumeClaimTemplates", spec.volumeClaimTemplates, (claim, place) => {
    checkClaim(claim.spec ?? {}, place.at("spec"));
  });
  if (spec.serviceName !== "") at.at("serviceName").form(spec.serviceName, faultsOfLabel);
  at.at("ordinals.start").notNegative(spec.ordinals?.start);
  const { selector, template } = spec;
  checkOwnSelector(selector, "statefulset", at.at("selector"));
  const place = at.at("template");
  if (selector !== undefined && !canAsk(selector))
    at.at("selector").invalid(shownSelector(selector), "");
  else {
    if (selector === undefined) tellUnselected(template, place);
    else if (!isEmptySelector(selector)) checkSelects(selector, template, place);
    checkTemplate(withClaims(template, spec.volumeClaimTemplates ?? []), place);
  }
  checkEndless(template, "StatefulSet", place);
}

/** A set's pods mount claims that are made for them, and get names from the set. */
function withClaims(
  template: PodTemplateSpec,
  claims: NonNullable<StatefulSet["spec"]["volumeClaimTemplates"]>,
): PodTemplateSpec {
  const { hostname: _, subdomain: __, volumes = [], ...spec } = specOf(template);
  const names = [...new Set(claims.map(({ metadata }) => metadata?.name ?? ""))];
  const made = names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  const others = volumes.filter(({ name }) => !names.includes(name));
  return { ...template, spec: { ...spec, volumes: [...made, ...others] } };
}
