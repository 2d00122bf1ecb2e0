/** Reading a folder of dumps, within bounds. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { type Fault, InputError } from "../base/index.js";

/** More files, and more bytes in all, than the dumps of a big cluster have. */
const MAX_FILES = 200_000;
const MAX_BYTES = 2 ** 30;

/**
 * The text of every file below a folder, by its path in it.
 *
 * Errors: `InputError` for a folder that is none, is empty or is too big.
 */
export function readDumpFiles(folder: string): Map<string, string> {
  const names = listFiles(folder);
  const files = new Map<string, string>();
  let bytes = 0;
  for (const path of names) {
    bytes += statSync(path).size;
    if (bytes > MAX_BYTES) throw refused(folder, "too-big", "is bigger than dumps are");
    files.set(relative(folder, path).split(sep).join("/"), readFileSync(path, "utf8"));
  }
  if (files.size === 0) throw refused(folder, "empty", "holds no dump");
  return files;
}

function listFiles(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
    throw refused(folder, code, `cannot be read (${code})`);
  }
  if (names.length > MAX_FILES) throw refused(folder, "too-big", "has more files than dumps have");
  return names
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort((a, b) => (a < b ? -1 : 1));
}

function refused(value: string, code: string, message: string): InputError {
  const expected = "a folder with the dumps that the script of kubewire collect makes, unpacked";
  const fault: Fault = { code, path: "", value, message, expected };
  return new InputError(fault);
}
