/** Tables, chains and objects of `nft list ruleset`, and of files written for `nft -f`. */
import type { Hook, NfFamily } from "../../hook.js";
import type {
  NftBase,
  NftChain,
  NftObject,
  NftRule,
  NftRuleset,
  NftSet,
  NftTable,
} from "../../nft.js";
import { parseSet } from "./parse-set.js";
import { parseRule } from "./parse-statement.js";
import { priorityOf } from "./priorities.js";
import { END, NftReader, tokenize } from "./tokens.js";

const FAMILIES: ReadonlySet<string> = new Set(["ip", "ip6", "inet", "bridge", "arp", "netdev"]);
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
interface OpenTable extends NftTable {
  comment?: string;
  flags?: readonly string[];
  readonly chains: NftChain[];
  readonly sets: NftSet[];
  objects?: NftObject[];
}

/**
 * Reads what `nft list ruleset` prints.
 *
 * Returns: trees. What is not understood inside a rule becomes one `unknown` statement; objects that
 * are not modelled are kept as text.
 * Errors: `InputError` at the first place that is not nft's language.
 * Laws: printing what was read gives the text again.
 * Follows: nftables 1.0.6 src/parser_bison.y, nft(8).
 *
 * @example
 * parseNftRuleset("table ip t {\n\tchain c {\n\t\tip saddr 192.0.2.1 drop\n\t}\n}\n")
 */
export function parseNftRuleset(text: string, file?: string): NftRuleset {
  const reader = new NftReader(tokenize(text, file));
  const tables: OpenTable[] = [];
  for (;;) {
    reader.skipLines();
    if (reader.peek() === undefined) return { tables };
    reader.take("add");
    reader.expect("table");
    readTable(reader, tables);
  }
}

function readTable(reader: NftReader, tables: OpenTable[]): void {
  const family = FAMILIES.has(reader.peek() ?? "") ? (reader.next("a family") as NfFamily) : "ip";
  const name = reader.text("the name of a table");
  const known = tables.find((t) => t.family === family && t.name === name);
  const table: OpenTable = known ?? { family, name, chains: [], sets: [] };
  if (known === undefined) tables.push(table);
  if (!reader.take("{")) return;
  for (;;) {
    reader.skipLines();
    if (reader.take("}")) break;
    readTablePart(reader, table);
  }
  if (isIptablesTable(table)) keepTexts(table, reader);
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

function keepTexts(table: OpenTable, reader: NftReader): void {
  table.chains.forEach((chain, at) => {
    const rules = chain.rules.map((rule) => {
      const start = reader.starts.get(rule);
      return start === undefined ? rule : { ...rule, text: reader.lineOf(start) };
    });
    table.chains[at] = { ...chain, rules };
  });
}

function readTablePart(reader: NftReader, table: OpenTable): void {
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
export function readList(reader: NftReader): string[] {
  const words = [reader.text("a word")];
  while (reader.take(",")) words.push(reader.text("a word"));
  return words;
}

function readObject(reader: NftReader, table: OpenTable, kind: string): void {
  const name = reader.text("a name");
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

function readChain(reader: NftReader, table: OpenTable): void {
  const name = reader.text("the name of a chain");
  const chain: { -readonly [K in keyof NftChain]: NftChain[K] } = { name, rules: [] };
  const rules: NftRule[] = [];
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
  const at = table.chains.findIndex((c) => c.name === name);
  if (at < 0) table.chains.push(chain);
  else
    table.chains[at] = {
      ...table.chains[at],
      ...chain,
      rules: [...(table.chains[at]?.rules ?? []), ...rules],
    };
}

function readRule(reader: NftReader): NftRule {
  const { line } = reader;
  const { file } = reader.tokens;
  const start = reader.at;
  const parsed = parseRule(reader);
  if (reader.peek() === undefined) throw reader.fault("missing-word", "a brace is not closed");
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
