/** Prints rules in the order of their trees, as programs write them for iptables-restore. */
import type { Family } from "../../../addr/index.js";
import type { IptablesMatch, IptablesRule } from "../../iptables.js";
import { type PrintStyle, printMatchOptions, printModule } from "./print-match.js";
import { printTarget } from "./print-target.js";
import { quoteIfNeeded } from "./words.js";

/** How marks are spelled; kube-proxy writes them as it was told to. */
export interface RestoreStyle {
  readonly family: Family;
  /** Default: `0x4000`. */
  readonly mark?: (bits: number) => string;
}

/**
 * Prints one rule as kube-proxy writes it, without `-A CHAIN`; begins with a blank unless empty.
 *
 * Matches come in the order of the tree. The ports of `-m tcp`, `-m udp` and `-m sctp` come after
 * the protocol and destination that follow the match: `-m tcp -p tcp -d 10.96.0.1 --dport 443`.
 * Follows: Kubernetes v1.35 pkg/proxy/iptables/proxier.go.
 */
export function printRestoreRule(rule: IptablesRule, options: RestoreStyle): string {
  const style: PrintStyle = {
    family: options.family,
    quote: quoteIfNeeded,
    mark: options.mark ?? ((bits) => `0x${bits.toString(16)}`),
    canonical: false,
  };
  let text = "";
  for (let at = 0; at < rule.matches.length; at++) {
    const match = rule.matches[at] as IptablesMatch;
    text += printModule(match, style.family);
    if (hasPorts(match)) {
      for (let next = rule.matches[at + 1]; isBetween(next); next = rule.matches[at + 1]) {
        text += printMatchOptions(next, style);
        at++;
      }
    }
    text += printMatchOptions(match, style);
  }
  return rule.target === undefined ? text : text + printTarget(rule.target, style);
}

function hasPorts(match: IptablesMatch): boolean {
  return match.kind === "tcp" || match.kind === "udp" || match.kind === "sctp";
}

function isBetween(match: IptablesMatch | undefined): match is IptablesMatch {
  return match?.kind === "protocol" || match?.kind === "destination";
}
