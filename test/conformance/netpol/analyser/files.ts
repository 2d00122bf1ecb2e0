/** The files of netpol-analyzer, told by their shape: its tests with their lists, points, and error cases. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readJson } from "../../files.js";
import type { Report } from "../../suite.js";
import { type ErrorCase, runErrorCase } from "./errors.js";
import { type ListTest, type Rows, runListTest } from "./lists.js";
import { type Point, runPoint } from "./points.js";
import { type Recipes, runRecipes } from "./recipes.js";
import { type Resources, runResources } from "./resources.js";

interface Index {
  readonly source?: string;
  readonly tests?: readonly ListTest[];
}

/** Families of which every list is to be equal; the others belong to other kinds of objects. */
const FAMILIES: ReadonlySet<string> = new Set(["networkpolicy", "anp-banp", "no-policy"]);

/** Runs a file of the analyser; false when it is none. */
export function runAnalyserFile(file: string, report: Report): boolean {
  const content = readJson<unknown>(file);
  const dir = dirname(file);
  if (isIndex(content)) runIndex(content, dir, report);
  else if (isListOf<Point>(content, ["id", "dir"])) {
    for (const point of content) runPoint(point, dir, report);
  } else if (isListOf<ErrorCase>(content, ["kind", "name"])) {
    for (const each of content) runErrorCase(each, dir, report);
  } else if (isListOf<Resources>(content, ["group", "evalExpectations"])) {
    for (const each of content) runResources(each, dir, report);
  } else if (isRecipes(content)) runRecipes(content, report);
  else return isRows(content);
  return true;
}

function isListOf<T>(content: unknown, keys: readonly string[]): content is readonly T[] {
  return Array.isArray(content) && keys.every((key) => key in (content[0] ?? {}));
}

function isRecipes(content: unknown): content is Recipes {
  return isListOf((content as { tests?: unknown }).tests, ["policies", "allConnections"]);
}

function isIndex(content: unknown): content is Index {
  const { source, tests } = content as Index;
  return (
    source === "np-guard/netpol-analyzer" && tests !== undefined && "command" in (tests[0] ?? {})
  );
}

/** Rows by test are read with the index. */
function isRows(content: unknown): boolean {
  const first = Object.values(content as object)[0];
  return Array.isArray(first) && first[0] !== undefined && "src" in first[0] && "dst" in first[0];
}

function runIndex({ tests = [] }: Index, dir: string, report: Report): void {
  const normalized = join(dir, "connlist-normalized.json");
  const rows = existsSync(normalized) ? readJson<Record<string, Rows>>(normalized) : {};
  for (const test of tests) {
    const id = `netpol-analyzer/${test.id} ${test.command} ${test.dir ?? ""}`;
    const wanted = rows[test.id];
    if (test.command !== "list") report.skip(id, `command ${test.command}`);
    else if (!FAMILIES.has(test.family)) report.skip(id, `family ${test.family}`);
    else report.check(id, () => runListTest(test, { dir, rows: wanted }));
  }
}
