/** What a cluster is made with, and the defaults for all of it. */
import {
  type Addr,
  addOffset,
  addrBits,
  type Family,
  makePrefix,
  type Prefix,
  parsePrefix,
  tryParsePrefix,
} from "../addr/index.js";
import { type Fault, InputError } from "../base/index.js";
import type { FlavourName } from "../cni/index.js";
import type { Node } from "../objects/index.js";
import type { EnforceOptions, ResolvedNames } from "../policy/index.js";
import {
  DEFAULT_RELEASE,
  PROXY_RELEASES,
  type ProxyRelease,
  releaseFacts,
} from "../proxy/index.js";

/** How Services become rules. */
export type ProxyMode = "iptables" | "nftables" | "ipvs";

/** The proxy on every node. */
export interface ProxyOptions {
  /** Default: `iptables`. */
  readonly mode?: ProxyMode;
  /** Release of kube-proxy whose behaviour is modelled. Default: `1.35`. */
  readonly release?: ProxyRelease;
}

/** How policies become rules; `none`: nobody enforces them. */
export type PolicyMode = "iptables" | "nftables" | "none";

/** The agent on every node that enforces policies. */
export interface PolicyAgentOptions extends EnforceOptions {
  /** Default: the proxy's mode, and `iptables` beside a proxy in ipvs mode. */
  readonly mode?: PolicyMode;
  /** Addresses of domain names that policies name. Default: none is known, and none matches. */
  readonly resolved?: ResolvedNames;
}

/** The agent that enforces policies, with its mode chosen. */
export interface PolicyAgentSettings extends EnforceOptions {
  readonly mode: PolicyMode;
  readonly resolved?: ResolvedNames;
}

/** What a user may ask for. */
export interface ClusterOptions {
  /** How many nodes, named `node-1`, …; or the Node objects themselves. Default: 2. */
  readonly nodes?: number | readonly Node[];
  /** Default: `vxlan`. */
  readonly network?: FlavourName;
  /** How Services become rules: a mode, or all of the proxy's choices. Default: `iptables`. */
  readonly proxy?: ProxyMode | ProxyOptions;
  /** Who enforces policies on the nodes: a mode, or all of the agent's choices. */
  readonly policyAgent?: PolicyMode | PolicyAgentOptions;
  /** Address families; the first is the primary one. Default: `["ip4"]`. */
  readonly families?: readonly Family[];
  /** `--cluster-cidr`, one prefix per family. */
  readonly podCIDRs?: readonly string[];
  /** Prefix length of a node's share of the pod prefix. Default: 24 and 64. */
  readonly nodeCIDRMaskSizes?: Partial<Record<Family, number>>;
  /** `--service-cluster-ip-range`, one prefix per family. */
  readonly serviceCIDRs?: readonly string[];
  /** Spread over so many zones, by label. Default: none. */
  readonly zones?: number;
  /** Whether kube-system has CoreDNS and its Service. Default: true. */
  readonly dns?: boolean;
  /** Port of the API server. Default: 6443. */
  readonly apiServerPort?: number;
  /**
   * `--nodeport-addresses`: prefixes whose addresses take node ports and answer health checks, or
   * `["primary"]`. Default: the mode's own, which is all addresses, and the primary one in nftables mode.
   */
  readonly nodePortAddresses?: readonly string[];
  /** A load balancer outside that serves Services of that type. Default: none, they stay pending. */
  readonly loadBalancer?: LoadBalancerOptions;
  /** Seed of what a real cluster draws at random (cluster IPs, node ports). Default: `kubewire`. */
  readonly seed?: string;
  /** Time that is written into objects (RFC 3339). */
  readonly time?: string;
  /** Images and what they listen on, before the built-in table. */
  readonly images?: Readonly<Record<string, readonly ImagePort[]>>;
}

/** The load balancer outside of a cluster. */
export interface LoadBalancerOptions {
  /** Where it takes addresses from, one prefix per family. Default: 203.0.113.0/24, 2001:db8:1b::/64. */
  readonly cidrs?: readonly string[];
  /**
   * `VIP`: packets come to a node as the client sent them. `Proxy`: they come to a node port. Default:
   * `VIP`.
   */
  readonly ipMode?: "VIP" | "Proxy";
}

/** The load balancer outside, with nothing left open. */
export interface LoadBalancerSettings {
  readonly prefixes: readonly Prefix[];
  readonly ipMode: "VIP" | "Proxy";
}

/** A port that an image is known to listen on. */
export interface ImagePort {
  readonly port: number;
  readonly protocol?: "tcp" | "udp" | "sctp";
  /** What answers: `http`, `dns`, … Default: `echo`. */
  readonly service?: string;
}

/** Options with nothing left open. */
export interface ClusterSettings {
  readonly network: FlavourName;
  readonly proxy: ProxyMode;
  readonly proxyRelease: ProxyRelease;
  readonly policyAgent: PolicyAgentSettings;
  readonly families: readonly Family[];
  readonly podPrefixes: readonly Prefix[];
  readonly nodePrefixBits: Readonly<Record<Family, number>>;
  readonly servicePrefixes: readonly Prefix[];
  readonly apiServerPort: number;
  /** As kube-proxy takes it: prefixes, `["primary"]`, or empty for all addresses. */
  readonly nodePortAddresses: readonly string[];
  readonly loadBalancer: LoadBalancerSettings | undefined;
  readonly seed: string;
  readonly time: string;
  readonly clusterDomain: string;
  readonly images: Readonly<Record<string, readonly ImagePort[]>>;
}

/** The documentation's example networks, used wherever a cluster says nothing else. */
const DEFAULTS = {
  pods: { ip4: "10.244.0.0/16", ip6: "fd00:10:244::/56" },
  services: { ip4: "10.96.0.0/16", ip6: "fd00:10:96::/112" },
  nodes: { ip4: "192.168.0.0/16", ip6: "fd00:192:168::/64" },
  nodeBits: { ip4: 24, ip6: 64 },
  loadBalancers: { ip4: "203.0.113.0/24", ip6: "2001:db8:1b::/64" },
  time: "2026-01-01T00:00:00Z",
} as const;

/** Offset of the first node's address in the underlay's prefix. */
const FIRST_NODE = 11;
/** Offset of the API server's address. */
const API_SERVER = 10;
/** Offset of the router's address. */
const ROUTER = 1;

/**
 * Fills in what a user left open.
 *
 * Errors: `InputError` for prefixes that are not of the cluster's families or overlap.
 */
export function readSettings(options: ClusterOptions): ClusterSettings {
  const families = options.families ?? ["ip4"];
  const proxy = typeof options.proxy === "string" ? { mode: options.proxy } : options.proxy;
  const mode = proxy?.mode ?? "iptables";
  const settings: ClusterSettings = {
    network: options.network ?? "vxlan",
    proxy: mode,
    proxyRelease: proxy?.release ?? DEFAULT_RELEASE,
    policyAgent: readPolicyAgent(options.policyAgent, mode),
    families,
    podPrefixes: choosePrefixes(options.podCIDRs, families, DEFAULTS.pods),
    nodePrefixBits: { ...DEFAULTS.nodeBits, ...options.nodeCIDRMaskSizes },
    servicePrefixes: choosePrefixes(options.serviceCIDRs, families, DEFAULTS.services),
    apiServerPort: options.apiServerPort ?? 6443,
    nodePortAddresses: options.nodePortAddresses ?? defaultNodePortAddresses(options),
    loadBalancer: readLoadBalancer(options.loadBalancer, families),
    seed: options.seed ?? "kubewire",
    time: options.time ?? DEFAULTS.time,
    clusterDomain: "cluster.local",
    images: options.images ?? {},
  };
  const faults = checkSettings(settings);
  if (faults.length > 0) throw new InputError(faults);
  return settings;
}

function readPolicyAgent(
  agent: ClusterOptions["policyAgent"],
  proxy: ProxyMode,
): PolicyAgentSettings {
  const given = typeof agent === "string" ? { mode: agent } : agent;
  return { mode: proxy === "nftables" ? "nftables" : "iptables", ...given };
}

/**
 * nftables mode takes node ports on the node's own address only, unless told otherwise.
 *
 * Follows: Kubernetes v1.35.4 cmd/kube-proxy/app/server_linux.go `platformApplyDefaults`.
 */
function defaultNodePortAddresses({ proxy }: ClusterOptions): readonly string[] {
  return proxy === "nftables" ? ["primary"] : [];
}

function readLoadBalancer(
  options: LoadBalancerOptions | undefined,
  families: readonly Family[],
): LoadBalancerSettings | undefined {
  if (options === undefined) return undefined;
  const prefixes = choosePrefixes(options.cidrs, families, DEFAULTS.loadBalancers);
  return { prefixes, ipMode: options.ipMode ?? "VIP" };
}

function choosePrefixes(
  given: readonly string[] | undefined,
  families: readonly Family[],
  defaults: Readonly<Record<Family, string>>,
): readonly Prefix[] {
  const prefixes = (given ?? []).map(parsePrefix);
  return families.map(
    (family) => prefixes.find((p) => p.family === family) ?? parsePrefix(defaults[family]),
  );
}

function checkSettings(settings: ClusterSettings): Fault[] {
  const { podPrefixes, servicePrefixes, nodePrefixBits, proxyRelease } = settings;
  if (!PROXY_RELEASES.includes(proxyRelease)) return [unknownRelease(proxyRelease)];
  const faults = checkNodePortAddresses(settings);
  for (const pods of podPrefixes) {
    const bits = nodePrefixBits[pods.family];
    if (bits < pods.bits || bits > addrBits(pods.family)) {
      faults.push({
        code: "bad-node-mask",
        path: "nodeCIDRMaskSizes",
        value: bits,
        message: "a node's share must lie inside the pod prefix",
        expected: `at least ${pods.bits}`,
      });
    }
    for (const services of servicePrefixes) {
      if (!pods.overlaps(services)) continue;
      const value = `${pods} and ${services}`;
      const message = "the pod and Service prefixes overlap";
      faults.push({ code: "overlapping-prefixes", path: "serviceCIDRs", value, message });
    }
  }
  return faults;
}

function checkNodePortAddresses({ nodePortAddresses, proxyRelease }: ClusterSettings): Fault[] {
  if (nodePortAddresses.length === 1 && nodePortAddresses[0] === "primary") return [];
  const { nodePortWords } = releaseFacts(proxyRelease);
  return nodePortAddresses.flatMap((value, at): Fault[] => {
    if (tryParsePrefix(value) !== undefined) return [];
    if (nodePortWords && NODE_PORT_WORDS.includes(value)) return [];
    const path = `nodePortAddresses[${at}]`;
    const message = "not a prefix";
    const expected = 'prefixes such as 192.168.0.0/24, or "primary" alone';
    return [{ code: "bad-node-port-address", path, value, message, expected }];
  });
}

/** Words for node-port addresses from release 1.37 on. */
const NODE_PORT_WORDS = ["primary", "localhost", "all"];

function unknownRelease(value: string): Fault {
  return {
    code: "unknown-proxy-release",
    path: "proxy.release",
    value,
    message: "what this release of kube-proxy does is not known",
    expected: PROXY_RELEASES.join(", "),
  };
}

/** The prefix nodes get their addresses from, if they have none. */
export function defaultUnderlay(family: Family): Prefix {
  return parsePrefix(DEFAULTS.nodes[family]);
}

/** The address of the n-th node, from 0. */
export function defaultNodeAddr(family: Family, n: number): Addr {
  return addOffset(defaultUnderlay(family).addr, FIRST_NODE + n);
}

/**
 * The segment all nodes stand on: the smallest prefix with all their addresses, no longer than a /24
 * or a /64.
 */
export function chooseUnderlay(family: Family, addrs: readonly Addr[]): Prefix {
  const base = defaultUnderlay(family);
  let prefix = makePrefix(addrs[0] ?? addOffset(base.addr, FIRST_NODE), family === "ip4" ? 24 : 64);
  for (const addr of addrs) {
    while (!prefix.contains(addr)) prefix = makePrefix(prefix.addr, prefix.bits - 1);
  }
  return prefix;
}

/** Addresses on the segment that are no node's: the router and the API server. */
export function underlayAddr(prefix: Prefix, who: "router" | "api-server"): Addr {
  return addOffset(prefix.addr, who === "router" ? ROUTER : API_SERVER);
}
