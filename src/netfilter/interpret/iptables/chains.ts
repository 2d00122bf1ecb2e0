/**
 * The reference interpreter of iptables: a table's chains walked as plain recursion, one rule after
 * the other, as iptables(8) tells it.
 */

import type { Family } from "../../../addr/index.js";
import type { HookResult, StepSink } from "../../engine.js";
import { type Hook, HookPriority, type NfFamily } from "../../hook.js";
import type {
  IptablesChain,
  IptablesMatch,
  IptablesRule,
  IptablesRuleset,
  IptablesTable,
  IptablesTableName,
} from "../../iptables.js";
import { printSaveRule } from "../../text/iptables/print-save.js";
import type { Ask, Runtime } from "../ask.js";
import type { BaseChain } from "../base-chain.js";
import { type ChainName, ChainTeller, deciderOf, type ToldRule } from "../chain-teller.js";
import { meets } from "./match.js";
import { RuleIndex } from "./rule-index.js";
import { actTarget, type TargetAnswer } from "./target.js";

/** Chains deeper than this cannot be loaded (include/net/netfilter/nf_tables.h NFT_JUMP_STACK_SIZE). */
const DEPTH_MAX = 16;

const HOOKS: ReadonlyMap<string, Hook> = new Map([
  ["PREROUTING", "prerouting"],
  ["INPUT", "input"],
  ["FORWARD", "forward"],
  ["OUTPUT", "output"],
  ["POSTROUTING", "postrouting"],
]);

/**
 * The base chains of a ruleset: the built-in chains that the kernel holds, with what they lead to.
 */
export function iptablesBaseChains(ruleset: IptablesRuleset, runtime: Runtime): BaseChain[] {
  const family = ruleset.family === "ip4" ? "ip" : "ip6";
  return ruleset.tables.flatMap((table) => {
    const chains = prepareTable(table, ruleset, runtime);
    return table.chains.flatMap((chain) => {
      const hook = chain.policy === undefined ? undefined : HOOKS.get(chain.name);
      if (hook === undefined || chain.inKernel === false) return [];
      return [openBaseChain({ family, table: table.name, chain, hook }, chains)];
    });
  });
}

interface BaseChainPlace {
  readonly family: NfFamily & ("ip" | "ip6");
  readonly table: IptablesTableName;
  readonly chain: IptablesChain;
  readonly hook: Hook;
}

function openBaseChain(place: BaseChainPlace, chains: Chains): BaseChain {
  const { family, table, chain, hook } = place;
  const base: ChainName = { family, table, chain: chain.name };
  const policy = chain.policy === "DROP" ? "drop" : "accept";
  return {
    family,
    hook,
    priority: priorityOf(table, hook),
    type: table === "nat" ? "nat" : table === "mangle" && hook === "output" ? "route" : "filter",
    run: (ask, sink) => runBaseChain({ base, policy, chains }, ask, sink),
  };
}

function priorityOf(table: IptablesTableName, hook: Hook): number {
  if (table !== "nat") return HookPriority[table];
  const isSource = hook === "postrouting" || hook === "input";
  return isSource ? HookPriority.natSrc : HookPriority.natDst;
}

/** One rule ready to be asked. */
interface Prepared extends ToldRule {
  readonly rule: IptablesRule;
  readonly matches: readonly IptablesMatch[];
}

/** One chain ready to be walked. */
interface WalkedChain {
  readonly rules: readonly Prepared[];
  /** Absent where every rule is to be looked at. */
  readonly index: RuleIndex | undefined;
}

type Chains = ReadonlyMap<string, WalkedChain>;

function prepareTable(table: IptablesTable, { family }: IptablesRuleset, runtime: Runtime): Chains {
  const { sets, options } = runtime;
  return new Map(
    table.chains.map((chain) => {
      const rules = prepareRules(chain, family);
      const index = options.looksAtEveryRule === true ? undefined : new RuleIndex(rules, sets);
      return [chain.name, { rules, index }];
    }),
  );
}

function prepareRules({ name, rules }: IptablesChain, family: Family): Prepared[] {
  return rules.map((rule, index) => ({
    rule,
    chain: name,
    index,
    matches: orderMatches(rule.matches),
    text: once(() => `-A ${name}${printSaveRule(rule, family)}`),
    origin: rule.origin,
  }));
}

const HEADER_KINDS: ReadonlySet<string> = new Set([
  "source",
  "destination",
  "in-interface",
  "out-interface",
  "protocol",
  "fragment",
]);

/** Addresses, links and protocol are looked at first, wherever they were written. */
function orderMatches(matches: readonly IptablesMatch[]): readonly IptablesMatch[] {
  const isHeader = (m: IptablesMatch) => HEADER_KINDS.has(m.kind);
  return [...matches.filter(isHeader), ...matches.filter((m) => !isHeader(m))];
}

const ACCEPT: HookResult = { kind: "accept" };

interface BaseChainRun {
  readonly base: ChainName;
  readonly policy: "accept" | "drop";
  readonly chains: Chains;
}

function runBaseChain(run: BaseChainRun, ask: Ask, sink: StepSink): HookResult {
  const { base, policy, chains } = run;
  // Most built-in chains are empty, and their policy is a detail.
  const isEmpty = chains.get(base.chain)?.rules.length === 0 && policy === "accept";
  if (isEmpty && (sink === undefined || sink.isBrief)) return ACCEPT;
  const walk: Walk = { ask, chains, base, teller: new ChainTeller(sink, base, ask) };
  const end = walkChain(walk, base.chain, 0);
  if (end !== undefined) return end;
  walk.teller.policy(policy);
  return policy === "accept" ? ACCEPT : { kind: "drop", by: base };
}

interface Walk {
  readonly ask: Ask;
  readonly chains: Chains;
  readonly base: ChainName;
  readonly teller: ChainTeller;
}

/** Walks a chain; undefined when it ends without a decision, and its caller goes on. */
function walkChain(walk: Walk, name: string, depth: number): HookResult | undefined {
  const { ask } = walk;
  const chain = walk.chains.get(name);
  if (chain === undefined || depth > DEPTH_MAX) {
    const feature = chain === undefined ? `chain ${name} is missing` : "jumps are too deep";
    return { kind: "unknown", by: { ...walk.base, chain: name }, feature };
  }
  const { rules, index } = chain;
  index?.begin();
  for (let at = 0; at < rules.length; at++) {
    at = index?.next(at, ask) ?? at;
    const rule = rules[at];
    if (rule === undefined) break;
    if (!meetsAll(ask, rule.matches)) {
      if (ask.unmodelled !== undefined) return unknown(walk, rule, ask.unmodelled);
      continue;
    }
    const answer = actTarget(ask, rule.rule);
    if (ask.unmodelled !== undefined) return unknown(walk, rule, ask.unmodelled);
    if (walk.teller.listens) walk.teller.rule(rule, verdictText(answer));
    switch (answer.kind) {
      case "continue":
        continue;
      case "return":
        return undefined;
      case "goto":
        return walkChain(walk, answer.chain, depth + 1);
      case "jump": {
        const end = walkChain(walk, answer.chain, depth + 1);
        if (end !== undefined) return end;
        continue;
      }
      case "accept":
      case "refused":
        return answer;
      case "drop":
        return { kind: "drop", by: deciderOf(walk.base, rule) };
      case "reject":
        return { kind: "reject", by: deciderOf(walk.base, rule), with: answer.with };
    }
  }
  return undefined;
}

function meetsAll(ask: Ask, matches: readonly IptablesMatch[]): boolean {
  for (const match of matches) if (!meets(ask, match)) return false;
  return true;
}

function unknown(walk: Walk, rule: Prepared, feature: string): HookResult {
  return { kind: "unknown", by: deciderOf(walk.base, rule), feature };
}

/** The verdict as the kernel's trace tells it: a refusal with an answer is a drop. */
function verdictText(answer: TargetAnswer): string {
  switch (answer.kind) {
    case "jump":
    case "goto":
      return `${answer.kind} ${answer.chain}`;
    case "reject":
    case "refused":
      return "drop";
    default:
      return answer.kind;
  }
}

/** Makes a text when it is first asked for, and keeps it. */
function once(make: () => string): () => string {
  let text: string | undefined;
  return () => {
    text ??= make();
    return text;
  };
}
