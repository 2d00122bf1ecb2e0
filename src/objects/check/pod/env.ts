/**
 * Checks of the environment of a container: where each variable gets its value from.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `ValidateEnv`, `ValidateEnvFrom`.
 */
import type { Container, EnvVar } from "../../kinds/pod/container.js";
import type { Volume } from "../../kinds/pod/volume.js";
import { faultsOfConfigKey, faultsOfEnvName, faultsOfLabel, faultsOfSubdomain } from "../names.js";
import type { Place } from "../place.js";
import { checkFieldRef, checkResourceRef } from "./downward.js";
import { checkNoBacksteps } from "./path.js";

const SOURCES = [
  "fieldRef",
  "resourceFieldRef",
  "configMapKeyRef",
  "secretKeyRef",
  "fileKeyRef",
] as const;

/** Fields of a pod that a variable can show. */
const SHOWN_FIELDS: readonly string[] = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];

/** Checks the variables of a container. */
export function checkEnv({ env, envFrom }: Container, at: Place): void {
  at.each("env", env, (variable, place) => {
    place.at("name").needs(variable.name, faultsOfEnvName);
    if (variable.valueFrom !== undefined) checkValueFrom(variable, place.at("valueFrom"));
  });
  const list = at.at("envFrom");
  at.each("envFrom", envFrom, ({ configMapRef, prefix = "", secretRef }, place) => {
    if (prefix !== "") place.at("prefix").form(prefix, faultsOfEnvName);
    if (configMapRef !== undefined) {
      place.at("configMapRef.name").needs(configMapRef.name, faultsOfPrefix);
    }
    if (secretRef !== undefined) place.at("secretRef.name").needs(secretRef.name, faultsOfPrefix);
    if (configMapRef === undefined && secretRef === undefined) {
      list.invalid("", "must specify one of: `configMapRef` or `secretRef`");
    } else if (configMapRef !== undefined && secretRef !== undefined) {
      list.invalid("", "may not have more than one field specified at a time");
    }
  });
}

/** Names that may still get an ending, so that a dash may be their last letter. */
function faultsOfPrefix(text: string): readonly string[] {
  return faultsOfSubdomain(text.length > 1 && text.endsWith("-") ? `${text.slice(0, -2)}a` : text);
}

function checkValueFrom({ value = "", valueFrom = {} }: EnvVar, at: Place): void {
  const { configMapKeyRef, fieldRef, fileKeyRef, resourceFieldRef, secretKeyRef } = valueFrom;
  if (fieldRef !== undefined) checkFieldRef(fieldRef, SHOWN_FIELDS, at.at("fieldRef"));
  if (resourceFieldRef !== undefined) {
    checkResourceRef(resourceFieldRef, { isVolume: false }, at.at("resourceFieldRef"));
  }
  for (const [name, ref] of Object.entries({ configMapKeyRef, secretKeyRef })) {
    if (ref === undefined) continue;
    at.at(`${name}.name`).form(ref.name ?? "", faultsOfSubdomain);
    at.at(`${name}.key`).needs(ref.key, faultsOfConfigKey);
  }
  if (fileKeyRef !== undefined) {
    at.at("fileKeyRef.key").needs(fileKeyRef.key, faultsOfEnvName);
    at.at("fileKeyRef.volumeName").needs(fileKeyRef.volumeName, faultsOfLabel);
    const path = at.at("fileKeyRef.path");
    if (fileKeyRef.path === "") path.required();
    else checkNoBacksteps(fileKeyRef.path, path);
  }
  checkCount(SOURCES.filter((name) => valueFrom[name] !== undefined).length, value, at);
}

function checkCount(count: number, value: string, at: Place): void {
  if (count === 0) {
    const names = SOURCES.map((name) => `\`${name}\``);
    at.invalid("", `must specify one of: ${names.slice(0, -1).join(", ")} or ${names.at(-1)}`);
  } else if (value !== "") at.invalid("", "may not be specified when `value` is not empty");
  else if (count > 1) at.invalid("", "may not have more than one field specified at a time");
}

/** A variable can be read from a file of an empty directory only. */
export function checkEnvFiles(
  { env }: Container,
  volumes: readonly Volume[] | undefined,
  at: Place,
): void {
  at.each("env", env, ({ valueFrom }, place) => {
    if (valueFrom?.fileKeyRef === undefined) return;
    const { volumeName } = valueFrom.fileKeyRef;
    const name = place.at("valueFrom.fileKeyRef.volumeName");
    const volume = volumes?.findLast((v) => v.name === volumeName);
    if (volume === undefined) name.notFound(volumeName);
    else if (volume.emptyDir === undefined) {
      name.invalid(volumeName, "referenced volume must be of type emptyDir");
    }
  });
}
