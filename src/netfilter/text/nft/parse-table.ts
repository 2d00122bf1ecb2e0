/** What stands inside a table: chains with their rules, sets and maps, objects. */
import type { Hook, NfFamily } from "../../hook.js";
import type { NftBase, NftChain, NftObject, NftRule, NftSet, NftTable } from "../../nft.js";
import { parseSet } from "./parse-set.js";
import { parseRule } from "./parse-statement.js";
import { priorityOf } from "./priorities.js";
import { END, type NftReader } from "./tokens.js";

const HOOKS: ReadonlySet<string> = new Set([
  "prerouting",
  "input",
  "forward",
  "output",
  "postrouting",
  "ingress",
  "egress",
]);

/** A table while it is read. */
export interface OpenTable extends NftTable {
  comment?: string;
  flags?: readonly string[];
  readonly chains: NftChain[];
  readonly sets: NftSet[];
  objects?: readonly NftObject[];
}

const IPTABLES_TABLES: ReadonlySet<string> = new Set([
  "raw",
  "mangle",
  "nat",
  "filter",
  "security",
]);
const IPTABLES_CHAINS: ReadonlySet<string> = new Set([
  "PREROUTING",
  "INPUT",
  "FORWARD",
  "OUTPUT",
  "POSTROUTING",
]);

/** Whether a table looks as if iptables had made it: its name, and those of its base chains. */
export function isIptablesTable({ family, name, chains, sets }: NftTable): boolean {
  if ((family !== "ip" && family !== "ip6") || !IPTABLES_TABLES.has(name)) return false;
  const bases = chains.filter((chain) => chain.base !== undefined);
  return sets.length === 0 && bases.length > 0 && bases.every((c) => IPTABLES_CHAINS.has(c.name));
}

/** Keeps the rules of a table of iptables as nft printed them. */
export function keepTexts(table: OpenTable, reader: NftReader): void {
  table.chains.forEach((chain, at) => {
    const rules = chain.rules.map((rule) => {
      const start = reader.starts.get(rule);
      return start === undefined ? rule : { ...rule, text: reader.lineOf(start) };
    });
    table.chains[at] = { ...chain, rules };
  });
}

/** One part of a table: its comment, a set, a chain, an object. */
export function readTablePart(reader: NftReader, table: OpenTable): void {
  const word = reader.next("a part of a table");
  switch (word) {
    case "comment":
      table.comment = reader.text("a comment");
      return;
    case "flags":
      table.flags = readList(reader);
      return;
    case "set":
    case "map":
      table.sets.push(parseSet(reader, word));
      return;
    case "chain":
      readChain(reader, table);
      return;
    case "counter":
    case "quota":
    case "limit":
    case "flowtable":
    case "secmark":
    case "synproxy":
      readObject(reader, table, word);
      return;
    case "ct":
      readObject(reader, table, `ct ${reader.next("helper, timeout or expectation")}`);
      return;
    default:
      reader.at--;
      throw reader.fault("unexpected-word", "not a part of a table", word);
  }
}

/** Words with commas between them. */
function readList(reader: NftReader): string[] {
  const words = [reader.text("a word")];
  while (reader.take(",")) words.push(reader.text("a word"));
  return words;
}

/** Reads an object that is kept as text. */
export function readObject(reader: NftReader, table: OpenTable, kind: string): void {
  const name = reader.text("a name");
  const others = (table.objects ?? []).filter((o) => o.kind !== kind || o.name !== name);
  if (kind === "counter" && reader.peek() !== "{") {
    table.objects = [...others, { kind, name, lines: [] }];
    return;
  }
  const lines: string[] = [];
  let line: string[] = [];
  let depth = 0;
  reader.expect("{");
  for (;;) {
    const word = reader.peek();
    if (word === undefined) throw reader.fault("missing-word", "a brace is not closed");
    reader.at++;
    if (word === END || word === ";") {
      if (line.length > 0) lines.push(joinWords(line));
      line = [];
      continue;
    }
    if (word === "{") depth++;
    if (word === "}" && depth-- === 0) break;
    line.push(word.startsWith('"') ? `${word}"` : word);
  }
  if (line.length > 0) lines.push(joinWords(line));
  table.objects = [...(table.objects ?? []), { kind, name, lines }];
}

function joinWords(words: readonly string[]): string {
  return words.join(" ").replace(/ ,/g, ",");
}

/** Reads a chain from its name on; a chain that is there already gets the rules besides its own. */
export function readChain(reader: NftReader, table: OpenTable): void {
  const name = reader.text("the name of a chain");
  const chain: { -readonly [K in keyof NftChain]: NftChain[K] } = { name, rules: [] };
  const rules: NftRule[] = [];
  if (reader.peek() !== "{") {
    addChain(table, chain);
    return;
  }
  reader.expect("{");
  for (;;) {
    reader.skipLines();
    const word = reader.peek();
    if (word === "}") break;
    if (word === "type" && rules.length === 0) chain.base = readBase(reader, table.family);
    else if (word === "policy" && chain.base !== undefined) {
      chain.base = { ...chain.base, policy: readPolicy(reader) };
    } else if (word === "comment" && rules.length === 0) {
      reader.at++;
      chain.comment = reader.text("a comment");
    } else rules.push(readRule(reader));
  }
  reader.expect("}");
  chain.rules = rules;
  addChain(table, chain);
}

function addChain(table: OpenTable, chain: NftChain): void {
  const at = table.chains.findIndex((c) => c.name === chain.name);
  const old = table.chains[at];
  if (old === undefined) table.chains.push(chain);
  else table.chains[at] = { ...old, ...chain, rules: [...old.rules, ...chain.rules] };
}

/** Reads a rule, with the place it stands at. */
export function readRule(reader: NftReader, isLast = false): NftRule {
  const { line } = reader;
  const { file } = reader.tokens;
  const start = reader.at;
  const parsed = parseRule(reader);
  if (reader.peek() === undefined && !isLast) {
    throw reader.fault("missing-word", "a brace is not closed");
  }
  const origin = file === undefined ? {} : { origin: { kind: "rules", file, line } };
  const rule: NftRule = { ...parsed, ...origin };
  reader.starts.set(rule, start);
  return rule;
}

function readPolicy(reader: NftReader): "accept" | "drop" {
  reader.expect("policy");
  const word = reader.next("accept or drop");
  if (word !== "accept" && word !== "drop") throw reader.fault("bad-policy", "not a policy", word);
  return word;
}

function readBase(reader: NftReader, family: NfFamily): NftBase {
  reader.expect("type");
  const type = reader.next("the type of a chain");
  if (type !== "filter" && type !== "nat" && type !== "route") {
    throw reader.fault("bad-word", "not a type of chains", type);
  }
  reader.expect("hook");
  const hook = reader.next("a hook");
  if (!HOOKS.has(hook)) throw reader.fault("bad-word", "not a hook", hook);
  const devices = readDevices(reader);
  reader.expect("priority");
  const priority = readPriority(reader, family, hook as Hook);
  const more = devices === undefined ? {} : { devices };
  return { type, hook: hook as Hook, priority, policy: "accept", ...more };
}

function readDevices(reader: NftReader): readonly string[] | undefined {
  if (reader.take("device")) return [reader.text("a link")];
  if (!reader.take("devices")) return undefined;
  reader.expect("=");
  reader.expect("{");
  const devices = readList(reader);
  reader.expect("}");
  return devices;
}

function readPriority(reader: NftReader, family: NfFamily, hook: Hook): number {
  const word = reader.next("a priority");
  if (/^-?[0-9]+$/.test(word)) return Number(word);
  const value = priorityOf(word, family, hook);
  if (value === undefined) throw reader.fault("bad-priority", "not a priority", word);
  if (reader.take("+")) return value + reader.number("a number");
  return reader.take("-") ? value - reader.number("a number") : value;
}
