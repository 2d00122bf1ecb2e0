/**
 * What is wrong with one field, in the words of the API server. A field error is a `Fault`: its
 * `code` is the server's error type, its `path` the field as the server spells it, its `message`
 * the server's detail; `printFieldError` gives the line that people know from `kubectl apply`.
 */
import type { Fault } from "../../base/index.js";
import { printGoJson, printGoNumber, quote } from "./go-text.js";

/** The API server's types of field errors. */
export type FieldErrorType =
  | "FieldValueNotFound"
  | "FieldValueRequired"
  | "FieldValueDuplicate"
  | "FieldValueInvalid"
  | "FieldValueNotSupported"
  | "FieldValueForbidden"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "FieldValueTypeInvalid"
  | "InternalError";

const TITLES: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: "Not found",
  FieldValueRequired: "Required value",
  FieldValueDuplicate: "Duplicate value",
  FieldValueInvalid: "Invalid value",
  FieldValueNotSupported: "Unsupported value",
  FieldValueForbidden: "Forbidden",
  FieldValueTooLong: "Too long",
  FieldValueTooMany: "Too many",
  FieldValueTypeInvalid: "Invalid value",
  InternalError: "Internal error",
};

/** The types whose printed form shows no value. */
const WITHOUT_VALUE: readonly string[] = [
  "FieldValueRequired",
  "FieldValueForbidden",
  "FieldValueTooLong",
  "InternalError",
];

/** A value is malformed. */
export function invalid(path: string, value: unknown, message: string): Fault {
  return { code: "FieldValueInvalid", path, value, message };
}

/** A whole object is malformed; it is too long to be shown. */
export function invalidWhole(path: string, message: string): Fault {
  return { code: "FieldValueInvalid", path, message };
}

/** A value is of another type than the definition of a custom resource says. */
export function invalidType(path: string, given: string, message: string): Fault {
  return { code: "FieldValueTypeInvalid", path, value: given, message };
}

/** A value must be given. */
export function required(path: string, message = ""): Fault {
  return { code: "FieldValueRequired", path, message };
}

/** A value may not be given here. */
export function forbidden(path: string, message: string): Fault {
  return { code: "FieldValueForbidden", path, message };
}

/** A value names something that is not there. */
export function notFound(path: string, value: unknown): Fault {
  return { code: "FieldValueNotFound", path, value, message: "" };
}

/** A value must be unique and is not. */
export function duplicate(path: string, value: unknown): Fault {
  return { code: "FieldValueDuplicate", path, value, message: "" };
}

/** A value is not of a closed list; `accepted` is printed in the order given. */
export function notSupported(path: string, value: unknown, accepted: readonly string[]): Fault {
  const message = `supported values: ${accepted.map(quote).join(", ")}`;
  return { code: "FieldValueNotSupported", path, value, message };
}

/** A text is longer than `bytes`. */
export function tooLong(path: string, bytes: number): Fault {
  return { code: "FieldValueTooLong", path, message: `may not be more than ${bytes} bytes` };
}

/** A list has more than `most` items. */
export function tooMany(path: string, count: number, most: number): Fault {
  const items = most === 1 ? "item" : "items";
  const message = `must have at most ${most} ${items}`;
  return { code: "FieldValueTooMany", path, value: count, message };
}

/** The server tells a fault that two checks find only once. */
export function onlyOnce(faults: readonly Fault[]): readonly Fault[] {
  const seen = new Set<string>();
  return faults.filter(({ code, path, message, value }) => {
    const key = JSON.stringify([code, path, message, value]);
    return !seen.has(key) && seen.add(key);
  });
}

/** Says whether a fault came from a field check (and not from reading the text). */
export function isFieldError(fault: Fault): boolean {
  return Object.hasOwn(TITLES, fault.code);
}

/**
 * Prints what is wrong without the field: `Invalid value: 0: must be between 1 and 65535, inclusive`.
 *
 * Follows: apimachinery v0.35 pkg/util/validation/field/errors.go `ErrorBody`.
 */
export function printErrorBody(fault: Fault): string {
  if (!isFieldError(fault)) return fault.message;
  const title = TITLES[fault.code as FieldErrorType];
  const isBare = WITHOUT_VALUE.includes(fault.code) || !("value" in fault);
  const shown = isBare ? title : `${title}: ${printBadValue(fault)}`;
  return fault.message === "" ? shown : `${shown}: ${fault.message}`;
}

/** Prints one field error as `kubectl` shows it. */
export function printFieldError(fault: Fault): string {
  return fault.path === "" ? printErrorBody(fault) : `${fault.path}: ${printErrorBody(fault)}`;
}

/**
 * Named string types are printed as JSON, plain strings in Go's quotes; the difference shows in
 * control characters and in `<`, `>` and `&`.
 */
function printBadValue(fault: Fault): string {
  const { code, path, value } = fault;
  const isNamed =
    code === "FieldValueNotSupported" ? !PLAIN_STRINGS.test(path) : NAMED_STRINGS.test(path);
  if (typeof value === "string" && !isNamed) return quote(value);
  if (value === undefined) return "null";
  return typeof value === "number" ? printGoNumber(value) : printGoJson(value);
}

/** The fields that are checked by more than a closed list whose type in Go is a named string. */
const NAMED_STRINGS = /\.(operator|operation)$|^spec\.externalTrafficPolicy$/;

/** The fields of a closed list whose type in Go is a plain string, as all are in custom resources. */
const PLAIN_STRINGS = /^spec\.(trafficDistribution|tier)$|^spec\.(ingress|egress)\[\d+\]\.action$/;
