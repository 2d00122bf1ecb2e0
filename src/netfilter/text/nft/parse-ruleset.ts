/**
 * Rulesets of nft: what `nft list ruleset` prints, and the commands that files for `nft -f` and
 * programs write: `add table`, `add rule`, `add element`, `flush`, `delete`, …
 */
import type { NfFamily } from "../../hook.js";
import type { NftChain, NftElement, NftRule, NftRuleset, NftSet, NftTable } from "../../nft.js";
import { parseSet } from "./parse-set.js";
import {
  isIptablesTable,
  keepTexts,
  type OpenTable,
  readChain,
  readObject,
  readRule,
  readTablePart,
} from "./parse-table.js";
import { parseElements } from "./parse-value.js";
import { printValue } from "./print-value.js";
import { END, NftReader, tokenize } from "./tokens.js";

const FAMILIES: ReadonlySet<string> = new Set(["ip", "ip6", "inet", "bridge", "arp", "netdev"]);

/**
 * Reads a ruleset, as a listing or as commands.
 *
 * Returns: trees. What is not understood inside a rule becomes one `unknown` statement; objects that
 * are not modelled are kept as text.
 * Errors: `InputError` at the first place that is not nft's language.
 * Laws: printing what was read from nft gives the text again.
 * Follows: nftables 1.0.6 src/parser_bison.y, nft(8).
 *
 * @example
 * parseNftRuleset("table ip t {\n\tchain c {\n\t\tip saddr 192.0.2.1 drop\n\t}\n}\n")
 */
export function parseNftRuleset(text: string, file?: string): NftRuleset {
  return applyNft({ tables: [] }, text, file);
}

/**
 * Carries out commands of nft on a ruleset, all or nothing.
 *
 * Errors: `InputError` at the first command that is not nft's language or that speaks of something
 * that is not there.
 */
export function applyNft(ruleset: NftRuleset, text: string, file?: string): NftRuleset {
  const script = new NftScript(new NftReader(tokenize(text, file)), ruleset);
  script.run();
  return { tables: script.tables };
}

/** Sets whose elements can grow. */
interface OpenSet extends NftSet {
  readonly elements: NftElement[];
}

function openTable(table: NftTable): OpenTable {
  const sets = table.sets.map((set) => ({ ...set, elements: [...set.elements] }));
  const chains = table.chains.map((chain) => ({ ...chain, rules: [...chain.rules] }));
  return { ...table, chains, sets };
}

class NftScript {
  readonly tables: OpenTable[];
  readonly #reader: NftReader;

  constructor(reader: NftReader, ruleset: NftRuleset) {
    this.#reader = reader;
    this.tables = ruleset.tables.map(openTable);
  }

  run(): void {
    for (;;) {
      this.#reader.skipLines();
      const word = this.#reader.peek();
      if (word === undefined) return;
      this.#reader.at++;
      this.#command(word);
    }
  }

  #command(word: string): void {
    switch (word) {
      case "table":
        this.#addTable();
        return;
      case "add":
      case "create":
      case "insert":
        this.#add(word);
        return;
      case "delete":
      case "destroy":
        this.#delete();
        return;
      case "flush":
        this.#flush();
        return;
      default:
        this.#reader.at--;
        throw this.#reader.fault("unknown-command", "not a command of nft", word);
    }
  }

  #addTable(): void {
    const reader = this.#reader;
    const { family, name } = this.#readTableName();
    const known = this.#find(family, name);
    const table: OpenTable = known ?? { family, name, chains: [], sets: [] };
    if (known === undefined) this.tables.push(table);
    if (!reader.take("{")) return;
    for (;;) {
      reader.skipLines();
      if (reader.take("}")) break;
      readTablePart(reader, table);
    }
    if (isIptablesTable(table)) keepTexts(table, reader);
  }

  #readTableName(): { family: NfFamily; name: string } {
    const reader = this.#reader;
    const hasFamily = FAMILIES.has(reader.peek() ?? "");
    const family = hasFamily ? (reader.next("a family") as NfFamily) : "ip";
    return { family, name: reader.text("the name of a table") };
  }

  #find(family: NfFamily, name: string): OpenTable | undefined {
    return this.tables.find((table) => table.family === family && table.name === name);
  }

  #getTable(): OpenTable {
    const { family, name } = this.#readTableName();
    const table = this.#find(family, name);
    if (table !== undefined) return table;
    throw this.#reader.fault("no-such-table", "there is no such table", `${family} ${name}`);
  }

  #add(how: string): void {
    const reader = this.#reader;
    const what = reader.next("what to add");
    switch (what) {
      case "table":
        this.#addTable();
        return;
      case "chain":
        readChain(reader, this.#getTable());
        return;
      case "rule":
        this.#addRule(how === "insert");
        return;
      case "set":
      case "map": {
        const table = this.#getTable();
        const set = parseSet(reader, what);
        if (!table.sets.some((s) => s.name === set.name)) table.sets.push(set);
        return;
      }
      case "element":
        this.#getSet().elements.push(...parseElements(reader));
        return;
      default:
        readObject(reader, this.#getTable(), what);
    }
  }

  #addRule(first: boolean): void {
    const table = this.#getTable();
    const chain = this.#getChain(table);
    const rules = chain.rules as NftRule[];
    for (const word of ["index", "position", "handle"]) {
      if (this.#reader.take(word))
        throw this.#reader.fault("unsupported", "rules have no numbers here");
    }
    const rule = readRule(this.#reader, true);
    if (first) rules.unshift(rule);
    else rules.push(rule);
  }

  #getChain(table: OpenTable): NftChain {
    const name = this.#reader.text("the name of a chain");
    const chain = table.chains.find((c) => c.name === name);
    if (chain === undefined)
      throw this.#reader.fault("no-such-chain", "there is no such chain", name);
    return chain;
  }

  #getSet(): OpenSet {
    const table = this.#getTable();
    const name = this.#reader.text("the name of a set");
    const set = table.sets.find((s) => s.name === name);
    if (set === undefined) throw this.#reader.fault("no-such-set", "there is no such set", name);
    return set as OpenSet;
  }

  #delete(): void {
    const reader = this.#reader;
    const what = reader.next("what to delete");
    if (what === "table") {
      const table = this.#getTable();
      this.tables.splice(this.tables.indexOf(table), 1);
    } else if (what === "chain") {
      const table = this.#getTable();
      table.chains.splice(table.chains.indexOf(this.#getChain(table)), 1);
    } else if (what === "element") {
      const { elements } = this.#getSet();
      const gone = new Set(parseElements(reader).map((e) => printValue(e.key)));
      elements.splice(0, elements.length, ...elements.filter((e) => !gone.has(printValue(e.key))));
    } else if (what === "set" || what === "map") {
      const at = reader.at;
      const table = this.#getTable();
      reader.at = at;
      table.sets.splice(table.sets.indexOf(this.#getSet()), 1);
    } else if (what === "counter") {
      const table = this.#getTable();
      const name = reader.text("the name of a counter");
      const kept = table.objects?.filter((o) => o.kind !== what || o.name !== name) ?? [];
      if (kept.length === table.objects?.length || table.objects === undefined)
        throw reader.fault("no-such-counter", "there is no such counter", name);
      if (kept.length > 0) table.objects = kept;
      else delete table.objects;
    } else throw reader.fault("unsupported", "this cannot be deleted here", what);
  }

  #flush(): void {
    const reader = this.#reader;
    const what = reader.next("what to flush");
    if (what === "ruleset") this.tables.length = 0;
    else if (what === "chain") (this.#getChain(this.#getTable()).rules as NftRule[]).length = 0;
    else if (what === "set" || what === "map") this.#getSet().elements.length = 0;
    else if (what === "table") {
      for (const chain of this.#getTable().chains) (chain.rules as NftRule[]).length = 0;
    } else throw reader.fault("unsupported", "this cannot be flushed here", what);
    if (reader.peek() !== undefined && reader.peek() !== END) reader.skipLines();
  }
}
