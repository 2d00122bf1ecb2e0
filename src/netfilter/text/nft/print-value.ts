/** Constants and expressions as nft prints them. */
import { unreachable } from "../../../base/index.js";
import type { NftElement, NftExpr, NftValue, NftVerdict } from "../../nft.js";
import { printPrefixRange } from "./mark-prefix.js";

/** What the number next to an expression is: marks are printed as eight hexadecimal digits. */
export type NumberStyle = "plain" | "mark";

/** How numbers compared with an expression are printed. */
export function styleOf(expr: NftExpr): NumberStyle {
  switch (expr.kind) {
    case "meta":
    case "rt":
    case "ct":
      return expr.key === "mark" ? "mark" : "plain";
    case "binary":
      return styleOf(expr.left);
    default:
      return "plain";
  }
}

/** The styles of the parts of a concatenation. */
export function partStyles(expr: NftExpr): readonly NumberStyle[] {
  return expr.kind === "concat" ? expr.parts.map(styleOf) : [styleOf(expr)];
}

/** Prints a constant; `styles` are those of the parts it is compared with. */
export function printValue(value: NftValue, styles: readonly NumberStyle[] = []): string {
  const style = styles[0] ?? "plain";
  switch (value.kind) {
    case "addr":
      return value.addr.toString();
    case "prefix": {
      const { prefix } = value;
      return prefix.toString();
    }
    case "number":
      if (style === "mark") return `0x${value.number.toString(16).padStart(8, "0")}`;
      return value.text ?? String(value.number);
    case "word":
      return value.word;
    case "string":
      return `"${value.text}"`;
    case "range":
      return `${printValue(value.first, styles)}-${printValue(value.last, styles)}`;
    case "concat":
      return value.parts.map((part, at) => printValue(part, [styles[at] ?? "plain"])).join(" . ");
    case "list":
      return value.items.map((item) => printValue(item, styles)).join(",");
    case "or":
      return value.items.map((item) => printValue(item, styles)).join(" | ");
    case "set":
      return printAnonymous(value.elements, styles);
    case "set-ref":
      return `@${value.name}`;
    case "any":
      return "*";
    case "verdict":
      return printVerdict(value.verdict);
    default:
      return unreachable(value);
  }
}

/** `jump chain`. */
export function printVerdict(verdict: NftVerdict): string {
  return verdict.kind === "jump" || verdict.kind === "goto"
    ? `${verdict.kind} ${verdict.chain}`
    : verdict.kind;
}

function printAnonymous(elements: readonly NftElement[], styles: readonly NumberStyle[]): string {
  if (elements.length === 0) return "{ }";
  return `{ ${elements.map((element) => printElement(element, styles)).join(", ")} }`;
}

/** The key of an element: of marks, ranges with a prefix are printed as that. */
export function printKey(key: NftValue, styles: readonly NumberStyle[]): string {
  const isOfMarks = styles.length === 1 && styles[0] === "mark";
  return (isOfMarks ? printPrefixRange(key) : undefined) ?? printValue(key, styles);
}

/** One element: key, what it carries, and what a map gives for it. */
export function printElement(
  element: NftElement,
  styles: readonly NumberStyle[],
  dataStyles: readonly NumberStyle[] = [],
): string {
  const { timeout, expires, carries, comment, data } = element;
  const parts = [
    printKey(element.key, styles),
    ...(carries ?? []),
    ...(timeout === undefined ? [] : [`timeout ${timeout}`]),
    ...(expires === undefined ? [] : [`expires ${expires}`]),
    ...(comment === undefined ? [] : [`comment "${comment}"`]),
    ...(data === undefined ? [] : [`: ${printValue(data, dataStyles)}`]),
  ];
  return parts.join(" ");
}

/** Keys that are printed without `meta`. */
const BARE_META = new Set(["iif", "oif", "iifname", "oifname", "iifgroup", "oifgroup"]);

/** Prints an expression. */
export function printExpr(expr: NftExpr): string {
  switch (expr.kind) {
    case "payload":
      return `${expr.protocol}${expr.protocol.startsWith("@") ? "," : " "}${expr.field}`;
    case "meta":
      return BARE_META.has(expr.key) ? expr.key : `meta ${expr.key}`;
    case "rt":
      return `rt ${expr.key}`;
    case "ct":
      return `ct ${expr.direction === undefined ? "" : `${expr.direction} `}${expr.key}`;
    case "fib":
      return `fib ${expr.inputs.join(" . ")} ${expr.result}`;
    case "numgen": {
      const offset = expr.offset === undefined ? "" : ` offset ${expr.offset}`;
      return `numgen ${expr.mode} mod ${expr.mod}${offset}`;
    }
    case "jhash":
    case "symhash": {
      const over = expr.expr === undefined ? "" : ` ${printExpr(expr.expr)}`;
      const seed = expr.seed === undefined ? "" : ` seed ${expr.seed}`;
      const offset = expr.offset === undefined ? "" : ` offset ${expr.offset}`;
      return `${expr.kind}${over} mod ${expr.mod}${seed}${offset}`;
    }
    case "concat":
      return expr.parts.map(printExpr).join(" . ");
    case "binary": {
      const right =
        expr.right.kind === "value"
          ? printOperand(expr.right.value, styleOf(expr.left))
          : printExpr(expr.right);
      return `${printExpr(expr.left)} ${expr.op} ${right}`;
    }
    case "map":
      return `${printExpr(expr.expr)} map ${printValue(expr.map, partStyles(expr.expr))}`;
    case "value":
      return printValue(expr.value);
    default:
      return unreachable(expr);
  }
}

function printOperand(value: NftValue, style: NumberStyle): string {
  const text = printValue(value, [style]);
  return value.kind === "or" || value.kind === "list" ? `(${text})` : text;
}
