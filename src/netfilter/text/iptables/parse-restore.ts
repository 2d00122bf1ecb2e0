/** Reads what iptables-save prints and iptables-restore takes. */
import type { Family } from "../../../addr/index.js";
import { type Fault, InputError } from "../../../base/index.js";
import type { Counters, IptablesRule } from "../../iptables.js";
import type { Draft } from "./modules/match-module.js";
import { LineFault, parseNumber } from "./modules/rule-reader.js";
import {
  isTableName,
  type RestoreCommand,
  type RestoreScript,
  type RestoreTable,
} from "./restore.js";
import { parseRule } from "./rule-parser.js";
import { splitWords, UnclosedQuote } from "./words.js";

/** What the text itself does not say. */
export interface TextOptions {
  readonly family: Family;
  /** Named in faults and in the origin of rules. */
  readonly file?: string;
}

/** No more faults than this are collected: a text of another kind would give one for each line. */
const FAULT_LIMIT = 100;

/**
 * Reads a text for iptables-restore, whole or partial, in any order of arguments.
 *
 * Returns: the commands of each table. Matches and targets that are not known become `unknown`.
 * Errors: `InputError` with every fault (at most 100), each with its line.
 * Follows: iptables 1.8.9 iptables/xtables-restore.c, iptables/xshared.c `do_parse`.
 *
 * @example
 * parseRestore("*nat\n:KUBE-SVC-X - [0:0]\nCOMMIT\n", { family: "ip4" })
 */
export function parseRestore(text: string, options: TextOptions): RestoreScript {
  const reader = new ScriptReader(options);
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    line++;
    reader.read(text.slice(start, end), line);
    start = end + 1;
    if (reader.faults.length >= FAULT_LIMIT) break;
  }
  reader.finish(line);
  if (reader.faults.length > 0) throw new InputError(reader.faults);
  const { file, family } = options;
  return { family, ...(file === undefined ? {} : { file }), tables: reader.tables };
}

interface OpenTable {
  readonly name: RestoreTable["name"];
  readonly commands: RestoreCommand[];
}

class ScriptReader {
  readonly faults: Fault[] = [];
  readonly tables: RestoreTable[] = [];
  readonly #options: TextOptions;
  #open: OpenTable | undefined;

  constructor(options: TextOptions) {
    this.#options = options;
  }

  read(raw: string, line: number): void {
    const first = raw.charCodeAt(0);
    if (Number.isNaN(first) || first === 0x23 /* # */) return;
    try {
      this.#readLine(raw, line);
    } catch (error) {
      this.#note(error, line);
    }
  }

  finish(line: number): void {
    if (this.#open === undefined) return;
    this.#note(new LineFault("missing-commit", "COMMIT is missing", `*${this.#open.name}`), line);
  }

  #readLine(raw: string, line: number): void {
    const text = raw.trim();
    if (text === "") return;
    if (text.startsWith("*")) {
      this.#openTable(text.slice(1));
      return;
    }
    const open = this.#open;
    if (open === undefined) {
      throw new LineFault("no-table", "a table must be opened first", text.slice(0, 80), "*table");
    }
    if (text === "COMMIT") {
      this.tables.push(open);
      this.#open = undefined;
    } else if (text.startsWith(":")) {
      open.commands.push(readDeclaration(text, line));
    } else {
      readCommand(text, line, this.#options, open.commands);
    }
  }

  #openTable(name: string): void {
    if (!isTableName(name)) {
      throw new LineFault(
        "no-such-table",
        "not a table",
        name,
        "raw, mangle, nat, filter, security",
      );
    }
    if (this.#open !== undefined) {
      throw new LineFault("missing-commit", "the table before was not committed", name, "COMMIT");
    }
    this.#open = { name, commands: [] };
  }

  #note(error: unknown, line: number): void {
    if (!(error instanceof LineFault || error instanceof UnclosedQuote)) throw error;
    const { file } = this.#options;
    const code = error instanceof LineFault ? error.code : "unclosed-quote";
    const { value, expected } = error instanceof LineFault ? error : {};
    this.faults.push({
      code,
      path: "",
      message: error.message,
      ...(value === undefined ? {} : { value }),
      ...(expected === undefined ? {} : { expected }),
      ...(file === undefined ? {} : { file }),
      line,
    });
  }
}

/** Longest name of a chain (include/uapi/linux/netfilter/x_tables.h, XT_EXTENSION_MAXNAMELEN). */
const CHAIN_NAME_MAX = 28;

function readChainName(word: string | undefined): string {
  if (word === undefined || word === "") {
    throw new LineFault("missing-word", "the name of a chain is missing");
  }
  if (word.length > CHAIN_NAME_MAX) {
    throw new LineFault("bad-chain", "too long a name", word, `${CHAIN_NAME_MAX} characters`);
  }
  return word;
}

function readDeclaration(text: string, line: number): RestoreCommand {
  const [name, policy, counts] = text.slice(1).trim().split(/\s+/);
  const chain = readChainName(name);
  if (policy !== undefined && policy !== "-" && policy !== "ACCEPT" && policy !== "DROP") {
    throw new LineFault("bad-policy", "not a policy", policy, "ACCEPT, DROP or -");
  }
  const counters = counts === undefined ? undefined : readCounters(counts);
  return {
    kind: "declare",
    line,
    chain,
    ...(policy === undefined || policy === "-" ? {} : { policy }),
    ...(counters === undefined ? {} : { counters }),
  };
}

function readCounters(word: string): Counters {
  const found = /^\[([0-9]+):([0-9]+)\]$/.exec(word);
  if (found === null) throw new LineFault("bad-counters", "not counters", word, "[packets:bytes]");
  return { packets: Number(found[1]), bytes: Number(found[2]) };
}

function readCommand(
  text: string,
  line: number,
  options: TextOptions,
  commands: RestoreCommand[],
): void {
  const words = splitWords(text);
  let at = 0;
  const counters = words[0]?.startsWith("[") ? readCounters(words[at++] as string) : undefined;
  const command = words[at++] ?? "";
  const chain = words[at] === undefined ? "" : readChainName(words[at]);
  at++;
  if (command === "-A" && !text.includes(",")) {
    const rule = readRule(words, { words, start: at, line, counters, options });
    commands.push({ kind: "append", line, chain, rule });
    return;
  }
  const spec = (start: number) => readRules({ words, start, line, counters, options });
  switch (command) {
    case "-A":
    case "--append":
      for (const rule of spec(at)) commands.push({ kind: "append", line, chain, rule });
      return;
    case "-I":
    case "--insert":
    case "-R":
    case "--replace": {
      const hasIndex = /^[0-9]+$/.test(words[at] ?? "");
      const index = hasIndex ? readIndex(words[at] as string) : 0;
      const kind = command.startsWith("-I") || command === "--insert" ? "insert" : "replace";
      const rules = spec(hasIndex ? at + 1 : at);
      for (const rule of rules) commands.push({ kind, line, chain, index, rule });
      return;
    }
    case "-D":
    case "--delete":
      if (/^[0-9]+$/.test(words[at] ?? "")) {
        commands.push({ kind: "delete-at", line, chain, index: readIndex(words[at] as string) });
        return;
      }
      for (const rule of spec(at)) commands.push({ kind: "delete", line, chain, rule });
      return;
    default:
      commands.push(readChainCommand(command, chain, words.slice(at), line));
  }
}

function readIndex(word: string): number {
  const number = parseNumber(word, "a rule's number");
  if (number === 0) throw new LineFault("bad-number", "rules count from 1", word);
  return number - 1;
}

function readChainCommand(
  command: string,
  chain: string,
  rest: readonly string[],
  line: number,
): RestoreCommand {
  switch (command) {
    case "-F":
    case "--flush":
      return { kind: "flush", line, chain };
    case "-X":
    case "--delete-chain":
      return { kind: "delete-chain", line, chain };
    case "-Z":
    case "--zero":
      return { kind: "zero", line, chain };
    case "-N":
    case "--new-chain":
      return { kind: "new-chain", line, chain: readChainName(chain) };
    case "-P":
    case "--policy": {
      const policy = rest[0];
      if (policy !== "ACCEPT" && policy !== "DROP") {
        throw new LineFault("bad-policy", "not a policy", policy, "ACCEPT or DROP");
      }
      return { kind: "policy", line, chain: readChainName(chain), policy };
    }
    default:
      throw new LineFault(
        "unknown-command",
        "not a command",
        command,
        "-A, -I, -D, -N, -X, -F, -P",
      );
  }
}

interface RuleWords {
  readonly words: readonly string[];
  readonly start: number;
  readonly line: number;
  readonly counters: Counters | undefined;
  readonly options: TextOptions;
}

/** One rule, or one for each address of a list of addresses. */
function readRules(from: RuleWords): IptablesRule[] {
  const lists = expandLists(from.words, from.start);
  return lists === undefined
    ? [readRule(from.words, from)]
    : lists.map((words) => readRule(words, from));
}

function readRule(words: readonly string[], from: RuleWords): IptablesRule {
  const { start, line, counters, options } = from;
  const { file, family } = options;
  const rule: Draft<IptablesRule> = parseRule(words, start, family);
  if (counters !== undefined) rule.counters = counters;
  if (file !== undefined) rule.origin = { kind: "rules", file, line };
  return rule;
}

const NETWORK_OPTIONS = new Set(["-s", "--source", "--src", "-d", "--destination", "--dst"]);
const EXPANSION_LIMIT = 1024;

/** The words once for each address of the lists in them; undefined where there is no list. */
function expandLists(words: readonly string[], start: number): (readonly string[])[] | undefined {
  let at = start;
  while (at < words.length) {
    if (NETWORK_OPTIONS.has(words[at] as string) && words[at + 1]?.includes(",")) break;
    at++;
  }
  if (at >= words.length) return undefined;
  const rules = (words[at + 1] as string).split(",").flatMap((addr) => {
    const one = [...words.slice(0, at + 1), addr, ...words.slice(at + 2)];
    return expandLists(one, start) ?? [one];
  });
  if (rules.length > EXPANSION_LIMIT) {
    throw new LineFault("too-many-rules", "too many addresses", words[at + 1], "a set");
  }
  return rules;
}
