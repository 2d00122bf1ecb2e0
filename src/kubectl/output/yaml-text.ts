/**
 * JSON values as YAML text, byte for byte as kubectl prints them: sorted keys, lists at their key's
 * own column, quotes only where a reader would otherwise see something else.
 *
 * Follows: sigs.k8s.io/yaml goyaml.v2 encode.go, emitterc.go.
 */
import { compareText } from "../tables/labels.js";

/** Prints a JSON value as YAML; the text ends in a line break. */
export function printYaml(value: unknown): string {
  return printNode(value, 0, "").replace(/^\n/, "");
}

type Json = Readonly<Record<string, unknown>>;

/** The text of a value after its key: ` scalar\n` or `\n` and lines below. */
function printNode(value: unknown, indent: number, lead: string): string {
  const pad = " ".repeat(indent);
  if (Array.isArray(value)) {
    if (value.length === 0) return `${lead}[]\n`;
    return `\n${value.map((item) => `${pad}- ${printItem(item, indent + 2)}`).join("")}`;
  }
  if (typeof value === "object" && value !== null) {
    const keys = keysOf(value as Json);
    if (keys.length === 0) return `${lead}{}\n`;
    return `\n${keys.map((key) => pad + printEntry(key, (value as Json)[key], indent)).join("")}`;
  }
  return `${lead}${printScalar(value, indent)}\n`;
}

function printItem(item: unknown, indent: number): string {
  const text = printNode(item, indent, "");
  return text.startsWith("\n") ? text.slice(1 + indent) : text;
}

function printEntry(key: string, value: unknown, indent: number): string {
  const below = Array.isArray(value) ? indent : indent + 2;
  return `${printText(key, indent)}:${printNode(value, below, " ")}`;
}

/** Keys in Go's natural order of YAML: letters before digits, numbers by value. */
function keysOf(value: Json): readonly string[] {
  return Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort(compareKeys);
}

function compareKeys(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  let digits = false;
  for (let i = 0; i < left.length && i < right.length; i++) {
    const [l, r] = [left[i] as string, right[i] as string];
    if (l === r) {
      digits = /\d/.test(l);
      continue;
    }
    const [isL, isR] = [/\p{L}/u.test(l), /\p{L}/u.test(r)];
    if (isL && isR) return compareText(l, r);
    if (isL || isR) return digits ? (isL ? 1 : -1) : isL ? -1 : 1;
    const [nl, nr] = [numberAt(a, i), numberAt(b, i)];
    if (nl !== nr && !Number.isNaN(nl) && !Number.isNaN(nr)) return nl - nr;
    return compareText(l, r);
  }
  return left.length - right.length;
}

function numberAt(text: string, at: number): number {
  return Number.parseInt(/^\d*/.exec(text.slice(at))?.[0] ?? "", 10);
}

function printScalar(value: unknown, indent: number): string {
  if (value === null || value === undefined) return "null";
  return typeof value === "string" ? printText(value, indent) : String(value);
}

/** Texts that a YAML 1.1 reader takes for something else. */
const NOT_TEXT =
  /^(y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE|n|N|no|No|NO|off|Off|OFF|false|False|FALSE|null|Null|NULL|~|<<|=|\.nan|\.NaN|\.NAN|[-+]?\.(inf|Inf|INF)|[-+]?(\.\d+|\d[\d_]*(\.\d*)?)([eE][-+]?\d+)?|[-+]?0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?|\d{4}-\d\d?-\d\d?([Tt ].*)?|)$/;

function printText(text: string, indent: number): string {
  if (text.includes("\n") && !/[^\n\t\x20-\x7e\xa0-\uffff]/.test(text))
    return literal(text, indent);
  if (/[^\t\x20-\x7e\x85\xa0-\u{10ffff}]/u.test(text)) return JSON.stringify(text);
  if (NOT_TEXT.test(text)) return JSON.stringify(text);
  const isPlain =
    !/^[-?:](\s|$)|^[,[\]{}#&*!|>'"%@`]/.test(text) &&
    !/: |:$| #|^\s|\s$|\t/.test(text) &&
    !/^(---|\.\.\.)/.test(text);
  return isPlain ? text : `'${text.replaceAll("'", "''")}'`;
}

function literal(text: string, indent: number): string {
  const chomp = text.endsWith("\n\n") || text === "\n" ? "+" : text.endsWith("\n") ? "" : "-";
  const lines = text.replace(/\n$/, "").split("\n");
  const hint = /^ /.test(text) ? "2" : "";
  const pad = " ".repeat(indent);
  return `|${hint}${chomp}\n${lines.map((l) => (l === "" ? "" : pad + l)).join("\n")}`;
}
