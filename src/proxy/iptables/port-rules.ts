/**
 * The iptables rules of one Service port: where the shared chains send its traffic, and the chains
 * of its own. Emission only; what is served and what is refused was decided in `choose/`.
 */
import { type Addr, parsePrefix } from "../../addr/index.js";
import type {
  IptablesChain,
  IptablesMatch,
  IptablesRule,
  IptablesTarget,
} from "../../netfilter/index.js";
import type { PortPlan, Refusal } from "../choose/plan.js";
import { type ServiceChainNames, serviceChainNames } from "../name/chain-names.js";
import type { ServicePort } from "../services/service-port.js";
import { balanceChain, endpointChains, endpointNamesOf } from "./endpoint-rules.js";
import { externalChain } from "./external-chain.js";
import { firewallChain, usesFirewall } from "./firewall-chain.js";
import { comment, jump, MARK_MASQ, ofProtocol, rule, TO_LOCAL, toAddr, toPort } from "./match.js";

/** `127.0.0.0/8`, for the counter of node ports on loopback addresses. */
const LOOPBACK_DESTINATION: IptablesMatch = {
  kind: "destination",
  prefix: parsePrefix("127.0.0.0/8"),
};

const COUNT_LOCALHOST: IptablesMatch = { kind: "nfacct", name: "localhost_nps_accepted_pkts" };

/** What all Service ports of a node have in common. */
export interface EmitOptions {
  /** Traffic of this node's pods, and the opposite; both undefined without a detector. */
  readonly isLocal: IptablesMatch | undefined;
  readonly isNotLocal: IptablesMatch | undefined;
  readonly masqueradeAll: boolean;
  /** Count node-port traffic to loopback addresses in an nfacct object. */
  readonly countLocalhost: boolean;
  /** Large-cluster mode: no comments on rules per endpoint. */
  readonly brief: boolean;
  readonly nodeAddr: Addr | undefined;
}

/** A rule and the shared chain it stands in. */
export interface PlacedRule {
  readonly chain: string;
  readonly rule: IptablesRule;
}

/** Everything one Service port contributes. */
export interface PortRules {
  readonly plan: PortPlan;
  readonly names: ServiceChainNames;
  /** Rules in shared chains, as kube-proxy writes them. */
  readonly filter: readonly PlacedRule[];
  readonly nat: readonly PlacedRule[];
  /** Chains of its own, in the order kube-proxy declares them. */
  readonly chains: readonly IptablesChain[];
  /** The chain whose first rule is the masquerade rule, which is written before all the others. */
  readonly masqueradeChain: string | undefined;
}

/**
 * Emits the rules of one Service port.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `syncProxyRules`.
 * Cost: linear in the endpoints.
 */
export function emitPortRules(plan: PortPlan, options: EmitOptions): PortRules {
  const names = serviceChainNames(plan.port);
  const dispatch = dispatchRules(plan, names, options);
  const masquerade = masqueradeRule(plan, options);
  const inner = names[plan.internalTarget];
  const endpointNames = endpointNamesOf(plan);
  const chains: IptablesChain[] = [];
  if (plan.usesExternal) chains.push(externalChain(plan, names, options));
  if (usesFirewall(plan)) chains.push(firewallChain(plan.port, names, options.nodeAddr));
  for (const target of ["cluster", "local"] as const) {
    if (plan[target].length === 0) continue;
    const first = masquerade !== undefined && inner === names[target] ? [masquerade] : [];
    const { brief } = options;
    const name = names[target];
    chains.push(balanceChain(plan, target, { name, first, brief, endpointNames }));
  }
  chains.push(...endpointChains(plan, endpointNames, options.brief));
  const masqueradeChain = masquerade === undefined ? undefined : inner;
  return { plan, names, ...dispatch, chains, masqueradeChain };
}

/** `-m tcp -p tcp -d ADDR --dport PORT` after a comment. */
function toServiceAddr(port: ServicePort, addr: Addr, text: string): IptablesMatch[] {
  return [toAddr(addr), ofProtocol(port.protocol), comment(text), toPort(port.protocol, port.port)];
}

function masqueradeRule(plan: PortPlan, options: EmitOptions): IptablesRule | undefined {
  const { port } = plan;
  const { masqueradeAll, isNotLocal } = options;
  if (plan.internalRefusal !== undefined || !(masqueradeAll || isNotLocal)) return undefined;
  const to = toServiceAddr(port, port.clusterIP, `${port.name} cluster IP`);
  const matches = masqueradeAll || isNotLocal === undefined ? to : insertFirst(isNotLocal, to);
  return rule(matches, MARK_MASQ, port.origin);
}

/** A source comes before the destination, an interface between it and the protocol. */
function insertFirst(match: IptablesMatch, [to, ...rest]: IptablesMatch[]): IptablesMatch[] {
  if (to === undefined) return [match];
  return match.kind === "source" ? [match, to, ...rest] : [to, match, ...rest];
}

function dispatchRules(
  plan: PortPlan,
  names: ServiceChainNames,
  options: EmitOptions,
): Pick<PortRules, "filter" | "nat"> {
  const filter: PlacedRule[] = [];
  const nat: PlacedRule[] = [];
  captureClusterIP(plan, names, { filter, nat });
  captureExternalIPs(plan, names, { filter, nat });
  captureLoadBalancer(plan, names, { filter, nat });
  captureNodePort(plan, names, { filter, nat, countLocalhost: options.countLocalhost });
  const { port } = plan;
  if (port.healthCheckNodePort !== 0) {
    const text = comment(`${port.name} health check node port`);
    const matches = [ofProtocol("tcp"), text, toPort("tcp", port.healthCheckNodePort)];
    filter.push({ chain: "KUBE-NODEPORTS", rule: rule(matches, { kind: "ACCEPT" }, port.origin) });
  }
  return { filter, nat };
}

interface Sink {
  readonly filter: PlacedRule[];
  readonly nat: PlacedRule[];
}

function captureClusterIP(plan: PortPlan, names: ServiceChainNames, { filter, nat }: Sink): void {
  const { port, internalRefusal } = plan;
  const text = `${port.name} ${internalRefusal === undefined ? "cluster IP" : `has ${internalRefusal}`}`;
  const matches = toServiceAddr(port, port.clusterIP, text);
  const target =
    internalRefusal === undefined
      ? jump(names[plan.internalTarget])
      : refusalTarget(internalRefusal);
  const placed = { chain: "KUBE-SERVICES", rule: rule(matches, target, port.origin) };
  (internalRefusal === undefined ? nat : filter).push(placed);
}

function captureExternalIPs(plan: PortPlan, names: ServiceChainNames, sink: Sink): void {
  const { port, hasEndpoints, externalRefusal } = plan;
  for (const addr of port.externalIPs) {
    if (hasEndpoints) {
      const matches = toServiceAddr(port, addr, `${port.name} external IP`);
      const made = rule(matches, jump(names.external), port.origin);
      sink.nat.push({ chain: "KUBE-SERVICES", rule: made });
    }
    if (externalRefusal !== undefined) sink.filter.push(refuseAddr(port, addr, externalRefusal));
  }
}

function captureLoadBalancer(plan: PortPlan, names: ServiceChainNames, sink: Sink): void {
  const { port, hasEndpoints, externalRefusal } = plan;
  const filtered = usesFirewall(plan);
  for (const addr of port.loadBalancerVIPs) {
    if (hasEndpoints) {
      const matches = toServiceAddr(port, addr, `${port.name} loadbalancer IP`);
      const target = jump(filtered ? names.firewall : names.external);
      sink.nat.push({ chain: "KUBE-SERVICES", rule: rule(matches, target, port.origin) });
    }
    if (filtered) {
      const text = `${port.name} traffic not accepted by ${names.firewall}`;
      const made = rule(toServiceAddr(port, addr, text), { kind: "DROP" }, port.origin);
      sink.filter.push({ chain: "KUBE-PROXY-FIREWALL", rule: made });
    }
  }
  if (externalRefusal === undefined) return;
  for (const addr of port.loadBalancerVIPs) {
    sink.filter.push(refuseAddr(port, addr, externalRefusal));
  }
}

function captureNodePort(
  plan: PortPlan,
  names: ServiceChainNames,
  sink: Sink & { readonly countLocalhost: boolean },
): void {
  const { port, hasEndpoints, externalRefusal } = plan;
  if (port.nodePort === 0) return;
  const protocol = ofProtocol(port.protocol);
  const toNodePort = toPort(port.protocol, port.nodePort);
  if (hasEndpoints) {
    const matches = [protocol, comment(port.name), toNodePort];
    const counted = [LOOPBACK_DESTINATION, ...matches, COUNT_LOCALHOST];
    for (const list of sink.countLocalhost ? [counted, matches] : [matches]) {
      const made = rule(list, jump(names.external), port.origin);
      sink.nat.push({ chain: "KUBE-NODEPORTS", rule: made });
    }
  }
  if (externalRefusal !== undefined) {
    const text = comment(`${port.name} has ${externalRefusal}`);
    const matches = [protocol, text, TO_LOCAL, toNodePort];
    const made = rule(matches, refusalTarget(externalRefusal), port.origin);
    sink.filter.push({ chain: "KUBE-EXTERNAL-SERVICES", rule: made });
  }
}

function refuseAddr(port: ServicePort, addr: Addr, refusal: Refusal): PlacedRule {
  const matches = toServiceAddr(port, addr, `${port.name} has ${refusal}`);
  return {
    chain: "KUBE-EXTERNAL-SERVICES",
    rule: rule(matches, refusalTarget(refusal), port.origin),
  };
}

/** Nothing anywhere: say so. Endpoints elsewhere: another node may serve, so keep silent. */
function refusalTarget(refusal: Refusal): IptablesTarget {
  return refusal === "no endpoints" ? { kind: "REJECT" } : { kind: "DROP" };
}
