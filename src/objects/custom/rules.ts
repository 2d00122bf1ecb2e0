/**
 * The rules that the definition of a custom resource states in CEL, below one another as they are
 * declared. They are asked only when every type is right, so each rule gets what it expects.
 *
 * Follows: apiextensions-apiserver v0.35 pkg/apiserver/schema/cel/validation.go,
 * pkg/registry/customresource/strategy.go `hasBlockingErr`.
 */
import type { Fault } from "../../base/index.js";
import { invalid, invalidWhole } from "../shape/field-error.js";
import type { Field, Mode, Rule, Shape, StructShape } from "../shape/shape.js";
import type { JsonObject } from "./coerce.js";

/** Faults after which no rule is asked. */
const BLOCKING: readonly string[] = [
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
];

const NOT_CHECKED =
  "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

/** Asks the rules of an object, or says that they could not be asked; adds to `faults`. */
export function checkRules(shape: StructShape<unknown>, object: JsonObject, faults: Fault[]): void {
  if (faults.some(({ code }) => BLOCKING.includes(code))) {
    faults.push(invalid("<nil>", null, NOT_CHECKED));
    return;
  }
  ask(shape.rules, object, "", faults);
  const field = shape.fields.spec as Field<unknown, Mode>;
  askBelow(field.shape, object.spec, "spec", faults);
}

function askBelow(shape: Shape<unknown>, value: unknown, path: string, faults: Fault[]): void {
  if (shape.kind === "struct") {
    const object = value as Readonly<Record<string, unknown>>;
    ask(shape.rules, object, path, faults);
    for (const name of shape.names) {
      if (!Object.hasOwn(object, name)) continue;
      const field = shape.fields[name] as Field<unknown, Mode>;
      askBelow(field.shape, object[name], `${path}.${name}`, faults);
    }
  } else if (shape.kind === "list") {
    for (const [i, item] of (value as readonly unknown[]).entries()) {
      askBelow(shape.item, item, `${path}[${i}]`, faults);
    }
  } else if (shape.kind === "string") ask(shape.rules, value, path, faults);
}

function ask(
  rules: readonly Rule[] | undefined,
  value: unknown,
  path: string,
  faults: Fault[],
): void {
  for (const { message, holds } of rules ?? []) {
    if (holds(value as never)) continue;
    const isWhole = typeof value === "object";
    const place = path === "" ? "<nil>" : path;
    faults.push(isWhole ? invalidWhole(place, message) : invalid(place, value, message));
  }
}
