/** How a top-level object is declared: its version, its kind, and its fields. */
import {
  type Fields,
  type InferFields,
  oneOf,
  req,
  type StructShape,
  struct,
} from "../shape/shape.js";

/** The shape of a top-level object, with its own names. */
export interface ObjectShape<T> extends StructShape<T> {
  readonly apiVersion: string;
  readonly objectKind: string;
}

/** Declares a top-level object. */
export function object<V extends string, K extends string, F extends Fields>(
  apiVersion: V,
  kind: K,
  fields: F,
): ObjectShape<{ readonly apiVersion: V; readonly kind: K } & InferFields<F>> {
  const all = { kind: req(oneOf("string", kind)), apiVersion: req(oneOf("string", apiVersion)) };
  const shape = struct(kind, { ...all, ...fields } as Fields) as unknown as StructShape<
    { readonly apiVersion: V; readonly kind: K } & InferFields<F>
  >;
  return { ...shape, apiVersion, objectKind: kind };
}
