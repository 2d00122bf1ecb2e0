/**
 * Checks of claims of storage inside other objects: ephemeral volumes, templates of StatefulSets.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `ValidatePersistentVolumeClaimSpec`,
 * `ValidatePersistentVolumeClaimTemplate`.
 * Not modelled: sources of data.
 */
import type {
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimTemplate,
} from "../../kinds/pod/volume-source.js";
import { parseQuantity, printQuantity } from "../../shape/quantity.js";
import { checkAnnotations, checkLabels, checkSelector } from "../meta.js";
import { faultsOfSubdomain } from "../names.js";
import type { Place } from "../place.js";

const ACCESS_MODES: readonly string[] = [
  "ReadOnlyMany",
  "ReadWriteMany",
  "ReadWriteOnce",
  "ReadWriteOncePod",
];

/** Checks the template of a claim. */
export function checkClaimTemplate({ metadata, spec }: PersistentVolumeClaimTemplate, at: Place) {
  checkAnnotations(at.at("metadata.annotations").path, metadata?.annotations, at.faults);
  checkLabels(at.at("metadata.labels").path, metadata?.labels, at.faults);
  checkClaim(spec ?? {}, at.at("spec"));
}

/** Checks what a claim asks for. */
export function checkClaim(spec: PersistentVolumeClaimSpec, at: Place): void {
  const { accessModes = [], selector, storageClassName = "", volumeMode } = spec;
  const modes = at.at("accessModes");
  if (accessModes.length === 0) modes.required("at least 1 access mode is required");
  for (const mode of accessModes) modes.ifOneOf(mode, ACCESS_MODES);
  const others = accessModes.filter((m) => m !== "ReadWriteOncePod" && ACCESS_MODES.includes(m));
  if (accessModes.includes("ReadWriteOncePod") && others.length > 0) {
    modes.forbidden("may not use ReadWriteOncePod with other access modes");
  }
  if (selector !== undefined) checkSelector(at.at("selector").path, selector, at.faults);
  checkSize(spec, at.at("resources").item("storage"));
  if (storageClassName !== "") at.at("storageClassName").form(storageClassName, faultsOfSubdomain);
  at.at("volumeMode").ifOneOf(volumeMode, ["Block", "Filesystem"]);
  const attributes = spec.volumeAttributesClassName ?? "";
  if (attributes !== "") at.at("volumeAttributesClassName").form(attributes, faultsOfSubdomain);
}

function checkSize({ resources }: PersistentVolumeClaimSpec, at: Place): void {
  const amount = resources?.requests?.storage;
  if (amount === undefined) {
    at.required();
    return;
  }
  const size = parseQuantity(amount);
  if (size !== undefined && size.nano <= 0n) {
    at.invalid(printQuantity(size), "must be greater than zero");
  }
}
