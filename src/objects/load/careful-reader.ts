/**
 * The careful reader: any YAML, by way of the `yaml` package, scalar by scalar in the meaning that
 * Kubernetes gives them. It is the reference for the quick reader, tells where every field
 * stands, and finds every syntax fault of a document.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Scalar } from "yaml";
import type { Fault } from "../../base/index.js";
import type { Position } from "./block-reader.js";
import { MAX_ALIASED_NODES, MAX_CAREFUL_CHARS, MAX_NESTING } from "./limits.js";
import { resolvePlain } from "./scalar.js";

/** A document that was read, or why not. */
export interface CarefulDocument {
  readonly value: unknown;
  /** Syntax faults and doubled keys; lines are within the text, from 1. */
  readonly faults: readonly Fault[];
  /** Where fields stand, by printed path. */
  readonly positions: ReadonlyMap<string, Position>;
}

interface Context {
  readonly counter: LineCounter;
  readonly anchors: Map<string, unknown>;
  readonly faults: Fault[];
  readonly positions: Map<string, Position>;
  nodes: number;
}

/** Reads one document of any style. */
export function readCareful(text: string): CarefulDocument {
  const refused = refusalOf(text);
  if (refused !== undefined) return { value: undefined, faults: [refused], positions: new Map() };
  const counter = new LineCounter();
  const context: Context = {
    counter,
    anchors: new Map(),
    faults: [],
    positions: new Map(),
    nodes: 0,
  };
  const document = parseDocument(text, {
    lineCounter: counter,
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  for (const error of document.errors) {
    const { line, col } = counter.linePos(error.pos[0]);
    const message = error.message.split("\n")[0] as string;
    context.faults.push({ code: "bad-yaml", path: "", message, line, column: col });
  }
  const value = readNode(document.contents, "", 0, context);
  return { value, faults: context.faults, positions: context.positions };
}

/** Says why a text is not even tried: too long, or nested so deep that parsing could overflow. */
function refusalOf(text: string): Fault | undefined {
  if (text.length > MAX_CAREFUL_CHARS) {
    const message = `a document that is not in plain block style may have at most ${MAX_CAREFUL_CHARS} characters`;
    return { code: "too-big", path: "", value: text.length, message };
  }
  let open = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 91 || code === 123) open++;
    else if ((code === 93 || code === 125) && open > 0) open--;
    else if (code === 10 && deepDashes(text, i + 1)) open = MAX_FLOW_DEPTH + 1;
    if (open > MAX_FLOW_DEPTH) return tooDeep();
  }
  return undefined;
}

/** Most unclosed brackets in a text; brackets inside of texts count too. */
const MAX_FLOW_DEPTH = 500;

function deepDashes(text: string, start: number): boolean {
  const end = text.indexOf("\n", start);
  const width = (end < 0 ? text.length : end) - start;
  return width > 2 * MAX_NESTING && /^\s*([-?:]\s+){64}/.test(text.slice(start, start + 400));
}

function tooDeep(): Fault {
  const message = `nested deeper than ${MAX_NESTING} levels`;
  return { code: "too-deep", path: "", message };
}

function report(context: Context, code: string, message: string, at: readonly [string, unknown]) {
  if (code !== "duplicate-key" && context.faults.some((f) => f.code === code)) return;
  const range = (at[1] as { range?: readonly number[] } | null)?.range;
  const place = range === undefined ? undefined : context.counter.linePos(range[0] as number);
  context.faults.push({
    code,
    path: at[0],
    message,
    ...(place === undefined ? {} : { line: place.line, column: place.col }),
  });
}

function readNode(node: unknown, path: string, depth: number, context: Context): unknown {
  context.nodes++;
  if (context.nodes > MAX_ALIASED_NODES * 10) {
    report(context, "too-big", `more than ${MAX_ALIASED_NODES * 10} values`, [path, node]);
    return null;
  }
  if (depth > MAX_NESTING) {
    report(context, "too-deep", `nested deeper than ${MAX_NESTING} levels`, [path, node]);
    return null;
  }
  if (isAlias(node)) return readAlias(node.source, path, node, context);
  if (isMap(node)) return keep(node, readMap(node, path, depth, context), context);
  if (isSeq(node)) {
    const out: unknown[] = [];
    keep(node, out, context);
    for (const [i, item] of node.items.entries()) {
      const itemPath = `${path}[${i}]`;
      mark(itemPath, item, context);
      out.push(readNode(item, itemPath, depth + 1, context));
    }
    return out;
  }
  if (isScalar(node)) return keep(node, readScalar(node, path, context), context);
  return null;
}

function keep<T>(node: { anchor?: string }, value: T, context: Context): T {
  if (node.anchor !== undefined) context.anchors.set(node.anchor, value);
  return value;
}

/** An alias is a copy, counted, so that a few lines cannot stand for millions of values. */
function readAlias(name: string, path: string, node: unknown, context: Context): unknown {
  if (!context.anchors.has(name)) {
    report(context, "bad-yaml", `unknown anchor '${name}' referenced`, [path, node]);
    return null;
  }
  return copyCounted(context.anchors.get(name), path, node, context);
}

function copyCounted(value: unknown, path: string, node: unknown, context: Context): unknown {
  context.nodes += ALIAS_WEIGHT;
  if (context.nodes > MAX_ALIASED_NODES * 10) {
    report(context, "too-big", "document contains excessive aliasing", [path, node]);
    return null;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((v) => copyCounted(v, path, node, context));
  const out: Record<string, unknown> = {};
  for (const [k, v] of Object.entries(value)) setOwn(out, k, copyCounted(v, path, node, context));
  return out;
}

/** A copied value counts as ten read ones, so that aliases are bounded at `MAX_ALIASED_NODES`. */
const ALIAS_WEIGHT = 10;

interface MapLike {
  readonly items: readonly { readonly key: unknown; readonly value: unknown }[];
}

function readMap(
  node: MapLike & { anchor?: string },
  path: string,
  depth: number,
  context: Context,
): unknown {
  const out: Record<string, unknown> = {};
  const merged: unknown[] = [];
  for (const { key, value } of node.items) {
    const name = readKey(key, path, context);
    if (name === undefined) continue;
    const below = path === "" ? name : `${path}.${name}`;
    mark(below, key, context);
    const read = readNode(value, below, depth + 1, context);
    if (name === "<<" && isScalar(key) && key.type === "PLAIN") {
      merged.push(...(Array.isArray(read) ? read : [read]));
      continue;
    }
    if (Object.hasOwn(out, name)) {
      report(context, "duplicate-key", `key ${JSON.stringify(name)} already set in map`, [
        below,
        key,
      ]);
    }
    setOwn(out, name, read);
  }
  for (const from of merged) {
    if (typeof from !== "object" || from === null) continue;
    for (const [k, v] of Object.entries(from)) if (!Object.hasOwn(out, k)) setOwn(out, k, v);
  }
  return out;
}

function readKey(key: unknown, path: string, context: Context): string | undefined {
  if (isScalar(key)) {
    const value = readScalar(key, path, context);
    return value === null ? "null" : String(value);
  }
  if (isAlias(key)) return String(readAlias(key.source, path, key, context));
  report(context, "bad-yaml", "a key must be a text", [path, key]);
  return undefined;
}

function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function mark(path: string, node: unknown, context: Context): void {
  const range = (node as { range?: readonly number[] } | null)?.range;
  if (range === undefined || range === null) return;
  const { line, col } = context.counter.linePos(range[0] as number);
  context.positions.set(path, { line, column: col });
}

function readScalar(node: Scalar, path: string, context: Context): unknown {
  const text = typeof node.value === "string" ? node.value : String(node.value ?? "");
  const tag = node.tag;
  const isText = tag === undefined ? node.type !== "PLAIN" && node.type !== undefined : false;
  if (isText || tag === "tag:yaml.org,2002:str" || tag === "!" || tag?.endsWith(":binary")) {
    return text;
  }
  const value = resolvePlain(text);
  if (typeof value === "number" && !Number.isFinite(value)) {
    report(context, "bad-yaml", `JSON has no number ${text}`, [path, node]);
    return null;
  }
  return value;
}
