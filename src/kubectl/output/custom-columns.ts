/**
 * `-o custom-columns=NAME:.metadata.name,…`: a table of JSONPath expressions.
 *
 * Follows: kubectl v0.35 pkg/cmd/get/customcolumn.go.
 */
import { mistake } from "../command/failure.js";
import { layOut } from "../tables/layout.js";
import { goText } from "./go-value.js";
import { findResults, PathError, PathSyntaxError } from "./jsonpath.js";

/** Prints objects as a table of expressions. Errors: `CommandFailure` in kubectl's words. */
export function printCustomColumns(
  spec: string,
  items: readonly unknown[],
  { noHeaders, write }: { readonly noHeaders: boolean; readonly write: (text: string) => void },
): void {
  const columns = readColumns(spec);
  const rows: string[][] = noHeaders ? [] : [columns.map((c) => c.header)];
  try {
    for (const item of items) rows.push(columns.map(({ path }) => cellOf(path, item)));
  } finally {
    write(layOut(rows));
  }
}

/** The columns of a file: a line of headers, a line of expressions. */
export function readColumnsFile(text: string): string {
  const [headers = [], paths = []] = text.split("\n").map((line) => line.match(/\S+/g) ?? []);
  if (headers.length !== paths.length) {
    throw mistake(
      `number of headers (${headers.length}) and field specifications (${paths.length}) don't match`,
    );
  }
  return headers.map((header, i) => `${header}:${paths[i]}`).join(",");
}

/** Checks what was typed, before anything is asked of the server. */
export function readColumns(spec: string) {
  if (spec === "") throw mistake("custom-columns format specified but no custom columns given");
  return spec.split(",").map((column) => {
    const at = column.indexOf(":");
    if (at < 0) {
      throw mistake(
        `unexpected custom-columns spec: ${column}, expected <header>:<json-path-expr>`,
      );
    }
    return { header: column.slice(0, at), path: relax(column.slice(at + 1)) };
  });
}

/** A path without braces or leading dot, as a whole expression. */
export function relax(path: string): string {
  if (path === "") return path;
  const match = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(path);
  if (match === null) {
    throw mistake(
      "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    );
  }
  return `{.${match[1] ?? match[2]}}`;
}

function cellOf(path: string, item: unknown): string {
  try {
    const results = findResults(path, item);
    const none = (results[0] ?? []).length === 0 ? ["<none>"] : [];
    return [...none, ...results.flat().map(goText)].join(",");
  } catch (error) {
    if (error instanceof PathError || error instanceof PathSyntaxError)
      throw mistake(error.message);
    throw error;
  }
}
