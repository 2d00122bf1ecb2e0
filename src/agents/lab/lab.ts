/**
 * A lab: a compiled cluster as real network namespaces on this machine, with a process in each that
 * listens and connects. The host's own namespace is never touched; whatever happens, what was built
 * is taken down.
 */
import { RefusedError } from "../../base/index.js";
import type { Compiled } from "../../cluster/index.js";
import type { Got } from "../../fabric/index.js";
import type { NetnsConfig } from "../../netns/index.js";
import type { Agent } from "./agent/agent.js";
import type { AgentListener, AgentProbe } from "./agent/protocol.js";
import { addNetns, type BuildOptions, configureLab, realNamesOf } from "./build/build.js";
import { type LabPlan, planLab } from "./build/plan.js";
import { type Machine, thisMachine } from "./machine/machine.js";

/** How a lab is made. */
export interface LabOptions extends BuildOptions {
  /** Part of the namespaces' names. Default: `lab`. */
  readonly name?: string;
  /** Whether nothing listens. Default: false. */
  readonly isSilent?: boolean;
  /** Where it is built. Default: here. */
  readonly machine?: Machine;
}

/** What became of a conversation in a lab. */
export interface LabAnswer {
  /** `ok`, `timeout`, or the name of the socket's error. */
  readonly result: string;
  readonly src: string;
  readonly sport: number;
  readonly answeredBy?: string;
  /** The ICMP error that the socket was told of. */
  readonly icmp?: NonNullable<Got["icmp"]>;
  /** What listeners heard, in whatever namespace. */
  readonly saw: readonly {
    readonly netns: string;
    readonly proto: "tcp" | "udp";
    readonly local: string;
    readonly lport: number;
    readonly peer: string;
    readonly pport: number;
  }[];
}

/** How long a socket waits, milliseconds: as long as in the recordings. */
const PROBE_TIMEOUT_MS = 600;

/** One running lab. */
export class Lab {
  readonly plan: LabPlan;
  #agents: ReadonlyMap<string, Agent> = new Map();
  readonly #onSignal: (signal: NodeJS.Signals) => void;
  readonly #onExit: () => void;
  readonly #machine: Machine;
  #isOpen = true;

  private constructor(plan: LabPlan, machine: Machine) {
    this.plan = plan;
    this.#machine = machine;
    this.#onExit = () => this.close();
    this.#onSignal = (signal) => {
      // A second signal, as a terminal and a parent may send it, must not end the clearing up.
      process.on(signal, hearNothing);
      this.close();
      process.removeListener(signal, hearNothing);
      process.kill(process.pid, signal);
    };
    process.once("exit", this.#onExit);
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /**
   * Builds a cluster and starts its listeners.
   *
   * Errors: `RefusedError`: `EEXIST` when names clash, `EPERM` without root, `ENOENT` without the
   * tools; `ProgramError` when a tool refuses a text. Then nothing is left behind.
   *
   * Use: `const lab = await Lab.open(cluster.compile())`, then `lab.close()` whatever happened.
   */
  static async open(compiled: Compiled, options: LabOptions = {}): Promise<Lab> {
    const plan = planLab(options.name ?? "lab", compiled);
    const { machine = thisMachine } = options;
    machine.refuse();
    const lab = new Lab(plan, machine);
    try {
      await addNetns(plan, machine);
      lab.#startAgents();
      await configureLab(plan, { agents: lab.#agents, machine }, options);
      if (!options.isSilent) {
        await Promise.all(plan.configs.map((c) => lab.agent(c.name).listen(listenersOf(c))));
      }
      return lab;
    } catch (error) {
      // Names that were taken belong to somebody else: they stay.
      if (isClash(error)) lab.#forget();
      else lab.close();
      throw error;
    }
  }

  /** Tries one conversation from a namespace, by its name in the cluster. */
  probe(from: string, probe: Omit<AgentProbe, "timeoutMs">): Promise<LabAnswer> {
    return askOne(this.#agents, from, probe);
  }

  /** The process in a namespace, by the namespace's name in the cluster. */
  agent(name: string): Agent {
    const agent = this.#agents.get(name);
    if (agent === undefined) throw new Error(`there is no namespace ${JSON.stringify(name)}`);
    return agent;
  }

  /** The real name of a namespace. */
  realName(name: string): string {
    const real = this.plan.realNames.get(name);
    if (real === undefined) throw new Error(`there is no namespace ${JSON.stringify(name)}`);
    return real;
  }

  /** Ends all processes and removes all namespaces. Closing twice is fine. */
  close(): void {
    if (!this.#isOpen) return;
    this.#forget();
    for (const agent of this.#agents.values()) agent.close();
    this.#machine.removeNetns(realNamesOf(this.plan));
  }

  /** Ends the lab's processes and leaves its namespaces to somebody else. */
  release(): void {
    this.#forget();
    for (const agent of this.#agents.values()) agent.close();
  }

  #forget(): void {
    this.#isOpen = false;
    process.removeListener("exit", this.#onExit);
    for (const signal of SIGNALS) process.removeListener(signal, this.#onSignal);
  }

  #startAgents(): void {
    const { realNames, switchName } = this.plan;
    this.#agents = this.#machine.startAgents([...realNames, [switchName, switchName]]);
  }
}

/** Tries one conversation, and gathers what listeners heard of it. */
export async function askOne(
  agents: ReadonlyMap<string, Agent>,
  from: string,
  probe: Omit<AgentProbe, "timeoutMs">,
): Promise<LabAnswer> {
  const client = agents.get(from);
  if (client === undefined) throw new Error(`there is no namespace ${JSON.stringify(from)}`);
  for (const agent of agents.values()) agent.saw.length = 0;
  const got = await client.probe({ ...probe, timeoutMs: PROBE_TIMEOUT_MS });
  await Promise.all([...agents.values()].map((agent) => agent.settle()));
  const saw = [...agents.values()].flatMap((a) =>
    a.saw.map(({ kind, ...heard }) => ({ netns: a.name, ...heard })),
  );
  const { kind: _kind, id: _id, ...answer } = got;
  return { ...answer, saw };
}

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

function hearNothing(): void {}

/** What a namespace of the lab listens on. */
export function listenersOf(config: NetnsConfig): AgentListener[] {
  const ports = config.listeners.flatMap(({ protocol, port }) =>
    protocol === "sctp" ? [] : [{ protocol, port }],
  );
  const seen = new Set<string>();
  return ports.filter(({ protocol, port }) => {
    const key = `${protocol} ${port}`;
    return !seen.has(key) && seen.add(key);
  });
}

function isClash(error: unknown): boolean {
  return error instanceof RefusedError && error.code === "EEXIST";
}
