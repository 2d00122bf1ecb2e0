/**
 * Recording a scenario: it is set up on the real kernel of this machine, dumped, and probed, one probe
 * after the other, as recordings of the suite `kernel` are made.
 */
import { dumpNetns, type LabRecording } from "../../../src/agents/index.js";
import { Agent } from "../../../src/agents/lab/agent/agent.js";
import type { AgentListener } from "../../../src/agents/lab/agent/protocol.js";
import { gotOf } from "../../../src/agents/lab/record/got.js";
import { Tracer } from "../../../src/agents/lab/record/tracer.js";
import type { Got, Probe } from "../../../src/fabric/index.js";
import { buildScenario, type RealNames, removeScenario } from "./build.js";
import type { Scenario } from "./scenario.js";

/** A recording, and what the kernel's tools would not take of the scenario. */
export interface Recorded {
  readonly recording: LabRecording;
  readonly refused: readonly string[];
}

const PROBE_TIMEOUT_MS = 600;
const SETTLE_MS = 100;
const START_MS = 250;
const HEARSAY_MS = 20;
/** About what the recorder of the vectors spends between probes, for each namespace. */
const PAUSE_MS_PER_NETNS = 75;
const OWN_PART_MS = 60;
/** What it waits longer for where UDP over IPv4 was not answered. */
const HARKEN_MS = 300;
/** A SYN is sent again after a second. */
const LATE_MS = 980;

/** Records a scenario in namespaces whose names begin with `prefix`; they are gone afterwards. */
export async function recordScenario(scenario: Scenario, prefix: string): Promise<Recorded> {
  const hosts = Object.keys(scenario.hosts);
  const names: RealNames = new Map(hosts.map((host, i) => [host, `${prefix}-${i}`]));
  const agents = new Map<string, Agent>();
  const tracers = new Map<string, Tracer>();
  try {
    const refused = buildScenario(scenario, names);
    const namespaces: Record<string, LabRecording["namespaces"][string]> = {};
    for (const [host, realName] of names) {
      const agent = Agent.start(host, realName);
      agents.set(host, agent);
      await agent.listen(listenersOf(scenario, host));
      namespaces[host] = await dumpNetns(agent);
      if (hasRules(scenario, host)) tracers.set(host, await Tracer.start(agent));
    }
    await pause(START_MS);
    const probes: LabRecording["probes"][number][] = [];
    const startMs = performance.now();
    for (const probe of scenario.probes) {
      const atMs = performance.now() - startMs;
      const got = await recordProbe(probe, agents, tracers);
      if (got === undefined) break;
      probes.push({ probe, atMs, got });
      await pause(PAUSE_MS_PER_NETNS * hosts.length - OWN_PART_MS);
    }
    const { name, family, veths, listeners } = scenario;
    return { recording: { name, family, namespaces, veths, listeners, probes }, refused };
  } finally {
    for (const agent of agents.values()) agent.close();
    removeScenario(names);
  }
}

/** Without rules, no connection is tracked and no chain tells of a packet. */
function hasRules({ hosts }: Scenario, host: string): boolean {
  const { iptables, ip6tables, nft } = hosts[host] ?? {};
  return iptables !== undefined || ip6tables !== undefined || nft !== undefined;
}

function listenersOf(scenario: Scenario, host: string): AgentListener[] {
  return scenario.listeners
    .filter(([owner]) => owner === host)
    .map(([, protocol, port]) => ({ protocol, port }));
}

/** Undefined when this machine was so busy that a socket waited long enough to send again. */
async function recordProbe(
  probe: Probe,
  agents: ReadonlyMap<string, Agent>,
  tracers: ReadonlyMap<string, Tracer>,
): Promise<Got | undefined> {
  const { from, ...conversation } = probe;
  const tracked = [...agents.values()].filter(({ name }) => tracers.has(name));
  await Promise.all(tracked.map((agent) => agent.flush()));
  for (const tracer of tracers.values()) tracer.clear();
  for (const agent of agents.values()) agent.saw.length = 0;
  const client = agents.get(from);
  if (client === undefined) throw new Error(`no namespace ${from}`);
  const startMs = performance.now();
  const answer = await client.probe({ ...conversation, timeoutMs: PROBE_TIMEOUT_MS });
  if (performance.now() - startMs > LATE_MS) return undefined;
  const isSilent = answer.result === "timeout" && probe.proto === "udp";
  if (isSilent && !probe.dst.includes(":")) await pause(HARKEN_MS);
  await pause(SETTLE_MS + HEARSAY_MS);
  const tables = await Promise.all(
    tracked.map(async (agent) => [agent.name, await agent.tracked()] as const),
  );
  // Nothing of the trace is late, however busy this machine is.
  await Promise.all([...tracers.values()].map((tracer) => tracer.drain()));
  const saw = [...agents.values()].flatMap(({ name, saw: heard }) =>
    heard.map(({ kind, ...one }) => ({ ns: name, ...one })),
  );
  return gotOf({ answer, saw, tracked: tables, tracers });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
