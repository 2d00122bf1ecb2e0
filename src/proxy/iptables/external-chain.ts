/** The KUBE-EXT chain of a Service port: the entry for traffic to external addresses. */
import type { IptablesChain, IptablesMatch, IptablesRule } from "../../netfilter/index.js";
import type { PortPlan } from "../choose/plan.js";
import type { ServiceChainNames } from "../name/chain-names.js";
import { comment, FROM_LOCAL, jump, MARK_MASQ, rule } from "./match.js";

/**
 * Builds the chain. Policy Cluster masquerades everybody; policy Local lets this node's pods and the
 * node itself out to all endpoints, as if they had gone out to the load balancer and come back.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `syncProxyRules`.
 */
export function externalChain(
  plan: PortPlan,
  names: ServiceChainNames,
  { isLocal }: { readonly isLocal: IptablesMatch | undefined },
): IptablesChain {
  const { port } = plan;
  const text = (what: string) => comment(`${what} traffic for ${port.name} external destinations`);
  const rules: IptablesRule[] = [];
  if (!port.externalPolicyLocal) {
    rules.push(rule([text("masquerade")], MARK_MASQ, port.origin));
  } else {
    const toAll = jump(names.cluster);
    if (isLocal !== undefined) rules.push(rule([isLocal, text("pod")], toAll, port.origin));
    rules.push(
      rule([text("masquerade LOCAL"), FROM_LOCAL], MARK_MASQ, port.origin),
      rule([text("route LOCAL"), FROM_LOCAL], toAll, port.origin),
    );
  }
  if (plan.externalRefusal === undefined) {
    rules.push(rule([], jump(names[plan.externalTarget]), port.origin));
  }
  return { name: names.external, rules };
}
