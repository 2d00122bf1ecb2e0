/**
 * The closed list of things that can happen to a packet in one namespace. A `Trace` is a journey, a
 * `Hop` is one namespace of it, a `Step` is one thing that happened there. Steps are plain data and
 * know no engine; renderers turn them into text, JSON and pictures.
 */
import type { Addr, Mac } from "../addr/index.js";
import type { Origin } from "../base/index.js";
import type { Frame, Packet } from "../wire/index.js";

/** One thing that happened to a packet. */
export type Step =
  /** A local socket sends it. */
  | { readonly kind: "send"; readonly packet: Packet; readonly process?: string }
  /** A frame came in by a link. */
  | { readonly kind: "receive"; readonly link: string; readonly frame: Frame }
  /** A frame leaves by a link. */
  | { readonly kind: "transmit"; readonly link: string; readonly frame: Frame }
  | BridgeStep
  | RouteStep
  | NeighborStep
  | ChainStep
  | RuleStep
  | PolicyStep
  | ConntrackStep
  | NatStep
  | { readonly kind: "ttl"; readonly before: number; readonly after: number }
  | {
      readonly kind: "encapsulate";
      readonly link: string;
      readonly how: string;
      readonly src: Addr;
      readonly dst: Addr;
      readonly vni?: number;
      readonly packet: Packet;
    }
  | {
      readonly kind: "decapsulate";
      readonly link: string;
      readonly how: string;
      readonly vni?: number;
      readonly packet: Packet;
    }
  | { readonly kind: "fragment"; readonly mtu: number; readonly count: number }
  | { readonly kind: "reassemble"; readonly count: number }
  /** An ICMP error or reset is made and starts a journey of its own. */
  | { readonly kind: "answer"; readonly what: string; readonly packet: Packet }
  | IpvsStep
  /** A socket takes it. */
  | {
      readonly kind: "deliver";
      readonly protocol: string;
      readonly port?: number;
      readonly service?: string;
      readonly origin?: Origin;
    }
  /** Anything else worth a sentence: an assumption, a policy that could matter. */
  | { readonly kind: "note"; readonly text: string; readonly origin?: Origin }
  | { readonly kind: "fate"; readonly fate: Fate };

/** A bridge decided where a frame goes. */
export interface BridgeStep {
  readonly kind: "bridge";
  readonly bridge: string;
  readonly port?: string;
  readonly mac: Mac;
  /** `up`: to the bridge's own address. */
  readonly decision: "forward" | "flood" | "up" | "drop";
  readonly out: readonly string[];
  readonly reason?: string;
}

/** A route was chosen, or refused. */
export interface RouteStep {
  readonly kind: "route";
  /** `input`: for a packet that came in; `output`: for one of a local socket. */
  readonly direction: "input" | "output";
  readonly dst: Addr;
  /** What the packet is for this namespace. */
  readonly outcome: "local" | "forward" | "broadcast" | "refuse" | "miss" | "martian" | "rp_filter";
  readonly table?: number;
  readonly rulePriority?: number;
  /** The route as `ip route` prints it. */
  readonly route?: string;
  readonly link?: string;
  readonly gateway?: Addr;
  readonly src?: Addr;
  readonly reason?: string;
  readonly origin?: Origin;
}

/** A next hop's link-layer address was looked up. */
export interface NeighborStep {
  readonly kind: "neighbor";
  readonly addr: Addr;
  readonly link: string;
  readonly mac?: Mac;
  /** `known`: from the table; `resolved`: asked and answered; `failed`: asked in vain. */
  readonly outcome: "known" | "resolved" | "failed" | "proxy";
  readonly origin?: Origin;
}

/** A base chain is asked. `packet` and links are as they are at that moment. */
export interface ChainStep {
  readonly kind: "chain";
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly hook: string;
  readonly packet: Packet;
  readonly iif?: string;
  readonly oif?: string;
}

/** A rule matched. */
export interface RuleStep {
  readonly kind: "rule";
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** From 0. */
  readonly index: number;
  /** The rule as its tool prints it. */
  readonly text: string;
  /** `accept`, `drop`, `continue`, `return`, `jump X`, `goto X`. */
  readonly verdict: string;
  readonly origin?: Origin;
}

/** A base chain ended without a rule that decided. */
export interface PolicyStep {
  readonly kind: "policy";
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly verdict: "accept" | "drop";
}

/** Conntrack looked at the packet. */
export interface ConntrackStep {
  readonly kind: "conntrack";
  readonly event:
    | "new"
    | "found"
    | "related"
    | "invalid"
    | "untracked"
    | "confirm"
    | "update"
    | "clash";
  readonly direction?: "original" | "reply";
  readonly state?: string;
  /** The entry as `conntrack -L` prints it, without times. */
  readonly entry?: string;
}

/** Addresses or ports were rewritten. */
export interface NatStep {
  readonly kind: "nat";
  /** `dnat`, `snat`, `masquerade`, `redirect` on the first packet; `reply`, `original` for later ones. */
  readonly how: string;
  readonly before: Packet;
  readonly after: Packet;
  readonly origin?: Origin;
}

/** IPVS rewrote a packet: a request for a real server, or an answer in its virtual server's name. */
export interface IpvsStep {
  readonly kind: "ipvs";
  /**
   * Of a request: `scheduled`, a real server was chosen for its connection; `persistent`, the client
   * keeps the one it had; `known`, the connection has one. `reply`: of an answer. `error`: of an ICMP
   * error about either.
   */
  readonly event: "scheduled" | "persistent" | "known" | "reply" | "error";
  readonly protocol: string;
  readonly virtual: { readonly addr: Addr; readonly port: number };
  readonly real: { readonly addr: Addr; readonly port: number };
  /** `rr`, `wlc`, … */
  readonly scheduler: string;
  /** The connection's state after the packet, in the words of `ipvsadm -Lnc`. */
  readonly state: string;
  readonly before: Packet;
  readonly after: Packet;
  readonly origin?: Origin;
}

/** What finally became of a packet. */
export interface Fate {
  readonly kind: FateKind;
  /** The namespace that decided. */
  readonly netns: string;
  readonly hook?: string;
  readonly table?: string;
  readonly chain?: string;
  /** The rule that decided, as its tool prints it. */
  readonly rule?: string;
  /** More words: the construct of `unknown`, the sysctl of `rp_filter`. */
  readonly detail?: string;
  readonly origin?: Origin;
}

/** The closed list of fates. */
export type FateKind =
  /** A listener took it. */
  | "delivered"
  /** The kernel itself took it: a reply for a socket that is gone, an ICMP error, an echo request. */
  | "consumed"
  | "dropped"
  | "rejected"
  | "no-route"
  | "unreachable"
  | "prohibited"
  | "blackholed"
  | "no-neighbor"
  | "martian"
  | "rp-filter"
  | "not-forwarding"
  | "ttl-exceeded"
  | "too-big"
  | "no-listener"
  | "link-down"
  | "not-for-us"
  | "bridge-drop"
  | "tunnel-drop"
  | "conntrack-refused"
  | "nat-refused"
  | "no-source"
  | "hop-limit"
  | "unknown";

/** One namespace a packet went through. */
export interface Hop {
  readonly netns: string;
  /** Simulated microseconds at entry. */
  readonly atUs: number;
  readonly steps: readonly Step[];
}

/** The whole journey of one packet. Flooded frames give one hop for each namespace they reach. */
export interface Trace {
  /** Counts up in one simulation. */
  readonly id: number;
  /** The packet that this one answers or reports about. */
  readonly cause?: number;
  readonly hops: readonly Hop[];
  readonly fate: Fate;
}

/** How much a rendering tells. */
export type TraceLevel = "summary" | "hops" | "everything";
