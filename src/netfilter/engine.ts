/**
 * The contract of netfilter towards the rest of a namespace: configure, ask at a hook, look inside.
 * `interpret/` meets it as the specification.
 */
import type { Addr, Family } from "../addr/index.js";
import type { Random } from "../base/index.js";
import type { Step } from "../trace/index.js";
import type { Hook, NfFamily } from "./hook.js";
import type { Skb } from "./skb.js";
import type { Decider, RejectWith } from "./verdict.js";

/** What one hook, with everything registered on it, answers about a packet. */
export type HookResult =
  | { readonly kind: "accept" }
  | { readonly kind: "drop"; readonly by: Decider }
  | { readonly kind: "reject"; readonly by: Decider; readonly with: RejectWith }
  /** A rule had to be evaluated that we do not model. */
  | { readonly kind: "unknown"; readonly by: Decider; readonly feature: string }
  /** Conntrack or NAT refused: table full, no free port, invalid binding. */
  | { readonly kind: "refused"; readonly reason: string };

/** Kinds of addresses as the routing table sees them (RTN_*; `addrtype`, `fib … type`). */
export type AddrType =
  | "UNSPEC"
  | "UNICAST"
  | "LOCAL"
  | "BROADCAST"
  | "ANYCAST"
  | "MULTICAST"
  | "BLACKHOLE"
  | "UNREACHABLE"
  | "PROHIBIT"
  | "THROW"
  | "NAT"
  | "XRESOLVE";

/** What `-m ipvs` asks of a connection. */
export interface IpvsFacts {
  readonly virtual: Addr;
  readonly virtualPort: number;
  readonly method: "MASQ" | "IPIP" | "GATE";
}

/** Questions that only the rest of the namespace can answer; `netns` supplies the answers. */
export interface NetfilterQuestions {
  /** Type of an address, on one link or on any (`inet_dev_addr_type`, `ipv6_chk_addr`/route). */
  addrType(addr: Addr, link?: string): AddrType;
  /** Source MASQUERADE takes for a packet to `nextHop` out of `link` (`inet_select_addr`). */
  masqueradeSource(family: Family, link: string, dst: Addr): Addr | undefined;
  /** First address of a link (REDIRECT of forwarded packets). */
  primaryAddr(family: Family, link: string): Addr | undefined;
  /** `fib saddr|daddr . iif … oif|oifname`: link the route for `addr` leaves by. */
  fibLink(
    skb: Skb,
    addr: Addr,
    use: { iif: boolean; mark: boolean; saddr: boolean },
  ): string | undefined;
  /** Reverse path test of `rpfilter` match. */
  reversePath(skb: Skb, options: { loose: boolean; mark: boolean; acceptLocal: boolean }): boolean;
  /** Device number, for `meta iif`. */
  linkIndex(link: string): number | undefined;
  /** Device type word, for `meta iiftype`. */
  linkKind(link: string): string | undefined;
  /**
   * The connection of IPVS that a packet from its real server would belong to (`ip_vs_conn_out_get`),
   * for `-m ipvs`; undefined: none.
   */
  ipvsConnection?(skb: Skb): IpvsFacts | undefined;
  /** MTU towards a destination, for TCPMSS --clamp-mss-to-pmtu. */
  pathMtu(skb: Skb): number;
  /**
   * Routes a local packet again (`ip_route_me_harder`). Asked on hook `output` after a mangle chain
   * or a chain of type `route` changed mark, addresses or type of service, and after NAT in a
   * direction whose destination address it changes. `skb.oif` stays as it is until the hook ends.
   * Returns: the error's name (`EHOSTUNREACH`, …) when there is no route; the hook is then refused
   * with it as reason.
   */
  reroute?(skb: Skb): string | undefined;
}

/** Told of everything worth a line in a trace; undefined when nobody listens. */
export type StepSink = StepTeller | undefined;

/** Takes the steps of one packet in one namespace. */
export interface StepTeller {
  (step: Step): void;
  /** Does not listen to chains, rules and policies: they need not be told. */
  readonly isBrief?: boolean;
}

/** What an engine is made with besides the rules. */
export interface EngineOptions {
  readonly questions: NetfilterQuestions;
  /** Simulated microseconds. */
  readonly nowUs: () => number;
  /** One stream per purpose: `nat`, `statistic`, `numgen`. */
  readonly random: (purpose: string) => Random;
  /** A sysctl of the namespace; undefined where it has the default of the kernel. */
  readonly sysctl: (name: string) => string | undefined;
  /**
   * Whether long chains of iptables are walked rule by rule, as the kernel does, also past rules that
   * a packet cannot meet. It makes no difference but time. Default: false.
   */
  readonly looksAtEveryRule?: boolean;
}

/**
 * A part of what is registered on a hook, by priority: `above` excluded, `upTo` included. A bridge's
 * hooks are asked in two parts, since br_netfilter asks the IP family's in between, at priority 0.
 */
export interface PriorityRange {
  readonly above?: number;
  readonly upTo?: number;
}

/** A running netfilter of one namespace. */
export interface NetfilterEngine {
  /**
   * Asks everything registered on a hook, in order of priority; with `range` only that part of it.
   * `ip` and `ip6` also ask the tables of family `inet`. Changes `skb` in place.
   */
  run(family: NfFamily, hook: Hook, skb: Skb, sink: StepSink, range?: PriorityRange): HookResult;
}
