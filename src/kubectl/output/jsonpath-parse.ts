/**
 * JSONPath templates to nodes: texts, and actions in braces. The grammar is kubectl's own, oddities
 * included; `jsonpath.ts` walks the nodes.
 *
 * Follows: client-go v0.35 util/jsonpath/parser.go.
 */
import { mistake } from "../command/failure.js";

/** One bound of `[from:to:step]`. */
export interface Bound {
  readonly value: number;
  readonly known: boolean;
  /** Whether it follows from the bound before: `[3]` means `[3:4]`. */
  readonly derived: boolean;
}

/** A step of an action; a list is an action itself. */
export type PathNode =
  | { readonly kind: "list"; readonly nodes: PathNode[] }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "constant"; readonly value: number | boolean }
  | { readonly kind: "identifier"; readonly name: string }
  | { readonly kind: "wildcard" | "recursive" }
  | { readonly kind: "slice"; readonly bounds: readonly [Bound, Bound, Bound] }
  | { readonly kind: "union"; readonly lists: readonly PathNode[] }
  | FilterNode;

/** `[?(left operator right)]`; the operator of a path alone is `exists`. */
export interface FilterNode {
  readonly kind: "filter";
  readonly left: PathNode;
  readonly right: PathNode;
  readonly operator: string;
}

/** A template that cannot be read; the caller says which. */
export class PathSyntaxError extends Error {}

/** Parses a template. Errors: `CommandFailure` in kubectl's words. */
export function parseTemplate(template: string): readonly PathNode[] {
  try {
    return new Parser(template).parse();
  } catch (error) {
    if (!(error instanceof PathSyntaxError)) throw error;
    throw mistake(`error parsing jsonpath ${template}, ${error.message}`);
  }
}

/** Most nested actions: unions and filters are parsed by a parser of their own. */
const MAX_DEPTH = 100;

type Nodes = PathNode[];

/** Parses one template. Errors: `PathSyntaxError`. */
export class Parser {
  readonly #input: string;
  readonly #depth: number;
  readonly #root: Nodes = [];
  #at = 0;
  #start = 0;

  constructor(input: string, depth = 0) {
    if (depth > MAX_DEPTH) throw new PathSyntaxError("too deeply nested");
    this.#input = input;
    this.#depth = depth;
  }

  parse(): readonly PathNode[] {
    for (let open = this.#text(); open; open = this.#text()) {
      const nodes: Nodes = [];
      this.#root.push({ kind: "list", nodes });
      while (this.#action(nodes));
    }
    return this.#root;
  }

  /** Takes the text up to the next brace. Returns whether there is one. */
  #text(): boolean {
    const at = this.#input.indexOf("{", this.#at);
    this.#at = at < 0 ? this.#input.length : at;
    const text = this.#take();
    if (text !== "") this.#root.push({ kind: "text", text });
    if (at < 0) return false;
    this.#at++;
    this.#take();
    return true;
  }

  #take(): string {
    const text = this.#input.slice(this.#start, this.#at);
    this.#start = this.#at;
    return text;
  }

  /** The next character; "" at the end. */
  #next(): string {
    return this.#input[this.#at++] ?? "";
  }

  /** Reads one step. Returns whether the action goes on. */
  #action(nodes: Nodes): boolean {
    if (this.#skips("}")) return false;
    if (this.#input.startsWith("[?(", this.#at)) this.#filter(nodes);
    else if (this.#input.startsWith("..", this.#at)) this.#recursive(nodes);
    else this.#step(nodes);
    return true;
  }

  #skips(text: string): boolean {
    if (!this.#input.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    this.#take();
    return true;
  }

  #step(nodes: Nodes): void {
    const c = this.#next();
    if (c === "" || c === "\n" || c === "\r") throw new PathSyntaxError("unclosed action");
    if (c === " " || c === "@" || c === "$") this.#take();
    else if (c === "[") this.#array(nodes);
    else if (c === '"' || c === "'") this.#quote(nodes, c);
    else if (c === ".") this.#field(nodes);
    else if (/[-+\p{Nd}]/u.test(c)) this.#number(nodes);
    else if (/[_\p{L}\p{Nd}]/u.test(c)) this.#identifier(nodes);
    else throw new PathSyntaxError(`unrecognized character in action: ${printCharacter(c)}`);
  }

  #identifier(nodes: Nodes): void {
    while (!isTerminator(this.#input[this.#at])) this.#at++;
    const name = this.#take();
    if (name === "true" || name === "false")
      nodes.push({ kind: "constant", value: name === "true" });
    else nodes.push({ kind: "identifier", name });
  }

  #recursive(nodes: Nodes): void {
    if (nodes.at(-1)?.kind === "recursive") {
      throw new PathSyntaxError("invalid multiple recursive descent");
    }
    this.#skips("..");
    nodes.push({ kind: "recursive" });
    if (/[_\p{L}\p{Nd}]/u.test(this.#input[this.#at] ?? "")) this.#field(nodes);
  }

  #number(nodes: Nodes): void {
    while (/[.\p{Nd}]/u.test(this.#input[this.#at] ?? "")) this.#at++;
    const text = this.#take();
    if (!/^[-+]?(\d+\.?\d*|\.\d+)$/.test(text)) {
      throw new PathSyntaxError(`cannot parse number ${text}`);
    }
    nodes.push({ kind: "constant", value: Number(text) });
  }

  #field(nodes: Nodes): void {
    this.#take();
    while (!isTerminator(this.#input[this.#at])) this.#at += this.#input[this.#at] === "\\" ? 2 : 1;
    const name = this.#take();
    nodes.push(
      name === "*" ? { kind: "wildcard" } : { kind: "field", name: name.replaceAll("\\", "") },
    );
  }

  #quote(nodes: Nodes, end: string): void {
    for (let c = this.#next(); ; c = this.#next()) {
      if (c === "" || c === "\n") throw new PathSyntaxError("unterminated quoted string");
      if (c === end && this.#input[this.#at - 2] !== "\\") break;
    }
    nodes.push({ kind: "text", text: unquote(this.#take()) });
  }

  #array(nodes: Nodes): void {
    for (let c = this.#next(); c !== "]"; c = this.#next()) {
      if (c === "" || c === "\n") throw new PathSyntaxError("unterminated array");
    }
    const inside = this.#take().slice(1, -1);
    const text = inside === "*" ? ":" : inside;
    const parts = text.split(",");
    if (parts.length > 1) {
      const trim = (part: string) => part.replace(/^ +| +$/g, "");
      const lists = parts.map((part) => this.#parseAction(`[${trim(part)}]`));
      nodes.push({ kind: "union", lists });
      return;
    }
    const key = /^'([^']*)'$/.exec(text);
    if (key === null) nodes.push({ kind: "slice", bounds: readBounds(text) });
    else nodes.push(...this.#parseAction(`.${key[1]}`).nodes);
  }

  #filter(nodes: Nodes): void {
    this.#skips("[?(");
    this.#findFilterEnd();
    const text = this.#take().slice(0, -2);
    const parts = /^([^!<>=]+)([!<>=]+)(.+?)$/.exec(text);
    const [, left, operator, right] = parts ?? [undefined, text, "exists", undefined];
    nodes.push({
      kind: "filter",
      left: this.#parseAction(left as string),
      right: right === undefined ? { kind: "list", nodes: [] } : this.#parseAction(right),
      operator: operator as string,
    });
  }

  #findFilterEnd(): void {
    let quote = "";
    let isClosed = false;
    for (let c = this.#next(); ; c = this.#next()) {
      if (c === "" || c === "\n") throw new PathSyntaxError("unterminated filter");
      if (c === '"' || c === "'") {
        if (quote === "") quote = c;
        else if (c === quote && this.#input[this.#at - 2] !== "\\") isClosed = true;
      } else if (c === ")" && (quote !== "") === isClosed) break;
    }
    if (this.#next() !== "]") throw new PathSyntaxError("unclosed array expect ]");
  }

  #parseAction(text: string): PathNode & { readonly kind: "list" } {
    const [node] = new Parser(`{${text}}`, this.#depth + 1).parse();
    if (node?.kind !== "list") throw new PathSyntaxError("unclosed action");
    return node;
  }
}

function isTerminator(c: string | undefined): boolean {
  return c === undefined || " \t\r\n.,[]$@{}".includes(c);
}

/** `U+0023 '#'`. */
function printCharacter(c: string): string {
  const code = (c.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
  return `U+${code} '${c}'`;
}

function readBounds(text: string): readonly [Bound, Bound, Bound] {
  const match = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
  if (match === null) throw new PathSyntaxError(`invalid array index ${text}`);
  const from = readBound(match[1] as string);
  const to =
    match[2] === undefined || match[2] === ""
      ? { value: from.value + 1, known: true, derived: true }
      : readBound(match[2].slice(1));
  return [from, to, readBound((match[3] ?? "").slice(1))];
}

function readBound(text: string): Bound {
  if (text === "-") throw new PathSyntaxError(`array index ${text} is not a number`);
  return { value: Number(text), known: text !== "", derived: false };
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** A quoted text as Go reads it. Follows: Go's strconv `UnquoteChar`. */
function unquote(quoted: string): string {
  const quote = quoted[0] as string;
  const wrong = () => new PathSyntaxError(`unquote string ${quoted} error invalid syntax`);
  const form = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([\s\S]?))/g;
  return quoted.slice(1, -1).replace(form, (_, x, u, wide, octal, plain) => {
    const code = Number.parseInt(octal ?? x ?? u ?? wide ?? "", octal === undefined ? 16 : 8);
    if (plain === undefined) {
      if (code > 0x10ffff) throw wrong();
      return String.fromCodePoint(code);
    }
    if (plain === quote) return plain;
    const known = Object.hasOwn(ESCAPES, plain) ? ESCAPES[plain] : undefined;
    if (known === undefined) throw wrong();
    return known;
  });
}
