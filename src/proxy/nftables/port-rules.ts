/**
 * What one Service port adds to the nftables table: elements that lead to its chains or refuse its
 * traffic, and the chains. Emission only; the decision was made in `choose/`.
 */
import type { Addr, Prefix } from "../../addr/index.js";
import type { PortPlan, Refusal } from "../choose/plan.js";
import { isLocalTo } from "../endpoints/endpoint.js";
import {
  type NftEmitOptions,
  type NftNames,
  type NftPortChain,
  type NftServiceNames,
  namesOf,
} from "./emit.js";
import { balanceRules, endpointChains, markStatement } from "./endpoint-rules.js";
import type { NftProxyElement } from "./object.js";
import { type NftProxyRule, type NftStatement, type NftVerdict, nftRule } from "./rule.js";

/** A set that remembers the clients of one endpoint. */
export interface AffinitySet {
  readonly name: string;
  readonly timeoutSeconds: number;
}

/** Everything one Service port contributes. */
export interface NftPortRules {
  readonly plan: PortPlan;
  /** In the order kube-proxy creates them: endpoints, service, local, external. */
  readonly chains: readonly NftPortChain[];
  readonly firewall: NftPortChain | undefined;
  readonly elements: readonly NftProxyElement[];
  readonly affinitySets: readonly AffinitySet[];
}

/**
 * Emits what one Service port contributes.
 *
 * Follows: Kubernetes v1.35.4, v1.36.0 and v1.37.0 pkg/proxy/nftables/proxier.go `syncProxyRules`.
 * Cost: linear in the endpoints.
 */
export function emitNftPort(plan: PortPlan, options: NftEmitOptions): NftPortRules {
  const names = namesOf(plan);
  const chains: NftPortChain[] = endpointChains(plan, names, options);
  const masquerade = masqueradeRule(plan, options);
  for (const target of ["cluster", "local"] as const) {
    if (plan[target].length === 0) continue;
    const first = masquerade !== undefined && plan.internalTarget === target ? [masquerade] : [];
    const rules = [...first, ...balanceRules(plan, plan[target], { names, facts: options.facts })];
    chains.push({ name: names[target], rules });
  }
  if (plan.usesExternal) chains.push(externalChain(plan, names, options));
  return {
    plan,
    chains,
    firewall: isFiltered(plan) ? firewallChain(plan, names, options.nodeAddr) : undefined,
    elements: elementsOf(plan, names, options),
    affinitySets: affinitySetsOf(plan, [...names.endpoints.values()]),
  };
}

/** Traffic from outside the cluster, where each Service port says so itself. */
function masqueradeRule(plan: PortPlan, options: NftEmitOptions): NftProxyRule | undefined {
  const { facts, mark, masqueradeAll, isNotLocal } = options;
  if (facts.layout !== "endpoint-chains") return undefined;
  if (plan.internalRefusal !== undefined || !(masqueradeAll || isNotLocal)) return undefined;
  const addr = plan.port.clusterIP;
  const to: NftStatement = { kind: "addr", side: "daddr", operand: { kind: "addr", addr } };
  const who = masqueradeAll || isNotLocal === undefined ? [] : [isNotLocal];
  return nftRule([to, ...who, markStatement(facts, mark)]);
}

/** Policy Local lets this node's pods and the node itself out to all endpoints. */
function externalChain(plan: PortPlan, names: NftNames, options: NftEmitOptions): NftPortChain {
  const { facts, isLocal } = options;
  const mark = markStatement(facts, options.mark);
  const rules: NftProxyRule[] = [];
  const toAll: NftVerdict = { kind: "goto", chain: names.cluster };
  if (!plan.port.externalPolicyLocal) {
    rules.push(nftRule([mark], facts.layout === "dnat-maps" ? "masquerade" : undefined));
  } else {
    if (isLocal !== undefined) rules.push(nftRule([isLocal, toAll], "short-circuit pod traffic"));
    const fromNode: NftStatement = { kind: "fib-local", side: "saddr" };
    rules.push(
      nftRule([fromNode, mark], "masquerade local traffic"),
      nftRule([fromNode, toAll], "short-circuit local traffic"),
    );
  }
  if (plan.externalRefusal === undefined) {
    rules.push(nftRule([{ kind: "goto", chain: names[plan.externalTarget] }]));
  }
  return { name: names.external, rules };
}

function firewallChain(plan: PortPlan, names: NftNames, nodeAddr: Addr | undefined): NftPortChain {
  const { sourceRanges, loadBalancerVIPs } = plan.port;
  const inside = nodeAddr !== undefined && sourceRanges.some((r) => r.contains(nodeAddr));
  const members: (Prefix | Addr)[] = [...sourceRanges, ...(inside ? loadBalancerVIPs : [])];
  const operand = { kind: "any-of", members } as const;
  const others: NftStatement = { kind: "addr", side: "saddr", not: true, operand };
  return { name: names.firewall, rules: [nftRule([others, { kind: "drop" }])] };
}

/** The sets that remember the clients of each endpoint; `bases` names them without prefix. */
export function affinitySetsOf(
  { port: { affinitySeconds } }: PortPlan,
  bases: readonly string[],
): readonly AffinitySet[] {
  if (affinitySeconds === undefined) return NO_SETS;
  return bases.map((base) => ({ name: `affinity-${base}`, timeoutSeconds: affinitySeconds }));
}

const NO_SETS: readonly AffinitySet[] = [];

/** Whether load balancer traffic of the port passes a source filter, endpoints or not. */
export function isFiltered({ port }: PortPlan): boolean {
  return port.loadBalancerVIPs.length > 0 && port.sourceRanges.length > 0;
}

/** Elements in the order kube-proxy ensures them. */
export function elementsOf(
  plan: PortPlan,
  names: NftServiceNames,
  options: Pick<NftEmitOptions, "facts" | "nodeName">,
): NftProxyElement[] {
  const filtered = isFiltered(plan);
  const { port, hasEndpoints, internalRefusal, externalRefusal } = plan;
  const owner = port.service;
  const elements = hairpinElements(plan, options);
  elements.push({ container: "cluster-ips", key: port.clusterIP.toString(), owner });
  const keyOf = (addr: Addr) => `${addr} . ${port.protocol} . ${port.port}`;
  const lead = (container: string, key: string, chain: string) =>
    elements.push({ container, key, verdict: { kind: "goto", chain }, owner });
  const refuse = (container: string, key: string, refusal: Refusal) =>
    elements.push({ container, key, verdict: verdictOf(refusal), comment, owner });

  const comment = port.name.slice(0, options.facts.commentBytesMax);
  const clusterKey = keyOf(port.clusterIP);
  if (internalRefusal === undefined) lead("service-ips", clusterKey, names[plan.internalTarget]);
  else refuse("no-endpoint-services", clusterKey, internalRefusal);
  for (const addr of port.externalIPs) {
    if (hasEndpoints) lead("service-ips", keyOf(addr), names.external);
    if (externalRefusal) refuse("no-endpoint-services", keyOf(addr), externalRefusal);
  }
  for (const addr of port.loadBalancerVIPs) {
    if (hasEndpoints) lead("service-ips", keyOf(addr), names.external);
    if (filtered) lead("firewall-ips", keyOf(addr), names.firewall);
  }
  for (const addr of externalRefusal ? port.loadBalancerVIPs : []) {
    refuse("no-endpoint-services", keyOf(addr), externalRefusal as Refusal);
  }
  if (port.nodePort !== 0) {
    const key = `${port.protocol} . ${port.nodePort}`;
    if (hasEndpoints) lead("service-nodeports", key, names.external);
    if (externalRefusal) refuse("no-endpoint-nodeports", key, externalRefusal);
  }
  return elements;
}

/** The set of endpoints on this node that may speak to themselves. */
export const HAIRPINS = "hairpin-connections";

/** What lets a node see that one of its endpoints was sent to itself. */
export function hairpinElements(
  { port, reachable }: PortPlan,
  { facts, nodeName }: Pick<NftEmitOptions, "facts" | "nodeName">,
): NftProxyElement[] {
  if (facts.layout === "endpoint-chains") return [];
  const here = reachable.filter((endpoint) => isLocalTo(endpoint, nodeName));
  return here.map((endpoint) => {
    const key = `${endpoint.host} . ${endpoint.host} . ${port.protocol} . ${endpoint.port}`;
    return { container: HAIRPINS, key, owner: port.service };
  });
}

function verdictOf(refusal: Refusal): NftVerdict {
  return refusal === "no endpoints" ? { kind: "goto", chain: "reject-chain" } : { kind: "drop" };
}
