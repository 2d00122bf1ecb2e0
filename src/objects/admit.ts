/**
 * The door for objects that a program made: they are decoded, defaulted and checked as loaded ones
 * are. What has been loaded is frozen and goes through as it is.
 */
import type { Fault } from "../base/index.js";
import { checkObject } from "./check/object.js";
import { KINDS, type KubeObject } from "./kinds/kinds.js";
import { readObject } from "./read-object.js";

/** An object at the door, and what is wrong with it. */
export interface Admission {
  readonly object: KubeObject;
  readonly faults: readonly Fault[];
}

/**
 * Decodes, defaults and checks an object that was made by a program.
 *
 * Shape: the input is not changed; a frozen object comes back itself. A Service is checked when it is
 * given its addresses (`createService`, `updateService`).
 */
export function admitObject(object: KubeObject): Admission {
  if (Object.isFrozen(object)) return { object, faults: [] };
  const read = readObject(object);
  if (read.kind === "bad") return { object, faults: read.faults };
  if (read.kind === "other") {
    const message = `no matches for kind ${JSON.stringify(read.objectKind)} in version ${JSON.stringify(read.apiVersion)}`;
    return { object, faults: [{ code: "no-kind", path: "kind", value: read.objectKind, message }] };
  }
  const isChecked = read.object.kind === "Service" || KINDS[read.object.kind].isCustom;
  const faults = isChecked ? [] : checkObject(read.object);
  return { object: read.object, faults: [...read.faults, ...faults] };
}
