/** Constants and expressions in nft's JSON. */
import type { NftElement, NftExpr, NftValue, NftVerdict } from "../../nft.js";
import { rangeOfPrefix } from "./mark-prefix.js";
import { readWord } from "./parse-value.js";
import { printTime } from "./print-time.js";

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for objects, not for lists. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The only field of an object, as most of nft's JSON is built. */
export function onlyField(value: unknown): readonly [string, unknown] | undefined {
  return isObject(value) ? Object.entries(value)[0] : undefined;
}

/** Something in the JSON has no form that we know. */
export class UnknownJson extends Error {
  override readonly name = "UnknownJson";
}

/** A verdict; undefined if the object is none. */
export function readVerdict(value: unknown): NftVerdict | undefined {
  const [kind, body] = onlyField(value) ?? [];
  if (kind === "accept" || kind === "drop" || kind === "continue" || kind === "return") {
    return { kind };
  }
  if ((kind === "jump" || kind === "goto") && isObject(body)) {
    return { kind, chain: String(body.target) };
  }
  return undefined;
}

/** A constant; `types` are those of the parts it is compared with. Errors: `UnknownJson`. */
export function readValue(value: unknown, types: readonly string[]): NftValue {
  const type = types[0] ?? "";
  if (typeof value === "number") return { kind: "number", number: value };
  if (typeof value === "boolean") return { kind: "word", word: value ? "exists" : "missing" };
  if (typeof value === "string") return readText(value, type);
  if (Array.isArray(value)) return { kind: "list", items: value.map((v) => readValue(v, types)) };
  const [kind, body] = onlyField(value) ?? [];
  switch (kind) {
    case "prefix":
      if (!isObject(body)) break;
      if (type === "mark")
        return rangeOfPrefix({ mark: Number(body.addr), bits: Number(body.len) });
      return readWord(`${String(body.addr)}/${String(body.len)}`);
    case "range":
      if (Array.isArray(body)) {
        return { kind: "range", first: readValue(body[0], types), last: readValue(body[1], types) };
      }
      break;
    case "concat":
      if (Array.isArray(body)) {
        return { kind: "concat", parts: body.map((v, at) => readValue(v, [types[at] ?? ""])) };
      }
      break;
    case "set":
      if (Array.isArray(body))
        return { kind: "set", elements: body.map((v) => readElement(v, types)) };
      return { kind: "set", elements: [readElement(body, types)] };
    case "|":
      if (Array.isArray(body)) return { kind: "or", items: body.map((v) => readValue(v, types)) };
      break;
  }
  const verdict = readVerdict(value);
  if (verdict !== undefined) return { kind: "verdict", verdict };
  throw new UnknownJson(`not a value: ${JSON.stringify(value)}`);
}

function readText(value: string, type: string): NftValue {
  if (value === "*" && type !== "ifname") return { kind: "any" };
  if (value.startsWith("@")) return { kind: "set-ref", name: value.slice(1) };
  if (type === "ifname" || type === "iface_index") return { kind: "string", text: value };
  return readWord(value);
}

/** One element of a set: a value, a pair of key and data, or an element with options. */
export function readElement(item: unknown, types: readonly string[]): NftElement {
  if (Array.isArray(item) && item.length === 2) {
    return { ...readElement(item[0], types), data: readValue(item[1], []) };
  }
  const body = isObject(item) ? item.elem : undefined;
  if (!isObject(body)) return { key: readValue(item, types) };
  const counter = isObject(body.counter) ? body.counter : undefined;
  return {
    key: readValue(body.val, types),
    ...(typeof body.comment === "string" ? { comment: body.comment } : {}),
    ...(typeof body.timeout === "number" ? { timeout: printTime(body.timeout) } : {}),
    ...(typeof body.expires === "number" ? { expires: printTime(body.expires) } : {}),
    ...(counter === undefined
      ? {}
      : { carries: [`counter packets ${counter.packets} bytes ${counter.bytes}`] }),
  };
}

const OPS: ReadonlySet<string> = new Set(["&", "|", "^", "<<", ">>"]);

/** An expression. Errors: `UnknownJson`. */
export function readExpr(value: unknown): NftExpr {
  const [kind, body] = onlyField(value) ?? [];
  if (kind !== undefined && OPS.has(kind) && Array.isArray(body)) {
    const op = kind as "&" | "|" | "^" | "<<" | ">>";
    return { kind: "binary", op, left: readExpr(body[0]), right: readExpr(body[1]) };
  }
  if (kind === "concat" && Array.isArray(body)) return { kind, parts: body.map(readExpr) };
  if (kind !== undefined && isObject(body)) {
    const expr = readObject(kind, body);
    if (expr !== undefined) return expr;
  }
  return { kind: "value", value: readValue(value, []) };
}

function readObject(kind: string, body: JsonObject): NftExpr | undefined {
  switch (kind) {
    case "payload":
      if (typeof body.base === "string") {
        return { kind, protocol: `@${body.base}`, field: `${body.offset},${body.len}` };
      }
      return { kind, protocol: String(body.protocol), field: String(body.field) };
    case "meta":
    case "rt":
      return { kind, key: String(body.key) };
    case "ct":
      return readCt(body);
    case "fib": {
      const flags = Array.isArray(body.flags) ? body.flags.map(String) : [String(body.flags)];
      return { kind, inputs: flags, result: String(body.result) };
    }
    case "numgen": {
      const mode = body.mode === "inc" ? "inc" : "random";
      return { kind, mode, mod: Number(body.mod), ...readOffset(body) };
    }
    case "jhash":
    case "symhash": {
      const over = body.expr === undefined ? {} : { expr: readExpr(body.expr) };
      const seed = body.seed === undefined ? {} : { seed: `0x${Number(body.seed).toString(16)}` };
      return { kind, ...over, mod: Number(body.mod), ...seed, ...readOffset(body) };
    }
    case "map":
      return { kind, expr: readExpr(body.key), map: readValue(body.data, []) };
    case "tcp option":
      if (body.name !== "maxseg" || body.field !== "size") return undefined;
      return { kind: "payload", protocol: "tcp option maxseg", field: "size" };
    default:
      return undefined;
  }
}

function readCt(body: JsonObject): NftExpr {
  const family = body.family === undefined ? "" : `${String(body.family)} `;
  const key = `${family}${String(body.key)}`;
  const direction = body.dir;
  if (direction !== "original" && direction !== "reply") return { kind: "ct", key };
  return { kind: "ct", key, direction };
}

function readOffset(body: JsonObject): { offset?: number } {
  return typeof body.offset === "number" && body.offset !== 0 ? { offset: body.offset } : {};
}
