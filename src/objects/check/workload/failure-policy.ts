/**
 * Checks of what a Job makes of pods that fail.
 *
 * Follows: kubernetes v1.35 pkg/apis/batch/validation `validatePodFailurePolicy`.
 */
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from "../../kinds/workload/batch.js";
import { tooMany } from "../../shape/field-error.js";
import { faultsOfQualifiedName } from "../names.js";
import type { Place } from "../place.js";
import { specOf } from "./template.js";

const ACTIONS: readonly string[] = ["Count", "FailIndex", "FailJob", "Ignore"];
const OPERATORS: readonly string[] = ["In", "NotIn"];
const STATUSES: readonly string[] = ["False", "True", "Unknown"];

/** Most rules, most exit codes of a rule, most conditions of a rule. */
const MAX_RULES = 20;
const MAX_CODES = 255;
const MAX_CONDITIONS = 20;

/** Checks the failure policy of a Job. */
export function checkFailurePolicy(spec: JobSpec, at: Place): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  checkMost(rules, MAX_RULES, at.at("rules"));
  const { containers, initContainers = [] } = specOf(spec.template);
  const names = [...containers, ...initContainers].map(({ name }) => name);
  at.each("rules", rules, (rule, place) => checkRule(rule, spec, names, place));
}

function checkMost(list: readonly unknown[], most: number, at: Place): void {
  if (list.length > most) at.faults.push(tooMany(at.path, list.length, most));
}

function validValues(values: readonly string[]): string {
  return `valid values: [${values.map((value) => `"${value}"`).join(" ")}]`;
}

function checkRule(
  { action, onExitCodes, onPodConditions = [] }: PodFailurePolicyRule,
  spec: JobSpec,
  names: readonly string[],
  at: Place,
): void {
  const place = at.at("action");
  if (action === "FailIndex") {
    if (spec.backoffLimitPerIndex === undefined) {
      place.invalid(action, "requires the backoffLimitPerIndex to be set");
    }
  } else place.oneOf(action, ACTIONS, validValues(ACTIONS));
  if (onExitCodes !== undefined) checkExitCodes(onExitCodes, names, at.at("onExitCodes"));
  checkMost(onPodConditions, MAX_CONDITIONS, at.at("onPodConditions"));
  at.each("onPodConditions", onPodConditions, ({ status, type }, condition) => {
    condition.at("type").form(type, faultsOfQualifiedName);
    condition.at("status").oneOf(status, STATUSES, validValues(STATUSES));
  });
  if (onExitCodes === undefined && onPodConditions.length === 0) {
    at.invalid(null, "specifying one of OnExitCodes and OnPodConditions is required");
  } else if (onExitCodes !== undefined && onPodConditions.length > 0) {
    at.invalid(null, "specifying both OnExitCodes and OnPodConditions is not supported");
  }
}

function checkExitCodes(
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
  names: readonly string[],
  at: Place,
): void {
  at.at("operator").oneOf(operator, OPERATORS, validValues(OPERATORS));
  if (containerName !== undefined && !names.includes(containerName)) {
    const message = "must be one of the container or initContainer names in the pod template";
    at.at("containerName").invalid(containerName, message);
  }
  const list = at.at("values");
  if (values.length === 0) list.invalid(values, "at least one value is required");
  else checkMost(values, MAX_CODES, list);
  at.each("values", values, (code, place) => {
    if (operator === "In" && code === 0) place.invalid(code, "must not be 0 for the In operator");
  });
  values.forEach((code, i) => {
    if (values.indexOf(code) < i) list.item(i).duplicate(code);
  });
  const isOrdered = values.every((code, i) => i === 0 || (values[i - 1] as number) <= code);
  if (!isOrdered) list.invalid(values, "must be ordered");
}
