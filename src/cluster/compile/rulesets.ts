/**
 * Putting the iptables rules of several programs together, as they end up on a node: each program's
 * rules in the built-in chains in a stated order, and everybody's own chains.
 */
import type { Family } from "../../addr/index.js";
import type {
  IptablesChain,
  IptablesRule,
  IptablesRuleset,
  IptablesTable,
  IptablesTableName,
} from "../../netfilter/index.js";

/** Built-in chains of each table, in the order iptables lists them. */
const BUILTIN: Readonly<Record<IptablesTableName, readonly string[]>> = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
  security: ["INPUT", "FORWARD", "OUTPUT"],
};

const TABLE_ORDER: readonly IptablesTableName[] = ["raw", "mangle", "nat", "filter", "security"];

/** A ruleset without tables. */
export function emptyRuleset(family: Family): IptablesRuleset {
  return { family, tables: [] };
}

/**
 * Merges rulesets. In built-in chains the rules of earlier ones come first.
 *
 * Shape: chains are shared with the inputs. The longest list of own chains should come last: it is
 * copied as a whole.
 */
export function mergeRulesets(
  family: Family,
  parts: readonly (readonly IptablesTable[])[],
): IptablesRuleset {
  const tables: IptablesTable[] = [];
  for (const name of TABLE_ORDER) {
    const mine = parts.flatMap((part) => part.filter((table) => table.name === name));
    if (mine.length > 0) tables.push(mergeTables(name, mine));
  }
  return { family, tables };
}

function mergeTables(name: IptablesTableName, tables: readonly IptablesTable[]): IptablesTable {
  const names = BUILTIN[name];
  const builtin = new Map<string, IptablesRule[]>(names.map((chain) => [chain, []]));
  const own: (readonly IptablesChain[])[] = [];
  for (const { chains } of tables) {
    let count = 0;
    for (const chain of chains) {
      const rules = builtin.get(chain.name);
      if (rules === undefined) break;
      rules.push(...chain.rules);
      count++;
    }
    own.push(count === 0 ? chains : chains.slice(count));
  }
  const heads: IptablesChain[] = [...builtin].map(([chain, rules]) => ({
    name: chain,
    policy: "ACCEPT",
    rules,
  }));
  return { name, chains: heads.concat(...own) };
}
