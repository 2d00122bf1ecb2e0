/**
 * The language in which the shape of every Kubernetes object is declared, once. From one
 * declaration come the TypeScript type (`Infer`), the strict decoder (`decode.ts`), the simple
 * defaults (`defaults.ts`), the simple checks (`check/declared.ts`,
 * `custom/schema.ts`) and the printed form (`print.ts`).
 *
 * A field is declared by how Go treats it, because that decides what is printed and what an empty
 * value means:
 *
 *   req   always there, printed even when empty            `json:"ports"`
 *   have  always there, printed only when not empty        a name that the server fills in
 *   opt   empty means absent                               `json:"ports,omitempty"`
 *   ptr   may be there and empty                           `json:"port,omitempty"`, a pointer
 *   val   may be left out here, printed as {} all the same a struct by value
 */

/** A scalar that JSON writes as a string, a number or a boolean. */
export type ScalarKind =
  | "string"
  | "bool"
  | "int"
  | "float"
  | "time"
  | "quantity"
  | "intOrString"
  | "bytes"
  | "any";

/** What every shape carries; the type parameter is the TypeScript type it stands for. */
interface Typed<T> {
  /** Never there at run time. */
  readonly typed?: T;
  /** Go's name of the type, as decoding errors print it. */
  readonly go: string;
  /** Whether a default is declared somewhere below. */
  readonly defaulted: boolean;
}

/** A leaf. */
export interface ScalarShape<T> extends Typed<T> {
  readonly kind: ScalarKind;
  /** The accepted strings, where the world has a closed list. */
  readonly oneOf?: readonly string[];
  /** Longest text, in characters. */
  readonly maxLength?: number;
  /** What a text must match. */
  readonly pattern?: RegExp;
  readonly rules?: readonly Rule[];
}

/** A sentence that a custom resource's definition states in CEL, and whether it holds of a value. */
export interface Rule {
  readonly message: string;
  readonly holds: (value: never) => boolean;
}

/** A list of one shape. */
export interface ListShape<T> extends Typed<T> {
  readonly kind: "list";
  readonly item: Shape<unknown>;
}

/** A map from strings to one shape. */
export interface MapShape<T> extends Typed<T> {
  readonly kind: "map";
  readonly value: Shape<unknown>;
}

/** A record of declared fields. */
export interface StructShape<T> extends Typed<T> {
  readonly kind: "struct";
  readonly name: string;
  readonly fields: Fields;
  /** Field names in their one order. */
  readonly names: readonly string[];
  /** Names of the fields that have a default, or one below them. */
  readonly filled: readonly string[];
  /** Fewest and most fields that may be there, where a definition limits them. */
  readonly fieldCount?: readonly [number, number];
  readonly rules?: readonly Rule[];
  /** Whether functions of its own check it, and everything below it. */
  readonly isCheckedApart?: boolean;
}

/** Any shape. */
export type Shape<T> = ScalarShape<T> | ListShape<T> | MapShape<T> | StructShape<T>;

/** How a field behaves when it is empty; see the top of the file. */
export type Mode = "req" | "have" | "opt" | "ptr" | "val";

/** What else a declaration says of a field. */
export interface FieldOptions<T> {
  /** Filled in by the server when the field is absent. */
  readonly default?: T;
  /** Name of a check of `check.ts`. */
  readonly check?: CheckName;
  /** Smallest and largest number, both included. */
  readonly range?: readonly [number, number];
  /** Fewest and most items of a list, both included. */
  readonly items?: readonly [number, number];
  /** Whether no item of a list may be there twice. */
  readonly isSet?: boolean;
  /** The struct of Go that the field comes from when one struct embeds another. */
  readonly from?: string;
}

/** One declared field. */
export interface Field<T, M extends Mode> extends FieldOptions<T> {
  readonly shape: Shape<T>;
  readonly mode: M;
}

/** The simple checks that a declaration can name. */
export type CheckName =
  | "port"
  | "label-map"
  | "dns-label"
  | "dns-subdomain"
  | "port-name"
  | "ip"
  | "cidr"
  | "not-negative"
  | "selector";

/** The fields of a struct. */
export type Fields = Readonly<Record<string, Field<unknown, Mode>>>;

type TypeOf<F> = F extends Field<infer T, Mode> ? T : never;
type ModeOf<F> = F extends Field<unknown, infer M> ? M : never;
type RequiredNames<F extends Fields> = {
  [K in keyof F]: ModeOf<F[K]> extends "req" | "have" ? K : never;
}[keyof F];
type OptionalNames<F extends Fields> = Exclude<keyof F, RequiredNames<F>>;

/** The TypeScript type of declared fields. */
export type InferFields<F extends Fields> = { readonly [K in RequiredNames<F>]: TypeOf<F[K]> } & {
  readonly [K in OptionalNames<F>]?: TypeOf<F[K]> | undefined;
};

/** The TypeScript type of a shape. */
export type Infer<S> = S extends Typed<infer T> ? T : never;

/** A field that is always there. */
export function req<T>(shape: Shape<T>, options: FieldOptions<T> = {}): Field<T, "req"> {
  return { shape, mode: "req", ...options };
}

/** A field that is always there, and printed when it is not empty. */
export function have<T>(shape: Shape<T>, options: FieldOptions<T> = {}): Field<T, "have"> {
  return { shape, mode: "have", ...options };
}

/** A field whose empty value means absent. */
export function opt<T>(shape: Shape<T>, options: FieldOptions<T> = {}): Field<T, "opt"> {
  return { shape, mode: "opt", ...options };
}

/** A field that may be present and empty. */
export function ptr<T>(shape: Shape<T>, options: FieldOptions<T> = {}): Field<T, "ptr"> {
  return { shape, mode: "ptr", ...options };
}

/** A struct or time by value: it may be left out and is printed all the same. */
export function val<T>(shape: Shape<T>, options: FieldOptions<T> = {}): Field<T, "val"> {
  return { shape, mode: "val", ...options };
}

/** A list. */
export function list<T>(item: Shape<T>): ListShape<readonly T[]> {
  const { defaulted } = item;
  return { kind: "list", go: `[]${item.go}`, defaulted, item: item as Shape<unknown> };
}

/** A map from strings. */
export function map<T>(value: Shape<T>): MapShape<Readonly<Record<string, T>>> {
  const { defaulted } = value;
  const go = `map[string]${value.go}`;
  return { kind: "map", go, defaulted, value: value as Shape<unknown> };
}

/** A record; `name` is Go's name of it. */
export function struct<F extends Fields>(name: string, fields: F): StructShape<InferFields<F>> {
  const go = name.includes(".") ? name : `v1.${name}`;
  const names = Object.keys(fields);
  const filled = names.filter((n) => {
    const field = fields[n] as Field<unknown, Mode>;
    return field.default !== undefined || field.shape.defaulted;
  });
  const defaulted = filled.length > 0;
  return { kind: "struct", go, defaulted, name: name.replace(/^.*\./, ""), fields, names, filled };
}

/** A record of which exactly one field must be there. */
export function choice<F extends Fields>(name: string, fields: F): StructShape<InferFields<F>> {
  return { ...struct(name, fields), fieldCount: [1, 1] };
}

/** A record with rules of its definition. */
export function ruled<F extends Fields>(
  name: string,
  fields: F,
  ...rules: readonly { message: string; holds: (value: InferFields<F>) => boolean }[]
): StructShape<InferFields<F>> {
  return { ...struct(name, fields), rules };
}

/** A string that a definition limits. */
export function text(
  limits: Pick<ScalarShape<string>, "maxLength" | "pattern"> & {
    readonly rules?: readonly { message: string; holds: (value: string) => boolean }[];
  },
): ScalarShape<string> {
  return { ...str, ...limits };
}

function scalar<T>(kind: ScalarKind, go: string): ScalarShape<T> {
  return { kind, go, defaulted: false };
}

/** A string of a closed list; `go` is the name of its type. */
export function oneOf<T extends string>(go: string, ...values: readonly T[]): ScalarShape<T> {
  return { kind: "string", go: `v1.${go}`, defaulted: false, oneOf: values };
}

/** Fields that a struct of Go has from another, which it embeds; decoding errors name that one. */
export function embedded<F extends Fields>(from: string, fields: F): F {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, { ...field, from }]),
  ) as F;
}

/** A shape under the name that Go has for its type. */
export function alias<S extends Shape<unknown>>(go: string, shape: S): S {
  return { ...shape, go: `v1.${go}` };
}

/** A string of its own Go type. */
export function named(go: string): ScalarShape<string> {
  return scalar("string", `v1.${go}`);
}

/** A string. */
export const str = scalar<string>("string", "string");
/** A boolean. */
export const bool = scalar<boolean>("bool", "bool");
/** A 32-bit integer. */
export const int32 = scalar<number>("int", "int32");
/** A 64-bit integer. */
export const int64 = scalar<number>("int", "int64");
/** A floating-point number. */
export const float = scalar<number>("float", "float64");
/** A moment, RFC 3339. */
export const time = scalar<string>("time", "v1.Time");
/** An amount such as `100m` or `1Gi`; a number becomes its text. */
export const quantity = scalar<string>("quantity", "resource.Quantity");
/** Amounts by resource. */
export const resourceList = alias("ResourceList", map(quantity));
/** A port number or a port name. */
export const intOrString = scalar<number | string>("intOrString", "int32");
/** Bytes in base64. */
export const bytes = scalar<string>("bytes", "[]uint8");
/** Any JSON, kept as it is. */
export const any = scalar<unknown>("any", "interface {}");
