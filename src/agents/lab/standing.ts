/**
 * Labs that stay when the command that built them ends: `lab up`, then `lab probe`, then `lab down`.
 * In each namespace a process is left that is reached through a socket; what is where is written down
 * beside the sockets. Nothing of that is needed to take a lab down.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RefusedError } from "../../base/index.js";
import type { Compiled } from "../../cluster/index.js";
import { runProgram } from "../system/run.js";
import { Agent } from "./agent/agent.js";
import type { AgentProbe } from "./agent/protocol.js";
import { removeStanding, standingNetns } from "./build/build.js";
import { type LabPlan, planLab, refuseBadName } from "./build/plan.js";
import { askOne, Lab, type LabAnswer, type LabOptions, listenersOf } from "./lab.js";
import { thisMachine } from "./machine/machine.js";

/** Where standing labs are written down, a folder each; only root looks into it. */
const FOLDER = "/run/kubewire";

/** What is written down of a lab. */
export interface StandingLab {
  readonly name: string;
  /** Names in the cluster, and the names that `ip netns` knows. */
  readonly netns: Readonly<Record<string, string>>;
  /** What people call addresses: `web.default`, `default/web-0`, `node-1`. */
  readonly addresses: Readonly<Record<string, string>>;
}

/**
 * Builds a lab that stays.
 *
 * Errors: as `Lab.open`; then, or on a signal, nothing is left behind.
 */
export async function raiseLab(
  compiled: Compiled,
  addresses: StandingLab["addresses"],
  options: LabOptions = {},
): Promise<StandingLab> {
  const plan = planLab(options.name ?? "lab", compiled);
  const lab = await Lab.open(compiled, { ...options, isSilent: true });
  try {
    rmSync(folderOf(plan.name), { recursive: true, force: true });
    mkdirSync(folderOf(plan.name), { recursive: true, mode: 0o700 });
    await Promise.all(plan.configs.map((c, at) => leaveAgent(plan, c.name, at)));
    const standing = { name: plan.name, netns: Object.fromEntries(plan.realNames), addresses };
    writeFileSync(join(folderOf(plan.name), "lab.json"), JSON.stringify(standing));
    lab.release();
    return standing;
  } catch (error) {
    lab.close();
    rmSync(folderOf(plan.name), { recursive: true, force: true });
    throw error;
  }
}

async function leaveAgent(plan: LabPlan, name: string, at: number): Promise<void> {
  const config = plan.configs[at];
  const real = plan.realNames.get(name);
  if (config === undefined || real === undefined) return;
  const path = join(folderOf(plan.name), `${real}.sock`);
  Agent.leave(name, real, path);
  const agent = await Agent.reach(name, path);
  await agent.listen(listenersOf(config));
  agent.close();
}

/**
 * What was written down of a lab.
 *
 * Errors: `RefusedError` `ENOENT` when no such lab stands.
 */
export function readStanding(name: string): StandingLab {
  refuseBadName(name);
  const file = join(folderOf(name), "lab.json");
  if (!existsSync(file)) {
    const message = `no lab ${JSON.stringify(name)} is up; kubewire lab up makes one`;
    throw new RefusedError("ENOENT", message, { name });
  }
  return JSON.parse(readFileSync(file, "utf8")) as StandingLab;
}

/**
 * Tries one conversation in a standing lab.
 *
 * Errors: `RefusedError` `ENOENT` when there is no such lab, or no such namespace in it.
 */
export async function probeStanding(
  name: string,
  from: string,
  probe: Omit<AgentProbe, "timeoutMs">,
): Promise<LabAnswer> {
  thisMachine.refuse();
  const standing = readStanding(name);
  const client = [from, `default/${from}`].find((n) => Object.hasOwn(standing.netns, n));
  if (client === undefined) {
    const names = Object.keys(standing.netns).join(", ");
    const message = `there is no ${JSON.stringify(from)} in the lab; there are ${names}`;
    throw new RefusedError("ENOENT", message, { from });
  }
  const reached = Object.entries(standing.netns).map(async ([netns, real]) => {
    return [netns, await Agent.reach(netns, join(folderOf(name), `${real}.sock`))] as const;
  });
  const agents = new Map(await Promise.all(reached));
  try {
    return await askOne(agents, client, probe);
  } finally {
    for (const agent of agents.values()) agent.close();
  }
}

/**
 * Takes a lab down: the processes in its namespaces, the namespaces, and what was written down. Also
 * one that was left half built.
 *
 * Returns: the names of the namespaces that are gone.
 */
export function takeDown(name: string): string[] {
  refuseBadName(name);
  thisMachine.refuse();
  for (const netns of standingNetns(name)) {
    const pids = runProgram(["ip", "netns", "pids", netns])
      .split(/\s+/)
      .filter((p) => p !== "");
    for (const pid of pids) kill(Number(pid));
  }
  const removed = removeStanding(name);
  rmSync(folderOf(name), { recursive: true, force: true });
  return removed;
}

/** One that has ended meanwhile is no fault. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    return;
  }
}

function folderOf(name: string): string {
  return join(FOLDER, name);
}
