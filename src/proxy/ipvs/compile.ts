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
import { endpointsOf, type ProxyModel } from "../model.js";
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

/**
 * Compiles ipvs mode of one node.
 *
 * Shape: depends on objects, node and settings only. Where two Services claim one virtual server
 * the later in order of names has it.
 * Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/proxier.go `syncProxyRules`.
 * Cost: linear in Service ports and their endpoints, times the node's addresses for node ports.
 */
export function compileIpvsProxy(input: IpvsProxyInput): IpvsProxyRules {
  const { model, settings } = input;
  const { family } = settings;
  const options = emitOptions(input);
  const servers = new Map<string, VirtualServer>();
  const members = new Map<SetKey, Set<string>>(SET_KEYS.map((key) => [key, new Set()]));
  const bound = new Map<string, Addr>();
  const outFilter: OutFilterEntry[] = [];
  for (const state of model.services.values) {
    for (const port of state.ports) {
      const endpoints = endpointsOnNode(endpointsOf(state, port), input.node.name);
      const choice = chooseEndpoints(endpoints, port, input.node);
      const made = emitIpvsPort({ port, endpoints, choice }, options);
      for (const server of made.virtualServers) servers.set(virtualServerKey(server), server);
      for (const [key, entry] of made.members) members.get(key)?.add(entry);
      for (const addr of made.bound) bound.set(addr.key(), addr);
      for (const addr of made.noNodeAccess) {
        outFilter.push({ addr, protocol: port.protocol, port: port.port });
      }
    }
  }
  members.set("ipvsIPs", new Set(bound.keys()));
  const filled = new Set(SET_KEYS.filter((key) => (members.get(key)?.size ?? 0) > 0));
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
  { rules }: IpvsProxyRules,
  mark: MarkPrinter = printPaddedMark,
): string {
  const print = (name: string, chains: readonly string[], placed: IpvsRules["nat"]) => {
    const declared = chains.map((chain) => `:${chain} - [0:0]\n`).join("");
    const lines = placed.map(({ chain, rule }) => `${printProxyRule(chain, rule, mark)}\n`);
    return `*${name}\n${declared}${lines.join("")}COMMIT\n`;
  };
  return print("nat", NAT_CHAINS, rules.nat) + print("filter", FILTER_CHAINS, rules.filter);
}

function emitOptions({ settings, node }: IpvsProxyInput): IpvsEmitOptions {
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
