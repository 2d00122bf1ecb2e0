/** What iptables-restore does with a text: from one ruleset to the next. */
import { type Fault, InputError } from "../../../base/index.js";
import type {
  Counters,
  IptablesChain,
  IptablesRule,
  IptablesRuleset,
  IptablesTable,
  IptablesTableName,
} from "../../iptables.js";
import { parseRestore, type TextOptions } from "./parse-restore.js";
import { printSaveRule } from "./print-save.js";
import {
  BUILT_IN_CHAINS,
  type RestoreCommand,
  type RestoreScript,
  type RestoreTable,
} from "./restore.js";

/** How a text is applied. */
export interface RestoreOptions {
  /** Keep what the text does not speak of (`--noflush`). Default: tables of the text start empty. */
  readonly noflush?: boolean;
}

interface OpenChain {
  policy: "ACCEPT" | "DROP" | undefined;
  counters: Counters | undefined;
  inKernel: boolean;
  rules: IptablesRule[];
}
type OpenTable = Map<string, OpenChain>;

/**
 * Applies a text to a ruleset, all or nothing.
 *
 * A chain that the text declares is made, or emptied if it was there; other chains stay with
 * `noflush` and vanish without.
 * Errors: `InputError`: a chain that is missing, still used, or a rule that is not there.
 * Follows: iptables 1.8.9 iptables/xtables-restore.c `xtables_restore_parse_line`.
 */
export function applyRestore(
  ruleset: IptablesRuleset,
  script: RestoreScript,
  options: RestoreOptions = {},
): IptablesRuleset {
  const tables = new Map(ruleset.tables.map((t) => [t.name, t] as const));
  const faults: Fault[] = [];
  for (const table of script.tables) {
    const old = options.noflush === true ? tables.get(table.name) : undefined;
    tables.set(table.name, applyTable(old, table, script, faults));
  }
  if (faults.length > 0) throw new InputError(faults);
  return { family: ruleset.family, tables: [...tables.values()] };
}

/**
 * Reads a whole ruleset: what iptables-save prints.
 *
 * Errors: `InputError` with every fault and its line.
 * Laws: printing what was read gives the text again.
 */
export function parseIptablesSave(text: string, options: TextOptions): IptablesRuleset {
  return applyRestore({ family: options.family, tables: [] }, parseRestore(text, options));
}

function applyTable(
  old: IptablesTable | undefined,
  table: RestoreTable,
  script: RestoreScript,
  faults: Fault[],
): IptablesTable {
  const chains = openTable(old);
  const run = new TableRun(table.name, chains, script);
  for (const command of table.commands) run.apply(command);
  run.checkJumps();
  faults.push(...run.faults);
  return { name: table.name, chains: [...chains].map(closeChain) };
}

function openTable(old: IptablesTable | undefined): OpenTable {
  const open = (c: IptablesChain): OpenChain => ({
    policy: c.policy,
    counters: c.counters,
    inKernel: c.inKernel !== false,
    rules: [...c.rules],
  });
  return new Map(old?.chains.map((c) => [c.name, open(c)]) ?? []);
}

function closeChain([name, chain]: [string, OpenChain]): IptablesChain {
  const { policy, counters, inKernel, rules } = chain;
  return {
    name,
    ...(policy === undefined ? {} : { policy }),
    ...(counters === undefined ? {} : { counters }),
    ...(inKernel ? {} : { inKernel }),
    rules,
  };
}

class TableRun {
  readonly faults: Fault[] = [];
  readonly #table: IptablesTableName;
  readonly #chains: OpenTable;
  readonly #script: RestoreScript;

  constructor(table: IptablesTableName, chains: OpenTable, script: RestoreScript) {
    this.#table = table;
    this.#chains = chains;
    this.#script = script;
  }

  apply(command: RestoreCommand): void {
    switch (command.kind) {
      case "declare":
        this.#declare(command);
        return;
      case "append":
        this.#get(command)?.rules.push(command.rule);
        return;
      case "insert":
      case "replace":
      case "delete-at":
        this.#applyAt(command);
        return;
      case "delete":
        this.#delete(command, command.rule);
        return;
      case "flush":
        for (const chain of this.#select(command)) chain.rules = [];
        return;
      case "zero":
        for (const chain of this.#select(command)) chain.counters = { packets: 0, bytes: 0 };
        return;
      case "new-chain":
        if (this.#chains.has(command.chain))
          this.#fault(command, "chain-exists", "is there already");
        else this.#chains.set(command.chain, newChain());
        return;
      case "delete-chain":
        this.#deleteChain(command);
        return;
      case "policy": {
        const chain = this.#get(command);
        if (chain !== undefined) chain.policy = command.policy;
      }
    }
  }

  /** Every jump leads to a chain of the table. */
  checkJumps(): void {
    for (const [name, chain] of this.#chains) {
      for (const rule of chain.rules) {
        const { target } = rule;
        if (target?.kind !== "jump" && target?.kind !== "goto") continue;
        if (this.#chains.has(target.chain)) continue;
        const line = rule.origin?.line;
        this.#note(name, "no-such-chain", `there is no chain ${target.chain}`, line);
      }
    }
  }

  #declare(command: RestoreCommand & { readonly kind: "declare" }): void {
    const isBuiltIn = BUILT_IN_CHAINS[this.#table].includes(command.chain);
    const old = this.#chains.get(command.chain);
    const policy = command.policy ?? (isBuiltIn ? (old?.policy ?? "ACCEPT") : undefined);
    if (command.policy !== undefined && !isBuiltIn) {
      this.#fault(command, "bad-policy", "only a built-in chain has a policy");
      return;
    }
    const fresh = { policy, counters: command.counters, inKernel: true, rules: [] };
    this.#chains.set(command.chain, fresh);
  }

  #applyAt(command: RestoreCommand & { readonly index: number }): void {
    const rules = this.#get(command)?.rules;
    if (rules === undefined) return;
    const most = command.kind === "insert" ? rules.length : rules.length - 1;
    if (command.index > most) {
      this.#fault(command, "no-such-rule", "has fewer rules");
      return;
    }
    if (command.kind === "insert") rules.splice(command.index, 0, command.rule);
    else if (command.kind === "replace") rules[command.index] = command.rule;
    else rules.splice(command.index, 1);
  }

  #delete(command: RestoreCommand, rule: IptablesRule): void {
    const rules = this.#get(command)?.rules;
    if (rules === undefined) return;
    const { family } = this.#script;
    const wanted = printSaveRule(rule, family);
    const at = rules.findIndex((r) => printSaveRule(r, family) === wanted);
    if (at < 0) this.#fault(command, "no-such-rule", `has no rule${wanted}`);
    else rules.splice(at, 1);
  }

  #deleteChain(command: RestoreCommand): void {
    const builtIn = BUILT_IN_CHAINS[this.#table];
    if (command.chain === "") {
      for (const [name, chain] of this.#chains) {
        if (!builtIn.includes(name) && chain.rules.length === 0) this.#chains.delete(name);
      }
      return;
    }
    const chain = this.#get(command);
    if (chain === undefined) return;
    if (chain.rules.length > 0) {
      this.#fault(command, "chain-in-use", "still has rules");
      return;
    }
    this.#chains.delete(command.chain);
  }

  #select(command: RestoreCommand): Iterable<OpenChain> {
    if (command.chain === "") return this.#chains.values();
    const chain = this.#get(command);
    return chain === undefined ? [] : [chain];
  }

  /** The chain of a command; a built-in chain comes into being when it is first spoken of. */
  #get(command: RestoreCommand): OpenChain | undefined {
    const found = this.#chains.get(command.chain);
    if (found !== undefined) return found;
    if (!BUILT_IN_CHAINS[this.#table].includes(command.chain)) {
      this.#fault(command, "no-such-chain", "is not there");
      return undefined;
    }
    const chain = { ...newChain(), policy: "ACCEPT" as const };
    this.#chains.set(command.chain, chain);
    return chain;
  }

  #fault(command: RestoreCommand, code: string, message: string): void {
    this.#note(command.chain, code, message, command.line);
  }

  #note(chain: string, code: string, message: string, line: number | undefined): void {
    const { file } = this.#script;
    this.faults.push({
      code,
      path: `${this.#table}/${chain}`,
      message,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
    });
  }
}

function newChain(): OpenChain {
  return { policy: undefined, counters: undefined, inKernel: true, rules: [] };
}
