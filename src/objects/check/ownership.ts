/**
 * Checks of what metadata says about others: owners, finalizers, and who manages which fields.
 *
 * Follows: apimachinery v0.35 pkg/api/validation/objectmeta.go.
 */
import type { Fault } from "../../base/index.js";
import type { ManagedFieldsEntry, OwnerReference } from "../kinds/meta.js";
import { invalid, tooLong } from "../shape/field-error.js";
import { isPrintable } from "../shape/go-text.js";

import { byteLength, checkForm, faultsOfQualifiedName } from "./names.js";

/** Finalizers whose names need no domain before them. */
const STANDARD_FINALIZERS: readonly string[] = ["kubernetes", "orphan", "foregroundDeletion"];

/** Follows: kubernetes v1.35 pkg/apis/core/validation `validateKubeFinalizerName`. */
export function checkFinalizers(finalizers: readonly string[], faults: Fault[]): void {
  const path = "metadata.finalizers";
  for (const finalizer of finalizers) checkForm(path, finalizer, faultsOfQualifiedName, faults);
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    const message = "finalizer orphan and foregroundDeletion cannot be both set";
    faults.push(invalid(path, finalizers, message));
  }
  finalizers.forEach((finalizer, i) => {
    if (isFinalizerName(finalizer)) return;
    faults.push(invalid(`metadata.finalizers[${i}]`, finalizer, NO_FINALIZER_NAME));
  });
}

/** What is said of a finalizer without a domain that Kubernetes does not know. */
export const NO_FINALIZER_NAME =
  "name is neither a standard finalizer name nor is it fully qualified";

/** Whether a finalizer has a domain, or is one that Kubernetes itself knows. */
export function isFinalizerName(finalizer: string): boolean {
  return finalizer.includes("/") || STANDARD_FINALIZERS.includes(finalizer);
}

/** Longest name of a field manager, in characters, and of a subresource, in bytes. */
const MAX_MANAGER = 128;
const MAX_SUBRESOURCE = 256;

/** Follows: apimachinery v0.35 pkg/apis/meta/v1/validation `ValidateManagedFields`. */
export function checkManagedFields(entries: readonly ManagedFieldsEntry[], faults: Fault[]): void {
  entries.forEach((entry, i) => {
    const path = `metadata.managedFields[${i}]`;
    const { operation = "", fieldsType = "", manager = "", subresource = "" } = entry;
    if (operation !== "Apply" && operation !== "Update") {
      faults.push(invalid(`${path}.operation`, operation, "must be `Apply` or `Update`"));
    }
    if (fieldsType !== "" && fieldsType !== "FieldsV1") {
      faults.push(invalid(`${path}.fieldsType`, fieldsType, "must be `FieldsV1`"));
    }
    checkManager(`${path}.manager`, manager, faults);
    if (byteLength(subresource) > MAX_SUBRESOURCE) {
      faults.push(tooLong(`${path}.subresource`, MAX_SUBRESOURCE));
    }
  });
}

function checkManager(path: string, manager: string, faults: Fault[]): void {
  if (byteLength(manager) > MAX_MANAGER) faults.push(tooLong(path, MAX_MANAGER));
  let at = 0;
  for (const char of manager) {
    if (!isPrintable(char)) {
      const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      const message = `invalid character U+${code} (at position ${at})`;
      faults.push(invalid(path, manager, message));
    }
    at += byteLength(char);
  }
}

/** Follows: apimachinery v0.35 pkg/api/validation/objectmeta.go `ValidateOwnerReferences`. */
export function checkOwners(owners: readonly OwnerReference[], faults: Fault[]): void {
  const path = "metadata.ownerReferences";
  let first: string | undefined;
  for (const owner of owners) {
    checkOwner(path, owner, faults);
    if (owner.controller !== true) continue;
    const name = `${owner.kind}/${owner.name}`;
    if (first === undefined) first = name;
    else {
      const message = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${name}`;
      faults.push(invalid(path, owners, message));
    }
  }
}

function checkOwner(path: string, owner: OwnerReference, faults: Fault[]): void {
  const { apiVersion, kind, name, uid } = owner;
  if (versionOf(apiVersion) === "") {
    faults.push(invalid(`${path}.apiVersion`, apiVersion, "version must not be empty"));
  }
  const nonEmpty = { kind, name, uid };
  for (const [field, value] of Object.entries(nonEmpty)) {
    if (value === "") faults.push(invalid(`${path}.${field}`, value, "must not be empty"));
  }
  if (apiVersion === "v1" && kind === "Event") {
    const message = "/v1, Kind=Event is disallowed from being an owner";
    faults.push(invalid(path, owner, message));
  }
}

/** The version of an apiVersion; empty where it has none. */
function versionOf(apiVersion: string): string {
  const parts = apiVersion.split("/");
  return parts.length > 2 ? "" : (parts[parts.length - 1] as string);
}
