/** The probes of a case, with addresses and ports of the cluster that was made. */
import { type Cluster, EXTERNAL } from "../../cluster/index.js";
import type { Probe } from "../../fabric/index.js";
import type { NetnsConfig } from "../../netns/index.js";
import type { Service } from "../../objects/index.js";
import { externalIP, podName, protocolOf, serviceName } from "./cluster.js";
import type { CaseSpec, ProbeSpec, ServiceSpec, TargetKind } from "./spec.js";

interface Target {
  readonly dst: string;
  readonly dport: number;
  /** What is right to ask for it; undefined: anything. */
  readonly proto?: "tcp" | "udp";
}

/** The first client port; each probe has one of its own, for the one before may still be in use. */
const FIRST_PORT = 20_000;
/** A port nobody listens on. */
const DISCARD = 9;

/** Makes the probes; where a case has no target of a kind, pods are asked for. */
export function makeProbes(spec: CaseSpec, cluster: Cluster): Probe[] {
  const { netns } = cluster.compile();
  const clients = clientsOf(spec, cluster, netns);
  const targets = targetsOf(spec, cluster, netns);
  return spec.probes.flatMap((probe, at): Probe[] => {
    const from = pick(clients, probe.from);
    const ofKind = targets[probe.target];
    const target = pick(ofKind.length > 0 ? ofKind : targets.pod, probe.which);
    if (from === undefined || target === undefined) return [];
    return [makeProbe({ probe, from, target, sport: FIRST_PORT + at * 7, netns })];
  });
}

function pick<T>(list: readonly T[], place: number): T | undefined {
  return list[place % Math.max(list.length, 1)];
}

interface Parts {
  readonly probe: ProbeSpec;
  readonly from: string;
  readonly target: Target;
  readonly sport: number;
  readonly netns: ReadonlyMap<string, NetnsConfig>;
}

function makeProbe({ probe, from, target, sport, netns }: Parts): Probe {
  const { dst, dport } = target;
  const proto = probe.proto === "icmp" ? "icmp" : (target.proto ?? probe.proto);
  const own = addrsOf(netns.get(from)).filter((a) => a.includes(":") === dst.includes(":"));
  const src = probe.src === undefined ? undefined : pick(own, probe.src);
  return {
    from,
    proto,
    dst,
    dport: probe.isOff ? dport + 1 : dport,
    sport,
    ...(src !== undefined && { src }),
    ...(probe.ttl !== undefined && { ttl: probe.ttl }),
    ...(probe.size !== undefined && proto !== "tcp" && { size: probe.size }),
    ...(probe.df && { df: true }),
  };
}

/** Global addresses of a namespace, in the order of its links. */
function addrsOf(config: NetnsConfig | undefined, link?: string): string[] {
  return (config?.links ?? [])
    .filter((l) => link === undefined || l.name === link)
    .flatMap((l) => l.addresses)
    .filter((a) => a.scope === "global")
    .map((a) => a.address.addr.toString());
}

function clientsOf(
  spec: CaseSpec,
  cluster: Cluster,
  netns: ReadonlyMap<string, NetnsConfig>,
): string[] {
  const pods = spec.pods.map((_, at) => `default/${podName(at)}`).filter((name) => netns.has(name));
  return [...pods, ...cluster.nodes.map((n) => n.metadata.name as string), EXTERNAL];
}

function targetsOf(
  spec: CaseSpec,
  cluster: Cluster,
  netns: ReadonlyMap<string, NetnsConfig>,
): Record<TargetKind, readonly Target[]> {
  const nodes = cluster.nodes.flatMap((n) => addrsOf(netns.get(n.metadata.name as string), "eth0"));
  const services = spec.services.flatMap((s, at) => {
    const stored = cluster.get("Service", "default", serviceName(at)) as Service | undefined;
    return stored?.spec === undefined ? [] : [{ ...partsOf(s, at, stored, spec) }];
  });
  const pods = spec.pods.flatMap((pod, at) => {
    const proto = lower(pod.protocol);
    const own = addrsOf(netns.get(`default/${podName(at)}`), "eth0");
    return own.map((dst): Target => ({ dst, dport: pod.port, proto }));
  });
  const loopbacks = spec.families.map((f) => (f === "ip4" ? "127.0.0.1" : "::1"));
  const nodePorts = (addrs: readonly string[]) =>
    services.flatMap(({ nodePort, proto }) =>
      nodePort === undefined ? [] : addrs.map((dst): Target => ({ dst, dport: nodePort, proto })),
    );
  const at = (key: "clusterIPs" | "externalIPs" | "ingress") =>
    services.flatMap((s) => s[key].map((dst): Target => ({ dst, dport: s.port, proto: s.proto })));
  return {
    pod: pods,
    "cluster-ip": at("clusterIPs"),
    "node-port": nodePorts(nodes),
    "external-ip": at("externalIPs"),
    "load-balancer": at("ingress"),
    node: nodes.map((dst): Target => ({ dst, dport: DISCARD })),
    loopback: [
      ...nodePorts(loopbacks),
      ...loopbacks.map((dst): Target => ({ dst, dport: DISCARD })),
    ],
    nobody: spec.families.map((f): Target => {
      return { dst: f === "ip4" ? "10.96.255.254" : "fd00:10:96::fffe", dport: 80 };
    }),
  };
}

function partsOf(
  service: ServiceSpec,
  at: number,
  { spec: stored, status }: Service,
  spec: CaseSpec,
) {
  const family = spec.families[0] ?? "ip4";
  return {
    port: service.port,
    proto: lower(protocolOf(service, spec)),
    nodePort: stored?.ports?.[0]?.nodePort || undefined,
    clusterIPs: (stored?.clusterIPs ?? []).filter((ip) => ip !== "None"),
    externalIPs: service.externalIP ? [externalIP(at, family)] : [],
    ingress: (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : [])),
  };
}

function lower(protocol: "TCP" | "UDP"): "tcp" | "udp" {
  return protocol === "TCP" ? "tcp" : "udp";
}
