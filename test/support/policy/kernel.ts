/** Compiled policies in the kernel model: one node that forwards between all pods. */
import { openRandom } from "../../../src/base/index.js";
import {
  createNetfilter,
  createSkb,
  type IptablesChain,
  type Netfilter,
  type NetfilterConfig,
  type NetfilterQuestions,
} from "../../../src/netfilter/index.js";
import {
  compileIptables,
  compileNftables,
  type EnforceOptions,
  type Flow,
  type PolicyPlan,
} from "../../../src/policy/index.js";
import {
  EMPTY_PAYLOAD,
  makePacket,
  type Packet,
  sctpPacket,
  type Transport,
  tcpSyn,
  udpDatagram,
} from "../../../src/wire/index.js";

const QUESTIONS: NetfilterQuestions = {
  addrType: () => "UNICAST",
  masqueradeSource: () => undefined,
  primaryAddr: () => undefined,
  fibLink: () => undefined,
  reversePath: () => true,
  linkIndex: () => undefined,
  linkKind: () => undefined,
  pathMtu: () => 1500,
};

/** A protocol that no rule names (RFC 3692). */
const EXPERIMENT = 253;

/** The iptables of a node that enforces a plan, and nothing else. */
export function iptablesConfig(plan: PolicyPlan, options?: EnforceOptions): NetfilterConfig {
  // There are no Services here: what a pod says to itself is asked about as it is.
  const choices = { hairpin: "pairs", ...options } as const;
  const ip4 = compileIptables(plan, "ip4", choices);
  const ip6 = compileIptables(plan, "ip6", choices);
  const chains = (of: typeof ip4): IptablesChain[] => [
    ...(["INPUT", "FORWARD", "OUTPUT"] as const).map((name) => ({
      name,
      policy: "ACCEPT" as const,
      rules: of.hooks.filter((hook) => hook.chain === name).map((hook) => hook.rule),
    })),
    ...of.chains,
  ];
  return {
    iptables: { family: "ip4", tables: [{ name: "filter", chains: chains(ip4) }] },
    ip6tables: { family: "ip6", tables: [{ name: "filter", chains: chains(ip6) }] },
    nftables: { tables: [] },
    ipsets: [...ip4.sets, ...ip6.sets],
  };
}

/** The nftables of a node that enforces a plan, and nothing else. */
export function nftablesConfig(plan: PolicyPlan, options?: EnforceOptions): NetfilterConfig {
  return {
    iptables: { family: "ip4", tables: [] },
    ip6tables: { family: "ip6", tables: [] },
    nftables: { tables: [compileNftables(plan, options)] },
    ipsets: [],
  };
}

/** Starts a netfilter with these rules. */
export function startKernel(config: NetfilterConfig): Netfilter {
  return createNetfilter(config, {
    questions: QUESTIONS,
    nowUs: () => 0,
    random: (purpose) => openRandom("kernel", purpose),
    sysctl: () => undefined,
  });
}

/** Whether the first packet of a flow is let through from prerouting to forward. */
export function passesForward(kernel: Netfilter, flow: Flow): boolean {
  const packet = firstPacket(flow);
  const family = packet.family === "ip4" ? "ip" : "ip6";
  const skb = createSkb(packet, { iif: "veth-src", oif: "veth-dst" });
  return (
    kernel.run(family, "prerouting", skb, undefined).kind === "accept" &&
    kernel.run(family, "forward", skb, undefined).kind === "accept"
  );
}

function firstPacket({ src, dst, protocol, port: dport }: Flow): Packet {
  return makePacket({ src, dst, payload: transport(protocol, dport) });
}

function transport(protocol: number, dport: number): Transport {
  const ports = { sport: 40000, dport };
  if (protocol === 6) return tcpSyn(ports);
  if (protocol === 17) return udpDatagram(ports);
  if (protocol === 132) return sctpPacket({ ...ports, chunks: [1] });
  return { kind: "other", protocol: EXPERIMENT, payload: EMPTY_PAYLOAD };
}
