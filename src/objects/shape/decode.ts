/**
 * The strict decoder: JSON values to objects of a declared shape. It refuses what the API server's
 * decoder refuses (wrong types) and what its strict mode complains of (unknown fields), all of it
 * at once, and treats null and empty values as Go does. The result has its fields in declared
 * order and shares nothing with the input.
 *
 * Read next: `shape.ts` for the declarations, `print.ts` for the way back.
 */
import { assert, type Fault, unreachable } from "../../base/index.js";
import { printTime } from "./clock-time.js";
import { trimSpace } from "./go-text.js";
import { byInputOrder } from "./input-order.js";
import { nearest } from "./nearest.js";
import { NIL_LIST } from "./nil-list.js";
import { type PathSteps, printPath } from "./path.js";
import { storedQuantity } from "./quantity.js";
import { readTime } from "./rfc3339.js";
import type { Field, Fields, Mode, ScalarShape, Shape, StructShape } from "./shape.js";

/** Most values in one object; beyond it the input is refused (an alias bomb, or no manifest). */
export const MAX_VALUES = 20_000_000;

/** Deepest nesting of one object. */
export const MAX_DEPTH = 64;

/** A fault, where it was found, and whether Go's decoder would have read no further. */
interface Found {
  readonly fault: Fault;
  readonly steps: PathSteps;
  readonly stops: boolean;
}

/** What is known while one object is decoded. */
interface Context {
  readonly path: (string | number)[];
  /** Names of struct fields only, as Go's errors spell the path. */
  readonly goPath: string[];
  readonly faults: Found[];
  struct: string;
  values: number;
}

/** A decoded object, and what was wrong with the input. */
export interface Decoded<T> {
  readonly value: T;
  /**
   * The one that the server would tell is first, the others in the order of the input; codes
   * `wrong-type`, `unknown-field`, `too-deep`, `too-big`.
   */
  readonly faults: readonly Fault[];
}

type Json = unknown;
type JsonObject = Readonly<Record<string, Json>>;

/**
 * Decodes a JSON value strictly.
 *
 * Returns: the object with everything that could be read, and every fault.
 * Follows: sigs.k8s.io/json as apimachinery v0.35 pkg/runtime/serializer/json uses it (strict).
 * Not modelled: Go tells `3.0` from `3` in JSON text; here both are the integer 3.
 * Cost: one visit to each value of the input and each declared field.
 */
export function decode<T>(shape: StructShape<T>, input: Json): Decoded<T> {
  const context: Context = { path: [], goPath: [], faults: [], struct: "", values: 0 };
  const value = decodeStruct(shape as StructShape<unknown>, input, context);
  return { value: value as T, faults: inOrder(context.faults, input) };
}

/** Go's decoder remembers the first wrong type and reads on, but stops where a type reads itself. */
function inOrder(found: readonly Found[], input: Json): readonly Fault[] {
  if (found.length === 0) return NO_FAULTS;
  const sorted = [...found].sort(
    (a, b) => Number(b.stops) - Number(a.stops) || byInputOrder(input, a.steps, b.steps),
  );
  return sorted.map(({ fault }) => fault);
}

const NO_FAULTS: readonly Fault[] = [];

function decodeValue(shape: Shape<unknown>, input: Json, context: Context): unknown {
  if (!enter(context)) return undefined;
  switch (shape.kind) {
    case "struct":
      return decodeStruct(shape, input, context);
    case "list":
      return decodeList(shape, input, context);
    case "map":
      return decodeMap(shape, input, context);
    default:
      return decodeScalar(shape, input, context);
  }
}

function enter(context: Context): boolean {
  context.values++;
  if (context.values > MAX_VALUES)
    return stop(context, "too-big", `more than ${MAX_VALUES} values`);
  if (context.path.length <= MAX_DEPTH) return true;
  return stop(context, "too-deep", `nested deeper than ${MAX_DEPTH} levels`);
}

function stop(context: Context, code: string, message: string): false {
  if (!context.faults.some(({ fault }) => fault.code === code)) {
    addFault(context, { code, path: printPath(context.path), message });
  }
  return false;
}

function decodeStruct(shape: StructShape<unknown>, input: Json, context: Context): unknown {
  const object = isObject(input) ? input : {};
  if (!isObject(input) && input !== null && input !== undefined) wrongType(shape, input, context);
  const outer = context.struct;
  context.struct = shape.name;
  const out: Record<string, unknown> = {};
  let known = 0;
  for (const name of shape.names) {
    const given = object[name];
    const field = shape.fields[name] as Field<unknown, Mode>;
    if (given === undefined) {
      if (field.mode === "req" || field.mode === "have") out[name] = zeroOf(field.shape);
      continue;
    }
    known++;
    const value = decodeField(field, name, given, context);
    if (value !== undefined) out[name] = value;
  }
  const keys = Object.keys(object);
  if (keys.length !== known) reportUnknown(shape.fields, shape.names, keys, context);

  context.struct = outer;
  return out;
}

function decodeField(
  field: Field<unknown, Mode>,
  name: string,
  given: Json,
  context: Context,
): unknown {
  const { mode, shape } = field;
  if (given === null) {
    return mode === "req" || mode === "have" ? zeroOf(shape) : undefined;
  }
  context.path.push(name);
  context.goPath.push(field.from === undefined ? name : `${field.from}.${name}`);
  const value = decodeValue(shape, given, context);
  context.path.pop();
  context.goPath.pop();
  if (value === undefined) return mode === "req" || mode === "have" ? zeroOf(shape) : undefined;
  return mode === "opt" && isEmpty(value) ? undefined : value;
}

function decodeList(
  shape: Shape<unknown> & { kind: "list" },
  input: Json,
  context: Context,
): unknown {
  if (!Array.isArray(input)) return wrongType(shape, input, context);
  const item = shape.item;
  const out: unknown[] = [];
  for (let i = 0; i < input.length; i++) {
    context.path.push(i);
    const given: Json = input[i];
    const value = given === null ? undefined : decodeValue(item, given, context);
    out.push(value === undefined ? zeroOf(item) : value);
    context.path.pop();
  }
  return out;
}

function decodeMap(
  shape: Shape<unknown> & { kind: "map" },
  input: Json,
  context: Context,
): unknown {
  if (!isObject(input)) return wrongType(shape, input, context);
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(input)) {
    context.path.push(key);
    const given = input[key];
    const value = given === null ? undefined : decodeValue(shape.value, given, context);
    setOwn(out, key, value === undefined ? zeroOf(shape.value) : value);
    context.path.pop();
  }
  return out;
}

function decodeScalar(shape: ScalarShape<unknown>, input: Json, context: Context): unknown {
  switch (shape.kind) {
    case "string":
      return typeof input === "string" ? input : wrongType(shape, input, context);
    case "bytes":
      return decodeBytes(shape, input, context);
    case "bool":
      return typeof input === "boolean" ? input : wrongType(shape, input, context);
    case "int":
      return isInteger(input, shape.go) ? input : wrongType(shape, input, context);
    case "float":
      return typeof input === "number" ? input : wrongType(shape, input, context);
    case "intOrString":
      if (typeof input === "string") return input;
      return isInteger(input, "int32") ? input : wrongType(shape, input, context);
    case "time":
      return decodeTime(shape, input, context);
    case "quantity":
      return decodeQuantity(input, context);
    case "any":
      return copyJson(input, context);
    default:
      return unreachable(shape.kind);
  }
}

function decodeTime(shape: ScalarShape<unknown>, input: Json, context: Context): unknown {
  if (typeof input !== "string") return wrongType({ ...shape, go: "string" }, input, context);
  const reading = readTime(input);
  if (reading.wrong === undefined) return printTime(reading.seconds);
  return report(context, input, { message: reading.wrong, stops: true });
}

/** Follows: Go 1.25 encoding/base64 `StdEncoding`, which reads past line ends. */
function decodeBytes(shape: ScalarShape<unknown>, input: Json, context: Context): unknown {
  if (typeof input !== "string") return wrongType(shape, input, context);
  const text = input.replace(/[\r\n]/g, "");
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return input;
  const at = (/^[A-Za-z0-9+/]*/.exec(text) as RegExpExecArray)[0].length;
  const wrong = at < text.length ? at : text.length - (text.length % 4);
  const message = `illegal base64 data at input byte ${wrong}`;
  return report(context, input, { message, stops: false });
}

/** An amount reads itself from whatever JSON stands there. */
function decodeQuantity(input: Json, context: Context): unknown {
  const text = typeof input === "string" || typeof input === "number" ? String(input) : "";
  const { message, text: stored } = storedQuantity(trimSpace(text));
  return message === undefined ? stored : report(context, input, { message, stops: true });
}

function copyJson(input: Json, context: Context): unknown {
  if (!enter(context) || typeof input !== "object" || input === null) return input;
  if (Array.isArray(input)) return input.map((item, i) => copyAt(i, item, context));
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(input)) setOwn(out, key, copyAt(key, value, context));
  return out;
}

function copyAt(step: string | number, input: Json, context: Context): unknown {
  context.path.push(step);
  const out = copyJson(input, context);
  context.path.pop();
  return out;
}

function isObject(input: Json): input is JsonObject {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}

/** The first number that a 64-bit integer does not hold. */
const MAX_INT64 = 2 ** 63;

function isInteger(input: Json, go: string): input is number {
  if (typeof input !== "number" || !Number.isInteger(input)) return false;
  return go === "int32" ? input >= -0x80000000 && input <= 0x7fffffff : Math.abs(input) < MAX_INT64;
}

function isEmpty(value: unknown): boolean {
  if (value === "" || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** Sets a key that may be `__proto__` without touching any prototype. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") target[key] = value;
  else
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
}

/** The value that a field has when nothing is given and the field is always there. */
export function zeroOf(shape: Shape<unknown>): unknown {
  switch (shape.kind) {
    case "struct": {
      const decoded = decode(shape, {});
      assert(decoded.faults.length === 0, "an empty struct decodes without a fault");
      return decoded.value;
    }
    case "list":
      return NIL_LIST;
    case "map":
      return {};
    case "bool":
      return false;
    case "int":
    case "float":
    case "intOrString":
      return 0;
    case "quantity":
      return "0";
    case "any":
      return undefined;
    default:
      return "";
  }
}

/** Kinds of values whose Go types read themselves. */
const SELF_READING: readonly string[] = ["time", "quantity", "intOrString"];

function wrongType(shape: Shape<unknown>, input: Json, context: Context): undefined {
  const kind = jsonType(input);
  const shown = kind === "number" && shape.go.startsWith("int") ? `number ${String(input)}` : kind;
  const into =
    context.goPath.length === 0
      ? "Go value"
      : `Go struct field ${context.struct}.${context.goPath.join(".")}`;
  const message = `json: cannot unmarshal ${shown} into ${into} of type ${shape.go}`;
  const stops = SELF_READING.includes(shape.kind);
  return report(context, input, { message, stops });
}

function report(
  context: Context,
  value: Json,
  { message, stops }: { readonly message: string; readonly stops: boolean },
): undefined {
  const fault = { code: "wrong-type", path: printPath(context.path), value, message };
  return addFault(context, fault, stops);
}

function addFault(context: Context, fault: Fault, stops = false): undefined {
  context.faults.push({ fault, steps: [...context.path], stops });
  return undefined;
}

/** The type of a JSON value, as Go's decoder names it. */
export function jsonType(input: Json): string {
  if (Array.isArray(input)) return "array";
  return typeof input === "boolean" ? "bool" : typeof input;
}

function reportUnknown(
  fields: Fields,
  names: readonly string[],
  keys: readonly string[],
  context: Context,
): void {
  for (const key of keys) {
    if (Object.hasOwn(fields, key)) continue;
    const path = printPath([...(context.path as PathSteps), key]);
    const meant = nearest(key, names);
    addFault(context, {
      code: "unknown-field",
      path,
      message: `unknown field ${JSON.stringify(path)}`,
      ...(meant === undefined ? {} : { expected: `did you mean ${JSON.stringify(meant)}?` }),
    });
  }
}
