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

/**
 * Whether some rule asks what connections carried: then it is counted for all new ones.
 *
 * Follows: Linux 6.18 net/netfilter: the callers of `nf_ct_set_acct` (xt_connbytes.c, nft_ct.c).
 */
export function needsCounters({ iptables, ip6tables, nftables }: Rules): boolean {
  const asks = ({ matches }: IptablesRule) => matches.some((m) => m.kind === "connbytes");
  const tables = [...iptables.tables, ...ip6tables.tables];
  if (tables.some((table) => table.chains.some((c) => c.rules.some(asks)))) return true;
  return nftables.tables.some((table) =>
    table.chains.some((chain) => chain.rules.some((rule) => nftUses(rule, isCounter))),
  );
}

function isCounter(key: string): boolean {
  return key === "packets" || key === "bytes" || key === "avgpkt";
}

function nftNeeds(rule: NftRule): boolean {
  return nftUses(rule, () => true);
}

function nftUses(rule: NftRule, uses: (key: string) => boolean): boolean {
  return rule.statements.some((statement) => {
    switch (statement.kind) {
      case "match":
        return asks(statement.left, uses);
      case "vmap":
      case "update":
        return asks(statement.expr, uses);
      case "set":
        return asks(statement.target, uses) || asks(statement.value, uses);
      case "dnat":
      case "snat":
      case "masquerade":
      case "redirect":
        return uses("nat");
      case "unknown":
        return uses("unknown") && /\b(?:ct|synproxy)\b/.test(statement.text);
      default:
        return false;
    }
  });
}

function asks(expr: NftExpr, uses: (key: string) => boolean): boolean {
  switch (expr.kind) {
    case "ct":
      return uses(expr.key);
    case "concat":
      return expr.parts.some((part) => asks(part, uses));
    case "binary":
      return asks(expr.left, uses) || asks(expr.right, uses);
    case "map":
      return asks(expr.expr, uses);
    case "jhash":
      return expr.expr !== undefined && asks(expr.expr, uses);
    default:
      return false;
  }
}

function needs(rule: IptablesRule): boolean {
  return rule.matches.some(matchNeeds) || (rule.target !== undefined && targetNeeds(rule.target));
}

const UNKNOWN_USERS: ReadonlySet<string> = new Set([
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
    case "connbytes":
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
