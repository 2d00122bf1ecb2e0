/**
 * The words of nft's language, with the lines they stand on. A string in quotes keeps its first quote
 * as a mark; a line's end is a word of its own, since it ends statements.
 */
import { type Fault, InputError } from "../../../base/index.js";
import type { NftRule } from "../../nft.js";

/** Ends the line. */
export const END = "\n";

const SPECIAL = new Set(["{", "}", ",", ";", "=", "!", "<", ">", "(", ")", "|", "&", "^"]);
const TWO = new Set(["==", "!=", "<=", ">=", "<<", ">>"]);

/** A text cut into words. */
export interface Tokens {
  readonly words: readonly string[];
  readonly lines: readonly number[];
  /** Where each word begins in the text. */
  readonly offsets: readonly number[];
  readonly text: string;
  readonly file: string | undefined;
}

/** Makes the error of a place in the text. */
export function faultAt(
  tokens: Tokens,
  at: number,
  fault: { code: string; message: string; value?: string },
): InputError {
  const line = tokens.lines[Math.min(at, tokens.lines.length - 1)] ?? 1;
  const { file } = tokens;
  const full: Fault = { path: "", ...fault, line, ...(file === undefined ? {} : { file }) };
  return new InputError(full);
}

/** Cuts a text into words. Errors: `InputError` for a quote that is not closed. */
export function tokenize(text: string, file?: string): Tokens {
  const words: string[] = [];
  const lines: number[] = [];
  const offsets: number[] = [];
  const tokens: Tokens = { words, lines, offsets, text, file };
  let line = 1;
  let at = 0;
  const push = (word: string) => {
    words.push(word);
    lines.push(line);
    offsets.push(at);
  };
  while (at < text.length) {
    const c = text[at] as string;
    if (c === "\n") {
      push(END);
      line++;
      at++;
    } else if (c === " " || c === "\t" || c === "\r") {
      at++;
    } else if (c === "#") {
      at = endOfLine(text, at);
    } else if (c === "\\" && /^\\[ \t\r]*\n/.test(text.slice(at, at + 200))) {
      at = endOfLine(text, at) + 1;
      line++;
    } else if (c === '"') {
      const end = text.indexOf('"', at + 1);
      const inner = text.slice(at + 1, end);
      if (end < 0 || inner.includes("\n")) {
        push('"');
        throw faultAt(tokens, words.length - 1, {
          code: "unclosed-quote",
          message: "a quote is not closed",
        });
      }
      push(`"${inner}`);
      at = end + 1;
    } else if (SPECIAL.has(c)) {
      const two = text.slice(at, at + 2);
      const word = TWO.has(two) ? two : c;
      push(word);
      at += word.length;
    } else {
      const end = endOfWord(text, at);
      push(text.slice(at, end));
      at = end;
    }
  }
  return tokens;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

function endOfWord(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const c = text[at] as string;
    if (SPECIAL.has(c) || c === '"' || c === "\n" || c === " " || c === "\t" || c === "\r") break;
    at++;
  }
  return Math.max(at, start + 1);
}

/** Reads words one after the other. */
export class NftReader {
  readonly tokens: Tokens;
  /** At which word each rule begins. */
  readonly starts = new Map<NftRule, number>();
  at = 0;

  constructor(tokens: Tokens) {
    this.tokens = tokens;
  }

  get line(): number {
    return this.tokens.lines[this.at] ?? this.tokens.lines.at(-1) ?? 1;
  }

  /** The next word, or undefined at the end of the text. */
  peek(ahead = 0): string | undefined {
    return this.tokens.words[this.at + ahead];
  }

  next(what: string): string {
    const word = this.peek();
    if (word === undefined || word === END) throw this.fault("missing-word", `${what} is missing`);
    this.at++;
    return word;
  }

  /** Takes the word if it is the next one. */
  take(word: string): boolean {
    if (this.peek() !== word) return false;
    this.at++;
    return true;
  }

  expect(word: string): void {
    if (!this.take(word))
      throw this.fault("unexpected-word", `expected ${JSON.stringify(word)}`, this.peek());
  }

  /** A whole number. */
  number(what: string): number {
    const word = this.next(what);
    const number = /^(?:0x[0-9a-fA-F]+|[0-9]+)$/.test(word) ? Number(word) : Number.NaN;
    if (!Number.isSafeInteger(number)) {
      this.at--;
      throw this.fault("bad-number", `not ${what}`, word);
    }
    return number;
  }

  /** A word in quotes or not. */
  text(what: string): string {
    const word = this.next(what);
    return word.startsWith('"') ? word.slice(1) : word;
  }

  /** The line a word stands on, without its indentation. */
  lineOf(at: number): string {
    const { text, offsets } = this.tokens;
    const place = offsets[at] ?? text.length;
    const start = text.lastIndexOf("\n", place) + 1;
    return text.slice(start, endOfLine(text, place)).replace(/^\t+/, "");
  }

  skipLines(): void {
    while (this.peek() === END || this.peek() === ";") this.at++;
  }

  fault(code: string, message: string, value?: string): InputError {
    const shown = value === undefined ? {} : { value: value === END ? "end of line" : value };
    return faultAt(this.tokens, this.at, { code, message, ...shown });
  }
}
