/** One host's netfilter under test: rules given as text, packets as short phrases. */
import { type Addr, parseAddr } from "../../../src/addr/index.js";
import { openRandom, type Random } from "../../../src/base/index.js";
import {
  createNetfilter,
  createSkb,
  type Hook,
  type HookResult,
  type Netfilter,
  type NetfilterQuestions,
  parseIpsetSave,
  parseIptablesSave,
  parseNftRuleset,
  type Skb,
} from "../../../src/netfilter/index.js";
import type { Step } from "../../../src/trace/index.js";

/** What a host under test is made of. */
export interface HostRules {
  readonly iptables?: string;
  readonly ip6tables?: string;
  readonly ipset?: string;
  readonly nft?: string;
  /** Addresses of type LOCAL. */
  readonly local?: readonly string[];
  readonly looksAtEveryRule?: boolean;
}

/** A netfilter with its own clock. */
export class Host {
  readonly netfilter: Netfilter;
  nowUs = 0;
  steps: Step[] = [];
  rerouted = 0;

  constructor(rules: HostRules) {
    const streams = new Map<string, Random>();
    this.netfilter = createNetfilter(
      {
        iptables: parseIptablesSave(rules.iptables ?? "", { family: "ip4" }),
        ip6tables: parseIptablesSave(rules.ip6tables ?? "", { family: "ip6" }),
        nftables: parseNftRuleset(rules.nft ?? ""),
        ipsets: parseIpsetSave(rules.ipset ?? ""),
      },
      {
        questions: this.#questions(rules.local ?? []),
        nowUs: () => this.nowUs,
        random: (purpose) => {
          const stream = streams.get(purpose) ?? openRandom("test", purpose);
          streams.set(purpose, stream);
          return stream;
        },
        sysctl: () => undefined,
        ...(rules.looksAtEveryRule === true ? { looksAtEveryRule: true } : {}),
      },
    );
  }

  /** Asks the IP hook of the packet's family. */
  ask(hook: Hook, skb: Skb): HookResult {
    const family = skb.packet.family === "ip4" ? "ip" : "ip6";
    this.steps = [];
    return this.netfilter.run(family, hook, skb, (step) => this.steps.push(step));
  }

  /** The last question's events as the kernel's trace would tell them. */
  get events(): string[] {
    return this.steps.flatMap((step) => {
      if (step.kind === "chain") return [`${step.table} ${step.chain} packet`];
      if (step.kind === "rule") return [`${step.table} ${step.chain} rule ${step.verdict}`];
      return step.kind === "policy" ? [`${step.table} ${step.chain} policy ${step.verdict}`] : [];
    });
  }

  #questions(local: readonly string[]): NetfilterQuestions {
    const isLocal = (addr: Addr) => local.includes(addr.toString());
    return {
      addrType: (addr) => (isLocal(addr) ? "LOCAL" : "UNICAST"),
      masqueradeSource: (family) => parseAddr(family === "ip4" ? "192.0.2.1" : "2001:db8::1"),
      primaryAddr: (family) => parseAddr(family === "ip4" ? "192.0.2.1" : "2001:db8::1"),
      fibLink: () => "eth0",
      reversePath: () => true,
      linkIndex: (link) => (link === "lo" ? 1 : 2),
      linkKind: () => "ether",
      pathMtu: () => 1400,
      reroute: () => {
        this.rerouted++;
        return undefined;
      },
    };
  }
}

/** A record of a packet: `tcp 10.0.0.1:1000 10.0.0.2:80`, with further fields of the record. */
export function skbOf(phrase: string, fields: Partial<Omit<Skb, "packet">> = {}): Skb {
  const [kind, from = "", to = ""] = phrase.split(" ");
  const src = splitEnd(from);
  const dst = splitEnd(to);
  const ports = { sport: src.port, dport: dst.port };
  const payload = { kind: "filler", lengthBytes: 0 } as const;
  const transport =
    kind === "tcp" || kind === "ack"
      ? {
          kind: "tcp" as const,
          ...ports,
          seq: 1,
          ack: 0,
          flags: kind === "ack" ? 16 : 2,
          window: 64240,
          payload,
        }
      : kind === "udp"
        ? { kind: "udp" as const, ...ports, payload }
        : {
            kind: "icmp" as const,
            type: src.addr.family === "ip4" ? 8 : 128,
            code: 0,
            id: 7,
            seq: 1,
            payload,
          };
  const family = src.addr.family;
  return createSkb(
    { family, src: src.addr, dst: dst.addr, ttl: 64, tos: 0, id: 1, df: true, payload: transport },
    { iif: "eth0", oif: "eth1", ...fields },
  );
}

function splitEnd(text: string): { addr: Addr; port: number } {
  const found = /^\[?([^\]]*?)\]?:([0-9]+)$/.exec(text);
  return found === null
    ? { addr: parseAddr(text), port: 0 }
    : { addr: parseAddr(found[1] as string), port: Number(found[2]) };
}
