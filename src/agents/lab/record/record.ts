/**
 * Recording what a real kernel does with a cluster: every namespace is dumped, then probes are run one
 * after the other, with what each socket said, what listeners heard, and what the kernels tracked and
 * traced. A recording can be replayed by the model (`replayRecording`), which sees nothing but the
 * dumps.
 */
import type { Got, Probe, RecordedProbe, Recording } from "../../../fabric/index.js";
import type { NetnsConfig, NetnsDump } from "../../../netns/index.js";
import { SWITCH } from "../build/plan.js";
import type { Lab } from "../lab.js";
import { dumpNetns, hasRules } from "./dump.js";
import { gotOf } from "./got.js";
import { ipvsConnections, renewIpvs } from "./ipvs.js";
import { Tracer } from "./tracer.js";

/** A recording with the kernel's answers. */
export interface LabRecording extends Omit<Recording, "probes"> {
  readonly probes: readonly (RecordedProbe & { readonly got: Got })[];
}

/** How long connection tables and traces are given to settle after a probe, milliseconds. */
const SETTLE_MS = 100;

/**
 * Dumps a lab and runs probes in it.
 *
 * Shape: before every probe connection tracking is flushed and virtual servers are set up anew;
 * neighbour tables stay.
 */
export async function recordLab(
  lab: Lab,
  name: string,
  probes: readonly Probe[],
): Promise<LabRecording> {
  const namespaces = await dumpAll(lab);
  const ipvs = new Map(
    lab.plan.configs
      .filter((config) => config.ipvs !== undefined)
      .map(({ name: netns }) => [netns, namespaces[netns]?.ipvs ?? ""]),
  );
  const tracers = new Map(
    await Promise.all(
      lab.plan.configs.filter(isWatched).map(async ({ name: netns }) => {
        return [netns, await Tracer.start(lab.agent(netns))] as const;
      }),
    ),
  );
  const startMs = performance.now();
  const recorded: LabRecording["probes"][number][] = [];
  for (const probe of probes) {
    const atMs = performance.now() - startMs;
    recorded.push({ probe, atMs, got: await recordProbe(lab, probe, { tracers, ipvs }) });
  }
  return {
    name,
    family: "lab",
    namespaces,
    veths: vethsOf(lab),
    listeners: listenersOf(lab),
    probes: recorded,
  };
}

async function dumpAll(lab: Lab): Promise<Record<string, NetnsDump>> {
  const { configs, switchName } = lab.plan;
  const all = [
    ...configs.map((config) => [config.name, dumpNetns(lab.agent(config.name), config)] as const),
    [SWITCH, dumpNetns(lab.agent(switchName))] as const,
  ];
  const dumps = all.map(async ([name, dump]) => [name, await dump] as const);
  return Object.fromEntries(await Promise.all(dumps));
}

/** Without rules, no chain tells of a packet, and nothing is tracked. */
function isWatched(config: NetnsConfig): boolean {
  return hasRules(config) || config.ipvs !== undefined;
}

/** Pairs of ends: those of the underlay, and those of pods. */
function vethsOf(lab: Lab): [string, string, string, string][] {
  const underlay = lab.plan.ports.map(({ netns, link, port }): [string, string, string, string] => [
    netns,
    link,
    SWITCH,
    port,
  ]);
  const pods = lab.plan.configs.flatMap((config) =>
    config.links.flatMap(({ name, kind }): [string, string, string, string][] => {
      const peer = kind.kind === "veth" ? kind.peer : undefined;
      if (peer?.netns === undefined || config.name > peer.netns) return [];
      return [[config.name, name, peer.netns, peer.link]];
    }),
  );
  return [...underlay, ...pods];
}

function listenersOf(lab: Lab): [string, "tcp" | "udp", number][] {
  return lab.plan.configs.flatMap((config) =>
    config.listeners.flatMap(({ protocol, port }): [string, "tcp" | "udp", number][] =>
      protocol === "sctp" ? [] : [[config.name, protocol, port]],
    ),
  );
}

/** What watches the namespaces of a lab. */
interface Watched {
  readonly tracers: ReadonlyMap<string, Tracer>;
  /** Virtual servers of the namespaces that use IPVS, as `ipvsadm -Sn` printed them. */
  readonly ipvs: ReadonlyMap<string, string>;
}

async function recordProbe(lab: Lab, probe: Probe, { tracers, ipvs }: Watched): Promise<Got> {
  const { from, ...conversation } = probe;
  const agents = [...tracers.keys()].map((name) => lab.agent(name));
  await Promise.all([...ipvs].map(([name, saved]) => renewIpvs(lab.agent(name), saved)));
  await Promise.all(agents.map((agent) => agent.flush()));
  for (const tracer of tracers.values()) tracer.clear();
  const answer = await lab.probe(from, conversation);
  await pause(SETTLE_MS);
  const tracked = await Promise.all(
    agents.map(async (agent) => [agent.name, await agent.tracked()] as const),
  );
  await Promise.all([...tracers.values()].map((tracer) => tracer.drain()));
  const saw = answer.saw.map(({ netns, ...heard }) => ({ ns: netns, ...heard }));
  return {
    ...gotOf({ answer, saw, tracked, tracers }),
    ...(ipvs.size > 0 && { ipvs_connections: await connectionsOf(lab, [...ipvs.keys()]) }),
  };
}

async function connectionsOf(
  lab: Lab,
  names: readonly string[],
): Promise<Record<string, readonly string[]>> {
  const tables = names.map(async (name) => [name, await ipvsConnections(lab.agent(name))] as const);
  return Object.fromEntries(await Promise.all(tables));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
