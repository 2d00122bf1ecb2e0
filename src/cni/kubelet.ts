/**
 * The iptables chains the kubelet keeps on every node, whatever the network and proxy are. They are
 * the same objects for all nodes.
 */
import { type Family, parsePrefix } from "../addr/index.js";
import type { Origin } from "../base/index.js";
import type { IptablesChain, IptablesRule, IptablesRuleset } from "../netfilter/index.js";

const KUBELET: Origin = { kind: "kubelet" };
const CANARY: IptablesChain = { name: "KUBE-KUBELET-CANARY", rules: [] };
const LOOPBACK = parsePrefix("127.0.0.0/8");

/** Drops packets for localhost that come from outside; `route_localnet` would let them in. */
const DROP_LOCALNET: IptablesRule = {
  matches: [
    { kind: "source", prefix: LOOPBACK, not: true },
    { kind: "destination", prefix: LOOPBACK },
    { kind: "comment", comment: "block incoming localnet connections" },
    {
      kind: "conntrack",
      ctstate: { states: ["RELATED", "ESTABLISHED", "DNAT"], not: true },
    },
  ],
  target: { kind: "DROP" },
  origin: KUBELET,
};

const JUMP_FIREWALL: IptablesRule = {
  matches: [],
  target: { kind: "jump", chain: "KUBE-FIREWALL" },
  origin: KUBELET,
};

const FIREWALL_CHAINS: readonly IptablesChain[] = [
  { name: "INPUT", policy: "ACCEPT", rules: [JUMP_FIREWALL] },
  { name: "OUTPUT", policy: "ACCEPT", rules: [JUMP_FIREWALL] },
  { name: "KUBE-FIREWALL", rules: [DROP_LOCALNET] },
];

/**
 * The kubelet's rules: a canary in each table that tells when rules were flushed, a hint which
 * iptables variant is in use, and KUBE-FIREWALL (IPv4 only).
 *
 * Follows: Kubernetes v1.35.4 pkg/kubelet/kubelet_network_linux.go `syncIPTablesRules`.
 */
export function kubeletRules(family: Family): IptablesRuleset {
  return family === "ip4" ? RULES.ip4 : RULES.ip6;
}

const RULES = { ip4: makeRules("ip4"), ip6: makeRules("ip6") };

function makeRules(family: Family): IptablesRuleset {
  return {
    family,
    tables: [
      { name: "mangle", chains: [{ name: "KUBE-IPTABLES-HINT", rules: [] }, CANARY] },
      { name: "nat", chains: [CANARY] },
      { name: "filter", chains: family === "ip4" ? [...FIREWALL_CHAINS, CANARY] : [CANARY] },
    ],
  };
}
