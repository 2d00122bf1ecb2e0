/** The ipsets of ipvs mode: names, types and what they are for. */
import type { Family } from "../../addr/index.js";
import type { IpsetConfig } from "../../netfilter/index.js";

/** One set, by its IPv4 name. */
export interface SetInfo {
  readonly name: string;
  readonly type:
    | "hash:ip"
    | "hash:ip,port"
    | "hash:ip,port,ip"
    | "hash:ip,port,net"
    | "bitmap:port";
  readonly comment: string;
}

const set = (name: string, type: SetInfo["type"], comment: string): SetInfo => ({
  name: `KUBE-${name}`,
  type,
  comment,
});

/**
 * All sets, in the order kube-proxy lists them.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/proxier.go `ipsetInfo`, ipvs/ipset.go.
 */
export const SETS = {
  loopBack: set(
    "LOOP-BACK",
    "hash:ip,port,ip",
    "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose",
  ),
  clusterIP: set(
    "CLUSTER-IP",
    "hash:ip,port",
    "Kubernetes service cluster ip + port for masquerade purpose",
  ),
  externalIP: set(
    "EXTERNAL-IP",
    "hash:ip,port",
    "Kubernetes service external ip + port for masquerade and filter purpose",
  ),
  externalIPLocal: set(
    "EXTERNAL-IP-LOCAL",
    "hash:ip,port",
    "Kubernetes service external ip + port with externalTrafficPolicy=local",
  ),
  loadBalancer: set("LOAD-BALANCER", "hash:ip,port", "Kubernetes service lb portal"),
  loadBalancerFW: set(
    "LOAD-BALANCER-FW",
    "hash:ip,port",
    "Kubernetes service load balancer ip + port for load balancer with sourceRange",
  ),
  loadBalancerLocal: set(
    "LOAD-BALANCER-LOCAL",
    "hash:ip,port",
    "Kubernetes service load balancer ip + port with externalTrafficPolicy=local",
  ),
  sourceIP: set(
    "LOAD-BALANCER-SOURCE-IP",
    "hash:ip,port,ip",
    "Kubernetes service load balancer ip + port + source IP for packet filter purpose",
  ),
  sourceCIDR: set(
    "LOAD-BALANCER-SOURCE-CIDR",
    "hash:ip,port,net",
    "Kubernetes service load balancer ip + port + source cidr for packet filter purpose",
  ),
  nodePortTcp: set(
    "NODE-PORT-TCP",
    "bitmap:port",
    "Kubernetes nodeport TCP port for masquerade purpose",
  ),
  nodePortLocalTcp: set(
    "NODE-PORT-LOCAL-TCP",
    "bitmap:port",
    "Kubernetes nodeport TCP port with externalTrafficPolicy=local",
  ),
  nodePortUdp: set(
    "NODE-PORT-UDP",
    "bitmap:port",
    "Kubernetes nodeport UDP port for masquerade purpose",
  ),
  nodePortLocalUdp: set(
    "NODE-PORT-LOCAL-UDP",
    "bitmap:port",
    "Kubernetes nodeport UDP port with externalTrafficPolicy=local",
  ),
  nodePortSctp: set(
    "NODE-PORT-SCTP-HASH",
    "hash:ip,port",
    "Kubernetes nodeport SCTP port for masquerade purpose with type 'hash ip:port'",
  ),
  nodePortLocalSctp: set(
    "NODE-PORT-LOCAL-SCTP-HASH",
    "hash:ip,port",
    "Kubernetes nodeport SCTP port with externalTrafficPolicy=local with type 'hash ip:port'",
  ),
  healthCheck: set("HEALTH-CHECK-NODE-PORT", "bitmap:port", "Kubernetes health check node port"),
  ipvsIPs: set("IPVS-IPS", "hash:ip", "Addresses on the ipvs interface"),
} as const;

/** Which set. */
export type SetKey = keyof typeof SETS;

/** All sets in order. */
export const SET_KEYS = Object.keys(SETS) as SetKey[];

/** Longest name of an ipset (`IPSET_MAXNAMELEN` less the end). */
const NAME_LENGTH_MAX = 31;

/**
 * The name of a set in a family: IPv6 sets are `KUBE-6-…`, cut to what ipset takes.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/ipset.go `NewIPSet`.
 */
export function setName(key: SetKey, family: Family): string {
  const { name } = SETS[key];
  if (family === "ip4") return name;
  return name.replace("KUBE-", "KUBE-6-").slice(0, NAME_LENGTH_MAX);
}

/** A set with its entries, as kube-proxy creates it. */
export function makeSet(key: SetKey, family: Family, entries: Iterable<string>): IpsetConfig {
  const { type } = SETS[key];
  const sorted = [...entries].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const isBitmap = type === "bitmap:port";
  return {
    name: setName(key, family),
    type,
    // Bitmaps of ports are for both families.
    ...(isBitmap ? {} : { family }),
    options: isBitmap ? ["range 0-65535"] : ["hashsize 1024", "maxelem 65536"],
    entries: sorted.map((text) => ({ text })),
  };
}
