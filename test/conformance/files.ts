/** Finding vector files: every file below a folder, in one stated order. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** All files at or below `path` whose name ends so, sorted by path. */
export function listFiles(path: string, ending: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return path.endsWith(ending) ? [path] : [];
  return readdirSync(path, { withFileTypes: true })
    .filter((e) => e.isDirectory() || e.name.endsWith(ending))
    .map((e) => join(path, e.name))
    .sort((a, b) => (a < b ? -1 : 1))
    .flatMap((child) => listFiles(child, ending));
}

/** Reads one JSON file. */
export function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, "utf8")) as T;
}
