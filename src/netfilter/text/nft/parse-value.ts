/** Constants: addresses, prefixes, numbers, names, ranges, concatenations, sets, verdicts. */
import { makePrefix, tryParseAddr } from "../../../addr/index.js";
import type { NftElement, NftValue, NftVerdict } from "../../nft.js";
import { rangeOfPrefix, readMarkPrefix } from "./mark-prefix.js";
import { END, type NftReader } from "./tokens.js";

const DEPTH_MAX = 8;
const VERDICTS = new Set(["accept", "drop", "continue", "return", "jump", "goto"]);

/** True for a word that begins a verdict. */
export function isVerdict(word: string | undefined): boolean {
  return word !== undefined && VERDICTS.has(word);
}

/** `accept`, `jump chain`. */
export function parseVerdict(reader: NftReader): NftVerdict {
  const word = reader.next("a verdict");
  if (word === "jump" || word === "goto") return { kind: word, chain: reader.text("a chain") };
  if (word === "accept" || word === "drop" || word === "continue" || word === "return") {
    return { kind: word };
  }
  reader.at--;
  throw reader.fault("bad-verdict", "not a verdict", word);
}

/** A value after an expression: a set, a reference, a list of flags, or one value. */
export function parseRightValue(reader: NftReader): NftValue {
  if (reader.peek() === "{") return parseSetValue(reader, 0);
  const first = parseConcatValue(reader);
  if (reader.peek() === "|") return parseOr(reader, first);
  if (reader.peek() !== ",") return first;
  const items = [first];
  while (reader.take(",")) items.push(parseConcatValue(reader));
  return { kind: "list", items };
}

function parseOr(reader: NftReader, first: NftValue): NftValue {
  const items = [first];
  while (reader.take("|")) items.push(parseConcatValue(reader));
  return { kind: "or", items };
}

/** `{ a, b : c, … }`. */
export function parseSetValue(reader: NftReader, depth: number): NftValue & { kind: "set" } {
  return { kind: "set", elements: parseElements(reader, depth) };
}

/** The elements between braces, over as many lines as they take. */
export function parseElements(reader: NftReader, depth = 0): NftElement[] {
  if (depth > DEPTH_MAX) throw reader.fault("too-deep", "braces are too deep");
  reader.expect("{");
  const elements: NftElement[] = [];
  for (;;) {
    skipEnds(reader);
    if (reader.take("}")) return elements;
    elements.push(parseElement(reader, depth));
    skipEnds(reader);
    if (reader.take("}")) return elements;
    reader.expect(",");
  }
}

function skipEnds(reader: NftReader): void {
  while (reader.peek() === END) reader.at++;
}

function parseElement(reader: NftReader, depth: number): NftElement {
  const element: { -readonly [K in keyof NftElement]: NftElement[K] } = {
    key: reader.peek() === "{" ? parseSetValue(reader, depth + 1) : parseKey(reader),
  };
  const carries: string[] = [];
  for (;;) {
    const word = reader.peek();
    if (word === "timeout") {
      reader.at++;
      element.timeout = reader.next("a time");
    } else if (word === "expires") {
      reader.at++;
      element.expires = reader.next("a time");
    } else if (word === "comment") {
      reader.at++;
      element.comment = reader.text("a comment");
    } else if (word === ":") {
      reader.at++;
      skipEnds(reader);
      element.data = parseData(reader);
    } else if (word === "," || word === "}" || word === END || word === undefined) {
      break;
    } else {
      carries.push(word);
      reader.at++;
    }
  }
  if (carries.length > 0) element.carries = [carries.join(" ")];
  return element;
}

function parseKey(reader: NftReader): NftValue {
  const key = parseConcatValue(reader);
  return reader.peek() === "|" ? parseOr(reader, key) : key;
}

function parseData(reader: NftReader): NftValue {
  if (isVerdict(reader.peek())) return { kind: "verdict", verdict: parseVerdict(reader) };
  return parseConcatValue(reader);
}

/** `1.1.1.1 . tcp . 80-90`. */
export function parseConcatValue(reader: NftReader): NftValue {
  const first = parseOneValue(reader);
  if (reader.peek() !== ".") return first;
  const parts = [first];
  while (reader.take(".")) parts.push(parseOneValue(reader));
  return { kind: "concat", parts };
}

function parseOneValue(reader: NftReader): NftValue {
  if (reader.take("(")) {
    const inner = parseRightValue(reader);
    reader.expect(")");
    return inner;
  }
  const word = reader.next("a value");
  if (word.startsWith('"')) return { kind: "string", text: word.slice(1) };
  if (word === "*") return { kind: "any" };
  if (word.startsWith("@")) return { kind: "set-ref", name: word.slice(1) };
  if (/^[{},;=!<>()|&^:]$/.test(word) || /^[=!<>]=|^<<|^>>/.test(word)) {
    reader.at--;
    throw reader.fault("unexpected-word", "not a value", word);
  }
  return readWord(word);
}

/** What one word without blanks means. */
export function readWord(word: string): NftValue {
  const simple = readSimple(word);
  if (simple !== undefined) return simple;
  const prefix = readMarkPrefix(word);
  if (prefix !== undefined) return rangeOfPrefix(prefix);
  const dash = word.indexOf("-");
  if (dash > 0) {
    const first = readSimple(word.slice(0, dash));
    const last = readSimple(word.slice(dash + 1));
    if (first !== undefined && last !== undefined) return { kind: "range", first, last };
  }
  return { kind: "word", word };
}

/** An address, a prefix or a number. */
function readSimple(word: string): NftValue | undefined {
  if (/^[0-9]+$/.test(word)) {
    const number = Number(word);
    return Number.isSafeInteger(number) && String(number) === word
      ? { kind: "number", number }
      : { kind: "number", number, text: word };
  }
  if (/^0x[0-9a-fA-F]+$/.test(word)) return { kind: "number", number: Number(word), text: word };
  const bare = word.startsWith("[") && word.endsWith("]") ? word.slice(1, -1) : word;
  const slash = bare.indexOf("/");
  const addr = tryParseAddr(slash < 0 ? bare : bare.slice(0, slash));
  if (addr === undefined) return undefined;
  if (slash < 0) return { kind: "addr", addr };
  const bits = Number(bare.slice(slash + 1));
  const most = addr.family === "ip4" ? 32 : 128;
  if (!/^[0-9]{1,3}$/.test(bare.slice(slash + 1)) || bits > most) return undefined;
  return { kind: "prefix", prefix: makePrefix(addr, bits) };
}
