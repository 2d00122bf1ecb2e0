/** The part of a transaction that writes one Service port's chains. */

import type { NftPortChain } from "../emit.js";
import { printOperation, tableName } from "../object.js";
import type { NftPortRules } from "../port-rules.js";
import { type NftPrintOptions, printNftRule } from "../rule.js";

/** Text and number of operations. */
export interface NftText {
  readonly text: string;
  readonly operations: number;
}

/** Text that writes one Service port. */
export interface NftPortText {
  /** Creates and empties the chains. */
  readonly chains: NftText;
  readonly firewall: NftText;
  /** Fills the chains, and creates affinity sets. */
  readonly rules: NftText;
}

/**
 * Prints what writes one Service port.
 *
 * Shape: chains in `present` stand in the kernel with the right rules and are left alone.
 * Follows: Kubernetes v1.35.4 pkg/proxy/nftables/proxier.go `ensureChain`, `epChainSkipUpdate`.
 */
export function printNftPort(
  port: NftPortRules,
  options: NftPrintOptions,
  present: ReadonlySet<string> | undefined = undefined,
): NftPortText {
  const fresh = port.chains.filter(({ name }) => !present?.has(name));
  return {
    chains: createChains(fresh, options),
    firewall: createChains(port.firewall === undefined ? [] : [port.firewall], options),
    rules: fillChains(port, fresh, options),
  };
}

function createChains(chains: readonly NftPortChain[], { family }: NftPrintOptions): NftText {
  const table = tableName(family);
  let text = "";
  for (const { name } of chains) {
    text += `add chain ${table} ${name}\nflush chain ${table} ${name}\n`;
  }
  return { text, operations: chains.length * 2 };
}

/** The service chains' rules come first, those of the endpoints last. */
function fillChains(
  port: NftPortRules,
  fresh: readonly NftPortChain[],
  options: NftPrintOptions,
): NftText {
  const table = tableName(options.family);
  const ends = (chain: NftPortChain) => chain.name.startsWith("endpoint-");
  const external = fresh.filter((c) => c.name.startsWith("external-"));
  const balance = fresh.filter((c) => !ends(c) && !external.includes(c));
  const masquerade = balance.filter((c) => endsInMasquerade(c));
  const firewall = port.firewall === undefined ? [] : [port.firewall];
  let text = "";
  let operations = 0;
  const write = (chain: NftPortChain, from: number, to: number = chain.rules.length) => {
    for (const rule of chain.rules.slice(from, to)) {
      text += `add rule ${table} ${chain.name} ${printNftRule(rule, options)}\n`;
      operations++;
    }
  };
  for (const chain of masquerade) write(chain, 0, 1);
  for (const chain of [...external, ...firewall]) write(chain, 0);
  for (const { name, timeoutSeconds } of port.affinitySets) {
    const type = options.family === "ip6" ? "ipv6_addr" : "ipv4_addr";
    const object = { kind: "set", name, type, timeoutSeconds } as const;
    text += printOperation({ verb: "add", object }, options);
    operations++;
  }
  for (const chain of balance) write(chain, masquerade.includes(chain) ? 1 : 0);
  for (const chain of fresh) if (ends(chain)) write(chain, 0);
  return { text, operations };
}

/** Whether a chain of choice begins with the rule that masquerades. */
function endsInMasquerade({ rules }: NftPortChain): boolean {
  return rules[0]?.statements.at(-1)?.kind === "jump";
}
