/**
 * Putting the iptables rules of several programs together, as they end up on a node: each program's
 * rules in the built-in chains in a stated order, and everybody's own chains.
 */
import type { Family } from "../../../addr/index.js";
import type {
  IptablesChain,
  IptablesRule,
  IptablesRuleset,
  IptablesTable,
  IptablesTableName,
} from "../../../netfilter/index.js";

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

/** Rules of programs that are the same on many nodes, put together once. */
export interface SharedRules {
  readonly family: Family;
  readonly tables: readonly SharedTable[];
}

interface SharedTable {
  readonly name: IptablesTableName;
  readonly builtin: ReadonlyMap<string, readonly IptablesRule[]>;
  readonly own: readonly IptablesChain[];
}

/**
 * Puts rules together. In built-in chains those of earlier parts come first.
 *
 * Shape: `own` are tables without built-in chains, which come after the chains of all parts.
 * Cost: one look at each chain of the parts; those of `own` are only copied.
 */
export function shareRules(
  family: Family,
  parts: readonly (readonly IptablesTable[])[],
  own: readonly IptablesTable[] = [],
): SharedRules {
  const tables = TABLE_ORDER.flatMap((name): SharedTable[] => {
    const mine = parts.flatMap((part) => part.filter((table) => table.name === name));
    const more = own.filter((table) => table.name === name).map((table) => table.chains);
    if (mine.length + more.length === 0) return [];
    const shared = shareTables(name, mine);
    return [{ ...shared, own: shared.own.concat(...more) }];
  });
  return { family, tables };
}

function shareTables(name: IptablesTableName, tables: readonly IptablesTable[]): SharedTable {
  const builtin = new Map<string, IptablesRule[]>(BUILTIN[name].map((chain) => [chain, []]));
  const own: IptablesChain[] = [];
  for (const { chains } of tables) {
    for (const chain of chains) {
      const rules = builtin.get(chain.name);
      if (rules === undefined) own.push(chain);
      else rules.push(...chain.rules);
    }
  }
  return { name, builtin, own };
}

/**
 * A node's ruleset: what is shared, then the node's own rules at the end of built-in chains and its
 * own chains before the shared ones.
 *
 * Shape: chains are shared with the inputs. The tables are put together when they are first read: a
 * change of one endpoint is news to every node, and most of them carry no packet before the next one.
 * Cost: none here; the first reading copies the lists of shared chains.
 */
export function completeRules(shared: SharedRules, own: readonly IptablesTable[]): IptablesRuleset {
  let tables: readonly IptablesTable[] | undefined;
  return {
    family: shared.family,
    get tables() {
      tables ??= shared.tables.map((t) => ({ name: t.name, chains: joinChains(t, own) }));
      return tables;
    },
  };
}

function joinChains(table: SharedTable, own: readonly IptablesTable[]): readonly IptablesChain[] {
  const mine = own.filter((t) => t.name === table.name).flatMap((t) => t.chains);
  const heads: IptablesChain[] = [];
  for (const [name, rules] of table.builtin) {
    const more = mine.filter((c) => c.name === name).flatMap((c) => c.rules);
    const all = more.length === 0 ? rules : [...rules, ...more];
    heads.push({ name, policy: "ACCEPT", rules: all });
  }
  const chains = mine.filter((c) => !table.builtin.has(c.name));
  return [...heads, ...chains].concat(table.own);
}
