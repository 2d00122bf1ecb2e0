/** The statements of a rule. What is not known makes the rest of the rule one unknown statement. */
import { InputError } from "../../../base/index.js";
import type {
  NftExpr,
  NftLimit,
  NftMatch,
  NftNat,
  NftReject,
  NftRule,
  NftStatement,
  NftUpdate,
} from "../../nft.js";
import { isMark, matchPrefix, readMarkPrefix } from "./mark-prefix.js";
import { beginsExpr, parseExpr, parseSource } from "./parse-expr.js";
import {
  isVerdict,
  parseConcatValue,
  parseRightValue,
  parseSetValue,
  parseVerdict,
  readWord,
} from "./parse-value.js";
import { END, type NftReader } from "./tokens.js";

/** Reads a rule up to the end of its line, `;` or the brace that closes its chain. */
export function parseRule(reader: NftReader): NftRule {
  const statements: NftStatement[] = [];
  let comment: string | undefined;
  for (;;) {
    const word = reader.peek();
    if (atRuleEnd(word)) break;
    if (word === "comment") {
      reader.at++;
      comment = reader.text("a comment");
      continue;
    }
    const start = reader.at;
    const statement = understand(reader);
    if (statement !== undefined) {
      statements.push(statement);
      continue;
    }
    reader.at = start;
    statements.push({ kind: "unknown", text: skipRest(reader) });
  }
  return { statements, ...(comment === undefined ? {} : { comment }) };
}

/** One statement; undefined where the words do not make one that we know. */
function understand(reader: NftReader): NftStatement | undefined {
  try {
    return tryStatement(reader);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function atRuleEnd(word: string | undefined): boolean {
  return word === undefined || word === END || word === ";" || word === "}";
}

/** The words up to the end of the rule or its comment, as nft would print them. */
function skipRest(reader: NftReader): string {
  const words: string[] = [];
  let depth = 0;
  for (let word = reader.peek(); word !== undefined; word = reader.peek()) {
    if (depth === 0 && (atRuleEnd(word) || word === "comment")) break;
    if (word === "{") depth++;
    if (word === "}") depth--;
    words.push(word.startsWith('"') ? `${word}"` : word);
    reader.at++;
  }
  return words
    .join(" ")
    .replace(/ ,/g, ",")
    .replace(/@([lnt]h), ([0-9]+), /g, "@$1,$2,");
}

/** One statement, or undefined when it is not understood. */
function tryStatement(reader: NftReader): NftStatement | undefined {
  const word = reader.peek() ?? "";
  if (isVerdict(word)) return { kind: "verdict", verdict: parseVerdict(reader) };
  switch (word) {
    case "counter":
      return parseCounter(reader);
    case "limit":
      return parseLimit(reader);
    case "log":
      return { kind: "log", words: parseLogWords(reader) };
    case "reject":
      return parseReject(reader);
    case "dnat":
    case "snat":
    case "masquerade":
    case "redirect":
      return parseNat(reader, word);
    case "notrack":
      reader.at++;
      return { kind: "notrack" };
    case "add":
    case "update":
    case "delete":
      return parseUpdate(reader, word);
    default:
      return beginsExpr(reader) ? parseExprStatement(reader) : undefined;
  }
}

/** The rest is not ours to understand: the statement cannot end here. */
function endsStatement(reader: NftReader): boolean {
  const word = reader.peek() ?? "";
  return !/^(?:map|and|or|xor|lshift|rshift|[&|^.,:/(){}]|<<|>>)$/.test(word) || word === "}";
}

function parseExprStatement(reader: NftReader): NftStatement | undefined {
  const left = parseExpr(reader);
  if (reader.take("set")) {
    const statement = { kind: "set", target: left, value: parseSource(reader) } as const;
    return endsStatement(reader) ? statement : undefined;
  }
  if (reader.take("vmap")) {
    const map = reader.peek() === "{" ? parseSetValue(reader, 0) : parseConcatValue(reader);
    return { kind: "vmap", expr: left, map };
  }
  const op = readOperator(reader);
  if (op === undefined && atRuleEnd(reader.peek())) return undefined;
  const prefix = isMark(left) ? readMarkPrefix(reader.peek() ?? "") : undefined;
  if (prefix !== undefined && (op === undefined || op === "==" || op === "!=")) {
    reader.at++;
    return endsStatement(reader) ? matchPrefix(left, op ?? "==", prefix) : undefined;
  }
  const right = parseRightValue(reader);
  const mask = reader.take("/") ? { mask: parseRightValue(reader) } : {};
  const match: NftMatch = {
    kind: "match",
    left,
    ...(op === undefined ? {} : { op }),
    right,
    ...mask,
  };
  return endsStatement(reader) ? match : undefined;
}

const OPERATORS: ReadonlyMap<string, NonNullable<NftMatch["op"]>> = new Map([
  ["==", "=="],
  ["eq", "=="],
  ["!=", "!="],
  ["!", "!"],
  ["ne", "!="],
  ["<", "<"],
  ["lt", "<"],
  [">", ">"],
  ["gt", ">"],
  ["<=", "<="],
  ["le", "<="],
  [">=", ">="],
  ["ge", ">="],
]);

function readOperator(reader: NftReader): NftMatch["op"] {
  const op = OPERATORS.get(reader.peek() ?? "");
  if (op !== undefined) reader.at++;
  return op;
}

function parseCounter(reader: NftReader): NftStatement {
  reader.at++;
  if (reader.take("name")) {
    return { kind: "counter", packets: 0, bytes: 0, name: reader.text("a counter") };
  }
  const packets = reader.take("packets") ? reader.number("packets") : 0;
  const bytes = reader.take("bytes") ? reader.number("bytes") : 0;
  return { kind: "counter", packets, bytes };
}

function parseLimit(reader: NftReader): NftStatement | undefined {
  reader.at++;
  if (!reader.take("rate")) return undefined;
  const over = reader.take("over") ? { over: true } : {};
  const rate = reader.next("a rate");
  const found = /^([0-9]+)(?:\/(second|minute|hour|day|week))?$/.exec(rate);
  if (found === null) return undefined;
  const unit = found[2] === undefined ? readByteUnit(reader) : undefined;
  const per = (found[2] ?? unit?.per) as NftLimit["per"] | undefined;
  if (per === undefined) return undefined;
  const burst = reader.take("burst") ? readBurst(reader) : {};
  return {
    kind: "limit",
    ...over,
    rate: Number(found[1]),
    per,
    ...(unit === undefined ? {} : { unit: unit.unit }),
    ...burst,
  };
}

function readByteUnit(reader: NftReader) {
  const found = /^([km]?bytes)\/(second|minute|hour|day|week)$/.exec(reader.next("bytes/second"));
  if (found === null) return undefined;
  return { unit: found[1] as "bytes" | "kbytes" | "mbytes", per: found[2] as NftLimit["per"] };
}

function readBurst(reader: NftReader) {
  const burst = reader.number("a burst");
  const unit = reader.next("packets or bytes");
  return unit === "packets"
    ? { burst }
    : { burst, burstUnit: unit as "bytes" | "kbytes" | "mbytes" };
}

const LOG_WORDS: ReadonlyMap<string, number> = new Map([
  ["prefix", 1],
  ["level", 1],
  ["group", 1],
  ["snaplen", 1],
  ["queue-threshold", 1],
  ["flags", 1],
]);

function parseLogWords(reader: NftReader): string {
  reader.at++;
  const words: string[] = [];
  for (;;) {
    const word = reader.peek() ?? "";
    if (!LOG_WORDS.has(word)) break;
    words.push(word);
    reader.at++;
    const value = reader.next(word);
    words.push(value.startsWith('"') ? `${value}"` : value);
    if (word === "flags" && (value === "tcp" || value === "ip")) {
      words.push(reader.next("a flag"));
      while (reader.take(",")) words[words.length - 1] += `,${reader.next("a flag")}`;
    }
  }
  return words.join(" ");
}

function parseReject(reader: NftReader): NftReject | undefined {
  reader.at++;
  if (!reader.take("with")) return { kind: "reject" };
  const word = reader.next("how to reject");
  if (word === "tcp") {
    return reader.take("reset") ? { kind: "reject", with: { kind: "tcp-reset" } } : undefined;
  }
  if (word !== "icmp" && word !== "icmpv6" && word !== "icmpx") return undefined;
  reader.take("type");
  return { kind: "reject", with: { kind: word, code: reader.next("a code") } };
}

function parseNat(reader: NftReader, kind: NftNat["kind"]): NftNat | undefined {
  reader.at++;
  const nat: { -readonly [K in keyof NftNat]: NftNat[K] } = { kind };
  if (reader.take("ip")) nat.family = "ip";
  else if (reader.take("ip6")) nat.family = "ip6";
  if (reader.peek() === "addr" && reader.peek(1) === "." && reader.peek(2) === "port") {
    reader.at += 3;
    nat.form = "addr . port";
  } else if (reader.take("prefix")) nat.form = "prefix";
  if (reader.take("to") && !readNatTarget(reader, nat)) return undefined;
  const flags = readFlags(reader);
  if (flags.length > 0) nat.flags = flags;
  return nat;
}

const NAT_FLAGS = new Set(["random", "fully-random", "persistent"]);

function readFlags(reader: NftReader): string[] {
  const flags: string[] = [];
  while (NAT_FLAGS.has(reader.peek() ?? "")) {
    flags.push(reader.next("a flag"));
    if (!reader.take(",")) break;
  }
  return flags;
}

/** `1.2.3.4:80`, `[fd00::1]:80-90`, `:80`, a map, or an address and ports of their own. */
function readNatTarget(reader: NftReader, nat: { addr?: NftExpr; port?: NftExpr }): boolean {
  const word = reader.peek() ?? "";
  if (beginsExpr(reader)) {
    nat.addr = parseSource(reader);
    if (nat.addr.kind !== "map") return false;
    return readMappedPort(reader, nat);
  }
  const found = splitTarget(word);
  if (found === undefined) return false;
  reader.at++;
  if (found.addr !== "") nat.addr = { kind: "value", value: readWord(found.addr) };
  if (found.port === undefined) return true;
  if (found.port === "") {
    if (!beginsExpr(reader)) return false;
    nat.port = parseSource(reader);
    return true;
  }
  nat.port = { kind: "value", value: readWord(found.port) };
  return true;
}

/** Ports after a map: `: 80`, as nft prints `dnat to ip saddr map { … } : 80`. */
function readMappedPort(reader: NftReader, nat: { port?: NftExpr }): boolean {
  const word = reader.peek() ?? "";
  if (!word.startsWith(":")) return true;
  reader.at++;
  const text = word.length > 1 ? word.slice(1) : reader.next("a port");
  nat.port = { kind: "value", value: readWord(text) };
  return true;
}

function splitTarget(word: string): { addr: string; port?: string } | undefined {
  const bracket = /^\[([^\]]*)\](?:-\[([^\]]*)\])?(?::(.*))?$/.exec(word);
  if (bracket !== null) {
    const last = bracket[2] === undefined ? "" : `-${bracket[2]}`;
    const addr = `${bracket[1]}${last}`;
    return bracket[3] === undefined ? { addr } : { addr, port: bracket[3] };
  }
  const colons = word.split(":");
  if (colons.length > 2) return { addr: word };
  const [addr = "", port] = colons;
  if (!/^[0-9.-]*$/.test(addr)) return undefined;
  return port === undefined ? { addr } : { addr, port };
}

function parseUpdate(reader: NftReader, op: NftUpdate["op"]): NftUpdate | undefined {
  reader.at++;
  const name = reader.next("a set");
  if (!name.startsWith("@") || !reader.take("{")) return undefined;
  const expr = parseExpr(reader);
  const timeout = reader.take("timeout") ? { timeout: reader.next("a time") } : {};
  const carries: NftStatement[] = [];
  for (let word = reader.peek(); word !== "}" && word !== ":"; word = reader.peek()) {
    const statement = tryStatement(reader);
    if (statement === undefined) return undefined;
    carries.push(statement);
  }
  const data = reader.take(":") ? { data: parseSource(reader) } : {};
  if (!reader.take("}")) return undefined;
  const carried = carries.length === 0 ? {} : { carries };
  return { kind: "update", op, set: name.slice(1), expr, ...timeout, ...carried, ...data };
}
