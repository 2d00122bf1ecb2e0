/**
 * JSON text. `JSON.parse` reads it; a scan over the text adds what `JSON.parse` cannot tell: keys
 * that stand twice, and where a field stands.
 */
import type { Fault } from "../../base/index.js";
import { printPath } from "../shape/path.js";
import type { Position } from "./block-reader.js";
import { MAX_NESTING } from "./limits.js";

/** Counts the keys in a JSON text without parsing it. */
export function countKeys(text: string): number {
  let keys = 0;
  let at = text.indexOf('"');
  while (at >= 0) {
    let close = text.indexOf('"', at + 1);
    while (close > 0 && text.charCodeAt(close - 1) === BACKSLASH && isEscaped(text, close)) {
      close = text.indexOf('"', close + 1);
    }
    if (close < 0) return keys;
    let after = close + 1;
    let code = text.charCodeAt(after);
    while (code <= SPACE) code = text.charCodeAt(++after);
    if (code === COLON) keys++;
    at = text.indexOf('"', after);
  }
  return keys;
}

const BACKSLASH = 92;
const SPACE = 32;
const COLON = 58;

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}

/**
 * Counts the keys in a value, level by level; fewer than in its text means that some stood twice.
 *
 * Returns: undefined when the value is nested deeper than `MAX_NESTING`: nobody may then walk it by
 * recursion, not even to print it.
 */
export function countValueKeys(value: unknown): number | undefined {
  let level: readonly unknown[] = [value].filter(isCollection);
  let keys = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_NESTING) return undefined;
    const below: unknown[] = [];
    for (const collection of level) {
      const isList = Array.isArray(collection);
      const values = isList ? (collection as unknown[]) : Object.values(collection as object);
      if (!isList) keys += values.length;
      for (const item of values) if (isCollection(item)) below.push(item);
    }
    level = below;
  }
  return keys;
}

function isCollection(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/**
 * The lines of the items of a top-level list `items`, from 1. Other arrays of the same depth do not
 * stand in a Kubernetes list, so the first array at depth two is taken.
 */
export function itemLinesOf(text: string): readonly number[] {
  const lines: number[] = [];
  if (!text.trimEnd().includes("\n")) return lines;
  let depth = 0;
  let line = 1;
  let inArray = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i);
    else if (code === NEWLINE) line++;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (depth === 2 && inArray && code === OPEN_BRACE) lines.push(line);
      if (depth === 1) inArray = code === OPEN_BRACKET;
      depth++;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth--;
      if (depth === 1 && inArray) return lines;
    }
  }
  return lines;
}

const QUOTE = 34;
const NEWLINE = 10;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

/** What a scan over JSON text found. */
export interface JsonScan {
  readonly positions: ReadonlyMap<string, Position>;
  readonly duplicates: readonly Fault[];
}

type Frame = { readonly keys: Set<string> | undefined; index: number };

/** Scans JSON text that is known to parse, for the places of some fields and for doubled keys. */
export function scanJson(text: string, wanted: ReadonlySet<string>): JsonScan {
  const positions = new Map<string, Position>();
  const duplicates: Fault[] = [];
  const frames: Frame[] = [];
  const path: (string | number)[] = [];
  let line = 1;
  let lineStart = 0;
  let expectsKey = false;
  const tokens = /["{}[\],]|\n/g;
  for (let m = tokens.exec(text); m !== null; m = tokens.exec(text)) {
    const token = m[0];
    const frame = frames.at(-1);
    if (token === "\n") {
      line++;
      lineStart = m.index + 1;
    } else if (token === '"') {
      const close = endOfString(text, m.index);
      if (expectsKey && frame?.keys !== undefined) {
        const key = JSON.parse(text.slice(m.index, close + 1)) as string;
        path[path.length - 1] = key;
        const printed = printPath(path);
        const place = { line, column: m.index - lineStart + 1 };
        if (wanted.has(printed) && !positions.has(printed)) positions.set(printed, place);
        if (frame.keys.has(key)) duplicates.push(doubled(printed, key, place));
        frame.keys.add(key);
        expectsKey = false;
      }
      tokens.lastIndex = close + 1;
    } else if (token === "{" || token === "[") {
      frames.push({ keys: token === "{" ? new Set() : undefined, index: 0 });
      path.push(token === "{" ? "" : 0);
      expectsKey = token === "{";
      if (token === "[") markItem();
    } else if (token === "," && frame !== undefined) {
      expectsKey = frame.keys !== undefined;
      if (frame.keys === undefined) {
        path[path.length - 1] = ++frame.index;
        markItem();
      }
    } else {
      frames.pop();
      path.pop();
      expectsKey = false;
    }
  }
  return { positions, duplicates };

  function markItem(): void {
    const printed = printPath(path);
    if (!wanted.has(printed)) return;
    let at = tokens.lastIndex;
    let atLine = line;
    let start = lineStart;
    for (; at < text.length && text.charCodeAt(at) <= SPACE; at++) {
      if (text[at] !== "\n") continue;
      atLine++;
      start = at + 1;
    }
    positions.set(printed, { line: atLine, column: at - start + 1 });
  }
}

function endOfString(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (close > 0 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
  return close < 0 ? text.length - 1 : close;
}

function doubled(path: string, key: string, place: Position): Fault {
  const message = `key ${JSON.stringify(key)} already set in map`;
  return { code: "duplicate-key", path, message, ...place };
}
