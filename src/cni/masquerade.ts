/**
 * The iptables rules flannel keeps on a node: which traffic of pods leaves with the node's address,
 * and that forwarding from and to pods is allowed.
 */
import { type Family, type Prefix, parsePrefix } from "../addr/index.js";
import type { Origin } from "../base/index.js";
import type {
  IptablesChain,
  IptablesMatch,
  IptablesRule,
  IptablesRuleset,
  IptablesTarget,
} from "../netfilter/index.js";

const FLANNEL: Origin = { kind: "cni", name: "flannel" };
/** The mark kube-proxy puts on packets it masquerades itself. */
const KUBE_PROXY_MARK = 0x4000;
const MULTICAST = { ip4: parsePrefix("224.0.0.0/4"), ip6: parsePrefix("ff00::/8") };
const RETURN: IptablesTarget = { kind: "RETURN" };
const MASQUERADE: IptablesTarget = { kind: "MASQUERADE", randomFully: true };

/** What the rules are made for. */
export interface MasqueradeInput {
  readonly family: Family;
  readonly clusterPrefix: Prefix;
  readonly podPrefix: Prefix;
}

/**
 * flannel's rules on one node: chain FLANNEL-POSTRTG in `nat`, chain FLANNEL-FWD in `filter`, and the
 * jumps to them at the end of POSTROUTING and FORWARD.
 *
 * Follows: flannel v0.27 pkg/trafficmngr/iptables/iptables.go `masqRules`, `masqIP6Rules`,
 * `forwardRules`.
 */
export function flannelRules(input: MasqueradeInput): IptablesRuleset {
  return {
    family: input.family,
    tables: [
      {
        name: "nat",
        chains: [
          jumpFrom("POSTROUTING", "FLANNEL-POSTRTG", "flanneld masq"),
          { name: "FLANNEL-POSTRTG", rules: postroutingRules(input) },
        ],
      },
      {
        name: "filter",
        chains: [
          jumpFrom("FORWARD", "FLANNEL-FWD", "flanneld forward"),
          { name: "FLANNEL-FWD", rules: forwardRules(input.clusterPrefix) },
        ],
      },
    ],
  };
}

function postroutingRules({ family, clusterPrefix, podPrefix }: MasqueradeInput): IptablesRule[] {
  const mark: IptablesMatch = { kind: "mark", value: KUBE_PROXY_MARK, mask: KUBE_PROXY_MARK };
  const [cluster, pods] = [clusterPrefix, podPrefix];
  const rule = (matches: readonly IptablesMatch[], target: IptablesTarget) =>
    makeRule(matches, "flanneld masq", target);
  return [
    rule([mark], RETURN),
    rule([from(pods), to(cluster)], RETURN),
    rule([from(cluster), to(pods)], RETURN),
    rule([{ ...from(cluster), not: true }, to(pods)], RETURN),
    rule([from(cluster), { ...to(MULTICAST[family]), not: true }], MASQUERADE),
    rule([{ ...from(cluster), not: true }, to(cluster)], MASQUERADE),
  ];
}

function forwardRules(cluster: Prefix): IptablesRule[] {
  const accept: IptablesTarget = { kind: "ACCEPT" };
  return [from(cluster), to(cluster)].map((m) => makeRule([m], "flanneld forward", accept));
}

function jumpFrom(name: string, chain: string, comment: string): IptablesChain {
  return { name, policy: "ACCEPT", rules: [makeRule([], comment, { kind: "jump", chain })] };
}

function makeRule(
  matches: readonly IptablesMatch[],
  comment: string,
  target: IptablesTarget,
): IptablesRule {
  return { matches: [...matches, { kind: "comment", comment }], target, origin: FLANNEL };
}

function from(prefix: Prefix) {
  return { kind: "source", prefix } as const;
}

function to(prefix: Prefix) {
  return { kind: "destination", prefix } as const;
}
