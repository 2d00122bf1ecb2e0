/**
 * The environment of a container in `kubectl describe`.
 *
 * Follows: kubectl v0.35 pkg/describe/describe.go `describeContainerEnvVars`; component-helpers
 * v0.35 resource/helpers.go `ExtractContainerResourceValue`; kubernetes v1.35 pkg/fieldpath.
 */
import { type Container, type EnvVar, type Pod, parseQuantity } from "../../objects/index.js";
import { compareText } from "../tables/labels.js";
import type { DescribeWriter } from "./writer.js";

/** Writes where variables come from and what they are; `pod` gives the values of its own fields. */
export function writeEnvironment(
  w: DescribeWriter,
  container: Container,
  pod: Pod | undefined,
): void {
  const from = container.envFrom ?? [];
  if (from.length > 0) w.line(2, "Environment Variables from:");
  for (const { configMapRef, prefix, secretRef } of from) {
    const ref = configMapRef ?? secretRef;
    const kind = configMapRef !== undefined ? "ConfigMap" : "Secret";
    const how = prefix ? `${kind} with prefix '${prefix}'` : kind;
    w.line(3, `${ref?.name ?? ""}\t${how}\tOptional: ${ref?.optional === true}`);
  }
  const env = container.env ?? [];
  w.line(2, `Environment:${env.length === 0 ? "\t<none>" : ""}`);
  for (const variable of env) writeVariable(w, variable, container, pod);
}

function writeVariable(
  w: DescribeWriter,
  { name, value, valueFrom }: EnvVar,
  container: Container,
  pod: Pod | undefined,
): void {
  if (valueFrom === undefined) {
    (value ?? "").split("\n").forEach((line, i) => {
      w.line(3, `${i === 0 ? `${name}:` : ""}\t${line}`);
    });
    return;
  }
  const { configMapKeyRef, fieldRef, resourceFieldRef, secretKeyRef } = valueFrom;
  if (fieldRef !== undefined) {
    const { apiVersion = "v1", fieldPath } = fieldRef;
    const shown = pod === undefined ? "" : fieldOf(pod, fieldPath);
    w.line(3, `${name}:\t${shown} (${apiVersion}:${fieldPath})`);
  } else if (resourceFieldRef !== undefined) {
    const { divisor, resource } = resourceFieldRef;
    const amount = amountOf(container, resource, divisor);
    const isLimit = resource === "limits.cpu" || resource === "limits.memory";
    w.line(3, `${name}:\t${amount === "0" && isLimit ? "node allocatable" : amount} (${resource})`);
  } else if (secretKeyRef !== undefined) {
    const text = `<set to the key '${secretKeyRef.key}' in secret '${secretKeyRef.name ?? ""}'>`;
    w.line(3, `${name}:\t${text}\tOptional: ${secretKeyRef.optional === true}`);
  } else if (configMapKeyRef !== undefined) {
    const { key, name: map = "", optional } = configMapKeyRef;
    const text = `<set to the key '${key}' of config map '${map}'>`;
    w.line(3, `${name}:\t${text}\tOptional: ${optional === true}`);
  }
}

/**
 * A field of the pod as a text. kubectl itself knows but these; a single label or annotation, and what
 * only the kubelet knows, are empty.
 */
function fieldOf({ metadata }: Pod, path: string): string {
  switch (path) {
    case "metadata.name":
      return metadata.name;
    case "metadata.namespace":
      return metadata.namespace ?? "";
    case "metadata.uid":
      return metadata.uid ?? "";
    case "metadata.labels":
      return lines(metadata.labels);
    case "metadata.annotations":
      return lines(metadata.annotations);
    default:
      return "";
  }
}

function lines(texts: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(texts ?? {}).sort(compareText);
  return keys.map((key) => `${key}=${JSON.stringify(texts?.[key])}`).join("\n");
}

/** An amount in units of the divisor, rounded up. */
function amountOf(container: Container, resource: string, divisor: string | undefined): string {
  const match = /^(limits|requests)\.(.+)$/.exec(resource);
  const amounts = container.resources?.[match?.[1] as "limits" | "requests"];
  const amount = parseQuantity(amounts?.[match?.[2] ?? ""] ?? "0");
  const unit = parseQuantity(divisor === undefined || divisor === "0" ? "1" : divisor);
  if (match === null || amount === undefined || unit === undefined || unit.nano === 0n) return "";
  return String((amount.nano + unit.nano - 1n) / unit.nano);
}
