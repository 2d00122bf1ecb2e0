/**
 * The look-up over policy rules and tables: each rule that speaks of the flow sends it to a table (or
 * refuses it, or jumps to a later rule) until one has an answer.
 */
import { unreachable } from "../base/index.js";
import { type FibRuleConfig, FibTable } from "./config.js";
import type { Fib } from "./fib.js";
import type { Flow, LookupAnswer } from "./flow.js";
import type { HopRules } from "./next-hop.js";
import type { RouteTable } from "./route-table.js";
import { matchesRule, vrfTableOf } from "./rule-match.js";
import { lookupNodes, type TableAnswer } from "./table-lookup.js";

/** How one table is asked; the reference look-up has its own. */
export type AskTable = (fib: Fib, table: RouteTable, flow: Flow, rules: HopRules) => TableAnswer;

/**
 * Chooses the route for a flow: rules by priority; in a table the longest prefix, then type of
 * service (IPv4), then the lowest metric.
 *
 * Shape: reads one namespace's tables; changes nothing. Among several next hops of one route the
 * first usable one is returned: `chooseHop` spreads flows over them.
 * Returns: `found`; `refuse` with the error of a blackhole, unreachable or prohibit route or rule; or
 * `miss` when no rule leads to a match.
 * Errors: none. A refused packet is a fate, not an exception.
 * Laws: same answer as `lookupSlow` (test/property/fib/lookup.prop.test.ts).
 * Follows: Linux 6.18 net/core/fib_rules.c `fib_rules_lookup`; net/ipv4/fib_trie.c
 * `fib_table_lookup`; net/ipv6/ip6_fib.c `fib6_rule_lookup`; RFC 1812 §5.2.4.3.
 * Not modelled: tunnel keys and input groups as selectors; several default gateways of one metric,
 * which the kernel alternates by neighbour state.
 * Cost: one step per rule, and per table one prefix search and one step per shorter prefix.
 *
 * @example
 * lookup(fib, { dst: parseAddr("203.0.113.9") })
 */
export function lookup(fib: Fib, flow: Flow, rules: HopRules = {}): LookupAnswer {
  return lookupWith(fib, flow, rules, (f, table, q, r) =>
    lookupNodes(f, table.lookup(q.dst), q, r),
  );
}

/** The look-up over the rules, with the look-up in one table handed in. */
export function lookupWith(fib: Fib, flow: Flow, rules: HopRules, ask: AskTable): LookupAnswer {
  // A socket bound to a VRF is sent to the VRF's table, not to routes through the VRF link.
  const boundToVrf = flow.oif !== undefined && fib.link(flow.oif)?.kind.kind === "vrf";
  const question = boundToVrf ? withoutOif(flow) : flow;
  const all = fib.rules(flow.dst.family);
  if (flow.dst.family === "ip4" && fib.merged !== undefined) {
    return lookupMerged(fib, fib.merged, question, { rules, ask });
  }
  for (let i = 0; i < all.length; ) {
    const rule = all[i] as FibRuleConfig;
    if (!matchesRule(fib, rule, flow)) {
      i++;
      continue;
    }
    const answer = applyRule(fib, rule, { flow, question, rules, ask });
    if (answer !== undefined) return answer;
    i = nextRule(all, i);
  }
  return { kind: "miss" };
}

/** The rule to ask next: the target of a jump, which only leads onwards, or else the next one. */
function nextRule(rules: readonly FibRuleConfig[], at: number): number {
  const { action } = rules[at] as FibRuleConfig;
  if (action.kind !== "goto") return at + 1;
  const target = rules.findIndex((r) => r.priority === action.priority);
  return target > at ? target : at + 1;
}

function withoutOif(flow: Flow): Flow {
  const { oif, ...rest } = flow;
  return rest;
}

interface Question {
  readonly flow: Flow;
  readonly question: Flow;
  readonly rules: HopRules;
  readonly ask: AskTable;
}

function applyRule(fib: Fib, rule: FibRuleConfig, q: Question): LookupAnswer | undefined {
  const { action } = rule;
  switch (action.kind) {
    case "goto":
    case "nop":
      return undefined;
    case "blackhole":
      return { kind: "refuse", errno: "EINVAL", rule };
    case "unreachable":
      return { kind: "refuse", errno: "ENETUNREACH", rule };
    case "prohibit":
      return { kind: "refuse", errno: "EACCES", rule };
    case "table": {
      const number = rule.l3mdev ? vrfTableOf(fib, q.flow) : action.table;
      return number === undefined ? undefined : askRuleTable(fib, rule, number, q);
    }
    default:
      return unreachable(action);
  }
}

function askRuleTable(
  fib: Fib,
  rule: FibRuleConfig,
  number: number,
  q: Question,
): LookupAnswer | undefined {
  const table = fib.table(q.flow.dst.family, number);
  if (table === undefined) return undefined;
  const answer = q.ask(fib, table, q.question, q.rules);
  if (answer.kind === "miss" || answer.kind === "throw") return undefined;
  if (answer.kind === "found" && isSuppressed(fib, rule, answer)) return undefined;
  return { ...answer, rule };
}

/** Follows: Linux 6.18 net/ipv4/fib_rules.c `fib4_rule_suppress`, net/ipv6/fib6_rules.c. */
function isSuppressed(
  fib: Fib,
  { suppressPrefixLength: limit, suppressGroup }: FibRuleConfig,
  { route, hop }: TableAnswer & { kind: "found" },
): boolean {
  if (limit !== undefined && limit >= 0 && route.dst.bits <= limit) return true;
  if (suppressGroup === undefined || hop?.link === undefined) return false;
  return groupNumber(fib.link(hop.link)?.group) === groupNumber(suppressGroup);
}

/** Groups are told by number, or by a name out of `/etc/iproute2/group`. */
function groupNumber(group = "default"): string {
  return group === "default" ? "0" : group;
}

/**
 * IPv4 before any policy rule was touched: local and main as one table, then the default table, whose
 * answer stands even where main had refused.
 *
 * Follows: Linux 6.18 include/net/ip_fib.h `fib_lookup`.
 */
function lookupMerged(
  fib: Fib,
  merged: RouteTable,
  question: Flow,
  how: { readonly rules: HopRules; readonly ask: AskTable },
): LookupAnswer {
  const answer = how.ask(fib, merged, question, how.rules);
  if (answer.kind === "found") return withRule(fib, answer, answer.route.table);
  const last = fib.table("ip4", FibTable.default);
  if (last !== undefined) {
    const other = how.ask(fib, last, question, how.rules);
    return other.kind === "found" || other.kind === "refuse"
      ? withRule(fib, other, FibTable.default)
      : { kind: "miss" };
  }
  return answer.kind === "refuse" ? withRule(fib, answer, answer.route.table) : { kind: "miss" };
}

function withRule(
  fib: Fib,
  answer: TableAnswer & { kind: "found" | "refuse" },
  table: number,
): LookupAnswer {
  const rule = fib.rules("ip4").find((r) => r.action.kind === "table" && r.action.table === table);
  return rule === undefined ? answer : { ...answer, rule };
}
