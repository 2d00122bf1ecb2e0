/**
 * The reference interpreter of nftables: the chains of a table walked as plain recursion, as nft(8)
 * tells it.
 */
import type { HookResult, StepSink } from "../../engine.js";
import type { NftChain, NftExpr, NftRule, NftRuleset, NftTable, NftValue } from "../../nft.js";
import { printNftRule } from "../../text/nft/print-statement.js";
import type { Ask } from "../ask.js";
import type { BaseChain } from "../base-chain.js";
import { type ChainName, ChainTeller, deciderOf, type ToldRule } from "../chain-teller.js";
import { setTypes, typesOf } from "./datum.js";
import { SetIndex } from "./set-index.js";
import type { StatementAnswer } from "./statement-answer.js";
import { runStatement, type StatementSets } from "./statements.js";

/** Chains deeper than this cannot be loaded (NFT_JUMP_STACK_SIZE). */
const DEPTH_MAX = 16;

/** One table in use. */
export interface OpenTable {
  readonly table: NftTable;
  readonly bases: readonly BaseChain[];
  readonly sets: NftSets;
}

/** Opens the tables of a ruleset, with the base chains in the order in which they were made. */
export function openNftTables(ruleset: NftRuleset, nowUs: () => number): OpenTable[] {
  return ruleset.tables.map((table) => {
    const sets = new NftSets(table, nowUs);
    const chains = prepare(table);
    const isDormant = table.flags?.includes("dormant") === true;
    const bases = isDormant
      ? []
      : table.chains.flatMap((chain) => openBase(table, chain, { chains, sets }));
    return { table, bases, sets };
  });
}

/** The sets of one table, named and anonymous. */
export class NftSets implements StatementSets {
  readonly #named = new Map<string, SetIndex>();
  readonly #anonymous = new Map<object, SetIndex>();
  readonly #nowUs: () => number;

  constructor(table: NftTable, nowUs: () => number) {
    this.#nowUs = nowUs;
    for (const set of table.sets) {
      this.#named.set(set.name, new SetIndex(set.elements, setTypes(set.key), nowUs, set));
    }
  }

  byName(name: string): SetIndex | undefined {
    return this.#named.get(name);
  }

  setOf(value: NftValue, expr: NftExpr): SetIndex | undefined {
    if (value.kind === "set-ref") return this.#named.get(value.name);
    if (value.kind !== "set") return undefined;
    let index = this.#anonymous.get(value);
    if (index === undefined) {
      index = new SetIndex(value.elements, typesOf(expr), this.#nowUs);
      this.#anonymous.set(value, index);
    }
    return index;
  }
}

interface Prepared extends ToldRule {
  readonly rule: NftRule;
}

interface Insides {
  readonly chains: ReadonlyMap<string, readonly Prepared[]>;
  readonly sets: NftSets;
}

function prepare(table: NftTable): Insides["chains"] {
  return new Map(
    table.chains.map((chain) => [
      chain.name,
      chain.rules.map((rule, index) => ({
        rule,
        chain: chain.name,
        index,
        text: () => printNftRule(rule, table.family),
        origin: rule.origin,
      })),
    ]),
  );
}

function openBase(table: NftTable, { name, base }: NftChain, insides: Insides): BaseChain[] {
  if (base === undefined) return [];
  const { family } = table;
  const place: ChainName = { family, table: table.name, chain: name };
  const { hook, priority, type, policy, devices } = base;
  const links = devices === undefined ? {} : { links: devices };
  return [
    {
      family,
      hook,
      priority,
      type,
      ...links,
      run: (ask, sink) => runBase({ place, policy, insides }, ask, sink),
    },
  ];
}

interface BaseRun {
  readonly place: ChainName;
  readonly policy: "accept" | "drop";
  readonly insides: Insides;
}

function runBase({ place, policy, insides }: BaseRun, ask: Ask, sink: StepSink): HookResult {
  const walk: Walk = { ask, insides, place, teller: new ChainTeller(sink, place, ask) };
  const end = walkChain(walk, place.chain, 0);
  if (end !== undefined) return end;
  walk.teller.policy(policy);
  return policy === "accept" ? { kind: "accept" } : { kind: "drop", by: place };
}

interface Walk {
  readonly ask: Ask;
  readonly insides: Insides;
  readonly place: ChainName;
  readonly teller: ChainTeller;
}

/** Walks a chain; undefined when it ends without a decision, and its caller goes on. */
function walkChain(walk: Walk, name: string, depth: number): HookResult | undefined {
  const rules = walk.insides.chains.get(name);
  if (rules === undefined || depth > DEPTH_MAX) {
    const feature = rules === undefined ? `chain ${name} is missing` : "jumps are too deep";
    return { kind: "unknown", by: { ...walk.place, chain: name }, feature };
  }
  for (const rule of rules) {
    const answer = runRule(walk, rule.rule);
    const { unmodelled } = walk.ask;
    if (unmodelled !== undefined) {
      return { kind: "unknown", by: deciderOf(walk.place, rule), feature: unmodelled };
    }
    if (answer.kind === "break") continue;
    walk.teller.rule(rule, verdictText(answer));
    const end = followVerdict(walk, rule, answer, depth);
    if (end === "next") continue;
    return end;
  }
  return undefined;
}

/** All statements of a rule, up to the one that ends it. */
function runRule(walk: Walk, rule: NftRule): StatementAnswer {
  for (const statement of rule.statements) {
    const answer = runStatement(walk.ask, statement, walk.insides.sets);
    if (walk.ask.unmodelled !== undefined || answer.kind !== "next") return answer;
  }
  return { kind: "next" };
}

function followVerdict(
  walk: Walk,
  rule: Prepared,
  answer: Exclude<StatementAnswer, { kind: "break" }>,
  depth: number,
): HookResult | "next" | undefined {
  if (answer.kind === "next") return "next";
  if (answer.kind === "refused") return answer;
  if (answer.kind === "reject") {
    return { kind: "reject", by: deciderOf(walk.place, rule), with: answer.with };
  }
  const { verdict } = answer;
  switch (verdict.kind) {
    case "accept":
      return { kind: "accept" };
    case "drop":
      return { kind: "drop", by: deciderOf(walk.place, rule) };
    case "continue":
      return "next";
    case "return":
      return undefined;
    case "goto":
      return walkChain(walk, verdict.chain, depth + 1);
    case "jump":
      return walkChain(walk, verdict.chain, depth + 1) ?? "next";
  }
}

/** The verdict as the kernel's trace tells it. */
function verdictText(answer: StatementAnswer): string {
  if (answer.kind === "reject" || answer.kind === "refused") return "drop";
  if (answer.kind !== "verdict") return "continue";
  const { verdict } = answer;
  return verdict.kind === "jump" || verdict.kind === "goto"
    ? `${verdict.kind} ${verdict.chain}`
    : verdict.kind;
}
