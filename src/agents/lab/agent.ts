/** The lab's side of the process in one namespace: starts it, asks it, hears what it says. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { AGENT_PROGRAM } from "./agent-program.js";
import type { AgentLine, AgentListener, AgentProbe, AgentRequest } from "./agent-protocol.js";
import { inNetns } from "./run.js";

/** What an agent is told by its listeners. */
export type Saw = AgentLine & { readonly kind: "saw" };

/** What became of a conversation. */
export type Probed = AgentLine & { readonly kind: "probed" };

/** One process inside one namespace. It ends when its standard input is closed. */
export class Agent {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (line: AgentLine | undefined) => void>();
  #count = 0;
  /** Everything its listeners heard so far; the lab empties it. */
  readonly saw: Saw[] = [];

  constructor(name: string, realName: string) {
    this.name = name;
    const [program, ...args] = inNetns(realName, ["python3", "-c", AGENT_PROGRAM, name]);
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.once("exit", () => this.#giveUp());
    this.#child.stdin?.on("error", () => {});
    if (this.#child.stdout === null) return;
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#hear(line));
  }

  /** Listens on every address of the namespace. */
  async listen(listeners: readonly AgentListener[]): Promise<void> {
    const line = await this.#ask((id) => ({ kind: "listen", id, listeners }));
    if (line.kind === "done" && line.error !== undefined) {
      throw new Error(`${this.name}: ${line.error}`);
    }
  }

  /** Tries one conversation. */
  async probe(probe: AgentProbe): Promise<Probed> {
    const line = await this.#ask((id) => ({ kind: "probe", id, ...probe }));
    if (line.kind !== "probed") {
      const reason = line.kind === "done" ? (line.error ?? "") : "";
      throw new Error(`${this.name}: no answer to a probe ${reason}`);
    }
    return line;
  }

  /** Ends the process. */
  close(): void {
    this.#child.stdin?.end();
    this.#child.kill();
  }

  #ask(make: (id: number) => AgentRequest): Promise<AgentLine> {
    const id = this.#count++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (line) => {
        if (line === undefined) reject(new Error(`${this.name}: the agent ended`));
        else resolve(line);
      });
      this.#child.stdin?.write(`${JSON.stringify(make(id))}\n`);
    });
  }

  #hear(text: string): void {
    const line = JSON.parse(text) as AgentLine;
    if (line.kind === "saw") {
      this.saw.push(line);
      return;
    }
    const waiting = this.#waiting.get(line.id);
    this.#waiting.delete(line.id);
    waiting?.(line);
  }

  #giveUp(): void {
    for (const waiting of this.#waiting.values()) waiting(undefined);
    this.#waiting.clear();
  }
}
