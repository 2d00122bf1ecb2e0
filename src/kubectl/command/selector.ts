/**
 * `-l`: label selectors as people type them, `app=web,tier in (a,b),!old`.
 *
 * Follows: apimachinery v0.35 pkg/labels/selector.go `Parse`.
 */
import {
  faultsOfLabelValue,
  faultsOfQualifiedName,
  type Labels,
  matchesRequirement,
} from "../../objects/index.js";
import { mistake } from "./failure.js";

type Test = (labels: Labels | undefined) => boolean;

/** Reads a selector into a test of labels. Errors: `CommandFailure` in the server's words. */
export function readSelector(text: string | undefined): Test {
  const tests = new SelectorParser(text ?? "").parse();
  return (labels) => tests.every((test) => test(labels));
}

const OPERATORS = ["in", "notin", "=", "==", "!=", "gt", "lt"];
const SYMBOLS = ["(", ")", ",", "!", "=", "==", "!=", ">", "<"];
const SYMBOL_CHARACTERS = "=!(),><";

class SelectorParser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text.match(/[=!(),><]|[^\s=!(),><]+/g)?.reduce<string[]>(joinSymbols, []) ?? [];
  }

  parse(): readonly Test[] {
    const tests: Test[] = [];
    while (this.#peek() !== "") {
      const first = this.#peek();
      if (!isWord(first) && first !== "!") {
        throw mistake(`found '${first}', expected: !, identifier, or 'end of string'`);
      }
      tests.push(this.#requirement());
      const next = this.#next();
      if (next === "") break;
      if (next !== ",") throw mistake(`found '${next}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (!isWord(after) && after !== "!") {
        throw mistake(`found '${after}', expected: identifier after ','`);
      }
    }
    return tests;
  }

  /** The next token; "" at the end. */
  #peek(): string {
    return this.#tokens[this.#at] ?? "";
  }

  #next(): string {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #requirement(): Test {
    try {
      return this.#readRequirement();
    } catch (error) {
      if (error instanceof WrongToken)
        throw mistake(`unable to parse requirement: ${error.message}`);
      throw error;
    }
  }

  #readRequirement(): Test {
    const isNegated = this.#peek() === "!";
    if (isNegated) this.#next();
    const key = this.#next();
    if (!isWord(key)) throw new WrongToken(`found '${key}', expected: identifier`);
    const [fault] = faultsOfQualifiedName(key);
    if (fault !== undefined) {
      throw new WrongToken(
        `<nil>: Invalid value: ${JSON.stringify(key)}: ${faultsOfQualifiedName(key).join("; ")}`,
      );
    }
    const next = this.#peek();
    if (next === "" || next === ",") return test(key, isNegated ? "DoesNotExist" : "Exists", []);
    const operator = this.#next();
    if (operator === "in" || operator === "notin") {
      return test(key, operator === "in" ? "In" : "NotIn", checked(key, this.#values()));
    }
    if (operator === "=" || operator === "==" || operator === "!=") {
      return test(key, operator === "!=" ? "NotIn" : "In", checked(key, [this.#value()]));
    }
    if (operator === ">" || operator === "<") return bound(key, operator, this.#value());
    throw new WrongToken(`found '${operator}', expected: ${OPERATORS.join(", ")}`);
  }

  #value(): string {
    const token = this.#peek();
    if (token === "" || token === ",") return "";
    if (isWord(token)) return this.#next();
    throw new WrongToken(`found '${token}', expected: identifier`);
  }

  #values(): readonly string[] {
    const open = this.#next();
    if (open !== "(") throw new WrongToken(`found '${open}' expected: '('`);
    const first = this.#peek();
    if (first === ")") {
      this.#next();
      return [""];
    }
    if (!isWord(first) && first !== ",") {
      throw new WrongToken(`found '${first}', expected: ',', ')' or identifier`);
    }
    return this.#list();
  }

  #list(): readonly string[] {
    const values = new Set<string>();
    for (let token = this.#next(); token !== ")"; token = this.#next()) {
      if (isWord(token)) {
        values.add(token);
        const next = this.#peek();
        if (next !== "," && next !== ")") {
          throw new WrongToken(`found '${next}', expected: ',' or ')'`);
        }
      } else if (token === ",") {
        const next = this.#peek();
        if (values.size === 0 || next === ")" || next === ",") values.add("");
      } else throw new WrongToken(`found '${token}', expected: ',', or identifier`);
    }
    return [...values];
  }
}

/** A requirement that cannot be read. */
class WrongToken extends Error {}

/** `=` `=` is one symbol where it makes one. */
function joinSymbols(tokens: string[], token: string): string[] {
  const last = tokens.at(-1);
  if (last !== undefined && token === "=" && SYMBOLS.includes(last + token)) {
    tokens[tokens.length - 1] = last + token;
  } else tokens.push(token);
  return tokens;
}

function isWord(token: string): boolean {
  return token !== "" && !SYMBOL_CHARACTERS.includes(token[0] as string);
}

function checked(key: string, values: readonly string[]): readonly string[] {
  for (const [i, value] of values.entries()) {
    const faults = faultsOfLabelValue(value);
    if (faults.length === 0) continue;
    const text = `values[${i}][${key}]: Invalid value: ${JSON.stringify(value)}`;
    throw new WrongToken(`${text}: ${faults.join("; ")}`);
  }
  return values;
}

function test(
  key: string,
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist",
  values: readonly string[],
): Test {
  return (labels) => matchesRequirement({ key, operator, values }, labels);
}

function bound(key: string, operator: ">" | "<", value: string): Test {
  if (!/^[+-]?\d+$/.test(value)) {
    throw new WrongToken(
      `values[0]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
    );
  }
  return (labels) => {
    if (labels === undefined || !Object.hasOwn(labels, key)) return false;
    const text = labels[key] as string;
    if (!/^[+-]?\d+$/.test(text)) return false;
    return operator === ">" ? Number(text) > Number(value) : Number(text) < Number(value);
  };
}
