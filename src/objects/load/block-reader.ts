/**
 * The quick reader: YAML in the plain block style that `kubectl`, Helm and Kustomize print, with
 * one scan over the text and no syntax tree. Whatever it does not know for certain (flow
 * collections, anchors, tags, scalars over several lines, tabs, doubled keys) it leaves to the
 * careful reader, so that the two never disagree.
 *
 * Read next: `careful-reader.ts`, the reference.
 */
import { MAX_NESTING } from "./limits.js";
import { resolvePlain } from "./scalar.js";

/** A line and a column, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A document that was read. */
export interface BlockDocument {
  readonly value: unknown;
  /** Line of the first content, from 0 within the text. */
  readonly line: number;
  /** Lines of the items of a top-level list `items`, from 0 within the text. */
  readonly itemLines: readonly number[];
}

/** Asks for the places of some fields, by printed path; filled in while reading. */
export interface Wanted {
  readonly paths: ReadonlySet<string>;
  readonly found: Map<string, Position>;
}

/** Reads one document, or returns undefined where its style is not the plain one. */
export function readBlock(text: string, wanted?: Wanted): BlockDocument | undefined {
  const reader = new BlockReader(text, wanted);
  try {
    return reader.read();
  } catch (error) {
    if (error === UNUSUAL) return undefined;
    throw error;
  }
}

/** Thrown inside this file only: the text is not in the plain style. */
const UNUSUAL = Symbol("unusual style");

const SPACE = 32;
const HASH = 35;
const DASH = 45;
const COLON = 58;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;

class BlockReader {
  readonly #text: string;
  readonly #wanted: Wanted | undefined;
  /** Start of the line after the current one. */
  #next = 0;
  #line = -1;
  /** Column of the current content, or -1 at the end. */
  #indent = -1;
  /** First and last character of the current content. */
  #at = 0;
  #end = 0;
  #depth = 0;
  readonly #path: (string | number)[] = [];
  readonly #itemLines: number[] = [];

  constructor(text: string, wanted: Wanted | undefined) {
    this.#text = text;
    this.#wanted = wanted;
  }

  read(): BlockDocument {
    this.#advance();
    const line = Math.max(0, this.#line);
    const value = this.#indent < 0 ? null : this.#readNode(this.#indent);
    if (this.#indent >= 0) throw UNUSUAL;
    return { value, line, itemLines: this.#itemLines };
  }

  /** Goes to the next line that holds something. */
  #advance(): void {
    const text = this.#text;
    while (this.#next < text.length) {
      const start = this.#next;
      let end = text.indexOf("\n", start);
      if (end < 0) end = text.length;
      this.#next = end + 1;
      this.#line++;
      let at = start;
      while (at < end && text.charCodeAt(at) === SPACE) at++;
      const first = text.charCodeAt(at);
      if (at === end || first === HASH) continue;
      if (first < SPACE) throw UNUSUAL;
      while (end > at && text.charCodeAt(end - 1) <= SPACE) end--;
      this.#indent = at - start;
      this.#at = at;
      this.#end = end;
      return;
    }
    this.#indent = -1;
  }

  #readNode(indent: number): unknown {
    if (++this.#depth > MAX_NESTING) throw UNUSUAL;
    const value = this.#isDash() ? this.#readSequence(indent) : this.#readMapping(indent);
    this.#depth--;
    return value;
  }

  #isDash(): boolean {
    const after = this.#at + 1;
    if (this.#text.charCodeAt(this.#at) !== DASH) return false;
    return after === this.#end || this.#text.charCodeAt(after) === SPACE;
  }

  #readMapping(indent: number): unknown {
    const out: Record<string, unknown> = {};
    while (this.#indent === indent) {
      if (this.#isDash()) throw UNUSUAL;
      const key = this.#readKey();
      if (key === undefined || key === "__proto__" || Object.hasOwn(out, key)) throw UNUSUAL;
      this.#path.push(key);
      this.#mark();
      out[key] = this.#readValue(indent, true);
      this.#path.pop();
    }
    if (this.#indent > indent) throw UNUSUAL;
    return out;
  }

  #readSequence(indent: number): unknown {
    const out: unknown[] = [];
    const isItems = this.#path.length === 1 && this.#path[0] === "items";
    while (this.#indent === indent && this.#isDash()) {
      if (isItems) this.#itemLines.push(this.#line);
      this.#path.push(out.length);
      this.#mark();
      this.#at++;
      out.push(this.#readItem(indent));
      this.#path.pop();
    }
    if (this.#indent > indent) throw UNUSUAL;
    return out;
  }

  /** Reads what follows a dash: nothing, a scalar, or a collection on the same line. */
  #readItem(indent: number): unknown {
    const dash = this.#at;
    while (this.#at < this.#end && this.#text.charCodeAt(this.#at) === SPACE) this.#at++;
    if (this.#at === this.#end || this.#text.charCodeAt(this.#at) === HASH) {
      return this.#readNested(indent, false);
    }
    if (this.#isDash() || this.#findColon() >= 0) {
      const inner = indent + 1 + (this.#at - dash);
      this.#indent = inner;
      return this.#readNode(inner);
    }
    return this.#readScalar(indent);
  }

  /** Reads what follows `key:`. */
  #readValue(indent: number, inMapping: boolean): unknown {
    while (this.#at < this.#end && this.#text.charCodeAt(this.#at) === SPACE) this.#at++;
    if (this.#at === this.#end || this.#text.charCodeAt(this.#at) === HASH) {
      return this.#readNested(indent, inMapping);
    }
    return this.#readScalar(indent);
  }

  /** Reads a collection on the lines below; a list may stand at its key's own column. */
  #readNested(indent: number, inMapping: boolean): unknown {
    this.#advance();
    if (this.#indent > indent) {
      if (!this.#isDash() && this.#findColon() < 0) throw UNUSUAL;
      return this.#readNode(this.#indent);
    }
    if (inMapping && this.#indent === indent && this.#isDash()) return this.#readNode(indent);
    return null;
  }

  /** The end of a plain or quoted key on the current line, or -1. */
  #findColon(): number {
    const text = this.#text;
    const first = text.charCodeAt(this.#at);
    if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) {
      const close = text.indexOf(text[this.#at] as string, this.#at + 1);
      return close > 0 && text.charCodeAt(close + 1) === COLON ? close + 1 : -1;
    }
    for (let i = this.#at; i < this.#end; i++) {
      const code = text.charCodeAt(i);
      if (code === COLON && (i + 1 === this.#end || text.charCodeAt(i + 1) === SPACE)) return i;
      if (code === HASH && text.charCodeAt(i - 1) === SPACE) return -1;
    }
    return -1;
  }

  #readKey(): string | undefined {
    const colon = this.#findColon();
    if (colon < 0) throw UNUSUAL;
    const raw = this.#text.slice(this.#at, colon);
    const after = this.#text.charCodeAt(colon + 1);
    if (colon + 1 < this.#end && after !== SPACE) throw UNUSUAL;
    this.#keyAt = this.#at;
    this.#at = colon + 1;
    const quoted = /^(["'])([^"'\\]*)\1$/.exec(raw);
    if (quoted !== null) return quoted[2] as string;
    if (!/^[A-Za-z_][-A-Za-z0-9_./]*$/.test(raw)) return undefined;
    return typeof resolvePlain(raw) === "string" ? raw : undefined;
  }

  #keyAt = 0;

  #mark(): void {
    if (this.#wanted === undefined) return;
    const path = printSteps(this.#path);
    if (!this.#wanted.paths.has(path)) return;
    const at = typeof this.#path.at(-1) === "number" ? this.#at : this.#keyAt;
    const start = this.#text.lastIndexOf("\n", at - 1) + 1;
    this.#wanted.found.set(path, { line: this.#line, column: at - start + 1 });
  }

  /** Reads a scalar on the current line, and goes on to the next line. */
  #readScalar(indent: number): unknown {
    const text = this.#text;
    const first = text[this.#at] as string;
    if (first === "|") return this.#readLiteral(indent);
    let value: unknown;
    if (first === '"' || first === "'") value = this.#readQuoted(first);
    else value = this.#readPlain(first);
    this.#advance();
    if (this.#indent > indent) throw UNUSUAL;
    return value;
  }

  #readQuoted(quote: string): string {
    const text = this.#text;
    const close = text.indexOf(quote, this.#at + 1);
    if (close < 0 || close >= this.#end) throw UNUSUAL;
    if (text.charCodeAt(close + 1) === SINGLE_QUOTE) throw UNUSUAL;
    const rest = text.slice(close + 1, this.#end);
    if (rest !== "" && !/^ +#/.test(rest)) throw UNUSUAL;
    const inner = text.slice(this.#at + 1, close);
    if (quote === '"' && inner.includes("\\")) throw UNUSUAL;
    return inner;
  }

  #readPlain(first: string): unknown {
    let raw = this.#text.slice(this.#at, this.#end);
    const comment = raw.indexOf(" #");
    if (comment >= 0) raw = raw.slice(0, comment).trimEnd();
    if (raw === "{}") return {};
    if (raw === "[]") return [];
    if ("&*!|>%@`[]{}?,#".includes(first) || raw.includes(": ") || raw.endsWith(":")) throw UNUSUAL;
    if (first === "-" && (raw.length === 1 || raw[1] === " ")) throw UNUSUAL;
    const value = resolvePlain(raw);
    if (typeof value === "number" && !Number.isFinite(value)) throw UNUSUAL;
    return value;
  }

  /** Reads a literal block, `|` or `|-`, whose lines are kept as they are. */
  #readLiteral(indent: number): string {
    const header = this.#text.slice(this.#at, this.#end);
    if (header !== "|" && header !== "|-") throw UNUSUAL;
    const lines: string[] = [];
    let width = -1;
    while (this.#next < this.#text.length) {
      const start = this.#next;
      let end = this.#text.indexOf("\n", start);
      if (end < 0) end = this.#text.length;
      const line = this.#text.slice(start, end);
      const spaces = line.length - line.trimStart().length;
      if (spaces < line.length && spaces <= indent) break;
      if (line.includes("\t") || line.includes("\r")) throw UNUSUAL;
      if (width < 0 && spaces < line.length) width = spaces;
      if (spaces === line.length && (width < 0 || spaces > width)) {
        if (spaces > 0) throw UNUSUAL;
        if (width < 0) throw UNUSUAL;
      }
      if (spaces < line.length && spaces < width) throw UNUSUAL;
      lines.push(line.slice(width));
      this.#next = end + 1;
      this.#line++;
    }
    if (width < 0) throw UNUSUAL;
    this.#advance();
    const body = lines.join("\n").replace(/\n*$/, "");
    return header === "|" ? `${body}\n` : body;
  }
}

function printSteps(steps: readonly (string | number)[]): string {
  let out = "";
  for (const step of steps) {
    if (typeof step === "number") out += `[${step}]`;
    else out += out === "" ? step : `.${step}`;
  }
  return out;
}
