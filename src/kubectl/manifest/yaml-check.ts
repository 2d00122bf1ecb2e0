/**
 * Whether a text is YAML to kubectl: its structure read token by token, for nothing but the first
 * refusal and the end of the first document.
 *
 * Follows: go.yaml.in/yaml v2.4 parserc.go, decode.go `fail`.
 */
import { YamlError } from "./yaml-cursor.js";
import { type Token, type TokenKind, YamlScanner } from "./yaml-scanner.js";

/** What a text is: where its first document ends, or the message that refuses it. */
export type YamlCheck =
  | { readonly kind: "document"; readonly end: number }
  | { readonly kind: "refused"; readonly message: string };

/** Deeper texts are not checked; the reader of their values has a limit of its own. */
const MAX_DEPTH = 500;

/** Reads the first document of a text. */
export function checkYaml(text: string): YamlCheck {
  try {
    return { kind: "document", end: new YamlParser(text).document() };
  } catch (error) {
    if (error instanceof TooDeep) return { kind: "document", end: text.length };
    if (!(error instanceof YamlError)) throw error;
    const where = error.line === 0 ? "" : `line ${error.line}: `;
    return { kind: "refused", message: `yaml: ${where}${error.problem}` };
  }
}

class TooDeep extends Error {}

class YamlParser {
  readonly #scanner: YamlScanner;
  #depth = 0;

  constructor(text: string) {
    this.#scanner = new YamlScanner(text);
  }

  /** Offset at which the first document ends. */
  document(): number {
    while (this.#is("directive")) this.#scanner.skip();
    if (this.#is("document-start")) this.#scanner.skip();
    if (!this.#is("document-start", "document-end", "directive", "stream-end")) {
      this.#node(true, false);
    }
    return this.#scanner.peek().at;
  }

  #is(...kinds: readonly TokenKind[]): boolean {
    return kinds.includes(this.#scanner.peek().kind);
  }

  /** Steps over the next token if it is of that kind. */
  #take(kind: TokenKind): boolean {
    if (!this.#is(kind)) return false;
    this.#scanner.skip();
    return true;
  }

  /** Problems of structure are told one line early: lines are counted from 0. */
  #refuse(problem: string, { line }: Token): YamlError {
    return new YamlError(problem, line);
  }

  #node(block: boolean, indentless: boolean): void {
    if (this.#take("alias")) return;
    const hasAnchor = this.#take("anchor");
    const hasTag = this.#take("tag");
    const hasProperty = hasAnchor || hasTag || this.#take("anchor");
    if (hasTag && !hasAnchor) this.#take("anchor");
    if (this.#take("scalar")) return;
    if (++this.#depth > MAX_DEPTH) throw new TooDeep();
    if (indentless && this.#is("block-entry")) this.#indentless();
    else if (this.#take("flow-sequence")) this.#flowSequence();
    else if (this.#take("flow-mapping")) this.#flowMapping();
    else if (block && this.#take("block-sequence")) this.#blockSequence();
    else if (block && this.#take("block-mapping")) this.#blockMapping();
    else if (!hasProperty) {
      throw this.#refuse("did not find expected node content", this.#scanner.peek());
    }
    this.#depth--;
  }

  #blockSequence(): void {
    while (!this.#take("block-end")) {
      if (!this.#take("block-entry")) {
        throw this.#refuse("did not find expected '-' indicator", this.#scanner.peek());
      }
      if (!this.#is("block-entry", "block-end")) this.#node(true, false);
    }
  }

  #indentless(): void {
    while (this.#take("block-entry")) {
      if (!this.#is("block-entry", "key", "value", "block-end")) this.#node(true, false);
    }
  }

  #blockMapping(): void {
    while (!this.#take("block-end")) {
      if (!this.#take("key")) {
        throw this.#refuse("did not find expected key", this.#scanner.peek());
      }
      if (!this.#is("key", "value", "block-end")) this.#node(true, true);
      if (!this.#take("value")) continue;
      if (!this.#is("key", "value", "block-end")) this.#node(true, true);
    }
  }

  #flowSequence(): void {
    for (let isFirst = true; !this.#is("flow-sequence-end"); isFirst = false) {
      if (!isFirst && !this.#take("flow-entry")) {
        throw this.#refuse("did not find expected ',' or ']'", this.#scanner.peek());
      }
      if (this.#is("flow-sequence-end")) break;
      if (!this.#take("key")) {
        this.#node(false, false);
        continue;
      }
      if (!this.#is("value", "flow-entry", "flow-sequence-end")) this.#node(false, false);
      if (!this.#take("value")) continue;
      if (!this.#is("flow-entry", "flow-sequence-end")) this.#node(false, false);
    }
    this.#scanner.skip();
  }

  #flowMapping(): void {
    for (let isFirst = true; !this.#is("flow-mapping-end"); isFirst = false) {
      if (!isFirst && !this.#take("flow-entry")) {
        throw this.#refuse("did not find expected ',' or '}'", this.#scanner.peek());
      }
      if (this.#is("flow-mapping-end")) break;
      if (!this.#take("key")) {
        this.#node(false, false);
        continue;
      }
      if (!this.#is("value", "flow-entry", "flow-mapping-end")) this.#node(false, false);
      if (!this.#take("value")) continue;
      if (!this.#is("flow-entry", "flow-mapping-end")) this.#node(false, false);
    }
    this.#scanner.skip();
  }
}
