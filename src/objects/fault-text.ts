/** Saying what is wrong with an object in the words that people know from `kubectl apply`. */
import type { Fault } from "../base/index.js";
import type { KubeObject } from "./kinds/kinds.js";
import { isFieldError, printFieldError } from "./shape/field-error.js";

/** The object that a fault is about, as far as it could be read. */
type Subject = Pick<KubeObject, "apiVersion" | "kind" | "metadata">;

/**
 * Adds to a fault which object it is about, and the sentence that the server would say:
 * `The Service "web" is invalid: spec.ports[0].port: Invalid value: 0: must be between …`.
 */
export function aboutObject(fault: Fault, object: Subject): Fault {
  const { name, namespace } = object.metadata;
  const { kind } = object;
  const subject = namespace === undefined ? { kind, name } : { kind, namespace, name };
  const text = sentenceOf(fault, object);
  return text === undefined ? { ...fault, subject } : { ...fault, subject, text };
}

function sentenceOf(fault: Fault, { apiVersion, kind, metadata }: Subject): string | undefined {
  const version = apiVersion.split("/").at(-1);
  const form = `${kind} in version "${version}" cannot be handled as a ${kind}`;
  if (isFieldError(fault)) {
    return `The ${kind} "${metadata.name}" is invalid: ${printFieldError(fault)}`;
  }
  if (fault.code === "wrong-type") return `${form}: ${fault.message}`;
  if (fault.code !== "unknown-field") return undefined;
  const meant = fault.expected === undefined ? "" : `, ${fault.expected}`;
  return `${form}: strict decoding error: ${fault.message}${meant}`;
}
