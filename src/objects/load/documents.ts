/**
 * From the text of a file to its documents: JSON or YAML, one or many. Nothing here knows of
 * Kubernetes but the place of a list's items, whose lines are kept.
 */
import type { Fault } from "../../base/index.js";
import { type Position, readBlock } from "./block-reader.js";
import { readCareful } from "./careful-reader.js";
import { countKeys, countValueKeys, itemLinesOf, scanJson } from "./json-reader.js";
import { MAX_DOCUMENTS, MAX_FILE_CHARS, MAX_NESTING } from "./limits.js";

/** One document of a file. */
export interface Document {
  readonly value: unknown;
  /** Line of its first content, from 1 in the file. */
  readonly line: number;
  /** Line of an item of its top-level list `items`, where it was kept. */
  readonly itemLine: (index: number) => number | undefined;
  /** Finds the places of fields, by printed path. Costs another reading of the document. */
  readonly locate: (paths: ReadonlySet<string>) => ReadonlyMap<string, Position>;
}

/** The documents of a file, and what is wrong with its text. */
export interface DocumentList {
  readonly documents: readonly Document[];
  readonly faults: readonly Fault[];
}

/** How a text is read. */
export interface TextOptions {
  /** Whether YAML with doubled keys gives a document too, with the last of each. Default: false. */
  readonly doubledKeys?: boolean;
}

/** Reads all documents of a text. Empty documents are left out. */
export function readDocuments(text: string, options: TextOptions = {}): DocumentList {
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (source.length > MAX_FILE_CHARS) {
    return refuse("too-big", `a file may have at most ${MAX_FILE_CHARS} characters`, source.length);
  }
  const first = /^\s*([{[])/.exec(source.slice(0, 1000))?.[1];
  if (first !== undefined) {
    const json = readJson(source);
    if (json !== undefined) return json;
  }
  return readYaml(source, options);
}

function refuse(code: string, message: string, value?: unknown): DocumentList {
  return { documents: [], faults: [{ code, path: "", value, message }] };
}

/** Undefined where the text is not JSON; it may still be YAML in flow style. */
function readJson(text: string): DocumentList | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const keys = countValueKeys(value);
  if (keys === undefined) return refuse("too-deep", `nested deeper than ${MAX_NESTING} levels`);
  const isUnique = countKeys(text) === keys;
  const faults = isUnique ? [] : scanJson(text, new Set()).duplicates;
  const line = (/^\s*/.exec(text)?.[0] ?? "").split("\n").length;
  const locate = (paths: ReadonlySet<string>) => scanJson(text, paths).positions;
  let lines: readonly number[] | undefined;
  const itemLine = (i: number) => {
    lines ??= itemLinesOf(text);
    return lines[i] ?? line;
  };
  return { documents: [{ value, line, itemLine, locate }], faults };
}

/** A part of a text: one document with the number of lines before it. */
interface Part {
  readonly text: string;
  readonly linesBefore: number;
}

/** Characters that YAML does not allow anywhere. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/;

function readYaml(text: string, { doubledKeys = false }: TextOptions): DocumentList {
  const control = CONTROL.exec(text);
  if (control !== null) {
    const line = text.slice(0, control.index).split("\n").length;
    const fault = {
      code: "bad-yaml",
      path: "",
      message: "control characters are not allowed",
      line,
    };
    return { documents: [], faults: [fault] };
  }
  const documents: Document[] = [];
  const faults: Fault[] = [];
  let parts = 0;
  for (const part of splitDocuments(text)) {
    if (++parts > MAX_DOCUMENTS) {
      return refuse("too-big", `a file may have at most ${MAX_DOCUMENTS} documents`);
    }
    readPart(part, { documents, faults, doubledKeys });
  }
  return { documents, faults };
}

function* splitDocuments(text: string): Generator<Part> {
  const mark = /^(?:---(?=[ \t\r\n]|$)|\.\.\.(?=[ \t\r\n]|$))[^\S\n]*(?:#[^\n]*)?(\n|$)?/gm;
  let start = 0;
  let linesBefore = 0;
  for (let m = mark.exec(text); m !== null; m = mark.exec(text)) {
    if (m.index > start) yield { text: text.slice(start, m.index), linesBefore };
    linesBefore += countLines(text, start, mark.lastIndex);
    start = mark.lastIndex;
    if (mark.lastIndex === m.index) mark.lastIndex++;
  }
  if (start < text.length) yield { text: text.slice(start), linesBefore };
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) {
    lines++;
  }
  return lines;
}

interface Reading {
  readonly documents: Document[];
  readonly faults: Fault[];
  readonly doubledKeys: boolean;
}

function readPart({ text, linesBefore }: Part, { documents, doubledKeys, faults }: Reading): void {
  const block = readBlock(text);
  if (block !== undefined) {
    if (block.value === null) return;
    const locate = (paths: ReadonlySet<string>) => {
      const found = new Map<string, Position>();
      readBlock(text, { paths, found });
      return shift(found, linesBefore + 1);
    };
    const itemLine = (i: number) => {
      const line = block.itemLines[i];
      return line === undefined ? undefined : line + linesBefore + 1;
    };
    documents.push({ value: block.value, line: linesBefore + block.line + 1, itemLine, locate });
    return;
  }
  const careful = readCareful(text);
  for (const fault of careful.faults) {
    faults.push(fault.line === undefined ? fault : { ...fault, line: fault.line + linesBefore });
  }
  const isRead = careful.faults.every(({ code }) => doubledKeys && code === "duplicate-key");
  if (!isRead || careful.value === null) return;
  const positions = shift(careful.positions, linesBefore);
  documents.push({
    value: careful.value,
    line: Math.min(...firstLines(positions), Number.POSITIVE_INFINITY) || linesBefore + 1,
    itemLine: (i) => positions.get(`items[${i}]`)?.line,
    locate: () => positions,
  });
}

function firstLines(positions: ReadonlyMap<string, Position>): readonly number[] {
  for (const { line } of positions.values()) return [line];
  return [1];
}

function shift(positions: ReadonlyMap<string, Position>, by: number): Map<string, Position> {
  const out = new Map<string, Position>();
  for (const [path, { line, column }] of positions) out.set(path, { line: line + by, column });
  return out;
}
