/** Reading manifests from files and folders, in one stated order and within bounds. */
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Fault, InputError } from "../base/index.js";
import type { ManifestFile } from "../objects/index.js";

const ENDINGS = [".yaml", ".yml", ".json"];
/** More files than any application has; a folder with more was named by mistake. */
const MAX_FILES = 20_000;
/** More bytes than any manifest has; a device would never end. */
const MAX_BYTES = 256 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

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
  const files = readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => ENDINGS.some((ending) => name.endsWith(ending)))
    .map((name) => join(path, name))
    .filter((name) => statSync(name).isFile())
    .sort((a, b) => (a < b ? -1 : 1));
  if (files.length > 0) return files;
  throw new Unusable("no-manifests", `no file in it ends in ${ENDINGS.join(", ")}`);
}

/** A path that is there and of no use. */
class Unusable extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

function readOne(file: string, faults: Fault[]): ManifestFile[] {
  try {
    return [{ file: file === "-" ? "STDIN" : file, text: readText(file) }];
  } catch (error) {
    faults.push(unreadable(file, error));
    return [];
  }
}

/** Reads a file, a pipe or standard input to its end, or as far as is allowed. */
function readText(file: string): string {
  const fd = file === "-" ? 0 : openSync(file, "r");
  try {
    const chunks: Buffer[] = [];
    for (let size = 0; ; ) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const count = readSync(fd, chunk);
      if (count === 0) return Buffer.concat(chunks).toString("utf8");
      chunks.push(chunk.subarray(0, count));
      size += count;
      if (size > MAX_BYTES) {
        throw new Unusable("too-big", `is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
      }
    }
  } finally {
    if (fd !== 0) closeSync(fd);
  }
}

function unreadable(path: string, error: unknown): Fault {
  const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
  const message =
    code === "ENOENT"
      ? "there is no such file or folder"
      : error instanceof Unusable
        ? error.message
        : `cannot be read (${code})`;
  return { code, path: "", value: path, message, expected: "manifests, or a folder of them" };
}
