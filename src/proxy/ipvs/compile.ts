/**
 * Everything ipvs mode puts into one node's kernel: virtual servers, ipsets, addresses on the dummy
 * device, iptables rules, sysctls.
 */
import type { Addr, Family } from "../../addr/index.js";
import { type VirtualServer, virtualServerKey } from "../../ipvs/index.js";
import type { IpsetConfig, IptablesChain, IptablesTable } from "../../netfilter/index.js";
import { chooseEndpoints } from "../choose/categorize.js";
import { endpointsOnNode } from "../endpoints/endpoint.js";
import type { BuiltinRules } from "../iptables/jumps.js";
import { printProxyRule } from "../iptables/print-rule.js";
import { type MarkPrinter, printPaddedMark } from "../mark.js";
import { endpointsOf, type ProxyModel, type ServiceState } from "../model.js";
import { readNodePortAddresses, resolvePrimary } from "../node-port-addresses.js";
import type { ProxyNode, ProxySettings } from "../settings.js";
import { ipvsJumps } from "./jumps.js";
import { emitIpvsPort, type IpvsEmitOptions, ipvsNodePortAddrs, ownAddrs } from "./port-servers.js";
import { type IpvsRules, ipvsRules, type OutFilterEntry } from "./rules.js";
import { makeSet, SET_KEYS, type SetKey } from "./set-info.js";

/** What is compiled, for whom, and how. */
export interface IpvsProxyInput {
  readonly model: ProxyModel;
  readonly node: ProxyNode;
  readonly settings: ProxySettings;
}

/** What a node's kernel holds after a sync. */
export interface IpvsProxyRules {
  readonly family: Family;
  /** Sorted by address, port and protocol. */
  readonly virtualServers: readonly VirtualServer[];
  readonly sets: readonly IpsetConfig[];
  /** Addresses on `kube-ipvs0`, sorted by text. */
  readonly dummyAddrs: readonly Addr[];
  readonly tables: readonly IptablesTable[];
  readonly jumps: readonly BuiltinRules[];
  readonly sysctls: readonly (readonly [name: string, value: string])[];
  /** Rules in the order kube-proxy writes them. */
  readonly rules: IpvsRules;
}

/** The device that holds all Service addresses. */
export const IPVS_DUMMY_LINK = "kube-ipvs0";

const NAT_CHAINS = [
  "KUBE-SERVICES",
  "KUBE-POSTROUTING",
  "KUBE-NODE-PORT",
  "KUBE-LOAD-BALANCER",
  "KUBE-MARK-MASQ",
];

const FILTER_CHAINS = [
  "KUBE-FORWARD",
  "KUBE-NODE-PORT",
  "KUBE-PROXY-FIREWALL",
  "KUBE-SOURCE-RANGES-FIREWALL",
  "KUBE-IPVS-FILTER",
  "KUBE-IPVS-OUT-FILTER",
];

/** Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/proxier.go `NewProxier`, on kernels from 5.9. */
const SYSCTLS = [
  ["net.ipv4.vs.conntrack", "1"],
  ["net.ipv4.vs.expire_nodest_conn", "1"],
  ["net.ipv4.vs.expire_quiescent_template", "1"],
  ["net.ipv4.ip_forward", "1"],
] as const;

/** What one Service contributes on one node. */
export interface IpvsService {
  readonly virtualServers: readonly VirtualServer[];
  readonly members: readonly (readonly [SetKey, string])[];
  /** Addresses on the dummy device. */
  readonly bound: readonly Addr[];
  readonly outFilter: readonly OutFilterEntry[];
}

/**
 * Compiles ipvs mode of one node.
 *
 * Shape: depends on objects, node and settings only. Where two Services claim one virtual server
 * the later in order of names has it.
 * Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/proxier.go `syncProxyRules`.
 * Cost: linear in Service ports and their endpoints, times the node's addresses for node ports.
 */
export function compileIpvsProxy(input: IpvsProxyInput): IpvsProxyRules {
  const options = ipvsEmitOptions(input);
  const services = input.model.services.values.map((state) => emitIpvsService(state, options));
  return ipvsRulesFrom(services, input);
}

/** What a Service needs, all its ports together. */
export function emitIpvsService(state: ServiceState, options: IpvsEmitOptions): IpvsService {
  const ports = state.ports.map((port) => {
    const endpoints = endpointsOnNode(endpointsOf(state, port), options.node.name);
    const choice = chooseEndpoints(endpoints, port, options.node);
    const { noNodeAccess, ...made } = emitIpvsPort({ port, endpoints, choice }, options);
    const { protocol, port: number } = port;
    return { ...made, outFilter: noNodeAccess.map((addr) => ({ addr, protocol, port: number })) };
  });
  const [only] = ports;
  if (ports.length === 1 && only !== undefined) return only;
  return {
    virtualServers: ports.flatMap((p) => p.virtualServers),
    members: ports.flatMap((p) => p.members),
    bound: ports.flatMap((p) => p.bound),
    outFilter: ports.flatMap((p) => p.outFilter),
  };
}

/** Puts the parts of all Services together, given in order of names. */
export function ipvsRulesFrom(
  services: readonly IpvsService[],
  { settings }: Pick<IpvsProxyInput, "settings" | "node">,
): IpvsProxyRules {
  const { family } = settings;
  const servers = new Map<string, VirtualServer>();
  const members = new Map<SetKey, Set<string>>(SET_KEYS.map((key) => [key, new Set()]));
  const bound = new Map<string, Addr>();
  for (const service of services) {
    for (const server of service.virtualServers) servers.set(virtualServerKey(server), server);
    for (const [key, entry] of service.members) members.get(key)?.add(entry);
    for (const addr of service.bound) bound.set(addr.toString(), addr);
  }
  members.set("ipvsIPs", new Set(bound.keys()));
  const filled = new Set(SET_KEYS.filter((key) => (members.get(key)?.size ?? 0) > 0));
  const outFilter = services.flatMap((service) => service.outFilter);
  const rules = ipvsRules({ settings, filled, outFilter });
  return {
    family,
    virtualServers: [...servers.values()].sort(byServer),
    sets: SET_KEYS.map((key) => makeSet(key, family, members.get(key) ?? [])),
    dummyAddrs: [...bound.values()].sort((a, b) => compare(a.toString(), b.toString())),
    tables: [
      { name: "nat", chains: toChains(NAT_CHAINS, rules.nat) },
      { name: "filter", chains: toChains(FILTER_CHAINS, rules.filter) },
    ],
    jumps: ipvsJumps(),
    sysctls: SYSCTLS,
    rules,
  };
}

/** Prints the input of `iptables-restore --noflush` that kube-proxy sends in every sync. */
export function printIpvsRestore(
  { rules }: Pick<IpvsProxyRules, "rules">,
  mark: MarkPrinter = printPaddedMark,
): string {
  const print = (name: string, chains: readonly string[], placed: IpvsRules["nat"]) => {
    const declared = chains.map((chain) => `:${chain} - [0:0]\n`).join("");
    const lines = placed.map(({ chain, rule }) => `${printProxyRule(chain, rule, mark)}\n`);
    return `*${name}\n${declared}${lines.join("")}COMMIT\n`;
  };
  return print("nat", NAT_CHAINS, rules.nat) + print("filter", FILTER_CHAINS, rules.filter);
}

/** What all Services of a node have in common. */
export function ipvsEmitOptions({
  settings,
  node,
}: Pick<IpvsProxyInput, "settings" | "node">): IpvsEmitOptions {
  const { family } = settings;
  const addresses = readNodePortAddresses(resolvePrimary(settings, node), family);
  return {
    settings,
    node,
    nodePortAddrs: ipvsNodePortAddrs(addresses, node, family),
    ownAddrs: new Set(ownAddrs(node, family).map((addr) => addr.key())),
  };
}

function toChains(names: readonly string[], placed: IpvsRules["nat"]): IptablesChain[] {
  return names.map((name) => ({
    name,
    rules: placed.filter(({ chain }) => chain === name).map(({ rule }) => rule),
  }));
}

function byServer(a: VirtualServer, b: VirtualServer): number {
  return a.addr.compare(b.addr) || a.port - b.port || compare(a.protocol, b.protocol);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
