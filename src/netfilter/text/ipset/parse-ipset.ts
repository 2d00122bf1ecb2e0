/** Reads what `ipset save` prints and `ipset restore` takes. */
import { type Fault, InputError } from "../../../base/index.js";
import type { IpsetConfig, IpsetEntry } from "../../ipset.js";
import { BadElement, checkElement, dimensionsOf } from "../../sets/element.js";
import { LineFault } from "../iptables/modules/rule-reader.js";
import { splitWords, UnclosedQuote } from "../iptables/words.js";

const FAULT_LIMIT = 100;

interface OpenSet extends IpsetConfig {
  readonly entries: IpsetEntry[];
}

/**
 * Reads a text of `create`, `add` and the other commands of `ipset restore`.
 *
 * Returns: the sets as they are after the last line.
 * Errors: `InputError` with every fault (at most 100), each with its line.
 * Laws: printing what was read gives the text of `ipset save` again.
 * Follows: ipset 7.17 ipset(8), lib/ipset.c `ipset_parse_argv`.
 */
export function parseIpsetSave(text: string, file?: string): readonly IpsetConfig[] {
  const sets = new Map<string, OpenSet>();
  const faults: Fault[] = [];
  let line = 0;
  for (const raw of text.split("\n")) {
    line++;
    if (raw.trim() === "" || raw.startsWith("#")) continue;
    try {
      applyLine(sets, splitWords(raw));
    } catch (error) {
      faults.push(toFault(error, line, file));
      if (faults.length >= FAULT_LIMIT) break;
    }
  }
  if (faults.length > 0) throw new InputError(faults);
  return [...sets.values()];
}

function toFault(error: unknown, line: number, file: string | undefined): Fault {
  const place = { path: "", line, ...(file === undefined ? {} : { file }) };
  if (error instanceof UnclosedQuote)
    return { ...place, code: "unclosed-quote", message: error.message };
  if (error instanceof BadElement) return { ...place, code: "bad-element", message: error.message };
  if (!(error instanceof LineFault)) throw error;
  const { code, message, value } = error;
  return { ...place, code, message, ...(value === undefined ? {} : { value }) };
}

function applyLine(sets: Map<string, OpenSet>, words: readonly string[]): void {
  const [command, name = ""] = words;
  switch (command) {
    case "create":
    case "-N":
    case "-n":
    case "n":
      create(sets, words);
      return;
    case "add":
    case "-A":
    case "-a":
      add(getSet(sets, name), words);
      return;
    case "del":
    case "-D":
    case "-d": {
      const { entries } = getSet(sets, name);
      const at = entries.findIndex((e) => e.text === words[2]);
      if (at >= 0) entries.splice(at, 1);
      return;
    }
    case "flush":
    case "-F":
      for (const set of name === "" ? sets.values() : [getSet(sets, name)]) set.entries.length = 0;
      return;
    case "destroy":
    case "-X":
      if (name === "") sets.clear();
      else sets.delete(getSet(sets, name).name);
      return;
    case "COMMIT":
      return;
    default:
      throw new LineFault("unknown-command", "not a command of ipset", command);
  }
}

function getSet(sets: ReadonlyMap<string, OpenSet>, name: string): OpenSet {
  const set = sets.get(name);
  if (set === undefined) throw new LineFault("no-such-set", "there is no set of this name", name);
  return set;
}

function create(sets: Map<string, OpenSet>, words: readonly string[]): void {
  const [, name, type, ...rest] = words;
  if (name === undefined || type === undefined) {
    throw new LineFault("missing-word", "a set needs a name and a type", words.join(" "));
  }
  if (name.length > 31) throw new LineFault("bad-name", "too long a name", name);
  if (sets.has(name)) {
    if (rest.includes("-exist") || words.includes("-exist")) return;
    throw new LineFault("duplicate-name", "there is a set of this name", name);
  }
  const at = rest.indexOf("family");
  const word = at < 0 ? undefined : rest[at + 1];
  if (word !== undefined && word !== "inet" && word !== "inet6") {
    throw new LineFault("bad-word", "not a family", word);
  }
  const options = at < 0 ? rest : [...rest.slice(0, at), ...rest.slice(at + 2)];
  const family = word === undefined ? {} : ({ family: word === "inet" ? "ip4" : "ip6" } as const);
  sets.set(name, {
    name,
    type,
    ...family,
    options: options.filter((o) => o !== "-exist"),
    entries: [],
  });
}

/** Options of an element that are followed by a word. */
const KEPT = new Set(["packets", "bytes", "skbmark", "skbprio", "skbqueue"]);

function add(set: OpenSet, words: readonly string[]): void {
  const text = words[2];
  if (text === undefined) throw new LineFault("missing-word", "an element is missing", set.name);
  const dimensions = dimensionsOf(set.type);
  if (dimensions !== undefined) checkElement(text, dimensions, set.family ?? "ip4");
  const entry: { -readonly [K in keyof IpsetEntry]: IpsetEntry[K] } = { text };
  const kept: string[] = [];
  for (let at = 3; at < words.length; at++) {
    const word = words[at] as string;
    if (word === "nomatch") entry.nomatch = true;
    else if (word === "timeout") entry.timeoutSeconds = readSeconds(words[++at]);
    else if (word === "comment") entry.comment = words[++at] ?? "";
    else if (KEPT.has(word)) kept.push(word, words[++at] ?? "");
    else if (word !== "-exist" && word !== "-!") {
      throw new LineFault("unknown-option", "not an option of an element", word);
    }
  }
  if (kept.length > 0) entry.options = kept;
  set.entries.push(entry);
}

function readSeconds(word: string | undefined): number {
  const seconds = Number(word);
  if (word === undefined || !Number.isInteger(seconds) || seconds < 0) {
    throw new LineFault("bad-number", "not a count of seconds", word);
  }
  return seconds;
}
