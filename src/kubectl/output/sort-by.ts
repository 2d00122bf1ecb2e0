/**
 * `--sort-by`: objects ordered by the value of one expression.
 *
 * Follows: kubectl v0.35 pkg/cmd/get/sorter.go. Equal values keep their order; upstream's sort does
 * not promise one.
 */

import { parseQuantity } from "../../objects/index.js";
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
  const isByAge = field === "{.metadata.creationTimestamp}";
  const versionOf = (object: T) => (isByAge ? versionIn(json(object)) : 0);
  return rows
    .sort((a, b) => compareKeys(a.key, b.key, field) || versionOf(a.object) - versionOf(b.object))
    .map(({ object }) => object);
}

/** What was made at one instant of a clock that stands still came in the order of its versions. */
function versionIn(json: unknown): number {
  const { metadata } = json as { readonly metadata?: { readonly resourceVersion?: string } };
  return Number(metadata?.resourceVersion ?? 0);
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
    const [left, right] = [parseQuantity(a), parseQuantity(b)];
    return left === undefined || right === undefined ? a < b : left.nano < right.nano;
  }
  if (typeof a === "number" && typeof b === "number") return a < b;
  throw new CommandFailure(
    `Field ${field} in [][][]reflect.Value is an unsortable type: interface, err: unsortable type: ${goType(a)}`,
  );
}
