/**
 * Checks of paths in a container or a volume.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `validatePathNoBacksteps`,
 * `validateLocalDescendingPath`, `ValidateLocalNonReservedPath`.
 */
import type { Place } from "../place.js";

/** A path that never goes up. */
export function checkNoBacksteps(path: string, at: Place): void {
  if (path.split("/").includes("..")) at.invalid(path, "must not contain '..'");
}

/** A path below some directory. */
export function checkBelow(path: string, at: Place): void {
  if (path.startsWith("/")) at.invalid(path, "must be a relative path");
  checkNoBacksteps(path, at);
}

/** A path below a directory whose names with two dots are kept for others. */
export function checkNotReserved(path: string, at: Place): void {
  checkBelow(path, at);
  if (path.startsWith("..") && !path.startsWith("../")) {
    at.invalid(path, "must not start with '..'");
  }
}

/** The permissions of a file: nine bits. */
export function checkFileMode(mode: number | undefined, at: Place): void {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return;
  at.invalid(mode, "must be a number between 0 and 0777 (octal), both inclusive");
}
