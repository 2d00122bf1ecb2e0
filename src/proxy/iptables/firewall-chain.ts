/** The KUBE-FW chain of a Service port: `loadBalancerSourceRanges`. */
import type { Addr } from "../../addr/index.js";
import type { IptablesChain, IptablesRule } from "../../netfilter/index.js";
import type { PortPlan } from "../choose/plan.js";
import type { ServiceChainNames } from "../name/chain-names.js";
import type { ServicePort } from "../services/service-port.js";
import { comment, fromAddr, fromPrefix, jump, rule } from "./match.js";

/** Whether load balancer traffic of the port passes a source filter first. */
export function usesFirewall({ hasEndpoints, port }: PortPlan): boolean {
  return hasEndpoints && port.loadBalancerVIPs.length > 0 && port.sourceRanges.length > 0;
}

/**
 * Builds the chain: allowed sources go on to the external chain. What falls through was not
 * translated and meets KUBE-PROXY-FIREWALL. A node inside a range may speak to its own load balancer
 * with the balancer's address as source, so that is let in too.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `syncProxyRules`.
 */
export function firewallChain(
  port: ServicePort,
  names: ServiceChainNames,
  nodeAddr: Addr | undefined,
): IptablesChain {
  const text = comment(`${port.name} loadbalancer IP`);
  const target = jump(names.external);
  const allow = port.sourceRanges.map((range) =>
    rule([fromPrefix(range), text], target, port.origin),
  );
  if (nodeAddr !== undefined && port.sourceRanges.some((range) => range.contains(nodeAddr))) {
    const own = port.loadBalancerVIPs.map((vip) =>
      rule([fromAddr(vip), text], target, port.origin),
    );
    allow.push(...own);
  }
  const rest: IptablesRule = {
    matches: [comment(`other traffic to ${port.name} will be dropped by KUBE-PROXY-FIREWALL`)],
    origin: port.origin,
  };
  return { name: names.firewall, rules: [...allow, rest] };
}
