/**
 * What may become of each probe of a random cluster in one mode: the kernel model runs it several times,
 * with another seed each time and, in ipvs mode, another endpoint first, until chance has had its turns.
 */
import type { Cluster } from "../../../../src/cluster/index.js";
import { EXTERNAL } from "../../../../src/cluster/index.js";
import { Fabric, type Got, type Probe, type ServerSaw } from "../../../../src/fabric/index.js";
import { runProbe } from "../../../../src/fabric/replay/probe-run.js";
import { nameService } from "../../../../src/fabric/replay/replay.js";
import type { NetnsConfig } from "../../../../src/netns/index.js";
import { type Asked, type Outcome, outcomeOf } from "../mode-rows.js";
import {
  endpointsOf,
  externalIP,
  type ModeCase,
  type ProbeSpec,
  podName,
  storedService,
} from "./cluster.js";

/** A probe, and what it asks in the words of Services. */
export interface ModeProbe {
  readonly probe: Probe;
  readonly asked: Asked;
}

/** The probes of a case that ask for something that is there. */
export function makeProbes(one: ModeCase, cluster: Cluster): readonly ModeProbe[] {
  const pods = one.pods.flatMap((p, at) => (p.onHost ? [] : [`default/${podName(at)}`]));
  const clients = [...pods, ...cluster.nodes.map((n) => n.metadata.name), EXTERNAL];
  return one.probes.flatMap((spec, at): ModeProbe[] => {
    const from = clients[spec.from % clients.length] as string;
    const target = targetOf(one, cluster, spec);
    if (target === undefined) return [];
    const proto =
      one.services[spec.service % one.services.length]?.protocol === "UDP" ? "udp" : "tcp";
    const dport = spec.isOff ? target.dport + 1 : target.dport;
    const probe: Probe = { from, proto, dst: target.dst, dport, sport: 20_000 + at * 7 };
    return [{ probe, asked: askedOf(one, cluster, spec, probe) }];
  });
}

function targetOf(one: ModeCase, cluster: Cluster, spec: ProbeSpec) {
  const at = spec.service % one.services.length;
  const stored = storedService(cluster, at);
  const nodePort = stored?.spec.ports?.[0]?.nodePort ?? 0;
  const is4 = one.family === "ip4";
  const to = (dst: string | undefined, dport = 80) =>
    dst === undefined ? undefined : { dst, dport };
  const node = cluster.nodes[spec.node % cluster.nodes.length];
  switch (spec.to) {
    case "cluster IP":
      return to(stored?.spec.clusterIP);
    case "external IP":
      return one.services[at]?.externalIP ? to(externalIP(at, one.family)) : undefined;
    case "load balancer":
      return to(stored?.status?.loadBalancer?.ingress?.[0]?.ip);
    case "node port":
      return nodePort === 0 ? undefined : to(node?.status?.addresses?.[0]?.address, nodePort);
    case "loopback":
      return nodePort === 0 ? undefined : to(is4 ? "127.0.0.1" : "::1", nodePort);
    default:
      return to(is4 ? "10.96.255.254" : "fd00:10:96::fffe");
  }
}

function askedOf(one: ModeCase, cluster: Cluster, spec: ProbeSpec, probe: Probe): Asked {
  const at = spec.service % one.services.length;
  const service = one.services[at];
  const stored = storedService(cluster, at)?.spec;
  const behind = endpointsOf(service as NonNullable<typeof service>, one)
    .filter(({ pod }) => one.pods[pod]?.onHost !== true)
    .filter((e) => e.ready || e.serving);
  const handler = handlerOf(one, cluster, spec, probe);
  const nodeOf = (pod: number) => `node-${((one.pods[pod]?.node ?? 0) % one.nodes) + 1}`;
  const policy =
    spec.to === "cluster IP" ? stored?.internalTrafficPolicy : stored?.externalTrafficPolicy;
  return {
    what: spec.to === "unused" ? "other" : spec.to,
    hasPort: !spec.isOff,
    isLocalPolicy: policy === "Local",
    hasEndpoints: behind.length > 0,
    hasLocal: behind.some(({ pod }) => nodeOf(pod) === handler),
    hasRanges: (stored?.loadBalancerSourceRanges ?? []).length > 0,
    from: probe.from === EXTERNAL ? "outside" : probe.from.startsWith("node-") ? "node" : "pod",
    endpoints: new Set(behind.map(({ pod }) => `default/${podName(pod)}`)),
    client: probe.from,
    hasServiceCIDR: true,
  };
}

/** The node whose proxy decides: the one asked, else the sender's. The load balancer may ask any. */
function handlerOf(one: ModeCase, cluster: Cluster, spec: ProbeSpec, { from }: Probe) {
  if (spec.to === "node port") {
    return cluster.nodes[spec.node % cluster.nodes.length]?.metadata.name;
  }
  if (from.startsWith("node-")) return from;
  const pod = one.pods.findIndex((_, at) => `default/${podName(at)}` === from);
  return pod < 0 ? undefined : `node-${((one.pods[pod]?.node ?? 0) % one.nodes) + 1}`;
}

/** What may become of one probe, each outcome once, by its text. */
export type Possible = ReadonlyMap<string, Outcome>;

/** Changes what a mode answers; for a variant that must be noticed. */
export type Break = (got: Got) => Got;

/** Runs all probes in one mode, so many times. */
export function possibleOutcomes(
  cluster: Cluster,
  probes: readonly ModeProbe[],
  { rounds, broken = (got) => got }: { readonly rounds: number; readonly broken?: Break },
): readonly Possible[] {
  const { netns, segments } = cluster.compile();
  const found = probes.map(() => new Map<string, Outcome>());
  for (let round = 0; round < rounds; round++) {
    const saw: ServerSaw[] = [];
    const fabric = new Fabric(
      [...netns.values()].map((config) => withRotatedServers(config, round)),
      {
        seed: `round-${round}`,
        segments: segments.map((s) => s.members),
        trace: "none",
        serve: (name, listener) => nameService(name, listener, saw),
      },
    );
    for (const [at, { probe }] of probes.entries()) {
      const outcome = outcomeOf(broken(runProbe(fabric, probe, saw)));
      found[at]?.set(JSON.stringify(outcome), outcome);
      fabric.advance(1_000_000);
      fabric.journeys.clear();
    }
  }
  return found;
}

/** Round robin begins with the first server that can be used: another one each round. */
function withRotatedServers(config: NetnsConfig, round: number): NetnsConfig {
  if (config.ipvs === undefined) return config;
  const virtualServers = config.ipvs.virtualServers.map((server) => {
    const { realServers } = server;
    const first = realServers.length === 0 ? 0 : round % realServers.length;
    return {
      ...server,
      realServers: [...realServers.slice(first), ...realServers.slice(0, first)],
    };
  });
  return { ...config, ipvs: { ...config.ipvs, virtualServers } };
}
