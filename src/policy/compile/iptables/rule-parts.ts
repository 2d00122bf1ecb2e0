/** Matches, targets and rules of iptables as the policy agent writes them. */
import type { Family } from "../../../addr/index.js";
import type { Origin } from "../../../base/index.js";
import type { IptablesMatch, IptablesRule, IptablesTarget } from "../../../netfilter/index.js";
import { AGENT, DISCOVERY_TYPES, type EnforceOptions } from "../enforce.js";

/** A rule. */
export function rule(
  matches: readonly IptablesMatch[],
  target: IptablesTarget,
  origin: Origin = AGENT,
): IptablesRule {
  return { matches, target, origin };
}

/** A rule that jumps to a chain, and comes back. */
export function jump(chain: string, matches: readonly IptablesMatch[] = []): IptablesRule {
  return rule(matches, { kind: "jump", chain });
}

/** A match on a set. */
export function inSet(name: string, directions: readonly ("src" | "dst")[]): IptablesMatch {
  return { kind: "set", name, directions };
}

/** Characters a comment holds (XT_MAX_COMMENT_LEN with its end). */
const COMMENT_MOST = 255;

/** A comment. */
export function comment(text: string): IptablesMatch {
  return { kind: "comment", comment: text.slice(0, COMMENT_MOST) };
}

/** What a denied packet meets. */
export function denial(family: Family, { denial: how }: EnforceOptions): IptablesTarget {
  if (how !== "reject") return { kind: "DROP" };
  const reason = family === "ip4" ? "icmp-port-unreachable" : "icmp6-port-unreachable";
  return { kind: "REJECT", with: reason };
}

/** Packets of connections that were let through before, and what belongs to them. */
export function replyRules({ established = "keep" }: EnforceOptions): readonly IptablesRule[] {
  const state = (...states: ("RELATED" | "ESTABLISHED")[]) => {
    return { kind: "conntrack", ctstate: { states } } as const;
  };
  const target = { kind: "RETURN" } as const;
  if (established === "keep") return [rule([state("RELATED", "ESTABLISHED")], target)];
  return [
    rule([{ ...state("ESTABLISHED"), ctdir: "REPLY" }], target),
    rule([state("RELATED")], target),
  ];
}

/** Neighbour discovery passes. */
export function discoveryRules(family: Family): readonly IptablesRule[] {
  return family === "ip6" ? DISCOVERY_RULES : [];
}

const DISCOVERY_RULES = DISCOVERY_TYPES.map(({ type }) => {
  const protocol = { kind: "protocol", protocol: "ipv6-icmp" } as const;
  return rule([protocol, { kind: "icmp", type }], { kind: "RETURN" });
});
