/**
 * From a JSON value to an object: find its kind, decode it strictly, fill in its defaults. Checking
 * is a step of its own (`check/object.ts`), because Services are given addresses in between; custom
 * resources are checked here (`custom/read.ts`).
 */
import type { Fault } from "../base/index.js";
import type { JsonObject } from "./custom/coerce.js";
import { readCustom } from "./custom/read.js";
import { fillObject } from "./defaults/object.js";
import { type KindInfo, type KubeObject, kindOf } from "./kinds/kinds.js";
import { decode, jsonType } from "./shape/decode.js";

/** What a JSON value turned out to be. */
export type ReadResult =
  | { readonly kind: "object"; readonly object: KubeObject; readonly faults: readonly Fault[] }
  /** An object of a kind that has no meaning for the network. */
  | { readonly kind: "other"; readonly apiVersion: string; readonly objectKind: string }
  /** Not an object at all. */
  | { readonly kind: "bad"; readonly faults: readonly Fault[] };

/** How to read an object. */
export interface ReadOptions {
  /** Whether defaults are filled in. Default: true. */
  readonly defaults?: boolean;
}

/**
 * Reads one object.
 *
 * Returns: the object with its defaults and every fault of its form; or the name of a kind that
 * kubewire does not read; or why it is no object.
 */
export function readObject(json: unknown, options: ReadOptions = {}): ReadResult {
  const head = readHead(json);
  if (head.faults.length > 0) return { kind: "bad", faults: head.faults };
  const info = infoOf(head.apiVersion, head.objectKind);
  if (info === undefined) {
    return { kind: "other", apiVersion: head.apiVersion, objectKind: head.objectKind };
  }
  if (info.isCustom) return { kind: "object", ...readCustom(info, json as JsonObject) };
  const { value, faults } = decode(info.shape, json);
  if (options.defaults !== false) fillObject(value as KubeObject);
  return { kind: "object", object: value as KubeObject, faults };
}

/** The kind of that version and name, where kubewire reads it. */
export function infoOf(apiVersion: string, objectKind: string): KindInfo | undefined {
  const info = kindOf(objectKind);
  return info?.shape.apiVersion === apiVersion ? info : undefined;
}

interface Head {
  readonly apiVersion: string;
  readonly objectKind: string;
  readonly faults: readonly Fault[];
}

function readHead(json: unknown): Head {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    const message = "an object with apiVersion and kind is expected";
    const fault = { code: "not-an-object", path: "", value: json, message };
    return { apiVersion: "", objectKind: "", faults: [fault] };
  }
  const faults: Fault[] = [];
  const texts = ["apiVersion", "kind"].map((field) => {
    const value = (json as Record<string, unknown>)[field];
    if (typeof value === "string" && value !== "") return value;
    const message =
      value === undefined || value === null || value === ""
        ? `${field} not set`
        : `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonType(value)} into Go struct field .${field} of type string`;
    faults.push({ code: "no-kind", path: field, value, message });
    return "";
  });
  return { apiVersion: texts[0] as string, objectKind: texts[1] as string, faults };
}
