/**
 * What the API server makes of a custom resource before it checks it: fields that its definition
 * does not know are dropped and told, nulls are dropped, defaults are filled in.
 *
 * Follows: apiextensions-apiserver v0.35 pkg/apiserver/customresource_handler.go
 * `unstructuredSchemaCoercer.apply`, pkg/apiserver/schema/pruning, pkg/apiserver/schema/defaulting.
 */
import type { Fault } from "../../base/index.js";
import { MAX_DEPTH, setOwn } from "../shape/decode.js";
import { nearest } from "../shape/nearest.js";
import { printPath } from "../shape/path.js";
import type { Field, Mode, Shape, StructShape } from "../shape/shape.js";

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

interface Context {
  readonly path: (string | number)[];
  readonly faults: Fault[];
}

/** A custom resource that has been cleaned, and what was not known in it. */
export interface Coerced {
  readonly json: JsonObject;
  /** Of code `unknown-field`. */
  readonly faults: readonly Fault[];
}

/** Cleans a custom resource; its metadata are left as they are. The input is not changed. */
export function coerce(shape: StructShape<unknown>, input: JsonObject): Coerced {
  const context: Context = { path: [], faults: [] };
  const { metadata, ...rest } = input;
  const json = coerceStruct(shape, rest, context);
  const faults = context.faults.filter(({ path }) => path !== "metadata");
  return { json: metadata === undefined ? json : { ...json, metadata }, faults };
}

function coerceValue(shape: Shape<unknown> | undefined, value: unknown, context: Context): unknown {
  if (typeof value !== "object" || value === null || context.path.length > MAX_DEPTH) return value;
  if (Array.isArray(value)) {
    const item = shape?.kind === "list" ? shape.item : undefined;
    return value.map((each, i) => at(i, context, () => coerceValue(item, each, context)));
  }
  const object = value as JsonObject;
  if (shape?.kind === "struct") return coerceStruct(shape, object, context);
  if (shape?.kind === "map") return coerceMap(shape.value, object, context);
  for (const key of Object.keys(object)) tellUnknown(key, [], context);
  return {};
}

function coerceStruct(shape: StructShape<unknown>, given: JsonObject, context: Context) {
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(shape.fields, key)) {
      tellUnknown(key, shape.names, context);
      continue;
    }
    const field = shape.fields[key] as Field<unknown, Mode>;
    const value = given[key] ?? field.default;
    if (value === undefined) continue;
    out[key] = at(key, context, () => coerceValue(field.shape, value, context));
  }
  for (const name of shape.filled) {
    const { default: filling } = shape.fields[name] as Field<unknown, Mode>;
    if (filling !== undefined && !Object.hasOwn(given, name)) out[name] = filling;
  }
  return out;
}

function coerceMap(shape: Shape<unknown>, given: JsonObject, context: Context) {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    if (value === null) continue;
    setOwn(
      out,
      key,
      at(key, context, () => coerceValue(shape, value, context)),
    );
  }
  return out;
}

function at<T>(step: string | number, context: Context, then: () => T): T {
  context.path.push(step);
  const result = then();
  context.path.pop();
  return result;
}

function tellUnknown(key: string, known: readonly string[], context: Context): void {
  const path = printPath([...context.path, key]);
  const meant = nearest(key, known);
  context.faults.push({
    code: "unknown-field",
    path,
    message: `unknown field "${path}"`,
    ...(meant === undefined ? {} : { expected: `did you mean ${JSON.stringify(meant)}?` }),
  });
}
