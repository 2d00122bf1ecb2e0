/** The line of a value in JSON text, found only when a message needs it. */

/**
 * The line (from 1) of the value at a path such as `[3].linkinfo.info_kind`; undefined if the text has
 * no such value or is no JSON.
 *
 * Cost: one pass over the text before the value.
 */
export function lineOfPath(text: string, path: string): number | undefined {
  const scanner = new Scanner(text);
  const steps = splitPath(path);
  for (const step of steps) {
    if (!(typeof step === "number" ? scanner.enterItem(step) : scanner.enterField(step))) {
      return undefined;
    }
  }
  return scanner.line();
}

function splitPath(path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  for (const match of path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)) {
    steps.push(match[1] === undefined ? (match[2] as string) : Number(match[1]));
  }
  return steps;
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  line(): number {
    this.#skipSpace();
    let line = 1;
    for (let i = this.#text.indexOf("\n"); i >= 0 && i < this.#at; ) {
      line++;
      i = this.#text.indexOf("\n", i + 1);
    }
    return line;
  }

  enterItem(index: number): boolean {
    if (!this.#take("[")) return false;
    for (let i = 0; i < index; i++) {
      this.#skipValue();
      if (!this.#take(",")) return false;
    }
    this.#skipSpace();
    return this.#text[this.#at] !== "]";
  }

  enterField(name: string): boolean {
    if (!this.#take("{")) return false;
    for (;;) {
      this.#skipSpace();
      const start = this.#at;
      if (this.#text[start] !== '"') return false;
      this.#skipString();
      const key = this.#text.slice(start + 1, this.#at - 1);
      if (!this.#take(":")) return false;
      if (key === name) return true;
      this.#skipValue();
      if (!this.#take(",")) return false;
    }
  }

  #take(char: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && " \t\r\n".includes(this.#text[this.#at] as string)) {
      this.#at++;
    }
  }

  #skipString(): void {
    this.#at++;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    }
    this.#at++;
  }

  /** Skips one value, however deep, without recursion. */
  #skipValue(): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] as string;
      if (char === '"') {
        this.#skipString();
        continue;
      }
      if (depth === 0 && (char === "," || char === "]" || char === "}")) return;
      if (char === "[" || char === "{") depth++;
      if (char === "]" || char === "}") depth--;
      this.#at++;
    }
  }
}
