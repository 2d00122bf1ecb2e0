/**
 * `--sort-by`: objects ordered by the value of one expression.
 *
 * Follows: kubectl v0.35 pkg/cmd/get/sorter.go. Equal values keep their order; upstream's sort does
 * not promise one.
 */
import { CommandFailure, mistake } from "../command/failure.js";
import { relax } from "./custom-columns.js";
import { goType } from "./go-value.js";
import { findResults, PathError, PathSyntaxError } from "./jsonpath.js";

/** Sorts objects by what an expression finds in their JSON. Errors: `CommandFailure`. */
export function sortBy<T>(
  expression: string,
  objects: readonly T[],
  json: (one: T) => unknown,
): T[] {
  if (objects.length === 0) return [];
  const field = relax(expression);
  const rows = objects.map((object) => ({ object, key: keyOf(field, json(object)) }));
  if (rows.every(({ key }) => key.length === 0)) {
    throw mistake(
      `couldn't find any field with path ${JSON.stringify(field)} in the list of objects`,
    );
  }
  return rows.sort((a, b) => compareKeys(a.key, b.key, field)).map(({ object }) => object);
}

function keyOf(field: string, json: unknown): readonly unknown[] {
  try {
    return (findResults(field, json)[0] ?? []).slice(0, 1);
  } catch (error) {
    if (error instanceof PathSyntaxError) throw mistake(`sorting error: ${error.message}`);
    if (error instanceof PathError) throw mistake(error.message);
    throw error;
  }
}

/** What has no value comes first. */
function compareKeys(a: readonly unknown[], b: readonly unknown[], field: string): number {
  if (a.length === 0 || b.length === 0) return a.length - b.length;
  return Number(isLess(b[0], a[0], field)) - Number(isLess(a[0], b[0], field));
}

function isLess(a: unknown, b: unknown, field: string): boolean {
  if (a === null || b === null) return a === null && b !== null;
  if (typeof a === "string" && typeof b === "string") {
    const [left, right] = [quantity(a), quantity(b)];
    return left === undefined || right === undefined ? a < b : left < right;
  }
  if (typeof a === "number" && typeof b === "number") return a < b;
  throw new CommandFailure(
    `Field ${field} in [][][]reflect.Value is an unsortable type: interface, err: unsortable type: ${goType(a)}`,
  );
}

const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The value of a quantity, `500m`, `2Gi`; undefined for any other text. */
function quantity(text: string): number | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(
    text,
  );
  if (match === null) return undefined;
  const scale = match[2] === undefined ? SUFFIXES[match[3] ?? ""] : 10 ** Number(match[2]);
  return Number(match[1]) * (scale as number);
}
