/** Random lab cases, and what fast-check does to make a failing one small. */
import fc from "fast-check";
import type { CaseSpec, PodSpec, PolicySpec, ProbeSpec, ServiceSpec } from "./spec.js";

/** What of a case is not left to chance. */
export interface CaseOptions {
  /** Probes of a case, on average. Default: 40. */
  readonly probes?: number;
  readonly network?: CaseSpec["network"];
  readonly proxy?: CaseSpec["proxy"];
  /** Whether the kernel has sets of pairs (`hash:net,net`). Default: false. */
  readonly pairSets?: boolean;
  /** Whether the cluster has its DNS server, two pods. Default: true. */
  readonly dns?: boolean;
}

/** Any place in a list that is not known yet. */
const place = () => fc.nat(5);
/** True once in so many cases; shrinks to false. */
const seldom = (one: number) => fc.nat(one - 1).map((n) => n === one - 1);
/** Absent but once in so many cases. */
const rarely = <T>(one: number, value: fc.Arbitrary<T>) =>
  fc
    .option(value, { nil: undefined, freq: 1 })
    .chain((v) => seldom(one).map((is) => (is ? v : undefined)));

/** Any case. */
export function labCase(options: CaseOptions = {}): fc.Arbitrary<CaseSpec> {
  const { probes = 40, network, proxy, pairSets = false, dns = true } = options;
  return fc.record({
    nodes: fc.integer({ min: 1, max: 3 }),
    network: network ? fc.constant(network) : fc.constantFrom("bridge", "vxlan"),
    proxy: proxy ? fc.constant(proxy) : fc.constantFrom("iptables", "nftables"),
    families: fc.constantFrom(["ip4"], ["ip6"], ["ip4", "ip6"], ["ip6", "ip4"]),
    pods: fc.array(pod(), { minLength: 1, maxLength: 4, size: "max" }),
    services: fc.array(service(), { minLength: 0, maxLength: 4, size: "max" }),
    policies: fc.array(policy(), { maxLength: 2, size: "max" }),
    probes: fc.array(probe(), { minLength: 1, maxLength: probes * 2 - 1, size: "max" }),
    recheck: seldom(4),
    pairSets: fc.constant(pairSets),
    dns: fc.constant(dns),
  }) as fc.Arbitrary<CaseSpec>;
}

function pod(): fc.Arbitrary<PodSpec> {
  return fc.record({
    node: place(),
    port: fc.constantFrom(80, 443, 5300, 8080),
    protocol: fc.constantFrom("TCP", "TCP", "UDP"),
    onHost: seldom(6),
    isReady: seldom(8).map((not) => !not),
  });
}

function service(): fc.Arbitrary<ServiceSpec> {
  return fc.record({
    type: fc.constantFrom("ClusterIP", "NodePort", "NodePort", "LoadBalancer", "LoadBalancer"),
    pod: fc.option(place(), { nil: undefined, freq: 6 }),
    port: fc.constantFrom(80, 81, 8000),
    isOtherProtocol: seldom(8),
    isHeadless: seldom(10),
    externalLocal: fc.boolean(),
    internalLocal: seldom(4),
    affinity: seldom(4),
    dualStack: seldom(3),
    externalIP: seldom(3),
    ranges: fc.constantFrom("any", "any", "all", "nodes"),
    publishNotReady: seldom(8),
  });
}

function policy(): fc.Arbitrary<PolicySpec> {
  return fc.record({
    pod: fc.option(place(), { nil: undefined, freq: 3 }),
    direction: fc.constantFrom("Ingress", "Ingress", "Egress", "both"),
    peer: fc.constantFrom("anybody", "nobody", "pod", "pod", "namespace", "block", "all-but-nodes"),
    peerPod: place(),
    portOf: fc.option(place(), { nil: undefined, freq: 1 }),
  });
}

function probe(): fc.Arbitrary<ProbeSpec> {
  return fc.record({
    from: fc.nat(8),
    target: fc.constantFrom(
      "pod",
      "pod",
      "cluster-ip",
      "cluster-ip",
      "cluster-ip",
      "node-port",
      "node-port",
      "external-ip",
      "load-balancer",
      "node",
      "loopback",
      "nobody",
    ),
    which: fc.nat(40),
    proto: fc.constantFrom("tcp", "tcp", "tcp", "udp", "udp", "udp", "icmp"),
    isOff: seldom(8),
    src: rarely(8, fc.nat(3)),
    ttl: rarely(10, fc.integer({ min: 1, max: 5 })),
    size: rarely(8, fc.constantFrom(1, 1400, 1422, 1423, 1472, 1473, 3000)),
    df: seldom(10),
  });
}
