/**
 * Checks of references from a pod's variables and volumes to the pod's own fields and resources.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `validateObjectFieldSelector`,
 * `validateContainerResourceFieldSelector`, pkg/apis/core/pods/helpers.go
 * `ConvertDownwardAPIFieldLabel`, pkg/fieldpath `SplitMaybeSubscriptedPath`.
 */
import type { ObjectFieldSelector, ResourceFieldSelector } from "../../kinds/pod/volume-source.js";
import { parseQuantity } from "../../shape/quantity.js";
import { faultsOfQualifiedName } from "../names.js";
import type { Place } from "../place.js";

/** Fields of a pod that can be named at all. */
const FIELDS: readonly string[] = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.host",
  "spec.nodeName",
  "spec.restartPolicy",
  "spec.serviceAccountName",
  "spec.schedulerName",
  "status.phase",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];

/** Checks a reference to a field of the pod; `accepted` is what may be shown there. */
export function checkFieldRef(
  ref: ObjectFieldSelector,
  accepted: readonly string[],
  at: Place,
): void {
  const { apiVersion = "", fieldPath } = ref;
  const field = at.at("fieldPath");
  if (apiVersion === "") {
    at.at("apiVersion").required();
    return;
  }
  if (fieldPath === "") {
    field.required();
    return;
  }
  const [, holder, key] = /^(.+?)\['(.*)'\]$/s.exec(fieldPath) ?? [];
  const wrong = explainBadPath(apiVersion, fieldPath, holder);
  if (wrong !== undefined) {
    field.invalid(fieldPath, `error converting fieldPath: ${wrong}`);
    return;
  }
  if (holder !== undefined) {
    const text = key as string;
    const name = holder === "metadata.annotations" ? text.toLowerCase() : text;
    at.form(name, faultsOfQualifiedName);
    return;
  }
  const shown = fieldPath === "spec.host" ? "spec.nodeName" : fieldPath;
  if (!accepted.includes(shown)) field.notSupported(shown, [...accepted].sort(byText));
}

function explainBadPath(
  version: string,
  path: string,
  holder: string | undefined,
): string | undefined {
  if (version !== "v1") return `unsupported pod version: ${version}`;
  if (holder !== undefined) {
    const takesKeys = holder === "metadata.annotations" || holder === "metadata.labels";
    return takesKeys ? undefined : `field label does not support subscript: ${path}`;
  }
  return FIELDS.includes(path) ? undefined : `field label not supported: ${path}`;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

const RESOURCES: readonly string[] = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];
const HUGE_PAGES = /^(requests|limits)\.hugepages-/;
const CPU_UNITS: readonly string[] = ["1m", "1"];
const BYTE_UNITS = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";

/** Checks a reference to a resource of a container; in a volume it must name the container. */
export function checkResourceRef(
  { containerName = "", divisor, resource }: ResourceFieldSelector,
  { isVolume }: { readonly isVolume: boolean },
  at: Place,
): void {
  if (isVolume && containerName === "") at.at("containerName").required();
  else if (resource === "") at.at("resource").required();
  else if (!RESOURCES.includes(resource) && !HUGE_PAGES.test(resource)) {
    at.at("resource").notSupported(resource, RESOURCES);
  }
  if (divisor === undefined || parseQuantity(divisor)?.nano === 0n) return;
  const what = resource.replace(/^(limits|requests)\./, "");
  if (what === "cpu") {
    if (CPU_UNITS.includes(divisor)) return;
    const message = "only divisor's values 1m and 1 are supported with the cpu resource";
    at.at("divisor").invalid(resource, message);
    return;
  }
  const name = HUGE_PAGES.test(resource) ? "hugepages" : BYTE_NAMES.get(what);
  if (name === undefined || BYTE_UNITS.split(", ").includes(divisor)) return;
  const message = `only divisor's values ${BYTE_UNITS} are supported with the ${name} resource`;
  at.at("divisor").invalid(resource, message);
}

const BYTE_NAMES: ReadonlyMap<string, string> = new Map([
  ["memory", "memory"],
  ["ephemeral-storage", "local ephemeral storage"],
]);
