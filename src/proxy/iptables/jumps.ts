/** The rules that lead from the built-in chains to kube-proxy's own. */
import type { Origin } from "../../base/index.js";
import type { IptablesMatch, IptablesRule } from "../../netfilter/index.js";
import { comment, ctstate, jump } from "./match.js";

/** Rules at the head of one built-in chain, in the order they stand. */
export interface BuiltinRules {
  readonly table: "filter" | "nat";
  readonly chain: string;
  readonly rules: readonly IptablesRule[];
}

type Jump = readonly [
  table: "filter" | "nat",
  from: string,
  to: string,
  text: string | undefined,
  onlyNew: boolean,
];

const PORTALS = "kubernetes service portals";
const EXTERNAL = "kubernetes externally-visible service portals";
const FIREWALL = "kubernetes load balancer firewall";

/** In the order they are put in; each is put at the head of its chain, so later ones come first. */
const JUMPS: readonly Jump[] = [
  ["filter", "INPUT", "KUBE-EXTERNAL-SERVICES", EXTERNAL, true],
  ["filter", "FORWARD", "KUBE-EXTERNAL-SERVICES", EXTERNAL, true],
  ["filter", "INPUT", "KUBE-NODEPORTS", "kubernetes health check service ports", false],
  ["filter", "FORWARD", "KUBE-SERVICES", PORTALS, true],
  ["filter", "OUTPUT", "KUBE-SERVICES", PORTALS, true],
  ["filter", "FORWARD", "KUBE-FORWARD", "kubernetes forwarding rules", false],
  ["filter", "INPUT", "KUBE-PROXY-FIREWALL", FIREWALL, true],
  ["filter", "OUTPUT", "KUBE-PROXY-FIREWALL", FIREWALL, true],
  ["filter", "FORWARD", "KUBE-PROXY-FIREWALL", FIREWALL, true],
  ["nat", "OUTPUT", "KUBE-SERVICES", PORTALS, false],
  ["nat", "PREROUTING", "KUBE-SERVICES", PORTALS, false],
  ["nat", "POSTROUTING", "KUBE-POSTROUTING", "kubernetes postrouting rules", false],
  ["filter", "INPUT", "KUBE-FIREWALL", undefined, false],
  ["filter", "OUTPUT", "KUBE-FIREWALL", undefined, false],
];

/** Built-in chains in the order the kernel keeps them. */
const BUILTINS = [
  ["filter", "INPUT"],
  ["filter", "FORWARD"],
  ["filter", "OUTPUT"],
  ["nat", "PREROUTING"],
  ["nat", "OUTPUT"],
  ["nat", "POSTROUTING"],
] as const;

const ORIGIN: Origin = { kind: "kube-proxy" };

/**
 * The rules at the head of the built-in chains after a full sync on a clean node.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `iptablesJumpChains`.
 */
export function builtinJumps(): readonly BuiltinRules[] {
  return BUILTINS.map(([table, chain]) => ({
    table,
    chain,
    rules: JUMPS.filter(([t, from]) => t === table && from === chain)
      .map(([, , to, text, onlyNew]) => jumpRule(to, text, onlyNew))
      .reverse(),
  }));
}

function jumpRule(to: string, text: string | undefined, onlyNew: boolean): IptablesRule {
  const matches: IptablesMatch[] = [];
  if (onlyNew) matches.push(ctstate("NEW"));
  if (text !== undefined) matches.push(comment(text));
  return { matches, target: jump(to), origin: ORIGIN };
}
