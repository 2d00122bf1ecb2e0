/**
 * Loading manifests: files in, objects with their places out, or every fault of every file.
 *
 *   text ─ documents ─ items of lists ─ read (decode, defaults) ─ check ─ freeze
 *
 * Nothing is half loaded: when anything is wrong, there are no objects.
 */
import { type Fault, InputError, type Origin } from "../../base/index.js";
import { checkLoaded } from "../check/loaded.js";
import { aboutObject } from "../fault-text.js";
import { withGeneratedName } from "../generated-name.js";
import { KINDS, type KubeObject, kindOf } from "../kinds/kinds.js";
import { readObject } from "../read-object.js";
import { freezeDeep } from "../shape/freeze.js";
import { parsePath } from "../shape/path.js";
import { type Document, readDocuments } from "./documents.js";
import { MAX_FAULTS } from "./limits.js";

/** A file with manifests: its name as people know it, and its text. */
export interface ManifestFile {
  readonly file: string;
  readonly text: string;
}

/** An object, and where it was written. */
export interface LoadedObject {
  readonly object: KubeObject;
  readonly origin: Origin;
}

/** A kind that has no meaning for the network, and how often it was there. */
export interface OtherKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly count: number;
}

/** What was loaded. */
export interface LoadedManifests {
  readonly objects: readonly LoadedObject[];
  /** Sorted by kind. */
  readonly others: readonly OtherKind[];
}

/** The outcome of an attempt to load. */
export interface LoadAttempt extends LoadedManifests {
  /** In the order of the input. When there are any, nothing is loaded. */
  readonly faults: readonly Fault[];
}

/** How to load. */
export interface LoadOptions {
  /** The namespace of objects that name none. */
  readonly namespace?: string;
}

/**
 * Loads manifests from YAML or JSON texts.
 *
 * Shape: documents, lists and `kubectl get -o yaml` output alike; defaults are filled in, objects
 * are frozen, in the order of the input.
 * Errors: `InputError` with every fault of every document, each with file, line and column.
 * Follows: kube-apiserver v1.35 strict field validation and checks on creation.
 * Not modelled: what a later object could meet (a taken address or node port) is for the cluster.
 * Cost: linear in the text; YAML in plain block style is read at about 25 MB a second.
 *
 * @example
 * loadManifests([{ file: "shop.yaml", text }]).objects
 */
export function loadManifests(
  files: readonly ManifestFile[],
  options: LoadOptions = {},
): LoadedManifests {
  const { faults, objects, others } = tryLoadManifests(files, options);
  if (faults.length > 0) throw new InputError(faults);
  return { objects, others };
}

/** Loads manifests; what is wrong comes back as a list instead of an error. */
export function tryLoadManifests(
  files: readonly ManifestFile[],
  options: LoadOptions = {},
): LoadAttempt {
  const loading = new Loading(options.namespace ?? "default");
  for (const file of files) loading.addFile(file);
  return loading.finish();
}

/** One item of a document: the whole of it, or an item of a list. */
export interface Item {
  readonly json: unknown;
  /** Where it stands in its document: "" or `items[3]`. */
  readonly prefix: string;
  readonly line: number | undefined;
}

class Loading {
  readonly #namespace: string;
  readonly #objects: LoadedObject[] = [];
  readonly #others = new Map<string, OtherKind>();
  readonly #faults: Fault[] = [];
  /** Where each object was first written. */
  readonly #places = new Map<string, { readonly file: string; readonly line: number }>();

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  addFile({ file, text }: ManifestFile): void {
    const before = this.#faults.length;
    const { documents, faults } = readDocuments(text);
    for (const fault of faults) this.#faults.push({ ...fault, file });
    for (const document of documents) {
      for (const item of itemsOf(document)) this.#addItem(file, document, item);
    }
    this.#faults.push(...this.#faults.splice(before).sort(byPlace));
  }

  finish(): LoadAttempt {
    const others = [...this.#others.values()].sort((a, b) =>
      a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.apiVersion < b.apiVersion ? -1 : 1,
    );
    if (this.#faults.length > 0) {
      return { objects: [], others, faults: this.#faults.slice(0, MAX_FAULTS) };
    }
    return { objects: this.#objects, others, faults: [] };
  }

  #addItem(file: string, document: Document, item: Item): void {
    const read = readObject(this.#named(item.json));
    if (read.kind === "other") {
      const key = `${read.apiVersion}/${read.objectKind}`;
      const known = this.#others.get(key);
      const count = (known?.count ?? 0) + 1;
      this.#others.set(key, { apiVersion: read.apiVersion, kind: read.objectKind, count });
      return;
    }
    const faults = [...read.faults];
    if (read.kind === "object") {
      const object = this.#withNamespace(read.object);
      if (faults.every((f) => f.code === "unknown-field")) faults.push(...checkLoaded(object));
      const line = item.line ?? lineOf(document, item.prefix);
      this.#checkUnique(object, { file, line }, faults);
      if (faults.length === 0) this.#keep(object, file, line);
    }
    if (faults.length === 0) return;
    const told =
      read.kind === "object" ? faults.map((fault) => aboutObject(fault, read.object)) : faults;
    this.#report(file, document, item, told);
  }

  /** Several objects of one `generateName` get different names. */
  #named(json: unknown): unknown {
    return withGeneratedName(json, (name) => {
      const { kind, metadata } = json as { kind?: unknown; metadata: { namespace?: unknown } };
      const isGlobal = kindOf(String(kind))?.namespaced === false;
      const namespace = isGlobal ? "" : (metadata.namespace ?? this.#namespace);
      return this.#places.has(`${kind}/${namespace}/${name}`);
    });
  }

  #withNamespace(object: KubeObject): KubeObject {
    if (!KINDS[object.kind].namespaced || (object.metadata.namespace ?? "") !== "") return object;
    (object.metadata as { namespace?: string }).namespace = this.#namespace;
    return object;
  }

  #keep(object: KubeObject, file: string, line: number): void {
    const { name, namespace } = object.metadata;
    const place = { kind: object.kind, name, file, line };
    const origin = namespace === undefined ? place : { ...place, namespace };
    this.#objects.push({ object: freezeDeep(object), origin });
  }

  #checkUnique(
    object: KubeObject,
    place: { readonly file: string; readonly line: number },
    faults: Fault[],
  ): void {
    const { name, namespace } = object.metadata;
    if (name === "") return;
    const key = `${object.kind}/${namespace ?? ""}/${name}`;
    const first = this.#places.get(key);
    if (first === undefined) {
      this.#places.set(key, place);
      return;
    }
    const message = `${object.kind} of this name is already at ${first.file}:${first.line}`;
    faults.push({ code: "duplicate-name", path: "metadata.name", value: name, message });
  }

  #report(file: string, document: Document, item: Item, faults: readonly Fault[]): void {
    if (this.#faults.length >= MAX_FAULTS) return;
    const wanted = new Set(faults.flatMap((f) => pathsAbove(join(item.prefix, f.path))));
    const found = document.locate(wanted);
    for (const fault of faults) {
      const near = pathsAbove(join(item.prefix, fault.path)).find((p) => found.has(p));
      const place = near === undefined ? undefined : found.get(near);
      const line = place?.line ?? item.line ?? document.line;
      const column = place?.column ?? 1;
      this.#faults.push({ ...fault, file, line, column });
    }
  }
}

function byPlace(a: Fault, b: Fault): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function join(prefix: string, path: string): string {
  if (prefix === "" || path === "") return prefix + path;
  return `${prefix}.${path}`;
}

function lineOf(document: Document, prefix: string): number {
  if (prefix === "") return document.line;
  return document.locate(new Set([prefix])).get(prefix)?.line ?? document.line;
}

/** A path and the paths of what holds it, innermost first. */
function pathsAbove(path: string): readonly string[] {
  const steps = parsePath(path);
  const paths: string[] = [path];
  let shorter = path;
  for (const step of [...steps].reverse()) {
    const end = typeof step === "number" ? `[${step}]` : step;
    if (!shorter.endsWith(end)) break;
    shorter = shorter.slice(0, shorter.length - end.length).replace(/\.$/, "");
    if (shorter === "") break;
    paths.push(shorter);
  }
  return paths;
}

/** The items of a list, lists in lists included; any other document is its own only item. */
export function itemsOf(document: Document): readonly Item[] {
  const { value, line } = document;
  const items = listItems(value);
  if (items === undefined) return [{ json: value, prefix: "", line }];
  return items.flatMap((json, i): readonly Item[] => {
    const prefix = `items[${i}]`;
    const inner = listItems(json);
    if (inner === undefined) return [{ json, prefix, line: document.itemLine(i) }];
    return inner.map((j, k) => ({ json: j, prefix: `${prefix}.items[${k}]`, line: undefined }));
  });
}

function listItems(value: unknown): readonly unknown[] | undefined {
  if (!isPlainObject(value)) return undefined;
  const { apiVersion, kind, items } = value;
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) return undefined;
  const itemKind = kind.slice(0, -"List".length);
  if (itemKind === "") return items as readonly unknown[];
  return items.map((item) => withKind(item, { apiVersion, kind: itemKind }));
}

/**
 * Items of a typed list (`PodList`) need not say what they are.
 *
 * Follows: apimachinery v0.35 pkg/apis/meta/v1/unstructured/helpers.go `decodeToList`.
 */
function withKind(item: unknown, { apiVersion, kind }: Readonly<Record<string, unknown>>): unknown {
  if (!isPlainObject(item) || (item.kind ?? "") !== "" || (item.apiVersion ?? "") !== "")
    return item;
  return { ...item, kind, apiVersion };
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
