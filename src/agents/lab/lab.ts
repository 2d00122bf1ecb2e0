/**
 * A lab: a compiled cluster as real network namespaces on this machine, with a process in each that
 * listens and connects. The host's own namespace is never touched; whatever happens, what was built
 * is taken down.
 */
import type { Compiled } from "../../cluster/index.js";
import type { Got } from "../../fabric/index.js";
import type { NetnsConfig } from "../../netns/index.js";
import { Agent } from "./agent.js";
import type { AgentListener, AgentProbe } from "./agent-protocol.js";
import { type BuildOptions, buildLab, removeNetns } from "./build.js";
import { type LabPlan, planLab } from "./plan.js";

/** How a lab is made. */
export interface LabOptions extends BuildOptions {
  /** Part of the namespaces' names. Default: `lab`. */
  readonly name?: string;
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
/** How long a listener's word is waited for after the client had its answer, milliseconds. */
const HEARSAY_MS = 30;

/** One running lab. */
export class Lab {
  readonly plan: LabPlan;
  readonly #agents = new Map<string, Agent>();
  readonly #onSignal: (signal: NodeJS.Signals) => void;
  readonly #onExit: () => void;
  #isOpen = true;

  private constructor(plan: LabPlan) {
    this.plan = plan;
    this.#onExit = () => this.close();
    this.#onSignal = (signal) => {
      this.close();
      process.kill(process.pid, signal);
    };
    process.once("exit", this.#onExit);
    for (const signal of SIGNALS) process.once(signal, this.#onSignal);
  }

  /**
   * Builds a cluster and starts its listeners.
   *
   * Errors: `RefusedError` `EEXIST` when names clash, `ProgramError` when a tool refuses a text. Then
   * nothing is left behind.
   *
   * Use: `const lab = await Lab.open(cluster.compile())`, then `await lab.close()` whatever happened.
   */
  static async open(compiled: Compiled, options: LabOptions = {}): Promise<Lab> {
    const plan = planLab(options.name ?? "lab", compiled);
    refuseWithoutRoot();
    const lab = new Lab(plan);
    try {
      buildLab(plan, options);
      await lab.#startAgents();
      return lab;
    } catch (error) {
      // Names that were taken belong to somebody else: they stay.
      if (isClash(error)) lab.#forget();
      else lab.close();
      throw error;
    }
  }

  /** Tries one conversation from a namespace, by its name in the cluster. */
  async probe(from: string, probe: Omit<AgentProbe, "timeoutMs">): Promise<LabAnswer> {
    for (const agent of this.#agents.values()) agent.saw.length = 0;
    const agent = this.#agents.get(from);
    if (agent === undefined) throw new Error(`there is no namespace ${JSON.stringify(from)}`);
    const got = await agent.probe({ ...probe, timeoutMs: PROBE_TIMEOUT_MS });
    await new Promise((resolve) => setTimeout(resolve, HEARSAY_MS));
    const saw = [...this.#agents.values()].flatMap((a) =>
      a.saw.map(({ kind, ...heard }) => ({ netns: a.name, ...heard })),
    );
    const { kind: _kind, id: _id, ...answer } = got;
    return { ...answer, saw };
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
    removeNetns(this.plan.name);
  }

  #forget(): void {
    this.#isOpen = false;
    process.removeListener("exit", this.#onExit);
    for (const signal of SIGNALS) process.removeListener(signal, this.#onSignal);
  }

  async #startAgents(): Promise<void> {
    await Promise.all(
      this.plan.configs.map(async (config) => {
        const agent = new Agent(config.name, this.realName(config.name));
        this.#agents.set(config.name, agent);
        await agent.listen(listenersOf(config));
      }),
    );
  }
}

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

function listenersOf(config: NetnsConfig): AgentListener[] {
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
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}

function refuseWithoutRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new Error("a lab makes network namespaces, which takes root");
}
