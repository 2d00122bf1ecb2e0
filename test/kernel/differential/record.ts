/**
 * Recording a scenario: it is set up on the real kernel of this machine, dumped, and probed, one probe
 * after the other, as recordings of the suite `kernel` are made.
 */
import { execFile } from "node:child_process";
import { dumpNetns, type LabRecording } from "../../../src/agents/index.js";
import { Agent } from "../../../src/agents/lab/agent.js";
import type { AgentListener } from "../../../src/agents/lab/agent-protocol.js";
import { Tracer } from "../../../src/agents/lab/tracer.js";
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
/** A SYN is sent again after a second. */
const LATE_MS = 980;

/** Records a scenario in namespaces whose names begin with `prefix`; they are gone afterwards. */
export async function recordScenario(scenario: Scenario, prefix: string): Promise<Recorded> {
  const hosts = Object.keys(scenario.hosts);
  const names: RealNames = new Map(hosts.map((host, i) => [host, `${prefix}-${i}`]));
  const agents: Agent[] = [];
  const tracers = new Map<string, Tracer>();
  try {
    const refused = buildScenario(scenario, names);
    for (const [host, name] of names) agents.push(new Agent(host, name));
    await Promise.all(agents.map((agent) => agent.listen(listenersOf(scenario, agent.name))));
    const namespaces: Record<string, LabRecording["namespaces"][string]> = {};
    for (const [host, name] of names) namespaces[host] = await dumpNetns(name);
    const ruled = new Map([...names].filter(([host]) => hasRules(scenario, host)));
    for (const [host, name] of ruled) tracers.set(host, new Tracer(name));
    await pause(START_MS);
    const probes: LabRecording["probes"][number][] = [];
    for (const probe of scenario.probes) {
      const got = await recordProbe(probe, { names: ruled, agents, tracers });
      if (got === undefined) break;
      probes.push({ probe, got });
    }
    const { name, family, veths, listeners } = scenario;
    return { recording: { name, family, namespaces, veths, listeners, probes }, refused };
  } finally {
    for (const tracer of tracers.values()) tracer.close();
    for (const agent of agents) agent.close();
    removeScenario(names);
  }
}

function listenersOf(scenario: Scenario, host: string): AgentListener[] {
  return scenario.listeners
    .filter(([owner]) => owner === host)
    .map(([, protocol, port]) => ({ protocol, port }));
}

/** Without rules, no connection is tracked and no chain tells of a packet. */
function hasRules({ hosts }: Scenario, host: string): boolean {
  const { iptables, ip6tables, nft } = hosts[host] ?? {};
  return iptables !== undefined || ip6tables !== undefined || nft !== undefined;
}

interface Stage {
  /** Namespaces that have rules. */
  readonly names: RealNames;
  readonly agents: readonly Agent[];
  readonly tracers: ReadonlyMap<string, Tracer>;
}

/** Undefined when this machine was so busy that a socket waited long enough to send again. */
async function recordProbe(
  probe: Probe,
  { names, agents, tracers }: Stage,
): Promise<Got | undefined> {
  const { from, ...conversation } = probe;
  await inEach(names, ["conntrack", "-F"]);
  for (const tracer of tracers.values()) tracer.clear();
  for (const agent of agents) agent.saw.length = 0;
  const client = agents.find((agent) => agent.name === from);
  if (client === undefined) throw new Error(`no namespace ${from}`);
  const startMs = performance.now();
  const answer = await client.probe({ ...conversation, timeoutMs: PROBE_TIMEOUT_MS });
  if (performance.now() - startMs > LATE_MS) return undefined;
  await pause(SETTLE_MS + HEARSAY_MS);
  const tables4 = await inEach(names, ["conntrack", "-L"]);
  const tables6 = await inEach(names, ["conntrack", "-L", "-f", "ipv6"]);
  const saw = agents.flatMap(({ name, saw: heard }) =>
    heard.map(({ kind: _, ...one }) => ({ ns: name, ...one })),
  );
  return {
    result: answer.result,
    src: answer.src,
    sport: answer.sport,
    ...(answer.answeredBy !== undefined && { answered_by: answer.answeredBy }),
    ...(answer.icmp && { icmp: answer.icmp }),
    server_saw: saw,
    conntrack: withoutEmpty(
      [...names.keys()].map((host) => [
        host,
        [...linesOf(tables4, host), ...linesOf(tables6, host)],
      ]),
    ),
    trace: withoutEmpty([...tracers].map(([host, tracer]) => [host, tracer.firstPacket()])),
  };
}

async function inEach(names: RealNames, command: string[]): Promise<Map<string, string>> {
  const all = [...names].map(
    ([host, name]) =>
      new Promise<[string, string]>((resolve) => {
        const args = [`--net=/run/netns/${name}`, ...command];
        execFile("nsenter", args, { encoding: "utf8" }, (_error, out) => resolve([host, out]));
      }),
  );
  return new Map(await Promise.all(all));
}

function linesOf(tables: ReadonlyMap<string, string>, host: string): string[] {
  return (tables.get(host) ?? "").split("\n").filter((line) => line !== "");
}

function withoutEmpty(entries: readonly (readonly [string, readonly string[]])[]) {
  return Object.fromEntries(entries.filter(([, lines]) => lines.length > 0));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
