/**
 * `--field-selector`: tests of the few fields that the API server can select by.
 *
 * Follows: apimachinery v0.35 pkg/fields/selector.go `ParseSelector`; kubernetes v1.35
 * pkg/apis/core/v1/conversion.go `AddFieldLabelConversionsFor…`.
 */
import type { Kind, KubeObject } from "../../objects/index.js";
import { mistake } from "./failure.js";

/** Fields besides the name and namespace, by kind. */
const FIELDS: Partial<Record<Kind, readonly string[]>> = {
  Pod: [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.podIPs",
    "status.nominatedNodeName",
  ],
  Node: ["spec.unschedulable"],
  Namespace: ["status.phase"],
  Service: ["spec.clusterIP", "spec.type"],
  Job: ["status.successful"],
  ReplicaSet: ["status.replicas"],
  IPAddress: ["spec.parentRef.resource", "spec.parentRef.name"],
};

/** Reads a selector into a test of objects. Errors: `CommandFailure` in the server's words. */
export function readFieldSelector(kind: Kind, text: string): (object: KubeObject) => boolean {
  const tests = text
    .split(",")
    .filter((term) => term !== "")
    .map((term) => {
      const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
      if (match === null) {
        throw mistake(`invalid selector: '${text}'; can't understand '${term}'`);
      }
      const [, path = "", operator, value] = match;
      const known = ["metadata.name", "metadata.namespace", ...(FIELDS[kind] ?? [])];
      if (!known.includes(path)) throw mistake(unsupported(kind, path));
      return (object: KubeObject) => (fieldOf(object, path) === value) === (operator !== "!=");
    });
  return (object) => tests.every((test) => test(object));
}

function unsupported(kind: Kind, path: string): string {
  const isOwn = FIELDS[kind] !== undefined;
  return isOwn
    ? `field label not supported: ${path}`
    : `${JSON.stringify(path)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

function fieldOf(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const step of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) {
      return path === "spec.unschedulable" || path === "spec.hostNetwork" ? "false" : "";
    }
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  if (path === "status.podIPs") {
    return (value as readonly { readonly ip: string }[]).map((p) => p.ip).join(",");
  }
  return String(value);
}
