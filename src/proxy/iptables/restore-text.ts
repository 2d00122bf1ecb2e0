/**
 * The input kube-proxy hands to `iptables-restore --noflush --counters`. Declaring a chain empties
 * it, so a full sync declares and fills every chain, and a partial one only the shared chains and
 * those of Services that changed.
 */
import type { MarkPrinter } from "../mark.js";
import type { PlacedRule, PortRules } from "./port-rules.js";
import { printProxyRule } from "./print-rule.js";

/** Text of one Service port's rules. */
export interface PortText {
  /** Rules in shared chains. */
  readonly filter: string;
  readonly nat: string;
  /** Declarations of its own chains, and their rules. */
  readonly chains: string;
  readonly rules: string;
  /** How many lines `nat` and `rules` have. */
  readonly natCount: number;
  readonly ruleCount: number;
}

/** Prints rules that stand in shared chains. */
export function printPlaced(rules: readonly PlacedRule[], mark: MarkPrinter): string {
  let text = "";
  for (const { chain, rule } of rules) text += `${printProxyRule(chain, rule, mark)}\n`;
  return text;
}

/**
 * Prints everything of one Service port, in the order kube-proxy writes it: the masquerade rule of
 * the internal chain comes before the rules of all its chains.
 */
export function printPort(port: PortRules, mark: MarkPrinter): PortText {
  let chains = "";
  let masquerade = "";
  let rules = "";
  let ruleCount = 0;
  for (const chain of port.chains) {
    chains += `:${chain.name} - [0:0]\n`;
    const ahead = chain.name === port.masqueradeChain;
    ruleCount += chain.rules.length;
    let first = ahead;
    for (const rule of chain.rules) {
      const line = `${printProxyRule(chain.name, rule, mark)}\n`;
      if (first) masquerade += line;
      else rules += line;
      first = false;
    }
  }
  return {
    filter: printPlaced(port.filter, mark),
    nat: printPlaced(port.nat, mark),
    chains,
    rules: masquerade + rules,
    natCount: port.nat.length,
    ruleCount,
  };
}

/** `:NAME - [0:0]`, which declares and empties a chain. */
export function printDeclarations(names: Iterable<string>): string {
  let text = "";
  for (const name of names) text += `:${name} - [0:0]\n`;
  return text;
}
