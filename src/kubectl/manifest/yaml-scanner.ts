/**
 * YAML text to tokens, as the reader that kubectl uses takes it apart: only kinds and places, no
 * values. It is here for its refusals, which people see when a manifest is indented wrongly.
 *
 * Follows: go.yaml.in/yaml v2.4 scannerc.go.
 */
import { YamlCursor } from "./yaml-cursor.js";
import { scanBlock, scanPlain, scanQuoted } from "./yaml-scalars.js";

/** What a token is. */
export type TokenKind =
  | "stream-end"
  | "document-start"
  | "document-end"
  | "directive"
  | "block-sequence"
  | "block-mapping"
  | "block-end"
  | "flow-sequence"
  | "flow-sequence-end"
  | "flow-mapping"
  | "flow-mapping-end"
  | "block-entry"
  | "flow-entry"
  | "key"
  | "value"
  | "alias"
  | "anchor"
  | "tag"
  | "scalar";

/** A token with its start: offset, line from 0. */
export interface Token {
  readonly kind: TokenKind;
  readonly at: number;
  readonly line: number;
}

interface Mark {
  readonly at: number;
  readonly line: number;
  readonly column: number;
}

/** A place where a key without `?` may have begun. */
interface SimpleKey extends Mark {
  possible: boolean;
  readonly required: boolean;
  /** Number of its token. */
  readonly token: number;
}

const NO_KEY: SimpleKey = {
  possible: false,
  required: false,
  token: -1,
  at: 0,
  line: 0,
  column: 0,
};

/** How far a key may reach from its start to its colon. */
const LONGEST_KEY = 1024;

const NOT_PLAIN = "-?:,[]{}#&*!|>'\"%@`";

const FLOW_STARTS: Readonly<Record<string, TokenKind>> = {
  "[": "flow-sequence",
  "{": "flow-mapping",
};
const FLOW_CLOSERS: Readonly<Record<string, TokenKind>> = {
  "]": "flow-sequence-end",
  "}": "flow-mapping-end",
};

/** Takes a text apart, a token at a time. Errors: `YamlError`. */
export class YamlScanner {
  readonly #cursor: YamlCursor;
  readonly #queue: Token[] = [];
  #taken = 0;
  readonly #keys: SimpleKey[] = [NO_KEY];
  readonly #indents: number[] = [];
  #indent = -1;
  #flow = 0;
  #keyAllowed = true;

  constructor(text: string) {
    this.#cursor = new YamlCursor(text);
  }

  /** The next token; it stays the next. */
  peek(): Token {
    for (;;) {
      const [head] = this.#queue;
      if (head !== undefined && (head.kind === "stream-end" || !this.#mayBeKey())) return head;
      this.#fetch();
    }
  }

  /** Steps over the next token. */
  skip(): void {
    this.peek();
    this.#queue.shift();
    this.#taken++;
  }

  /** Whether the next token may turn out to be a key once its colon is seen. */
  #mayBeKey(): boolean {
    const key = this.#keys.find((k) => k.possible && k.token === this.#taken);
    return key !== undefined && this.#isValid(key);
  }

  /** Adds a token, at the end or before the one of that number. */
  #add(kind: TokenKind, from: { readonly at: number; readonly line: number }, number = -1): void {
    const token = { kind, at: from.at, line: from.line };
    if (number < 0) this.#queue.push(token);
    else this.#queue.splice(number - this.#taken, 0, token);
  }

  get #mark(): Mark {
    const { at, column, line } = this.#cursor;
    return { at, line, column };
  }

  #fetch(): void {
    this.#toNextToken();
    this.#unroll(this.#cursor.column);
    const c = this.#cursor.char();
    if (c === "") {
      this.#end();
      return;
    }
    if (this.#cursor.column === 0 && this.#fetchDocumentLine(c)) return;
    const { [c]: start } = FLOW_STARTS;
    const { [c]: close } = FLOW_CLOSERS;
    if (start !== undefined) this.#startFlow(start);
    else if (close !== undefined) this.#closeFlow(close);
    else if (c === ",") this.#one("flow-entry", true);
    else if (c === "-" && this.#cursor.isBlankOrEnd(1)) this.#entry();
    else if (c === "?" && (this.#flow > 0 || this.#cursor.isBlankOrEnd(1))) this.#key();
    else if (c === ":" && (this.#flow > 0 || this.#cursor.isBlankOrEnd(1))) this.#value();
    else this.#fetchScalar(c);
  }

  /** Directives, `---` and `...` stand at the start of a line. */
  #fetchDocumentLine(c: string): boolean {
    const isMark = this.#cursor.isDocumentMark();
    if (c !== "%" && !isMark) return false;
    this.#unroll(-1);
    this.#removeKey();
    this.#keyAllowed = false;
    this.#add(c === "%" ? "directive" : c === "-" ? "document-start" : "document-end", this.#mark);
    if (isMark) this.#cursor.step(3);
    else this.#cursor.stepToBreak();
    return true;
  }

  #fetchScalar(c: string): void {
    if (c === "*" || c === "&") this.#name(c === "*" ? "alias" : "anchor");
    else if (c === "!") this.#tag();
    else if ((c === "|" || c === ">") && this.#flow === 0) this.#block();
    else if (c === "'" || c === '"') this.#quoted(c);
    else if (this.#startsPlain(c)) this.#plain();
    else throw this.#cursor.refuse("found character that cannot start any token");
  }

  #startsPlain(c: string): boolean {
    if (!this.#cursor.isBlankOrEnd() && !NOT_PLAIN.includes(c)) return true;
    if (c === "-") return !this.#cursor.isBlank(1);
    return this.#flow === 0 && (c === "?" || c === ":") && !this.#cursor.isBlankOrEnd(1);
  }

  #isValid(key: SimpleKey): boolean {
    if (!key.possible) return false;
    if (key.line >= this.#cursor.line && key.at + LONGEST_KEY >= this.#cursor.at) return true;
    if (key.required) throw this.#cursor.refuse("could not find expected ':'");
    key.possible = false;
    return false;
  }

  #saveKey(): void {
    if (!this.#keyAllowed) return;
    this.#removeKey();
    this.#keys[this.#keys.length - 1] = {
      ...this.#mark,
      possible: true,
      required: this.#flow === 0 && this.#indent === this.#cursor.column,
      token: this.#taken + this.#queue.length,
    };
  }

  #removeKey(): void {
    const key = this.#keys.at(-1) as SimpleKey;
    if (!key.possible) return;
    if (key.required) throw this.#cursor.refuse("could not find expected ':'");
    key.possible = false;
  }

  /** Enters a deeper block. */
  #roll(kind: TokenKind, from: Mark, number = -1): void {
    if (this.#flow > 0 || this.#indent >= from.column) return;
    this.#indents.push(this.#indent);
    this.#indent = from.column;
    this.#add(kind, from, number);
  }

  /** Leaves the blocks that are deeper than a column. */
  #unroll(column: number): void {
    if (this.#flow > 0) return;
    while (this.#indent > column) {
      this.#add("block-end", this.#mark);
      this.#indent = this.#indents.pop() as number;
    }
  }

  #end(): void {
    if (this.#cursor.column !== 0) {
      this.#cursor.column = 0;
      this.#cursor.line++;
    }
    this.#unroll(-1);
    this.#removeKey();
    this.#keyAllowed = false;
    this.#add("stream-end", this.#mark);
  }

  #one(kind: TokenKind, keyAllowed: boolean): void {
    this.#removeKey();
    this.#keyAllowed = keyAllowed;
    this.#add(kind, this.#mark);
    this.#cursor.step();
  }

  #startFlow(kind: TokenKind): void {
    this.#saveKey();
    this.#keys.push({ ...NO_KEY });
    this.#flow++;
    this.#keyAllowed = true;
    this.#add(kind, this.#mark);
    this.#cursor.step();
  }

  #closeFlow(kind: TokenKind): void {
    this.#removeKey();
    if (this.#flow > 0) {
      this.#flow--;
      this.#keys.pop();
    }
    this.#keyAllowed = false;
    this.#add(kind, this.#mark);
    this.#cursor.step();
  }

  #entry(): void {
    if (this.#flow === 0) {
      if (!this.#keyAllowed) {
        throw this.#cursor.refuse("block sequence entries are not allowed in this context");
      }
      this.#roll("block-sequence", this.#mark);
    }
    this.#one("block-entry", true);
  }

  #key(): void {
    if (this.#flow === 0) {
      if (!this.#keyAllowed)
        throw this.#cursor.refuse("mapping keys are not allowed in this context");
      this.#roll("block-mapping", this.#mark);
    }
    this.#one("key", this.#flow === 0);
  }

  #value(): void {
    const key = this.#keys.at(-1) as SimpleKey;
    if (this.#isValid(key)) {
      this.#add("key", key, key.token);
      this.#roll("block-mapping", key, key.token);
      key.possible = false;
      this.#keyAllowed = false;
    } else {
      if (this.#flow === 0) {
        if (!this.#keyAllowed) {
          throw this.#cursor.refuse("mapping values are not allowed in this context");
        }
        this.#roll("block-mapping", this.#mark);
      }
      this.#keyAllowed = this.#flow === 0;
    }
    this.#add("value", this.#mark);
    this.#cursor.step();
  }

  #toNextToken(): void {
    for (;;) {
      const mayTab = this.#flow > 0 || !this.#keyAllowed;
      while (this.#cursor.char() === " " || (mayTab && this.#cursor.char() === "\t"))
        this.#cursor.step();
      if (this.#cursor.char() === "#") this.#cursor.stepToBreak();
      if (!this.#cursor.isBreak()) return;
      this.#cursor.stepLine();
      if (this.#flow === 0) this.#keyAllowed = true;
    }
  }

  #name(kind: TokenKind): void {
    this.#saveKey();
    this.#keyAllowed = false;
    this.#add(kind, this.#mark);
    this.#cursor.step();
    const from = this.#cursor.at;
    while (/[\w-]/.test(this.#cursor.char())) this.#cursor.step();
    if (
      this.#cursor.at > from &&
      (this.#cursor.isBlankOrEnd() || "?:,]}%@`".includes(this.#cursor.char()))
    )
      return;
    throw this.#cursor.refuse("did not find expected alphabetic or numeric character");
  }

  #tag(): void {
    this.#saveKey();
    this.#keyAllowed = false;
    this.#add("tag", this.#mark);
    while (/[-\w;/?:@&=+$,.!~*'()[\]%<>]/.test(this.#cursor.char())) this.#cursor.step();
    if (!this.#cursor.isBlankOrEnd())
      throw this.#cursor.refuse("did not find expected whitespace or line break");
  }

  #block(): void {
    this.#removeKey();
    this.#keyAllowed = true;
    this.#add("scalar", this.#mark);
    scanBlock(this.#cursor, this.#indent);
  }

  #quoted(quote: string): void {
    this.#saveKey();
    this.#keyAllowed = false;
    this.#add("scalar", this.#mark);
    scanQuoted(this.#cursor, quote);
  }

  #plain(): void {
    this.#saveKey();
    this.#add("scalar", this.#mark);
    this.#keyAllowed = scanPlain(this.#cursor, this.#indent, this.#flow > 0);
  }
}
