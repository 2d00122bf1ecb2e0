/**
 * Reading a custom resource. It is held to its definition while it is still JSON, because what the
 * definition refuses (a field that is missing, a wrong type) cannot be said of an object that has
 * its types.
 *
 * Follows: apiextensions-apiserver v0.35 pkg/registry/customresource `customResourceStrategy.Validate`.
 */
import type { Fault } from "../../base/index.js";
import { checkObjectMeta } from "../check/meta.js";
import { faultsOfSubdomain } from "../check/names.js";
import type { KindInfo, KubeObject } from "../kinds/kinds.js";
import { objectMeta } from "../kinds/meta.js";
import { decode } from "../shape/decode.js";
import type { StructShape } from "../shape/shape.js";
import { coerce, type JsonObject } from "./coerce.js";
import { checkRules } from "./rules.js";
import { checkSchema } from "./schema.js";

/** A custom resource, as far as it could be read, and everything that is wrong with it. */
export interface CustomResult {
  readonly object: KubeObject;
  readonly faults: readonly Fault[];
}

/** Faults of reading after which nothing more is checked, wherever they are. */
const STOPPING: readonly string[] = ["too-deep", "too-big"];

/** Reads a custom resource and holds it to its definition. */
export function readCustom({ shape, namespaced }: KindInfo, input: JsonObject): CustomResult {
  const definition = shape as StructShape<unknown>;
  const { json, faults: unknown } = coerce(definition, input);
  const { value, faults: found } = decode(shape, json);
  const object = value as KubeObject;
  const wrong = found.filter(({ code }) => STOPPING.includes(code));
  wrong.push(...faultsOfMeta(input.metadata ?? {}));
  if (wrong.some(({ code }) => code !== "unknown-field")) return { object, faults: wrong };
  const faults: Fault[] = [];
  checkObjectMeta(object.metadata, { namespaced, nameForm: faultsOfSubdomain }, faults);
  checkSchema(definition, json, faults);
  checkRules(definition, { ...json, metadata: object.metadata }, faults);
  return { object, faults: [...wrong, ...unknown, ...faults] };
}

/** Metadata are read as every object's are, but for themselves, and after their keys were sorted. */
function faultsOfMeta(metadata: unknown): readonly Fault[] {
  return decode(objectMeta, withSortedKeys(metadata)).faults.map((fault) => {
    const path = fault.path === "" ? "metadata" : `metadata.${fault.path}`;
    const message = fault.code === "unknown-field" ? `unknown field "${path}"` : fault.message;
    return { ...fault, path, message };
  });
}

/** Sorts the keys of an object and of the maps in it. */
function withSortedKeys(value: unknown, levels = 2): unknown {
  if (levels === 0 || typeof value !== "object" || value === null || Array.isArray(value)) {
    return value;
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([k, v]) => [k, withSortedKeys(v, levels - 1)]));
}
