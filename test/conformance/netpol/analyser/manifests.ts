/** Manifests as a static analyser takes them: whatever can be read counts, whatever its faults are. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  itemsOf,
  type ManifestFile,
  type Pod,
  readDocuments,
  readObject,
} from "../../../../src/objects/index.js";
import type { SourcedObject } from "../../../../src/policy/index.js";
import { listFiles } from "../../files.js";

/** The manifest files at or below a path. */
export function manifestFiles(path: string): ManifestFile[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [{ file: path, text: readFileSync(path, "utf8") }];
  return listFiles(path, "")
    .filter((file) => /\.(ya?ml|json)$/.test(file))
    .map((file) => ({
      file: file.slice(join(path, "/").length),
      text: readFileSync(file, "utf8"),
    }));
}

/**
 * All objects that can be read from some files, with their faults. The analyser does not look at what
 * has become of a pod: one that has ended counts.
 */
export function readLeniently(files: readonly ManifestFile[]): SourcedObject[] {
  return files.flatMap(({ file, text }) =>
    readDocuments(text).documents.flatMap((document) =>
      itemsOf(document).flatMap(({ json, line = document.line }) => {
        const read = readObject(json);
        if (read.kind !== "object") return [];
        const { kind } = read.object;
        const object = read.object.kind === "Pod" ? withoutPhase(read.object) : read.object;
        return [{ object, origin: { kind, file, line } }];
      }),
    ),
  );
}

function withoutPhase(pod: Pod): Pod {
  const { phase: _, ...status } = pod.status ?? {};
  return { ...pod, status } as Pod;
}
