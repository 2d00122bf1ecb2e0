/**
 * `-o jsonpath=…`: templates of texts and paths, `{.items[*].metadata.name}`, `{range …}…{end}`,
 * filters and quoted texts.
 *
 * Follows: client-go v0.35 util/jsonpath.
 * Not modelled: negative steps, unions of slices.
 */
import { mistake } from "../command/failure.js";

/** Fills a template with the values of an object. */
export function fillTemplate(template: string, root: unknown): string {
  const parts = splitTemplate(template);
  return run(parts, 0, parts.length, { root, current: root });
}

interface Scope {
  readonly root: unknown;
  readonly current: unknown;
}

interface Part {
  readonly kind: "text" | "path" | "range" | "end";
  readonly text: string;
}

function splitTemplate(template: string): readonly Part[] {
  const parts: Part[] = [];
  const pieces = template.matchAll(
    /\{((?:[^{}"']|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')*)\}|([^{]+)/g,
  );
  let covered = 0;
  for (const piece of pieces) {
    covered += piece[0].length;
    const inside = piece[1]?.trim();
    if (inside === undefined) parts.push({ kind: "text", text: piece[2] as string });
    else if (inside === "end") parts.push({ kind: "end", text: "" });
    else if (/^range\s/.test(inside)) parts.push({ kind: "range", text: inside.slice(6).trim() });
    else if (/^["']/.test(inside)) parts.push({ kind: "text", text: unquote(inside) });
    else parts.push({ kind: "path", text: inside });
  }
  if (covered !== template.length) {
    throw mistake(`error parsing jsonpath ${template}, unclosed action`);
  }
  return parts;
}

function unquote(text: string): string {
  const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };
  return text.slice(1, -1).replace(/\\(.)/g, (_, c: string) => escapes[c] ?? c);
}

function run(parts: readonly Part[], from: number, to: number, scope: Scope): string {
  let out = "";
  for (let i = from; i < to; i++) {
    const part = parts[i] as Part;
    if (part.kind === "text") out += part.text;
    else if (part.kind === "path") out += evaluate(part.text, scope).map(show).join(" ");
    else if (part.kind === "range") {
      const end = endOf(parts, i);
      for (const current of evaluate(part.text, scope)) {
        out += run(parts, i + 1, end, { ...scope, current });
      }
      i = end;
    }
  }
  return out;
}

function endOf(parts: readonly Part[], range: number): number {
  let depth = 0;
  for (let i = range; i < parts.length; i++) {
    if (parts[i]?.kind === "range") depth++;
    if (parts[i]?.kind === "end" && --depth === 0) return i;
  }
  return parts.length;
}

function show(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

const STEP =
  /^(?:\.\.([\w-]+|\*)?|\.((?:\\.|[\w/-])+|\*)|\.(?=\[|$)|\[(?:'([^']*)'|"([^"]*)"|(-?\d+)|(\*)|\?\((.*?)\)|(-?\d*):(-?\d*))\]|^((?:\\.|[\w/-])+))/;

/** The values that a path leads to. */
export function evaluate(path: string, scope: Scope): readonly unknown[] {
  let rest = path.replace(/^[$@]/, "");
  let values: readonly unknown[] = [path.startsWith("$") ? scope.root : scope.current];
  while (rest !== "") {
    const match = STEP.exec(rest);
    if (match === null) throw mistake(`error parsing jsonpath {${path}}, unrecognized character`);
    rest = rest.slice(match[0].length);
    values = values.flatMap((value) => step(value, match, scope));
    if (match[0] === "") break;
  }
  return values;
}

function step(value: unknown, match: RegExpExecArray, scope: Scope): readonly unknown[] {
  const [text, deep, dotted, quoted, doubled, index, star, filter, first, last, bare] = match;
  if (text.startsWith("..")) return deep === undefined ? all(value) : below(value, deep);
  const name = (dotted ?? quoted ?? doubled ?? bare)?.replace(/\\(.)/g, "$1");
  if (star !== undefined || dotted === "*") return all(value);
  if (name !== undefined) return child(value, name);
  if (filter !== undefined)
    return all(value).filter((v) => holds(filter, { ...scope, current: v }));
  if (!Array.isArray(value)) return index === undefined && first === undefined ? [value] : [];
  if (index !== undefined) {
    const at = Number(index);
    const item: unknown = value.at(at);
    if (item === undefined)
      throw mistake(`array index out of bounds: index ${at}, length ${value.length}`);
    return [item];
  }
  const end = last === undefined || last === "" ? value.length : Number(last);
  return value.slice(first === undefined || first === "" ? 0 : Number(first), end);
}

function child(value: unknown, name: string): readonly unknown[] {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return [];
  const found = (value as Readonly<Record<string, unknown>>)[name];
  return found === undefined || found === null ? [] : [found];
}

function all(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value);
}

function below(value: unknown, name: string): readonly unknown[] {
  const here = name === "*" ? all(value) : child(value, name);
  return [...here, ...all(value).flatMap((v) => below(v, name))];
}

function holds(filter: string, scope: Scope): boolean {
  const match = /^\s*(@\S*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*$/.exec(filter);
  if (match === null) return false;
  const found = evaluate(match[1] as string, scope);
  if (match[2] === undefined) return found.length > 0;
  const raw = match[3] as string;
  const wanted: unknown = /^["']/.test(raw) ? unquote(raw) : JSON.parse(raw);
  const value = found[0] as number;
  switch (match[2]) {
    case "==":
      return found[0] === wanted;
    case "!=":
      return found[0] !== wanted;
    case "<":
      return value < (wanted as number);
    case ">":
      return value > (wanted as number);
    case "<=":
      return value <= (wanted as number);
    default:
      return value >= (wanted as number);
  }
}
