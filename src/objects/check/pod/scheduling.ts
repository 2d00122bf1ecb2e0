/**
 * Checks of where a pod may run: affinity, tolerations, how pods are spread.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `validateAffinity`, `ValidateTolerations`,
 * `validateTopologySpreadConstraints`.
 */
import type { LabelSelector } from "../../kinds/meta.js";
import type {
  Affinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from "../../kinds/pod/scheduling.js";
import { checkSelector } from "../meta.js";
import {
  faultsOfLabel,
  faultsOfLabelValue,
  faultsOfQualifiedName,
  faultsOfSubdomain,
} from "../names.js";
import type { Place } from "../place.js";

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

/** Checks which nodes and which other pods a pod wants to be near to, or far from. */
export function checkAffinity({ nodeAffinity, podAffinity, podAntiAffinity }: Affinity, at: Place) {
  if (nodeAffinity !== undefined) {
    const place = at.at("nodeAffinity");
    const terms = nodeAffinity[REQUIRED]?.nodeSelectorTerms;
    const list = place.at(REQUIRED);
    if (terms?.length === 0) {
      list.at("nodeSelectorTerms").required("must have at least one node selector term");
    }
    list.each("nodeSelectorTerms", terms, (term, item) => checkNodeTerm(term, true, item));
    place.each(PREFERRED, nodeAffinity[PREFERRED], ({ preference, weight }, item) => {
      checkWeight(weight, item.at("weight"));
      checkNodeTerm(preference ?? {}, false, item.at("preference"));
    });
  }
  if (podAffinity !== undefined) checkPodAffinity(podAffinity, at.at("podAffinity"));
  if (podAntiAffinity !== undefined) checkPodAffinity(podAntiAffinity, at.at("podAntiAffinity"));
}

function checkWeight(weight: number, at: Place): void {
  if (weight < 1 || weight > 100) at.invalid(weight, "must be in the range 1-100");
}

/** Values of labels are looked at only where the term must hold. */
function checkNodeTerm(term: NodeSelectorTerm, isStrict: boolean, at: Place): void {
  at.each("matchExpressions", term.matchExpressions, (requirement, place) => {
    checkOperator(requirement, place);
    place.at("key").form(requirement.key, faultsOfQualifiedName);
    if (!isStrict) return;
    place.each("values", requirement.values, (value, item) => item.form(value, faultsOfLabelValue));
  });
  at.each("matchFields", term.matchFields, ({ key, operator, values = [] }, place) => {
    if (operator !== "In" && operator !== "NotIn") {
      place.at("operator").invalid(operator, "not a valid selector operator");
    } else if (values.length !== 1) {
      const message =
        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
      place.at("values").required(message);
    }
    if (key !== "metadata.name") {
      place.at("key").invalid(key, "not a valid field selector key");
    } else place.each("values", values, (value, item) => item.form(value, faultsOfSubdomain));
  });
}

function checkOperator({ operator, values = [] }: NodeSelectorRequirement, at: Place): void {
  const list = at.at("values");
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length > 0) return;
      list.required("must be specified when `operator` is 'In' or 'NotIn'");
      return;
    case "Exists":
    case "DoesNotExist":
      if (values.length === 0) return;
      list.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      return;
    case "Gt":
    case "Lt":
      if (values.length === 1) return;
      list.required("must be specified single value when `operator` is 'Lt' or 'Gt'");
      return;
    default:
      at.at("operator").invalid(operator, "not a valid selector operator");
      return;
  }
}

function checkPodAffinity(affinity: PodAffinity, at: Place): void {
  at.each(REQUIRED, affinity[REQUIRED], checkPodTerm);
  at.each(PREFERRED, affinity[PREFERRED], ({ podAffinityTerm, weight }, item) => {
    checkWeight(weight, item.at("weight"));
    checkPodTerm(podAffinityTerm ?? { topologyKey: "" }, item.at("podAffinityTerm"));
  });
}

function checkPodTerm(term: PodAffinityTerm, at: Place): void {
  for (const name of ["labelSelector", "namespaceSelector"] as const) {
    const selector = term[name];
    if (selector !== undefined) checkSelector(at.at(name).path, selector, at.faults);
  }
  for (const name of term.namespaces ?? []) at.at("namespace").form(name, faultsOfLabel);
  checkLabelKeys(term, at);
  const key = at.at("topologyKey");
  if (term.topologyKey === "") key.required("can not be empty");
  key.form(term.topologyKey, faultsOfQualifiedName);
}

/** Keys whose values are taken from the pod itself. */
interface LabelKeys {
  readonly labelSelector?: LabelSelector | undefined;
  readonly matchLabelKeys?: readonly string[] | undefined;
  readonly mismatchLabelKeys?: readonly string[] | undefined;
}

/** Follows: `ValidateMatchLabelKeysAndMismatchLabelKeys`. */
function checkLabelKeys(
  { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: LabelKeys,
  at: Place,
): void {
  for (const [name, keys] of Object.entries({ matchLabelKeys, mismatchLabelKeys })) {
    if (keys.length === 0) continue;
    if (labelSelector === undefined) {
      at.at(name).forbidden("must not be specified when labelSelector is not set");
    } else at.each(name, keys, (key, item) => item.form(key, faultsOfQualifiedName));
  }
  const known = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const i = matchLabelKeys.lastIndexOf(key);
    if (i >= 0 && known.has(key)) {
      at.item(i).invalid(key, "exists in both matchLabelKeys and labelSelector");
    }
    known.add(key);
  }
  at.each("matchLabelKeys", matchLabelKeys, (key, item) => {
    if (!mismatchLabelKeys.includes(key)) return;
    item.invalid(key, "exists in both matchLabelKeys and mismatchLabelKeys");
  });
}

const EFFECTS: readonly string[] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Checks a taint that a pod puts up with. */
export function checkToleration(toleration: Toleration, at: Place): void {
  const { effect = "", key = "", operator = "", tolerationSeconds, value = "" } = toleration;
  const place = at.at("operator");
  if (key !== "") at.at("key").form(key, faultsOfQualifiedName);
  else if (operator !== "Exists") {
    const all = 'which means "match all values and all keys"';
    place.invalid(operator, `operator must be Exists when \`key\` is empty, ${all}`);
  }
  if (tolerationSeconds !== undefined && effect !== "NoExecute") {
    const message = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    at.at("effect").invalid(effect, message);
  }
  if (operator === "" || operator === "Equal") {
    const wrong = faultsOfLabelValue(value);
    if (wrong.length > 0) place.invalid(value, wrong.join(";"));
  } else if (operator === "Exists") {
    if (value !== "") place.invalid(value, "value must be empty when `operator` is 'Exists'");
  } else {
    const isNumeric = operator === "Lt" || operator === "Gt";
    place.notSupported(operator, ["Equal", "Exists", ...(isNumeric ? ["Lt", "Gt"] : [])]);
  }
  if (effect !== "") at.at("effect").ifOneOf(effect, EFFECTS);
}

const ACTIONS: readonly string[] = ["DoNotSchedule", "ScheduleAnyway"];
const INCLUSIONS: readonly string[] = ["Honor", "Ignore"];

/** Checks how pods are spread over places. */
export function checkSpread(
  constraints: readonly TopologySpreadConstraint[] | undefined,
  at: Place,
): void {
  at.each("topologySpreadConstraints", constraints, (constraint, place) => {
    const { labelSelector, maxSkew, minDomains, topologyKey, whenUnsatisfiable } = constraint;
    if (maxSkew <= 0) place.at("maxSkew").invalid(maxSkew, "must be greater than zero");
    if (topologyKey === "") place.at("topologyKey").required("can not be empty");
    place.at("whenUnsatisfiable").ifOneOf(whenUnsatisfiable, ACTIONS);
    const same = (other: TopologySpreadConstraint) =>
      other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable;
    if (constraints?.findLast(same) !== constraint) {
      const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
      place.at("{topologyKey, whenUnsatisfiable}").duplicate(pair);
    }
    if (minDomains !== undefined) {
      const least = place.at("minDomains");
      if (minDomains <= 0) least.invalid(minDomains, "must be greater than zero");
      if (whenUnsatisfiable !== "DoNotSchedule") {
        const message = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
        least.invalid(minDomains, message);
      }
    }
    place.at("nodeAffinityPolicy").ifOneOf(constraint.nodeAffinityPolicy, INCLUSIONS);
    place.at("nodeTaintsPolicy").ifOneOf(constraint.nodeTaintsPolicy, INCLUSIONS);
    checkLabelKeys(constraint, place);
    if (labelSelector !== undefined) {
      checkSelector(place.at("labelSelector").path, labelSelector, place.faults);
    }
  });
}
