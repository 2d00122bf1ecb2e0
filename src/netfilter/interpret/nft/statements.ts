/** What the statements of a rule do and answer. */
import type { Segment } from "../../../wire/index.js";
import type { NftExpr, NftLimit, NftMatch, NftStatement, NftUpdate } from "../../nft.js";
import type { Ask } from "../ask.js";
import { compareData, type Datum, isFlags, typeOf, typesOf } from "./datum.js";
import { evalExpr, type SetSource } from "./eval-expr.js";
import { translateNft } from "./nat-statement.js";
import { rejectAnswer } from "./reject-answer.js";
import type { OpenElement, SetIndex } from "./set-index.js";
import type { StatementAnswer } from "./statement-answer.js";
import { unmodelledSetting } from "./unmodelled.js";
import { datumOf, testOf } from "./value-test.js";

/** The sets of a table and, behind references, their changes. */
export interface StatementSets extends SetSource {
  byName(name: string): SetIndex | undefined;
}

const NEXT: StatementAnswer = { kind: "next" };
const BREAK: StatementAnswer = { kind: "break" };

/**
 * Carries out one statement.
 *
 * Shape: may change the packet's record, its connection, or a set.
 * Follows: nft(8); Linux 6.18 net/netfilter/nf_tables_core.c `nft_do_chain` and the expressions' own
 * files.
 */
export function runStatement(
  ask: Ask,
  statement: NftStatement,
  sets: StatementSets,
): StatementAnswer {
  switch (statement.kind) {
    case "match":
      return matches(ask, statement, sets) ? NEXT : BREAK;
    case "verdict":
      return { kind: "verdict", verdict: statement.verdict };
    case "vmap":
      return runVmap(ask, statement, sets);
    case "set":
      return runSet(ask, statement, sets);
    case "counter":
    case "log":
      return NEXT;
    case "limit":
      return takesLimit(ask, statement, statement) ? NEXT : BREAK;
    case "reject":
      return rejectAnswer(ask, statement) ?? BREAK;
    case "dnat":
    case "snat":
    case "masquerade":
    case "redirect":
      return translateNft(ask, statement, sets);
    case "notrack":
      if (ask.skb.ct === undefined) {
        ask.skb.notrack = true;
        ask.skb.ctInfo = "untracked";
      }
      return NEXT;
    case "update":
      return runUpdate(ask, statement, sets);
    case "unknown":
      ask.unmodelled ??= statement.text;
      return BREAK;
  }
}

function matches(ask: Ask, match: NftMatch, sets: StatementSets): boolean {
  const { left, op, right } = match;
  const data = evalExpr(ask, left, sets);
  if (data === undefined) return false;
  if (right.kind === "set" || right.kind === "set-ref") {
    const set = sets.setOf(right, left);
    if (set === undefined || set.unmodelled !== undefined) {
      ask.unmodelled ??= set?.unmodelled ?? "a set that is missing";
      return false;
    }
    return (set.find(data) !== undefined) !== (op === "!=");
  }
  if (data.length > 1) return matchesParts(ask, match, data);
  return matchesOne(ask, match, data[0] as Datum);
}

/** `ip saddr . tcp dport 1.1.1.1 . 80`: every part is compared. */
function matchesParts(ask: Ask, { left, op, right }: NftMatch, data: readonly Datum[]): boolean {
  const types = typesOf(left);
  const parts = right.kind === "concat" ? right.parts : [right];
  const tests = parts.map((part, at) => testOf(part, types[at] ?? "integer"));
  if (parts.length !== data.length || tests.some((test) => test === undefined)) {
    ask.unmodelled ??= "a comparison of concatenations";
    return false;
  }
  return tests.every((test, at) => test?.passes(data[at] as Datum)) !== (op === "!=");
}

function matchesOne(ask: Ask, match: NftMatch, datum: Datum): boolean {
  const { left, op, right, mask } = match;
  const type = typeOf(left);
  if (right.kind === "word" && (right.word === "exists" || right.word === "missing")) {
    return (datum !== "") === ((right.word === "exists") !== (op === "!="));
  }
  if (isFlags(type) && typeof datum === "number" && left.kind !== "binary") {
    const answer = matchesFlags(match, datum);
    if (answer !== undefined) return answer;
  }
  if (mask !== undefined) {
    ask.unmodelled ??= "a masked comparison";
    return false;
  }
  if (op === undefined || op === "==" || op === "!=") {
    if (type === "iface_index" && right.kind === "number") {
      return (linkNumber(ask, datum) === right.number) !== (op === "!=");
    }
    const test = testOf(right, type);
    if (test !== undefined) return test.passes(datum) !== (op === "!=");
  } else {
    const bound = datumOf(right, type);
    if (bound !== undefined) return compares(compareData(datum, bound), op);
  }
  ask.unmodelled ??= `a comparison with ${right.kind === "word" ? right.word : right.kind}`;
  return false;
}

/** No link has number 0. */
function linkNumber(ask: Ask, datum: Datum): number {
  return typeof datum === "string" && datum !== ""
    ? (ask.runtime.options.questions.linkIndex(datum) ?? 0)
    : 0;
}

function compares(order: number, op: "<" | ">" | "<=" | ">=" | "!"): boolean {
  switch (op) {
    case "<":
      return order < 0;
    case ">":
      return order > 0;
    case "<=":
      return order <= 0;
    case ">=":
      return order >= 0;
    case "!":
      return order !== 0;
  }
}

/** Flags: without an operator any of them, with `/` these and no others of the mask. */
function matchesFlags({ left, op, right, mask }: NftMatch, bits: number): boolean | undefined {
  const type = typeOf(left);
  const wanted = datumOf(right, type);
  if (typeof wanted !== "number") return undefined;
  if (mask !== undefined) {
    const looked = datumOf(mask, type);
    if (typeof looked !== "number") return undefined;
    return ((bits & looked) === wanted) !== (op === "!=");
  }
  if (op === undefined) return (bits & wanted) !== 0;
  if (op === "!") return (bits & wanted) === 0;
  if (op === "==" || op === "!=") return (bits === wanted) !== (op === "!=");
  return undefined;
}

function runVmap(
  ask: Ask,
  statement: NftStatement & { readonly kind: "vmap" },
  sets: StatementSets,
): StatementAnswer {
  const set = sets.setOf(statement.map, statement.expr);
  if (set === undefined || set.unmodelled !== undefined) {
    ask.unmodelled ??= set?.unmodelled ?? "a verdict map that is missing";
    return BREAK;
  }
  const data = evalExpr(ask, statement.expr, sets);
  const found = data === undefined ? undefined : set.find(data)?.data;
  return found?.kind === "verdict" ? { kind: "verdict", verdict: found.verdict } : BREAK;
}

function runSet(
  ask: Ask,
  { target, value }: NftStatement & { readonly kind: "set" },
  sets: StatementSets,
): StatementAnswer {
  if (target.kind === "payload" && !carries(ask, target.protocol)) return BREAK;
  if (value.kind !== "value") return setField(ask, target, evalExpr(ask, value, sets));
  // A name such as `af11` means something only beside what it is set to.
  const datum = datumOf(value.value, typeOf(target));
  if (datum === undefined) {
    ask.unmodelled ??= unmodelledSetting(target) ?? "a value that is set";
    return BREAK;
  }
  return setField(ask, target, [datum]);
}

/** Whether a packet has the header that is to be changed; nft asks before (payload dependencies). */
function carries({ skb: { packet } }: Ask, protocol: string): boolean {
  if (protocol === "ip") return packet.family === "ip4";
  return protocol !== "ip6" || packet.family === "ip6";
}

function setField(ask: Ask, target: NftExpr, data: readonly Datum[] | undefined): StatementAnswer {
  const value = data?.[0];
  if (value === undefined) return BREAK;
  const { skb } = ask;
  if (typeof value === "number") {
    if (target.kind === "meta" && target.key === "mark") {
      skb.mark = value >>> 0;
      return NEXT;
    }
    if (target.kind === "ct" && target.key === "mark") {
      if (skb.ct !== undefined) skb.ct.mark = value >>> 0;
      return NEXT;
    }
    if (target.kind === "ct" && target.key === "zone") {
      if (skb.ct === undefined) skb.ctZone = value;
      return NEXT;
    }
    if (target.kind === "meta" && target.key === "nftrace") return NEXT;
    if (target.kind === "payload" && setHeader(ask, target, value)) return NEXT;
  }
  ask.unmodelled ??= unmodelledSetting(target) ?? "a value that is set";
  return BREAK;
}

function setHeader(
  ask: Ask,
  { protocol, field }: NftExpr & { readonly kind: "payload" },
  value: number,
): boolean {
  const { skb } = ask;
  const { packet } = skb;
  if (field === "ttl" || field === "hoplimit") skb.packet = { ...packet, ttl: value & 255 };
  else if (field === "dscp")
    skb.packet = { ...packet, tos: (packet.tos & 3) | ((value & 63) << 2) };
  else if (protocol === "tcp option maxseg" && packet.payload.kind === "tcp") {
    setSegmentSize(ask, packet.payload, value);
  } else return false;
  return true;
}

/** A size is only lowered, and only where the segment names one (nft_exthdr.c `nft_exthdr_tcp_set_eval`). */
function setSegmentSize({ skb }: Ask, segment: Segment, size: number): void {
  if (segment.mss === undefined || segment.mss <= size) return;
  skb.packet = { ...skb.packet, payload: { ...segment, mss: size } };
}

const PERIODS_US = {
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
  day: 86_400_000_000,
  week: 604_800_000_000,
} as const;
/** Without a burst of its own a limit of packets allows five (nftables 1.0.6 src/parser_bison.y). */
const DEFAULT_BURST = 5;

/** Whether a limit lets the packet through; `owner` is whose bucket it is. */
function takesLimit(ask: Ask, limit: NftLimit, owner: object): boolean {
  const { memory, options } = ask.runtime;
  if (limit.unit !== undefined) {
    ask.unmodelled ??= "a limit of bytes";
    return false;
  }
  const rate = {
    periodUs: PERIODS_US[limit.per] / limit.rate,
    burst: limit.burst ?? DEFAULT_BURST,
  };
  const passes = memory.take(owner, { ...rate, cost: 1 }, options.nowUs());
  return passes !== (limit.over === true);
}

function runUpdate(ask: Ask, update: NftUpdate, sets: StatementSets): StatementAnswer {
  const set = sets.byName(update.set);
  const data = evalExpr(ask, update.expr, sets);
  if (set === undefined) {
    ask.unmodelled ??= `set ${update.set} is missing`;
    return BREAK;
  }
  if (data === undefined) return BREAK;
  if (update.op === "delete") {
    set.remove(data);
    return NEXT;
  }
  const value = update.data?.kind === "value" ? { data: update.data.value } : {};
  if (update.data !== undefined && update.data.kind !== "value")
    ask.unmodelled ??= "update of a map";
  const how = { timeout: update.timeout, refresh: update.op === "update", ...value };
  const element = set.put(data, how);
  if (element === undefined) return BREAK;
  return runCarried(ask, update, element);
}

/** Statements of an element have their memory in the element. */
function runCarried(ask: Ask, update: NftUpdate, element: OpenElement): StatementAnswer {
  for (const carried of update.carries ?? []) {
    if (carried.kind === "limit" && !takesLimit(ask, carried, element)) return BREAK;
    if (carried.kind !== "limit" && carried.kind !== "counter") {
      ask.unmodelled ??= `${carried.kind} in a set's element`;
    }
  }
  return NEXT;
}
