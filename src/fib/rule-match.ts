/** Whether a policy rule (`ip rule`) speaks of a flow. */
import type { Addr, Prefix } from "../addr/index.js";
import type { FibRuleConfig } from "./config.js";
import type { Fib } from "./fib.js";
import type { Flow } from "./flow.js";

/** The bits of the type-of-service byte that routing compares (Linux `IPTOS_RT_MASK`). */
export const ROUTING_TOS_MASK = 0x1c;

/**
 * Whether all selectors of a rule hold for a flow, or, with `not`, whether they do not.
 *
 * Follows: Linux 6.18 net/core/fib_rules.c `fib_rule_match`; net/ipv4/fib_rules.c `fib4_rule_match`;
 * net/ipv6/fib6_rules.c `fib6_rule_match` (without a source, a rule with `from` does not match).
 */
export function matchesRule(fib: Fib, rule: FibRuleConfig, flow: Flow): boolean {
  const matches =
    matchesLinks(fib, rule, flow) &&
    matchesMark(rule, flow) &&
    matchesAddresses(rule, flow) &&
    matchesTos(rule, flow) &&
    (rule.protocol === undefined || rule.protocol === flow.protocol) &&
    isWithin(rule.sport, flow.sport) &&
    isWithin(rule.dport, flow.dport) &&
    isWithin(rule.uidRange, flow.uid ?? 0);
  return matches !== (rule.not ?? false);
}

function matchesLinks(fib: Fib, rule: FibRuleConfig, flow: Flow): boolean {
  const iif = flow.iif ?? fib.loopback;
  if (rule.iif !== undefined && rule.iif !== iif && rule.iif !== vrfName(fib, flow.iif))
    return false;
  if (rule.oif !== undefined && rule.oif !== flow.oif && rule.oif !== vrfName(fib, flow.oif)) {
    return false;
  }
  return !rule.l3mdev || vrfTableOf(fib, flow) !== undefined;
}

function vrfName(fib: Fib, link: string | undefined): string | undefined {
  return fib.vrfOf(link)?.name;
}

/** The table of the VRF that a flow belongs to by its output or input link. */
export function vrfTableOf(fib: Fib, flow: Flow): number | undefined {
  const vrf = flow.oif === undefined ? fib.vrfOf(flow.iif) : fib.vrfOf(flow.oif);
  return vrf?.kind.table;
}

function matchesMark(rule: FibRuleConfig, flow: Flow): boolean {
  if (rule.fwmark === undefined) return true;
  const mask = rule.fwmask ?? 0xffffffff;
  return ((rule.fwmark ^ (flow.mark ?? 0)) & mask) === 0;
}

function matchesAddresses(rule: FibRuleConfig, flow: Flow): boolean {
  if (rule.to !== undefined && !rule.to.contains(flow.dst)) return false;
  return rule.from === undefined || matchesFrom(rule.from, flow.src);
}

function matchesFrom(from: Prefix, src: Addr | undefined): boolean {
  if (from.bits === 0) return true;
  // IPv4 compares the unset source as 0.0.0.0, IPv6 knows that there is none.
  if (src === undefined) return from.family === "ip4" && from.first().w3 === 0;
  return from.contains(src);
}

function matchesTos(rule: FibRuleConfig, flow: Flow): boolean {
  if (rule.tos === undefined || rule.tos === 0) return true;
  return rule.tos === ((flow.tos ?? 0) & (rule.family === "ip4" ? ROUTING_TOS_MASK : 0xfc));
}

function isWithin(
  range: { readonly first: number; readonly last: number } | undefined,
  value: number | undefined,
): boolean {
  return (
    range === undefined || (value !== undefined && value >= range.first && value <= range.last)
  );
}
