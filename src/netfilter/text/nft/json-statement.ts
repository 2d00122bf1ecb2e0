/** Statements in nft's JSON. */
import { isFlags, typesOf } from "../../interpret/nft/datum.js";
import type {
  NftExpr,
  NftLimit,
  NftMatch,
  NftNat,
  NftReject,
  NftStatement,
  NftUpdate,
  NftValue,
} from "../../nft.js";
import {
  isObject,
  type JsonObject,
  onlyField,
  readExpr,
  readValue,
  readVerdict,
  UnknownJson,
} from "./json-value.js";
import { isMark, matchPrefix } from "./mark-prefix.js";
import { printStatement } from "./print-statement.js";
import { printTime } from "./print-time.js";

/** The statements of a rule; what is not understood becomes `unknown`. */
export function readStatements(value: unknown): NftStatement[] {
  if (!Array.isArray(value)) return [];
  return value.map((item) => {
    try {
      return readStatement(item);
    } catch (error) {
      if (error instanceof UnknownJson) return unknown(item);
      throw error;
    }
  });
}

function unknown(item: unknown): NftStatement {
  return { kind: "unknown", text: JSON.stringify(item) ?? "" };
}

function readStatement(item: unknown): NftStatement {
  const verdict = readVerdict(item);
  if (verdict !== undefined) return { kind: "verdict", verdict };
  const [kind, body] = onlyField(item) ?? [];
  if (kind === "notrack") return { kind };
  if (kind === "masquerade" || kind === "redirect" || kind === "dnat" || kind === "snat") {
    return readNat(kind, isObject(body) ? body : {});
  }
  if (kind === "reject") return readReject(isObject(body) ? body : {});
  if (kind === "log") return { kind, words: isObject(body) ? readLog(body) : "" };
  if (kind === "counter" && typeof body === "string") {
    return { kind, packets: 0, bytes: 0, name: body };
  }
  return isObject(body) ? readBody(kind, body, item) : unknown(item);
}

function readBody(kind: string | undefined, body: JsonObject, item: unknown): NftStatement {
  switch (kind) {
    case "match":
      return readMatch(body);
    case "mangle":
      return { kind: "set", target: readExpr(body.key), value: readExpr(body.value) };
    case "vmap": {
      const expr = readExpr(body.key);
      return { kind, expr, map: readValue(body.data, typesOf(expr)) };
    }
    case "counter":
      return { kind, packets: Number(body.packets ?? 0), bytes: Number(body.bytes ?? 0) };
    case "limit":
      return readLimit(body);
    case "set": {
      const op = body.op;
      const isKnown = op === "add" || op === "update" || op === "delete";
      if (!isKnown || isObject(body.elem) === false) return unknown(item);
      return readUpdate(op, body);
    }
    default:
      return unknown(item);
  }
}

function readUpdate(op: NftUpdate["op"], body: JsonObject): NftUpdate {
  const element = isObject(body.elem) && isObject(body.elem.elem) ? body.elem.elem : undefined;
  const timeout = element?.timeout;
  const carries = body.stmt === undefined ? [] : readStatements(body.stmt);
  return {
    kind: "update",
    op,
    set: String(body.set).slice(1),
    expr: readExpr(element === undefined ? body.elem : element.val),
    ...(typeof timeout === "number" ? { timeout: printTime(timeout) } : {}),
    ...(carries.length > 0 ? { carries } : {}),
  };
}

/** What every element of a set carries, as text. */
export function readCarried(value: unknown): string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items.map((item) => {
    const isNew = isObject(item) && item.counter === null;
    return isNew
      ? "counter"
      : readStatements([item])
          .map((s) => printStatement(s, "inet"))
          .join(" ");
  });
}

/** JSON says `==` where the text says nothing, but for bits and flags. */
function readMatch(body: JsonObject): NftMatch {
  const left = readExpr(body.left);
  const [written, prefix] = onlyField(body.right) ?? [];
  if (written === "prefix" && isObject(prefix) && isMark(left)) {
    const { addr, len } = prefix;
    const mark = { mark: Number(addr), bits: Number(len) };
    return matchPrefix(left, body.op === "!=" ? "!=" : "==", mark);
  }
  const right = readValue(body.right, typesOf(left));
  const op = String(body.op);
  const masked = readMasked(left, op, right);
  if (masked !== undefined) return masked;
  if (op === "in") return { kind: "match", left, right };
  if (op === "==") {
    const isTold =
      left.kind === "binary" || (isFlags(typesOf(left)[0] ?? "") && right.kind !== "set");
    return isTold ? { kind: "match", left, op, right } : { kind: "match", left, right };
  }
  if (op === "!" || op === "!=" || op === "<" || op === ">" || op === "<=" || op === ">=") {
    return { kind: "match", left, op, right };
  }
  throw new UnknownJson(`not an operator: ${op}`);
}

/** `tcp flags syn / syn,ack`: in JSON the flags are masked by a list. */
function readMasked(left: NftExpr, op: string, right: NftValue): NftMatch | undefined {
  if (left.kind !== "binary" || left.op !== "&" || left.right.kind !== "value") return undefined;
  const mask = left.right.value;
  if (mask.kind !== "list" || (op !== "==" && op !== "!=")) return undefined;
  return { kind: "match", left: left.left, ...(op === "!=" ? { op } : {}), right, mask };
}

function readLimit(body: JsonObject): NftLimit {
  const unit = body.rate_unit;
  const burstUnit = body.burst_unit;
  const isBytes = unit === "bytes" || unit === "kbytes" || unit === "mbytes";
  const burst = body.burst;
  return {
    kind: "limit",
    ...(body.inv === true ? { over: true } : {}),
    rate: Number(body.rate),
    per: String(body.per) as NftLimit["per"],
    ...(isBytes ? { unit } : {}),
    ...(typeof burst === "number" && burst !== 0 && (isBytes || burst !== 5) ? { burst } : {}),
    ...(burstUnit === "bytes" || burstUnit === "kbytes" || burstUnit === "mbytes"
      ? { burstUnit }
      : {}),
  };
}

function readLog(body: JsonObject): string {
  return Object.entries(body)
    .map(([key, value]) => `${key} ${key === "prefix" ? `"${String(value)}"` : String(value)}`)
    .join(" ");
}

function readReject(body: JsonObject): NftReject {
  const type = body.type;
  if (type === "tcp reset") return { kind: "reject", with: { kind: "tcp-reset" } };
  if (type !== "icmp" && type !== "icmpv6" && type !== "icmpx") return { kind: "reject" };
  return { kind: "reject", with: { kind: type, code: String(body.expr ?? "port-unreachable") } };
}

function readNat(kind: NftNat["kind"], body: JsonObject): NftNat {
  const { family } = body as { family?: unknown };
  const flags = Array.isArray(body.flags) ? body.flags : [body.flags];
  const words = flags.filter((flag): flag is string => {
    return typeof flag === "string" && flag !== "netmap";
  });
  return {
    kind,
    ...(family === "ip" || family === "ip6" ? { family } : {}),
    ...(body.addr === undefined ? {} : { addr: readExpr(body.addr) }),
    ...(body.port === undefined ? {} : { port: readExpr(body.port) }),
    ...(body.type_flags === "prefix" ? { form: "prefix" } : {}),
    ...(isPair(body) ? { form: "addr . port" } : {}),
    ...(words.length > 0 ? { flags: words } : {}),
  };
}

/** A map that gives address and port is told in JSON by its flags alone. */
function isPair({ type_flags }: JsonObject): boolean {
  const flags: readonly unknown[] = Array.isArray(type_flags) ? type_flags : [type_flags];
  return flags.includes("concat");
}
