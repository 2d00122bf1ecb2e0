/**
 * Checks of what every object carries: metadata, labels, label selectors.
 *
 * Follows: apimachinery v0.35 pkg/api/validation/objectmeta.go, pkg/apis/meta/v1/validation.
 */
import type { Fault } from "../../base/index.js";
import type { LabelSelector, LabelSelectorRequirement, ObjectMeta } from "../kinds/meta.js";
import { forbidden, invalid, required, tooLong } from "../shape/field-error.js";
import { quote } from "../shape/go-text.js";
import {
  byteLength,
  checkForm,
  faultsOfLabel,
  faultsOfLabelValue,
  faultsOfQualifiedName,
  type NameForm,
} from "./names.js";
import { checkFinalizers, checkManagedFields, checkOwners } from "./ownership.js";

/** Most bytes in all annotations of one object. */
const MAX_ANNOTATION_BYTES = 256 * 1024;

/** How the metadata of a kind is checked. */
export interface MetaRules {
  readonly namespaced: boolean;
  readonly nameForm: NameForm;
  /** Whether the server keeps the generation that was given; others start at 1. Default: false. */
  readonly keepsGeneration?: boolean;
}

/** Checks the metadata of an object that is being created. */
export function checkObjectMeta(meta: ObjectMeta, rules: MetaRules, faults: Fault[]): void {
  const { generateName = "", namespace = "" } = meta;
  if (generateName !== "") {
    const probe = maskTrailingDash(generateName);
    for (const message of rules.nameForm(probe)) {
      faults.push(invalid("metadata.generateName", generateName, message));
    }
  }
  if (meta.name === "") {
    faults.push(required("metadata.name", "name or generateName is required"));
  } else checkForm("metadata.name", meta.name, rules.nameForm, faults);
  if (!rules.namespaced) {
    if (namespace !== "") faults.push(forbidden("metadata.namespace", "not allowed on this type"));
  } else if (namespace === "") faults.push(required("metadata.namespace"));
  else checkForm("metadata.namespace", namespace, faultsOfLabel, faults);
  if (rules.keepsGeneration === true && (meta.generation ?? 0) < 0) {
    const message = "must be greater than or equal to 0";
    faults.push(invalid("metadata.generation", meta.generation, message));
  }
  checkMetaRest(meta, faults);
}

/**
 * Checks the metadata of an object that takes the place of another.
 *
 * Follows: apimachinery v0.35 pkg/api/validation/objectmeta.go `ValidateObjectMetaAccessorUpdate`.
 */
export function checkMetaUpdate(meta: ObjectMeta, before: ObjectMeta, faults: Fault[]): void {
  if (before.deletionTimestamp !== undefined) {
    const added = (meta.finalizers ?? []).filter((f) => !before.finalizers?.includes(f));
    const shown = `[]string{${[...new Set(added)].sort(byText).map(quote).join(", ")}}`;
    const message = `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`;
    if (added.length > 0) faults.push(forbidden("metadata.finalizers", message));
  }
  checkFixed(meta, before, faults);
  checkMetaRest(meta, faults);
}

/** What an update leaves out it keeps; what it names must be what is there. */
function checkFixed(meta: ObjectMeta, before: ObjectMeta, faults: Fault[]): void {
  const { deletionGracePeriodSeconds, deletionTimestamp, uid = "" } = meta;
  const isNew = before.deletionTimestamp === undefined;
  const changed: Readonly<Record<string, boolean>> = {
    name: meta.name !== before.name,
    namespace: (meta.namespace ?? "") !== (before.namespace ?? ""),
    uid: uid !== "" && uid !== (before.uid ?? ""),
    deletionTimestamp: isNew && deletionTimestamp !== undefined,
    deletionGracePeriodSeconds:
      deletionGracePeriodSeconds !== undefined &&
      deletionGracePeriodSeconds !== before.deletionGracePeriodSeconds,
  };
  for (const [field, isChanged] of Object.entries(changed)) {
    if (!isChanged) continue;
    const value = meta[field as keyof ObjectMeta] ?? "";
    faults.push(invalid(`metadata.${field}`, value, "field is immutable"));
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Names that will get an ending may end in a dash. */
function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith("-") ? `${name.slice(0, -2)}a` : name;
}

function checkMetaRest(meta: ObjectMeta, faults: Fault[]): void {
  checkLabels("metadata.labels", meta.labels, faults);
  checkAnnotations("metadata.annotations", meta.annotations, faults);
  if (meta.ownerReferences !== undefined) checkOwners(meta.ownerReferences, faults);
  if (meta.finalizers !== undefined) checkFinalizers(meta.finalizers, faults);
  if (meta.managedFields !== undefined) checkManagedFields(meta.managedFields, faults);
}

/** Checks labels, or any map of that form such as a selector. */
export function checkLabels(
  path: string,
  labels: Readonly<Record<string, string>> | undefined,
  faults: Fault[],
): void {
  if (labels === undefined) return;
  for (const key of Object.keys(labels)) {
    checkForm(path, key, faultsOfQualifiedName, faults);
    checkForm(path, labels[key] as string, faultsOfLabelValue, faults);
  }
}

/** Checks annotations; case of keys does not matter. */
export function checkAnnotations(
  path: string,
  annotations: Readonly<Record<string, string>> | undefined,
  faults: Fault[],
): void {
  if (annotations === undefined) return;
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    for (const message of faultsOfQualifiedName(key.toLowerCase())) {
      faults.push(invalid(path, key, message));
    }
    bytes += byteLength(key) + byteLength(value);
  }
  if (bytes > MAX_ANNOTATION_BYTES) faults.push(tooLong(path, MAX_ANNOTATION_BYTES));
}

/** Checks a label selector. */
export function checkSelector(path: string, selector: LabelSelector, faults: Fault[]): void {
  checkLabels(`${path}.matchLabels`, selector.matchLabels, faults);
  selector.matchExpressions?.forEach((requirement, i) => {
    checkRequirement(`${path}.matchExpressions[${i}]`, requirement, faults);
  });
}

function checkRequirement(
  path: string,
  requirement: LabelSelectorRequirement,
  faults: Fault[],
): void {
  const values = requirement.values ?? [];
  const operator: string = requirement.operator;
  if (operator === "In" || operator === "NotIn") {
    if (values.length === 0) {
      const message = "must be specified when `operator` is 'In' or 'NotIn'";
      faults.push(required(`${path}.values`, message));
    }
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (values.length > 0) {
      const message = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      faults.push(forbidden(`${path}.values`, message));
    }
  } else {
    faults.push(invalid(`${path}.operator`, operator, "not a valid selector operator"));
  }
  checkForm(`${path}.key`, requirement.key, faultsOfQualifiedName, faults);
  values.forEach((value, i) => {
    checkForm(`${path}.values[${i}]`, value, faultsOfLabelValue, faults);
  });
}
