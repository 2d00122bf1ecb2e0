/**
 * Whether some rule needs connection tracking. The kernel turns it on for a family when the first
 * such rule is loaded, whether or not a packet can reach it.
 */
import type { IptablesMatch, IptablesRule, IptablesRuleset, IptablesTarget } from "../iptables.js";
import type { NftExpr, NftRule, NftRuleset } from "../nft.js";

/** The families that connections are tracked for. */
export type IpFamily = "ip" | "ip6";

interface Rules {
  readonly iptables: IptablesRuleset;
  readonly ip6tables: IptablesRuleset;
  readonly nftables: NftRuleset;
}

/**
 * Follows: Linux 6.18 net/netfilter: the callers of `nf_ct_netns_get` (xt_conntrack.c, xt_connmark.c,
 * xt_CT.c, xt_nat.c, xt_MASQUERADE.c, xt_REDIRECT.c, xt_NETMAP.c, nft_ct.c, nft_nat.c, …).
 */
export function needsConntrack(config: Rules, family: IpFamily): boolean {
  const ruleset = family === "ip" ? config.iptables : config.ip6tables;
  if (ruleset.tables.some((table) => table.chains.some((c) => c.rules.some(needs)))) return true;
  return config.nftables.tables
    .filter((table) => table.family === family || table.family === "inet")
    .some((table) => table.chains.some((c) => c.rules.some(nftNeeds)));
}

function nftNeeds(rule: NftRule): boolean {
  return rule.statements.some((statement) => {
    switch (statement.kind) {
      case "match":
        return asksConnection(statement.left);
      case "vmap":
      case "update":
        return asksConnection(statement.expr);
      case "set":
        return asksConnection(statement.target) || asksConnection(statement.value);
      case "dnat":
      case "snat":
      case "masquerade":
      case "redirect":
        return true;
      case "unknown":
        return /\b(?:ct|synproxy)\b/.test(statement.text);
      default:
        return false;
    }
  });
}

function asksConnection(expr: NftExpr): boolean {
  switch (expr.kind) {
    case "ct":
      return true;
    case "concat":
      return expr.parts.some(asksConnection);
    case "binary":
      return asksConnection(expr.left) || asksConnection(expr.right);
    case "map":
      return asksConnection(expr.expr);
    case "jhash":
      return expr.expr !== undefined && asksConnection(expr.expr);
    default:
      return false;
  }
}

function needs(rule: IptablesRule): boolean {
  return rule.matches.some(matchNeeds) || (rule.target !== undefined && targetNeeds(rule.target));
}

const UNKNOWN_USERS: ReadonlySet<string> = new Set([
  "connbytes",
  "connlabel",
  "connlimit",
  "helper",
  "cluster",
  "CONNSECMARK",
  "SYNPROXY",
]);

function matchNeeds(match: IptablesMatch): boolean {
  switch (match.kind) {
    case "conntrack":
    case "state":
    case "connmark":
      return true;
    case "unknown":
      return UNKNOWN_USERS.has(match.module);
    default:
      return false;
  }
}

function targetNeeds(target: IptablesTarget): boolean {
  switch (target.kind) {
    case "DNAT":
    case "SNAT":
    case "MASQUERADE":
    case "REDIRECT":
    case "NETMAP":
    case "CONNMARK":
      return true;
    case "CT":
      return !target.notrack;
    case "unknown":
      return UNKNOWN_USERS.has(target.module);
    default:
      return false;
  }
}
