/**
 * The printed form of an object: the JSON value that the API server would answer with. Fields that
 * are empty and may be left out are left out; structs by value are printed even when empty.
 */
import { NIL_LIST } from "./nil-list.js";
import type { Field, Mode, Shape, StructShape } from "./shape.js";

/**
 * Turns an object into the JSON value that the server prints, keys in declared order.
 *
 * Laws: decoding what is printed gives the same printed form again.
 * Follows: encoding/json with the tags of k8s.io/api v0.35.
 */
export function toJson<T>(shape: StructShape<T>, value: T): Record<string, unknown> {
  return structToJson(shape as StructShape<unknown>, value as Record<string, unknown>);
}

function structToJson(
  shape: StructShape<unknown>,
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const name of shape.names) {
    const field = shape.fields[name] as Field<unknown, Mode>;
    const printed = fieldToJson(field, value[name]);
    if (printed !== undefined) out[name] = printed;
  }
  return out;
}

function fieldToJson(field: Field<unknown, Mode>, value: unknown): unknown {
  const { mode, shape } = field;
  if (value === undefined || value === null) {
    if (mode === "val") return shape.kind === "struct" ? structToJson(shape, {}) : null;
    return mode === "req" ? emptyToJson(shape) : undefined;
  }
  if ((mode === "opt" || mode === "have") && isZero(value)) return undefined;
  return valueToJson(shape, value);
}

function valueToJson(shape: Shape<unknown>, value: unknown): unknown {
  switch (shape.kind) {
    case "struct":
      return structToJson(shape, value as Readonly<Record<string, unknown>>);
    case "list":
      if (value === NIL_LIST) return null;
      return (value as readonly unknown[]).map((item) => valueToJson(shape.item, item));
    case "map": {
      const entries = Object.entries(value as Readonly<Record<string, unknown>>);
      return Object.fromEntries(entries.map(([k, v]) => [k, valueToJson(shape.value, v)]));
    }
    default:
      return value;
  }
}

/** What a field that is always printed shows when nothing is there. */
function emptyToJson(shape: Shape<unknown>): unknown {
  if (shape.kind === "struct") return structToJson(shape, {});
  if (shape.kind === "list" || shape.kind === "map" || shape.kind === "any") return null;
  if (shape.kind === "bool") return false;
  return shape.kind === "int" || shape.kind === "float" || shape.kind === "intOrString" ? 0 : "";
}

function isZero(value: unknown): boolean {
  if (value === "" || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
