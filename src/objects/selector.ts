/**
 * Label selectors: which labels a selector selects, and how one is printed.
 *
 * An empty selector selects everything; an absent one selects nothing, which is for the caller to
 * know. `NotIn` and `DoesNotExist` select what lacks the label.
 */
import { unreachable } from "../base/index.js";
import { faultsOfLabelValue, faultsOfQualifiedName } from "./check/names.js";
import type { LabelSelector, LabelSelectorRequirement } from "./kinds/meta.js";
import type { PolicySelector } from "./kinds/network/policy-api.js";

/** Labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Says whether a selector selects an object with these labels.
 *
 * Follows: Kubernetes v1.35 apimachinery pkg/apis/meta/v1/helpers.go `LabelSelectorAsSelector`,
 * pkg/labels/selector.go `Requirement.Matches`.
 */
export function matchesSelector(selector: LabelSelector, labels: Labels | undefined): boolean {
  const wanted = selector.matchLabels;
  if (wanted !== undefined && !matchesLabels(wanted, labels)) return false;
  const expressions = selector.matchExpressions;
  return expressions === undefined || expressions.every((e) => matchesRequirement(e, labels));
}

/** Says whether an object has all of these labels: the selector of a Service. */
export function matchesLabels(wanted: Labels, labels: Labels | undefined): boolean {
  for (const key of Object.keys(wanted)) {
    if (labelOf(labels, key) !== wanted[key]) return false;
  }
  return true;
}

/** Says whether one requirement holds for these labels. */
export function matchesRequirement(
  requirement: LabelSelectorRequirement,
  labels: Labels | undefined,
): boolean {
  const value = labelOf(labels, requirement.key);
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return unreachable(requirement.operator);
  }
}

function labelOf(labels: Labels | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** Says whether a selector is empty, and so selects everything. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return (
    Object.keys(selector.matchLabels ?? {}).length === 0 &&
    (selector.matchExpressions ?? []).length === 0
  );
}

/** A selector that selects nothing. */
const NOTHING: LabelSelector = {
  matchExpressions: [{ key: "nothing", operator: "In", values: [] }],
};

/**
 * The selector of a custom resource as one that can be asked. A server takes any text in it; what no
 * program can ask (an unknown operator, `In` without values, a text that is no label) selects nothing.
 *
 * Follows: Kubernetes v1.35 apimachinery pkg/apis/meta/v1/helpers.go `LabelSelectorAsSelector`,
 * pkg/labels/selector.go `NewRequirement`.
 */
export function askableSelector(selector: PolicySelector): LabelSelector {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const canAsk =
    Object.entries(matchLabels).every(([key, value]) => isKey(key) && isValue(value)) &&
    matchExpressions.every((e) => isKey(e.key) && isAskable(e.operator, e.values ?? []));
  return canAsk ? (selector as LabelSelector) : NOTHING;
}

function isAskable(operator: string, values: readonly string[]): boolean {
  if (operator === "Exists" || operator === "DoesNotExist") return values.length === 0;
  if (operator !== "In" && operator !== "NotIn") return false;
  return values.length > 0 && values.every(isValue);
}

function isKey(text: string): boolean {
  return faultsOfQualifiedName(text).length === 0;
}

function isValue(text: string): boolean {
  return faultsOfLabelValue(text).length === 0;
}
