/**
 * What the schema of a custom resource says of each value: its type, its size, its form. The words
 * are those of the library with which the API server reads schemas.
 *
 * Follows: kube-openapi 589584f1c912 pkg/validation/validate `SchemaValidator`, pkg/validation/errors;
 * apiextensions-apiserver v0.35 pkg/apiserver/validation `kubeOpenAPIResultToFieldErrors`,
 * pkg/apiserver/schema/listtype.
 * Not modelled: formats of strings, keys of lists that are maps: they are in statuses only, which are
 * not checked when an object is created.
 */
import type { Fault } from "../../base/index.js";
import {
  duplicate,
  invalid,
  invalidType,
  notSupported,
  required,
  tooLong,
  tooMany,
} from "../shape/field-error.js";
import type { Field, Mode, ScalarShape, Shape, StructShape } from "../shape/shape.js";
import type { JsonObject } from "./coerce.js";

/** Checks the `spec` of a custom resource; a status is not looked at when an object is created. */
export function checkSchema(
  shape: StructShape<unknown>,
  object: JsonObject,
  faults: Fault[],
): void {
  const field = shape.fields.spec as Field<unknown, Mode>;
  if (Object.hasOwn(object, "spec")) checkField(field, object.spec, "spec", faults);
  else faults.push(required("spec"));
}

/** Checks the fields of an object, and everything below them. */
function checkFields(
  shape: StructShape<unknown>,
  object: JsonObject,
  path: string,
  faults: Fault[],
): void {
  const [least, most] = shape.fieldCount ?? [0, Number.POSITIVE_INFINITY];
  const count = Object.keys(object).length;
  if (count < least) {
    faults.push(invalid(path, count, `${path} in body should have at least ${least} properties`));
  }
  if (count > most) faults.push(tooMany(path, count, most));
  for (const name of shape.names) {
    const field = shape.fields[name] as Field<unknown, Mode>;
    const below = path === "" ? name : `${path}.${name}`;
    if (Object.hasOwn(object, name)) checkField(field, object[name], below, faults);
    else if (field.mode === "req") faults.push(required(below));
  }
}

function checkField(field: Field<unknown, Mode>, value: unknown, path: string, faults: Fault[]) {
  checkValue(field.shape, value, path, faults);
  if (field.range !== undefined && typeof value === "number") {
    const [least, most] = field.range;
    const [word, limit] = value > most ? ["less", most] : ["greater", least];
    if (value > most || value < least) {
      const message = `${path} in body should be ${word} than or equal to ${limit}`;
      faults.push(invalid(path, value, message));
    }
  }
  if (!Array.isArray(value)) return;
  const [least, most] = field.items ?? [0, Number.POSITIVE_INFINITY];
  if (value.length < least) {
    const message = `${path} in body should have at least ${least} items`;
    faults.push(invalid(path, value.length, message));
  }
  if (value.length > most) faults.push(tooMany(path, value.length, most));
  if (field.isSet === true) checkSet(value, path, faults);
}

function checkValue(shape: Shape<unknown>, value: unknown, path: string, faults: Fault[]): void {
  checkType(shape, value, path, faults);
  if (shape.kind === "list" && Array.isArray(value)) {
    for (const [i, item] of value.entries()) checkValue(shape.item, item, `${path}[${i}]`, faults);
  } else if (shape.kind === "map" && isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      checkValue(shape.value, item, `${path}.${key}`, faults);
    }
  } else if (shape.kind === "struct" && isObject(value)) checkFields(shape, value, path, faults);
  else if (shape.kind === "string") checkText(shape, value, path, faults);
}

function checkText(
  { maxLength, oneOf, pattern }: ScalarShape<unknown>,
  value: unknown,
  path: string,
  faults: Fault[],
): void {
  if (oneOf !== undefined && !(oneOf as readonly unknown[]).includes(value)) {
    faults.push(notSupported(path, value, oneOf));
  }
  if (typeof value !== "string") return;
  if (maxLength !== undefined && [...value].length > maxLength) {
    faults.push(tooLong(path, maxLength));
  } else if (pattern !== undefined && !pattern.test(value)) {
    faults.push(invalid(path, value, `${path} in body should match '${pattern.source}'`));
  }
}

/** A value that is there more often than once is told at its second place. */
function checkSet(items: readonly unknown[], path: string, faults: Fault[]): void {
  const times = new Map<string, number>();
  for (const [i, item] of items.entries()) {
    const key = JSON.stringify(item);
    const before = times.get(key) ?? 0;
    times.set(key, before + 1);
    if (before === 1) faults.push(duplicate(`${path}[${i}]`, item));
  }
}

const TYPES: Readonly<Partial<Record<Shape<unknown>["kind"], string>>> = {
  struct: "object",
  map: "object",
  list: "array",
  int: "integer",
  bool: "boolean",
};

function checkType(shape: Shape<unknown>, value: unknown, path: string, faults: Fault[]): void {
  const wanted = TYPES[shape.kind] ?? "string";
  const given = typeOf(value);
  if (given === wanted) return;
  faults.push(invalidType(path, given, `${path} in body must be of type ${wanted}: "${given}"`));
}

/** The type of a JSON value as schemas name it. */
function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") {
    return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? "integer" : "number";
  }
  return typeof value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
