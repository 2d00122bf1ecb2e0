/**
 * A place in a YAML text, and the questions that a scanner asks there.
 *
 * Follows: go.yaml.in/yaml v2.4 yamlprivateh.go, scannerc.go.
 */

/** A text that is not YAML. `line` is the number that is told; 0 for none. */
export class YamlError extends Error {
  constructor(
    readonly problem: string,
    readonly line: number,
  ) {
    super(problem);
  }
}

const BREAK = /[\r\n\u0085\u2028\u2029]/;

/** Where a scanner stands: an offset, a line and a column, all from 0. */
export class YamlCursor {
  readonly text: string;
  at = 0;
  line = 0;
  column = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** A refusal at this place. */
  refuse(problem: string): YamlError {
    return new YamlError(problem, this.line === 0 ? 0 : this.line + 1);
  }

  /** The character so far ahead; "" at the end. */
  char(ahead = 0): string {
    return this.text[this.at + ahead] ?? "";
  }

  isBlank(ahead = 0): boolean {
    const c = this.char(ahead);
    return c === " " || c === "\t";
  }

  isBreak(ahead = 0): boolean {
    return BREAK.test(this.char(ahead));
  }

  isBreakOrEnd(ahead = 0): boolean {
    return this.char(ahead) === "" || this.isBreak(ahead);
  }

  isBlankOrEnd(ahead = 0): boolean {
    return this.isBreakOrEnd(ahead) || this.isBlank(ahead);
  }

  /** Whether `---` or `...` stands here. */
  isDocumentMark(): boolean {
    const three = this.text.slice(this.at, this.at + 3);
    return (three === "---" || three === "...") && this.isBlankOrEnd(3);
  }

  step(count = 1): void {
    this.at += count;
    this.column += count;
  }

  stepLine(): void {
    this.at += this.char() === "\r" && this.char(1) === "\n" ? 2 : 1;
    this.column = 0;
    this.line++;
  }

  /** Steps to the end of the line. */
  stepToBreak(): void {
    while (!this.isBreakOrEnd()) this.step();
  }
}
