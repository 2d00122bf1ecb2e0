/** The rules that lead from the built-in chains to those of ipvs mode. */

import type { BuiltinRules } from "../iptables/jumps.js";
import { comment, jump } from "../iptables/match.js";

type Jump = readonly [table: "filter" | "nat", from: string, to: string, text: string];

/** In the order they are put in; each is put at the head of its chain. */
const JUMPS: readonly Jump[] = [
  ["nat", "OUTPUT", "KUBE-SERVICES", "kubernetes service portals"],
  ["nat", "PREROUTING", "KUBE-SERVICES", "kubernetes service portals"],
  ["nat", "POSTROUTING", "KUBE-POSTROUTING", "kubernetes postrouting rules"],
  ["filter", "FORWARD", "KUBE-FORWARD", "kubernetes forwarding rules"],
  ["filter", "INPUT", "KUBE-NODE-PORT", "kubernetes health check rules"],
  ["filter", "INPUT", "KUBE-PROXY-FIREWALL", "kube-proxy firewall rules"],
  ["filter", "FORWARD", "KUBE-PROXY-FIREWALL", "kube-proxy firewall rules"],
  ["filter", "INPUT", "KUBE-IPVS-FILTER", "kubernetes ipvs access filter"],
  ["filter", "OUTPUT", "KUBE-IPVS-OUT-FILTER", "kubernetes ipvs access filter"],
];

const BUILTINS = [
  ["filter", "INPUT"],
  ["filter", "FORWARD"],
  ["filter", "OUTPUT"],
  ["nat", "PREROUTING"],
  ["nat", "OUTPUT"],
  ["nat", "POSTROUTING"],
] as const;

/**
 * The rules at the head of the built-in chains after the first sync on a clean node.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/proxier.go `iptablesJumpChain`.
 */
export function ipvsJumps(): readonly BuiltinRules[] {
  return BUILTINS.map(([table, chain]) => ({
    table,
    chain,
    rules: JUMPS.filter(([t, from]) => t === table && from === chain)
      .map(([, , to, text]) => ({
        matches: [comment(text)],
        target: jump(to),
        origin: { kind: "kube-proxy" },
      }))
      .reverse(),
  }));
}
