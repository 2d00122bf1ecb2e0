/** Reading manifests from files and folders, in one stated order and within bounds. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Fault, InputError } from "../base/index.js";
import type { ManifestFile } from "../objects/index.js";

const ENDINGS = [".yaml", ".yml", ".json"];
/** More files than any application has; a folder with more was named by mistake. */
const MAX_FILES = 20_000;

/**
 * Reads every manifest at or below some paths; `-` is standard input. Files of a folder are those
 * that end in .yaml, .yml or .json, sorted by path.
 *
 * Errors: `InputError` naming each path that cannot be read.
 */
export function readManifests(paths: readonly string[]): ManifestFile[] {
  const faults: Fault[] = [];
  const files = paths.flatMap((path) => {
    try {
      return listManifests(path);
    } catch (error) {
      faults.push(unreadable(path, error));
      return [];
    }
  });
  if (files.length > MAX_FILES) {
    const expected = `at most ${MAX_FILES} files`;
    faults.push({
      code: "too-many-files",
      path: "",
      message: "there are too many files",
      expected,
    });
  }
  const read = faults.length > 0 ? [] : files.flatMap((file) => readOne(file, faults));
  if (faults.length > 0) throw new InputError(faults);
  return read;
}

function listManifests(path: string): string[] {
  if (path === "-" || !statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => ENDINGS.some((ending) => name.endsWith(ending)))
    .map((name) => join(path, name))
    .filter((name) => statSync(name).isFile())
    .sort((a, b) => (a < b ? -1 : 1));
}

function readOne(file: string, faults: Fault[]): ManifestFile[] {
  try {
    const text = readFileSync(file === "-" ? 0 : file, "utf8");
    return [{ file: file === "-" ? "STDIN" : file, text }];
  } catch (error) {
    faults.push(unreadable(file, error));
    return [];
  }
}

function unreadable(path: string, error: unknown): Fault {
  const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
  const message =
    code === "ENOENT" ? "there is no such file or folder" : `cannot be read (${code})`;
  return { code, path: "", value: path, message, expected: "manifests, or a folder of them" };
}
