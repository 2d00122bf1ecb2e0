/** Rules in a form in which those that mean the same are equal. */
import type { IptablesMatch, IptablesTable } from "../../../src/netfilter/index.js";

/** The parser keeps the order of the text; the kernel asks addresses and interfaces first. */
const HEADER = ["source", "destination", "in-interface", "out-interface", "protocol"];

function headerFirst(matches: readonly IptablesMatch[]): readonly IptablesMatch[] {
  const rank = ({ kind }: IptablesMatch) =>
    HEADER.includes(kind) ? HEADER.indexOf(kind) : HEADER.length;
  return matches.toSorted((a, b) => rank(a) - rank(b));
}

/** Chains by table and name, with rules but no origins, counters, defaults and spellings. */
export function plainTables(tables: readonly IptablesTable[]): Record<string, readonly string[]> {
  const chains = tables.flatMap((table) =>
    table.chains
      .filter((chain) => chain.policy === undefined && chain.rules.length > 0)
      .map((chain): [string, readonly string[]] => [
        `${table.name} ${chain.name}`,
        chain.rules.map(({ matches, target }) =>
          JSON.stringify([headerFirst(matches), target], plainValue),
        ),
      ]),
  );
  return Object.fromEntries(chains.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The kernel keeps 31 bits of a probability, and has no order of states. */
function plainValue(key: string, value: unknown): unknown {
  if (key === "spelling" || (key === "mask" && typeof value === "string")) return undefined;
  if (key === "with" && /^icmp6?-port-unreachable$/.test(String(value))) return undefined;
  if (key === "probability") return Math.round(Number(value) * 2 ** 31);
  if (key === "states" && Array.isArray(value)) {
    return value.map(String).sort((a, b) => (a < b ? -1 : 1));
  }
  return value;
}
