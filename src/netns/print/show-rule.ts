/** What `ip rule` prints. */
import type { Prefix } from "../../addr/index.js";
import { unreachable } from "../../base/index.js";
import type { FibRuleConfig } from "../../fib/index.js";
import { showTable } from "./show-route.js";

const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map([
  [1, "icmp"],
  [6, "tcp"],
  [17, "udp"],
  [58, "ipv6-icmp"],
  [132, "sctp"],
]);

/**
 * Prints the rules of one family as `ip [-6] rule` does.
 *
 * Follows: iproute2 6.1 ip/iprule.c `print_rule`.
 */
export function showRules(rules: readonly FibRuleConfig[], family: "ip4" | "ip6" = "ip4"): string {
  return rules
    .filter((r) => r.family === family)
    .map((rule) => `${rule.priority}:\t${showRule(rule)}\n`)
    .join("");
}

/** One rule without its priority, as `ip rule` prints it. */
export function showRule(rule: FibRuleConfig): string {
  const words = [
    ...(rule.not ? ["not"] : []),
    "from",
    rule.from === undefined ? "all" : showSelector(rule.from),
    ...(rule.to === undefined ? [] : ["to", showSelector(rule.to)]),
    ...(rule.tos === undefined ? [] : ["tos", `0x${rule.tos.toString(16)}`]),
    ...(rule.fwmark === undefined ? [] : ["fwmark", showMark(rule)]),
    ...(rule.iif === undefined ? [] : ["iif", rule.iif]),
    ...(rule.oif === undefined ? [] : ["oif", rule.oif]),
    ...(rule.l3mdev ? ["lookup", "[l3mdev-table]"] : []),
    ...(rule.uidRange ? ["uidrange", `${rule.uidRange.first}-${rule.uidRange.last}`] : []),
    ...(rule.protocol === undefined ? [] : ["ipproto", showProtocol(rule.protocol)]),
    ...(rule.sport === undefined ? [] : ["sport", showSpan(rule.sport)]),
    ...(rule.dport === undefined ? [] : ["dport", showSpan(rule.dport)]),
    ...(rule.l3mdev ? [] : showAction(rule)),
  ];
  return words.join(" ");
}

function showSelector(prefix: Prefix): string {
  return prefix.isSingle() ? prefix.addr.toString() : prefix.toString();
}

function showMark(rule: FibRuleConfig): string {
  const mark = `0x${(rule.fwmark ?? 0).toString(16)}`;
  const { fwmask } = rule;
  return fwmask === undefined || fwmask === 0xffffffff ? mark : `${mark}/0x${fwmask.toString(16)}`;
}

function showProtocol(protocol: number): string {
  return PROTOCOL_NAMES.get(protocol) ?? `ipproto-${protocol}`;
}

function showSpan({ first, last }: { readonly first: number; readonly last: number }): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function showAction(rule: FibRuleConfig): string[] {
  const { action } = rule;
  switch (action.kind) {
    case "table": {
      const length = rule.suppressPrefixLength;
      return [
        "lookup",
        showTable(action.table),
        ...(length === undefined ? [] : ["suppress_prefixlength", String(length)]),
        ...(rule.suppressGroup === undefined ? [] : ["suppress_ifgroup", rule.suppressGroup]),
      ];
    }
    case "goto":
      return ["goto", String(action.priority)];
    case "nop":
    case "blackhole":
    case "unreachable":
    case "prohibit":
      return [action.kind];
    default:
      return unreachable(action);
  }
}
