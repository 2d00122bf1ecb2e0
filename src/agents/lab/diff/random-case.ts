/**
 * Random clusters and probes for the lab: everything of a case comes from its seed. A Service has at
 * most one endpoint, so that no chance decides which one a packet goes to.
 */
import { openRandom, type Random } from "../../../base/index.js";
import { Cluster, type ClusterOptions, EXTERNAL, type ProxyMode } from "../../../cluster/index.js";
import type { Probe } from "../../../fabric/index.js";
import { loadManifests } from "../../../objects/index.js";

/** One case: a cluster, what it was made from, and what is tried in it. */
export interface LabCase {
  readonly seed: string;
  readonly cluster: Cluster;
  /** The objects as a user would apply them. */
  readonly manifest: string;
  readonly probes: readonly Probe[];
}

interface RandomPod {
  readonly name: string;
  readonly node: string;
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
}

/** What of a case is not left to chance. */
export interface CaseOptions {
  readonly probesPerCase?: number;
  readonly network?: ClusterOptions["network"];
  readonly proxy?: ProxyMode;
}

/** Makes the case of a seed. */
export function makeCase(seed: string, options: CaseOptions = {}): LabCase {
  const { probesPerCase: probeCount = 40 } = options;
  const random = openRandom(seed, "lab/case");
  const nodeCount = 1 + random.nextBelow(3);
  const pods = Array.from(
    { length: 2 + random.nextBelow(4) },
    (_, i): RandomPod => ({
      name: `pod-${i}`,
      node: `node-${1 + random.nextBelow(nodeCount)}`,
      port: pick(random, [80, 443, 5300, 8080]),
      protocol: random.nextBelow(3) === 0 ? "UDP" : "TCP",
    }),
  );
  const serviceCount = 1 + random.nextBelow(4);
  const services = Array.from({ length: serviceCount }, (_, i) => printService(random, i, pods));
  const manifest = [...pods.map(printPod), ...services].join("---\n");
  const families = pick(random, [["ip4"], ["ip4"], ["ip6"], ["ip4", "ip6"]] as const);
  const { objects } = loadManifests([{ file: `${seed}.yaml`, text: manifest }]);
  const network = pick(random, ["bridge", "vxlan"] as const);
  const proxy = pick(random, ["iptables", "nftables"] as const);
  const settings = { nodes: nodeCount, network, proxy, families, seed, ...given(options) };
  const cluster = Cluster.create(settings).apply(objects.map((o) => o.object));
  return { seed, cluster, manifest, probes: makeProbes(random, cluster, pods, probeCount) };
}

function given({ network, proxy }: CaseOptions): Pick<ClusterOptions, "network" | "proxy"> {
  return { ...(network && { network }), ...(proxy && { proxy }) };
}

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.nextBelow(list.length)] as T;
}

function printPod({ name, node, port, protocol }: RandomPod): string {
  return [
    "apiVersion: v1",
    "kind: Pod",
    `metadata: { name: ${name}, labels: { app: ${name} } }`,
    "spec:",
    `  nodeName: ${node}`,
    "  containers:",
    "    - name: c",
    "      image: example.org/echo",
    `      ports: [{ containerPort: ${port}, protocol: ${protocol} }]`,
    "",
  ].join("\n");
}

function printService(random: Random, i: number, pods: readonly RandomPod[]): string {
  const target = pick(random, pods);
  const type = pick(random, ["ClusterIP", "NodePort", "NodePort", "LoadBalancer"]);
  const isLocal = type !== "ClusterIP" && random.nextBelow(2) === 0;
  const hasNobody = random.nextBelow(6) === 0;
  const protocol = random.nextBelow(8) === 0 ? "UDP" : target.protocol;
  return [
    "apiVersion: v1",
    "kind: Service",
    `metadata: { name: service-${i} }`,
    "spec:",
    `  type: ${type}`,
    `  selector: { app: ${hasNobody ? "nobody" : target.name} }`,
    ...(random.nextBelow(4) === 0 ? ["  ipFamilyPolicy: PreferDualStack"] : []),
    ...(isLocal ? ["  externalTrafficPolicy: Local"] : []),
    ...(random.nextBelow(5) === 0 ? ["  internalTrafficPolicy: Local"] : []),
    ...(random.nextBelow(5) === 0 ? ["  sessionAffinity: ClientIP"] : []),
    `  ports: [{ port: ${pick(random, [80, 81, 8000])}, protocol: ${protocol}, targetPort: ${target.port} }]`,
    "",
  ].join("\n");
}

interface Target {
  readonly dst: string;
  readonly dport: number;
  readonly proto: "tcp" | "udp";
}

function makeProbes(
  random: Random,
  cluster: Cluster,
  pods: readonly RandomPod[],
  count: number,
): Probe[] {
  const targets = targetsOf(random, cluster, pods);
  const nodes = cluster.nodes.map((n) => n.metadata.name as string);
  const clients = [...pods.map((p) => `default/${p.name}`), ...nodes, EXTERNAL];
  return Array.from({ length: count }, (_, i): Probe => {
    const target = pick(random, targets);
    // A port of its own for each probe: the one before may still be in use.
    const sport = 20_000 + i * 7 + random.nextBelow(7);
    return { from: pick(random, clients), sport, ...target };
  });
}

function targetsOf(random: Random, cluster: Cluster, pods: readonly RandomPod[]): Target[] {
  const { netns } = cluster.compile();
  const globals = (name: string, link: string) =>
    (netns.get(name)?.links ?? [])
      .filter((l) => l.name === link)
      .flatMap((l) => l.addresses)
      .filter((a) => a.scope === "global")
      .map((a) => a.address.addr.toString());
  const nodeAddrs = cluster.nodes.flatMap((n) => globals(n.metadata.name as string, "eth0"));
  const ofPods = pods.flatMap(({ name, port, protocol }) =>
    globals(`default/${name}`, "eth0").flatMap((dst): Target[] => [
      { dst, dport: port, proto: protocolOf(protocol) },
      { dst, dport: port + 1, proto: protocolOf(protocol) },
    ]),
  );
  const ofServices = cluster.list("Service", "default").flatMap((service): Target[] => {
    const { spec } = service;
    const name = service.metadata.name;
    if (spec?.clusterIPs === undefined || name === "kubernetes") return [];
    return (spec.ports ?? []).flatMap((port): Target[] => {
      const proto = protocolOf(port.protocol ?? "TCP");
      const own = (spec.clusterIPs ?? []).flatMap((dst): Target[] => [
        { dst, dport: port.port, proto },
        { dst, dport: port.port, proto },
        { dst, dport: port.port + 1000, proto },
      ]);
      const { nodePort } = port;
      const outside = nodePort ? nodeAddrs.map((dst) => ({ dst, dport: nodePort, proto })) : [];
      return [...own, ...outside];
    });
  });
  const nobody = nodeAddrs.map(
    (dst): Target => ({ dst, dport: 9, proto: pick(random, ["tcp", "udp"]) }),
  );
  return [...ofPods, ...ofServices, ...ofServices, ...nobody];
}

function protocolOf(protocol: string): "tcp" | "udp" {
  return protocol === "UDP" ? "udp" : "tcp";
}
