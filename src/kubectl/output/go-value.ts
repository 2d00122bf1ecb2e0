/**
 * JSON values as Go handles them: how `fmt` prints them, what their types are called, how templates
 * compare them.
 *
 * Follows: Go's fmt; client-go v0.35 third_party/forked/golang/template/funcs.go.
 */
import { compareText } from "../tables/labels.js";

/** Keys sorted at every level, as Go prints maps. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => compareText(a, b));
  return Object.fromEntries(entries.map(([k, v]) => [k, sortKeys(v)]));
}

/** JSON as Go writes it: keys sorted, and what means something to HTML escaped. */
export function goJson(value: unknown, indent?: number): string {
  return goJsonInOrder(sortKeys(value), indent);
}

/** The same with keys in their own order, as Go prints structs. */
export function goJsonInOrder(value: unknown, indent?: number): string {
  const escaped = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, indent).replace(/[<>&\u2028\u2029]/g, escaped);
}

/** A value as Go's `%v` shows it. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => compareText(a, b));
  return `map[${entries.map(([k, v]) => `${k}:${goText(v)}`).join(" ")}]`;
}

/** A value as Go's `%#v` shows it. */
export function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return "interface {}(nil)";
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => compareText(a, b));
  const body = entries.map(([k, v]) => `${JSON.stringify(k)}:${goSyntax(v)}`).join(", ");
  return `map[string]interface {}{${body}}`;
}

/** The name of a value's type in Go. */
export function goType(value: unknown): string {
  if (Array.isArray(value)) return "[]interface {}";
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "number":
      return Number.isInteger(value) ? "int64" : "float64";
    default:
      return "map[string]interface {}";
  }
}

/** Two values that Go's templates do not compare. */
export class ComparisonError extends Error {}

/** Compares by one of `== != < <= > >=`. Errors: `ComparisonError`. */
export function compareValues(left: unknown, operator: string, right: unknown): boolean {
  const [a, b] = [basicType(left), basicType(right)];
  if (a !== b) throw new ComparisonError("incompatible types for comparison");
  switch (operator) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return isLess(left, right);
    case "<=":
      return left === right || isLess(left, right);
    case ">":
      return left !== right && !isLess(left, right);
    default:
      return !isLess(left, right);
  }
}

function basicType(value: unknown): string {
  if (typeof value === "object" || value === undefined) {
    throw new ComparisonError("invalid type for comparison");
  }
  return goType(value);
}

function isLess(left: unknown, right: unknown): boolean {
  if (typeof left === "boolean") throw new ComparisonError("invalid type for comparison");
  return (left as number | string) < (right as number | string);
}
