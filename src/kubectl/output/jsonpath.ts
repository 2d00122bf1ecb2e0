/**
 * `-o jsonpath=…`: templates filled with the values of an object: `{.items[*].metadata.name}`,
 * `{range …}…{end}`, filters, unions, slices, quoted texts.
 *
 * Follows: client-go v0.35 util/jsonpath/jsonpath.go; cli-runtime v0.35 pkg/printers/jsonpath.go.
 * A wildcard takes the keys of a map in their order; upstream's order is random.
 */
import { mistake } from "../command/failure.js";
import { ComparisonError, compareValues, goJson, goSyntax, goText, goType } from "./go-value.js";
import {
  type FilterNode,
  Parser,
  type PathNode,
  PathSyntaxError,
  parseTemplate,
} from "./jsonpath-parse.js";

/** How results are shown. */
export interface FillOptions {
  /** `jsonpath-as-json`: each action's results as a JSON list. */
  readonly asJson?: boolean;
  /** Whether a field that is nowhere is an error. Default: false. */
  readonly strict?: boolean;
}

/** Fills a template with the values of an object. Errors: `CommandFailure` in kubectl's words. */
export function fillTemplate(template: string, root: unknown, options: FillOptions = {}): string {
  const walk = new Walk(parseTemplate(template), options.strict === true);
  let results: readonly (readonly unknown[])[];
  try {
    results = walk.find(root);
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    throw mistake(
      `error executing jsonpath ${JSON.stringify(template)}: Error executing template: ${error.message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${goSyntax(root)}\n\n`,
    );
  }
  if (options.asJson === true) return results.map((r) => `${goJson(r, 4)}\n`).join("");
  return results.map((r) => r.map(show).join(" ")).join("");
}

function show(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object" ? goJson(value) : goText(value);
}

/** A path that does not fit its object. */
export class PathError extends Error {}

/** The results of one expression, by action. Errors: `PathError`, `PathSyntaxError`. */
export function findResults(expression: string, root: unknown): readonly (readonly unknown[])[] {
  return new Walk(new Parser(expression).parse(), false).find(root);
}

export { PathSyntaxError };

type Values = readonly unknown[];

/** One execution of a template; ranges are kept in counters, as upstream keeps them. */
class Walk {
  readonly #nodes: readonly PathNode[];
  readonly #strict: boolean;
  #begun = 0;
  #inside = 0;
  #ended = 0;
  #lastEnd = -1;

  constructor(nodes: readonly PathNode[], strict: boolean) {
    this.#nodes = nodes;
    this.#strict = strict;
  }

  /** The results of every action from a place on. */
  find(data: unknown, from = 0): Values[] {
    const all: Values[] = [];
    for (let i = from; i < this.#nodes.length; i++) {
      const results = this.#walk([data], this.#nodes[i] as PathNode);
      if (this.#ended > 0 && this.#ended <= this.#inside) {
        this.#ended--;
        this.#lastEnd = i;
        break;
      }
      if (this.#begun === 0) {
        all.push(results);
        continue;
      }
      all.push(...this.#range(results, i + 1));
      if (this.#lastEnd > i) i = this.#lastEnd;
    }
    return all;
  }

  #range(results: Values, from: number): Values[] {
    this.#begun--;
    this.#inside++;
    const all = results.flatMap((value) => this.find(value, from));
    if (results.length === 0) this.find(undefined, from);
    this.#inside--;
    return all;
  }

  #walk(input: Values, node: PathNode): Values {
    switch (node.kind) {
      case "list":
        return node.nodes.reduce<Values>((values, one) => this.#walk(values, one), input);
      case "text":
        return [node.text];
      case "field":
        return this.#field(input, node.name);
      case "slice":
        return input.filter(isThere).flatMap((value) => slice(value, node.bounds));
      case "filter":
        return input.flatMap((value) => this.#filter(value, node));
      case "constant":
        return input.map(() => node.value);
      case "wildcard":
        return input.flatMap(childrenOf);
      case "recursive":
        return input.flatMap(descend);
      case "union":
        return node.lists.flatMap((list) => this.#walk(input, list));
      default:
        return this.#identifier(input, node.name);
    }
  }

  #identifier(input: Values, name: string): Values {
    if (name === "range") {
      this.#begun++;
      return input;
    }
    if (name !== "end") throw new PathError(`unrecognized identifier ${name}`);
    if (this.#inside === 0) throw new PathError("not in range, nothing to end");
    this.#ended++;
    return [];
  }

  #field(input: Values, name: string): Values {
    if (input.length === 0) return [];
    const found = input
      .filter((v) => isThere(v) && isMap(v) && Object.hasOwn(v, name))
      .map((v) => (v as Readonly<Record<string, unknown>>)[name]);
    if (found.length === 0 && this.#strict) throw new PathError(`${name} is not found`);
    return found;
  }

  #filter(value: unknown, { left, operator, right }: FilterNode): Values {
    if (!Array.isArray(value)) {
      throw new PathError(`${goText(value)} is not array or slice and cannot be filtered`);
    }
    return value.filter((item) => {
      if (operator === "exists") return this.#exists(item, left);
      const lefts = one(this.#walk([item], left));
      if (lefts.length === 0) return false;
      const rights = one(this.#walk([item], right));
      return rights.length > 0 && compare(lefts[0], operator, rights[0]);
    });
  }

  #exists(item: unknown, path: PathNode): boolean {
    try {
      return this.#walk([item], path).length > 0;
    } catch (error) {
      if (error instanceof PathError) return false;
      throw error;
    }
  }
}

function one(values: Values): Values {
  if (values.length > 1) throw new PathError("can only compare one element at a time");
  return values;
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (!/^([=!<>]=|[<>])$/.test(operator)) {
    throw new PathError(`unrecognized filter operator ${operator}`);
  }
  try {
    return compareValues(left, operator, right);
  } catch (error) {
    if (error instanceof ComparisonError) throw new PathError(error.message);
    throw error;
  }
}

type Bounds = (PathNode & { readonly kind: "slice" })["bounds"];

function slice(value: unknown, [first, last, step]: Bounds): Values {
  if (!Array.isArray(value)) throw new PathError(`${goType(value)} is not array or slice`);
  const { length } = value;
  let from = first.known ? first.value : 0;
  if (from < 0) from += length;
  let to = last.known ? last.value : length;
  if (to < 0 || (to === 0 && last.derived)) to += length;
  if (from === to) return [];
  const outside = (index: number) =>
    new PathError(`array index out of bounds: index ${index}, length ${length}`);
  if (from >= length || from < 0) throw outside(from);
  if (to > length || to < 0) throw outside(to - 1);
  if (from > to) {
    throw new PathError(`starting index ${from} is greater than ending index ${to}`);
  }
  if (step.known && step.value <= 0) throw new PathError("step must be > 0");
  const every = step.known ? step.value : 1;
  return value.slice(from, to).filter((_, i) => i % every === 0);
}

function isThere(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Values of a map or list; the bytes of a text, as upstream has it. */
function childrenOf(value: unknown): Values {
  if (typeof value === "string") return [...new TextEncoder().encode(value)];
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}

/** Every map, list and text at or below a value. */
function descend(value: unknown): Values {
  const children = childrenOf(value);
  return children.length === 0 ? [] : [value, ...children.flatMap(descend)];
}
