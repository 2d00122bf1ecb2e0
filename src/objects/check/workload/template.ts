/**
 * Checks of what makes pods: a selector that selects them, and a template that they are made from.
 *
 * Follows: kubernetes v1.35 pkg/apis/apps/validation `ValidatePodTemplateSpecForReplicaSet`,
 * pkg/apis/core/validation `ValidatePodTemplateSpec`.
 */
import type { LabelSelector } from "../../kinds/meta.js";
import type { PodSpec, PodTemplateSpec } from "../../kinds/pod/pod.js";
import { askableSelector, isEmptySelector, matchesSelector } from "../../selector.js";
import { checkAnnotations, checkLabels, checkSelector } from "../meta.js";
import type { Place } from "../place.js";
import { checkPodSpec } from "../pod/pod.js";

/** A pod template that says nothing has the defaults of a pod. */
const NO_SPEC = { containers: [], restartPolicy: "Always", dnsPolicy: "ClusterFirst" };

/** The spec of the pods that a template makes. */
export function specOf(template: PodTemplateSpec): PodSpec {
  return template.spec ?? NO_SPEC;
}

/** Checks the labels, annotations and spec of a template. */
export function checkTemplate(template: PodTemplateSpec, at: Place): void {
  const { annotations, labels } = template.metadata ?? {};
  checkLabels(at.at("labels").path, labels, at.faults);
  checkAnnotations(at.at("annotations").path, annotations, at.faults);
  const spec = specOf(template);
  checkPodSpec(at.at("spec").path, spec, { isPod: false }, at.faults);
  if ((spec.ephemeralContainers ?? []).length > 0) {
    const message = "ephemeral containers not allowed in pod template";
    at.at("spec.ephemeralContainers").forbidden(message);
  }
}

/** Pods of a workload that goes on run for ever; `kind` is what the server calls it. */
export function checkEndless(template: PodTemplateSpec, kind: string, at: Place): void {
  const { activeDeadlineSeconds, restartPolicy = "" } = specOf(template);
  if (restartPolicy !== "Always")
    at.at("spec.restartPolicy").notSupported(restartPolicy, ["Always"]);
  if (activeDeadlineSeconds === undefined) return;
  const message = `activeDeadlineSeconds in ${kind} is not Supported`;
  at.at("spec.activeDeadlineSeconds").forbidden(message);
}

/** Whether a selector means something. */
export function canAsk(selector: LabelSelector): boolean {
  return askableSelector(selector) === selector;
}

/** Says of a selector that selects none of the pods that its template makes. */
export function checkSelects(selector: LabelSelector, template: PodTemplateSpec, at: Place): void {
  const labels = template.metadata?.labels;
  if (matchesSelector(selector, labels)) return;
  tellUnselected(template, at);
}

/** A map as Go prints it: its keys are sorted. */
function sortedMap(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A selector as Go prints it. */
export function shownSelector(selector: LabelSelector): unknown {
  const { matchLabels } = selector;
  return matchLabels === undefined
    ? selector
    : { ...selector, matchLabels: sortedMap(matchLabels) };
}

/** Says that a template makes pods that nothing selects. */
export function tellUnselected({ metadata }: PodTemplateSpec, at: Place): void {
  const { labels } = metadata ?? {};
  const shown = labels === undefined ? null : sortedMap(labels);
  at.at("metadata.labels").invalid(shown, "`selector` does not match template `labels`");
}

/** Checks a selector that must be there and select something; `kind` is what the server calls it. */
export function checkOwnSelector(selector: LabelSelector | undefined, kind: string, at: Place) {
  if (selector === undefined) return at.required();
  checkSelector(at.path, selector, at.faults);
  if (isEmptySelector(selector)) at.invalid(selector, `empty selector is invalid for ${kind}`);
}
