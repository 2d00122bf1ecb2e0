/** Filling in the defaults that a declaration states field by field. */
import type { Field, Mode, Shape, StructShape } from "./shape.js";

/** A value that is still being built. */
export type Draft = Record<string, unknown>;

/** Fills in declared defaults of a struct, in place; what depends on other fields is elsewhere. */
export function fillDeclared(shape: StructShape<unknown>, draft: Draft): void {
  for (const name of shape.filled) {
    const field = shape.fields[name] as Field<unknown, Mode>;
    if (draft[name] === undefined && field.default !== undefined) draft[name] = field.default;
    const value = draft[name];
    if (value !== undefined && field.shape.defaulted) fillBelow(field.shape, value);
  }
}

function fillBelow(shape: Shape<unknown>, value: unknown): void {
  if (shape.kind === "struct") fillDeclared(shape, value as Draft);
  else if (shape.kind === "list") {
    for (const item of value as readonly unknown[]) fillBelow(shape.item, item);
  } else if (shape.kind === "map") {
    for (const item of Object.values(value as Draft)) fillBelow(shape.value, item);
  }
}
