/** The choices of a policy agent, and what both compilers share. */
import type { Origin } from "../../base/index.js";

/** Choices a policy agent makes. */
export interface EnforceOptions {
  /**
   * What becomes of connections that are open when policies change: `keep` lets them go on,
   * `recheck` asks the policies about every packet of the original direction. Default: `keep`.
   */
  readonly established?: "keep" | "recheck";
  /** Whether a pod may always reach its own node. Default: false, policies decide. */
  readonly ownNodeEgress?: boolean;
  /** What a denied packet meets: silence, or port unreachable. Default: `drop`. */
  readonly denial?: "drop" | "reject";
  /**
   * How iptables tell what a pod says to itself, which comes by them only through a Service:
   * `endpoints` by a set of the node's endpoints with their ports (`hash:ip,port,ip`), `pairs` by a
   * set of its pods (`hash:net,net`, which some kernels lack), `rules` by a rule for every pod.
   * Default: `endpoints`. nftables always has a set of pairs.
   */
  readonly hairpin?: "endpoints" | "pairs" | "rules";
}

/**
 * Where a proxy hands on what comes to its virtual servers by IPVS: such packets come in for the node,
 * and meet rules again on their way out, with the real server as their destination.
 */
export interface EnforcePlace {
  /** Default: false. */
  readonly isBesideIpvs?: boolean;
}

/** Who the rules come from that belong to no policy. */
export const AGENT: Origin = { kind: "policy-agent" };

/**
 * Types of ICMPv6 that find neighbours and routers, which no policy may cut: who cannot find its
 * neighbours has no IPv6 at all.
 *
 * Follows: RFC 4861 §4.1 to 4.4; RFC 4890 §4.3.1. Linux tracks no connection of these.
 */
export const DISCOVERY_TYPES = [
  { type: 133, name: "nd-router-solicit" },
  { type: 134, name: "nd-router-advert" },
  { type: 135, name: "nd-neighbor-solicit" },
  { type: 136, name: "nd-neighbor-advert" },
] as const;
