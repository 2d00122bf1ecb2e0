/**
 * What one Service port adds to the nftables table: elements that lead to its chains or refuse its
 * traffic, and the chains. Emission only; the decision was made in `choose/`.
 */
import type { Addr, Prefix } from "../../addr/index.js";
import type { PortPlan, Refusal } from "../choose/plan.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import { endpointBaseName, serviceBaseName } from "../name/nft-names.js";
import type { NftProxyElement } from "./object.js";
import { type NftProxyRule, type NftStatement, type NftVerdict, nftRule } from "./rule.js";

/** What all Service ports of a node have in common. */
export interface NftEmitOptions {
  readonly isLocal: NftStatement | undefined;
  readonly isNotLocal: NftStatement | undefined;
  readonly masqueradeAll: boolean;
  readonly nodeAddr: Addr | undefined;
}

/** A chain of a Service port. */
export interface NftPortChain {
  readonly name: string;
  readonly rules: readonly NftProxyRule[];
}

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

/** The names of a Service port's chains, but for those of its endpoints. */
export interface NftServiceNames {
  readonly cluster: string;
  readonly local: string;
  readonly external: string;
  readonly firewall: string;
}

/** The names of a Service port's chains. */
export interface NftNames extends NftServiceNames {
  /** Names of endpoints without prefix, by endpoint text. */
  readonly endpoints: ReadonlyMap<string, string>;
}

/**
 * Emits what one Service port contributes.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/nftables/proxier.go `syncProxyRules`.
 * Cost: linear in the endpoints.
 */
export function emitNftPort(plan: PortPlan, options: NftEmitOptions): NftPortRules {
  const names = namesOf(plan);
  const chains: NftPortChain[] = plan.reachable.map((e) => endpointChain(plan, e, names));
  const masquerade = masqueradeRule(plan, options);
  for (const target of ["cluster", "local"] as const) {
    if (plan[target].length === 0) continue;
    const first = masquerade !== undefined && plan.internalTarget === target ? [masquerade] : [];
    const rules = [...first, ...balanceRules(plan, plan[target], names)];
    chains.push({ name: names[target], rules });
  }
  if (plan.usesExternal) chains.push(externalChain(plan, names, options));
  return {
    plan,
    chains,
    firewall: isFiltered(plan) ? firewallChain(plan, names, options.nodeAddr) : undefined,
    elements: elementsOf(plan, names),
    affinitySets: affinitySetsOf(plan, [...names.endpoints.values()]),
  };
}

/** The names of a Service port's chains and sets. */
export function namesOf(plan: PortPlan): NftNames {
  const names = endpointNames(plan);
  const endpoints = plan.reachable.map(({ text }, i) => [text, names[i] as string] as const);
  return { ...serviceNames(plan), endpoints: new Map(endpoints) };
}

/** The names of the chains that are not an endpoint's. */
export function serviceNames({ port }: PortPlan): NftServiceNames {
  const base = serviceBaseName(port);
  return {
    cluster: `service-${base}`,
    local: `local-${base}`,
    external: `external-${base}`,
    firewall: `firewall-${base}`,
  };
}

/** Names without prefix, in the order of `reachable`. */
export function endpointNames({ port, reachable }: PortPlan): readonly string[] {
  return reachable.map((endpoint) => endpointBaseName(port, endpoint.host, endpoint.port));
}

const MARK_MASQ: NftVerdict = { kind: "jump", chain: "mark-for-masquerade" };

function fromAddr(addr: Addr): NftStatement {
  return { kind: "addr", side: "saddr", operand: { kind: "addr", addr } };
}

function masqueradeRule(plan: PortPlan, options: NftEmitOptions): NftProxyRule | undefined {
  const { masqueradeAll, isNotLocal } = options;
  if (plan.internalRefusal !== undefined || !(masqueradeAll || isNotLocal)) return undefined;
  const addr = plan.port.clusterIP;
  const to: NftStatement = { kind: "addr", side: "daddr", operand: { kind: "addr", addr } };
  const who = masqueradeAll || isNotLocal === undefined ? [] : [isNotLocal];
  return nftRule([to, ...who, MARK_MASQ]);
}

/** Affinity first, then every endpoint with the same chance. */
function balanceRules(
  { port }: PortPlan,
  endpoints: readonly Endpoint[],
  names: NftNames,
): NftProxyRule[] {
  const bases = endpoints.map((e) => names.endpoints.get(e.text) ?? "");
  const balance = nftRule([{ kind: "balance", chains: bases.map((b) => `endpoint-${b}`) }]);
  if (port.affinitySeconds === undefined) return [balance];
  const sticky = bases.map((base) => {
    const operand = { kind: "set", set: `affinity-${base}` } as const;
    const known: NftStatement = { kind: "addr", side: "saddr", operand };
    return nftRule([known, { kind: "goto", chain: `endpoint-${base}` }]);
  });
  return [...sticky, balance];
}

function endpointChain({ port }: PortPlan, endpoint: Endpoint, names: NftNames): NftPortChain {
  const base = names.endpoints.get(endpoint.text) ?? "";
  const { addr } = endpoint;
  const protocol: NftStatement = { kind: "l4proto", protocol: port.protocol };
  const remember: NftProxyRule[] =
    port.affinitySeconds === undefined
      ? []
      : [nftRule([{ kind: "update", set: `affinity-${base}` }])];
  return {
    name: `endpoint-${base}`,
    rules: [
      nftRule([fromAddr(addr), MARK_MASQ]),
      ...remember,
      nftRule([protocol, { kind: "dnat", addr, port: endpoint.port }]),
    ],
  };
}

/** Policy Local lets this node's pods and the node itself out to all endpoints. */
function externalChain(plan: PortPlan, names: NftNames, { isLocal }: NftEmitOptions): NftPortChain {
  const rules: NftProxyRule[] = [];
  const toAll: NftVerdict = { kind: "goto", chain: names.cluster };
  if (!plan.port.externalPolicyLocal) {
    rules.push(nftRule([MARK_MASQ]));
  } else {
    if (isLocal !== undefined) rules.push(nftRule([isLocal, toAll], "short-circuit pod traffic"));
    const fromNode: NftStatement = { kind: "fib-local", side: "saddr" };
    rules.push(
      nftRule([fromNode, MARK_MASQ], "masquerade local traffic"),
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
export function elementsOf(plan: PortPlan, names: NftServiceNames): NftProxyElement[] {
  const filtered = isFiltered(plan);
  const { port, hasEndpoints, internalRefusal, externalRefusal } = plan;
  const owner = port.service;
  const elements: NftProxyElement[] = [
    { container: "cluster-ips", key: port.clusterIP.toString(), owner },
  ];
  const keyOf = (addr: Addr) => `${addr} . ${port.protocol} . ${port.port}`;
  const lead = (container: string, key: string, chain: string) =>
    elements.push({ container, key, verdict: { kind: "goto", chain }, owner });
  const refuse = (container: string, key: string, refusal: Refusal) =>
    elements.push({ container, key, verdict: verdictOf(refusal), comment: port.name, owner });

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

function verdictOf(refusal: Refusal): NftVerdict {
  return refusal === "no endpoints" ? { kind: "goto", chain: "reject-chain" } : { kind: "drop" };
}
