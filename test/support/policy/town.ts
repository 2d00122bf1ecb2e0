/**
 * Random small clusters with Services of every kind, to be run with and without policies. Without, a
 * packet shows which way it takes and what it looks like where an agent would ask about it.
 */
import * as fc from "fast-check";
import { type Family, parseAddr } from "../../../src/addr/index.js";
import {
  Cluster,
  type ClusterOptions,
  EXTERNAL,
  type PolicyMode,
  type ProxyMode,
} from "../../../src/cluster/index.js";
import type { KubeObject, Pod, Service } from "../../../src/objects/index.js";
import { sctpPacket, type Transport, tcpSyn, udpDatagram } from "../../../src/wire/index.js";
import { makePod, makeService } from "../workloads.js";
import { readOne } from "./cluster.js";

/** What a town is made with. */
export interface TownSpec {
  readonly proxy: ProxyMode;
  readonly network: "vxlan" | "bridge";
  readonly families: readonly Family[];
  /** Nodes of the pods, by number. */
  readonly homes: readonly number[];
}

/** A random town. */
export const anyTown: fc.Arbitrary<TownSpec> = fc.record({
  proxy: fc.constantFrom<ProxyMode>("iptables", "nftables", "ipvs"),
  network: fc.constantFrom("vxlan" as const, "bridge" as const),
  families: fc.constantFrom<readonly Family[]>(["ip4"], ["ip4", "ip6"], ["ip6"]),
  homes: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 5, maxLength: 5 }),
});

const PODS = [
  { namespace: "default", name: "a-0", app: "a" },
  { namespace: "default", name: "b-0", app: "b" },
  { namespace: "shop", name: "a-1", app: "a" },
  { namespace: "shop", name: "c-0", app: "c" },
  { namespace: "shop", name: "d-0", app: "d" },
];

/** Builds a town; policies come later. */
export function makeTown(spec: TownSpec, policyAgent: ClusterOptions["policyAgent"]): Cluster {
  const { homes, ...options } = spec;
  const team = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "shop", labels: { team: "x" } },
  };
  const pods = PODS.map(({ app, ...wanted }, i): KubeObject => {
    const pod = makePod({ ...wanted, labels: { app } });
    const annotations = { "kubewire.dev/listen": "80/tcp,53/udp" };
    const metadata = { ...pod.metadata, annotations };
    return { ...pod, metadata, spec: { ...pod.spec, nodeName: `node-${homes[i]}` } } as Pod;
  });
  const form = { ipFamilyPolicy: "PreferDualStack" } as const;
  const ports = [
    { name: "http", port: 80, protocol: "TCP", targetPort: "http" },
    { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
  ] as unknown as Service["spec"]["ports"];
  const service = (namespace: string, app: string, more: Partial<Service["spec"]>) =>
    makeService({ namespace, name: `svc-${app}`, labels: { app } }, { ...form, ports, ...more });
  const policyOptions = policyAgent === undefined ? {} : { policyAgent };
  return Cluster.create({ ...options, ...policyOptions, nodes: 2, dns: false }).apply([
    readOne(team),
    ...pods,
    service("default", "b", {}),
    service("shop", "a", { type: "NodePort" }),
    service("shop", "c", { type: "NodePort", externalTrafficPolicy: "Local" }),
  ]);
}

/** Everything that a town is started with besides its policies. */
export const MODES: readonly PolicyMode[] = ["iptables", "nftables"];

/** One packet: who sends what to whom, by number. */
export interface TownFlow {
  readonly from: number;
  readonly to: number;
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly isOff: boolean;
}

/** A random packet. */
export const anyTownFlow: fc.Arbitrary<TownFlow> = fc.record({
  from: fc.nat(30),
  to: fc.nat(60),
  protocol: fc.constantFrom("tcp" as const, "udp" as const, "udp" as const, "sctp" as const),
  isOff: fc.constantFrom(false, false, false, true),
});

/** A packet that can be sent. */
export interface TownPacket {
  readonly from: string;
  readonly dst: string;
  readonly payload: Transport;
}

/** The packet of a flow; each has a client port of its own. */
export function packetOf(cluster: Cluster, flow: TownFlow, number: number): TownPacket {
  const clients = [...PODS.map((p) => `${p.namespace}/${p.name}`), "node-1", "node-2", EXTERNAL];
  const targets = targetsOf(cluster);
  const from = clients[flow.from % clients.length] as string;
  const target = targets[flow.to % targets.length] as Target;
  const port = flow.protocol === "udp" ? target.udp : target.tcp;
  const ports = { sport: 20_000 + number, dport: flow.isOff ? 9 : port };
  return { from, dst: target.dst, payload: payloadOf(flow.protocol, ports) };
}

function payloadOf(protocol: TownFlow["protocol"], ports: { sport: number; dport: number }) {
  if (protocol === "tcp") return tcpSyn(ports);
  if (protocol === "udp") return udpDatagram(ports);
  return sctpPacket({ ...ports, chunks: [1] });
}

interface Target {
  readonly dst: string;
  readonly tcp: number;
  readonly udp: number;
}

function targetsOf(cluster: Cluster): readonly Target[] {
  const pods = cluster.list("Pod").flatMap((pod) => pod.status?.podIPs ?? []);
  const nodes = cluster.nodes.flatMap((node) =>
    (node.status?.addresses ?? []).filter((a) => a.type === "InternalIP").map((a) => a.address),
  );
  const services = cluster
    .list("Service")
    .filter(({ metadata }) => metadata.name.startsWith("svc-"))
    .flatMap(({ spec }): Target[] => {
      const [http, dns] = (spec.ports ?? []).map((p) => p.nodePort ?? 0);
      const inside = (spec.clusterIPs ?? []).map((dst) => ({ dst, tcp: 80, udp: 53 }));
      const outside = nodes.map((dst) => ({ dst, tcp: http ?? 0, udp: dns ?? 0 }));
      return [...inside, ...(http === 0 ? [] : outside)];
    });
  const own = [...pods.map(({ ip }) => ip), ...nodes].map((dst) => ({ dst, tcp: 80, udp: 53 }));
  return [...own, ...services].filter(({ dst }) => parseAddr(dst) !== undefined);
}
