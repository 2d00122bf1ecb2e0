/** The lab's side of the process in one namespace: starts it, asks it, hears what it says. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import type { Duplex, Readable, Writable } from "node:stream";
import { inNetns, ProgramError, runProgram } from "../../system/run.js";
import { AGENT_PROGRAM } from "./program.js";
import type {
  AgentCommand,
  AgentLine,
  AgentListener,
  AgentProbe,
  AgentRequest,
  CommandResult,
  SysctlsAsked,
} from "./protocol.js";

/** What an agent is told by its listeners. */
export type Saw = AgentLine & { readonly kind: "saw" };

/** What became of a conversation. */
export type Probed = AgentLine & { readonly kind: "probed" };

type Ask = AgentRequest extends infer R ? (R extends AgentRequest ? Omit<R, "id"> : never) : never;

/** The system's Python; what `PATH` has first may be a wrapper that takes long to start. */
const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

const PROGRAM = ["-I", "-S", "-c", AGENT_PROGRAM] as const;
/** The first descriptor of the program that is neither input, output nor errors. */
const FIRST_PIPE = 3;

/** Two ways to a process, and what ends it. */
export interface AgentStreams {
  readonly in: Writable;
  readonly out: Readable;
  readonly end: () => void;
  /** Where the process ended by itself: why. Default: nobody knows. */
  readonly whyEnded?: () => Error | undefined;
}

/** The connection to the process in one namespace. */
export class Agent {
  readonly name: string;
  readonly #input: Writable;
  readonly #end: () => void;
  readonly #whyEnded: () => Error | undefined;
  readonly #waiting = new Map<number, (line: AgentLine | undefined) => void>();
  #count = 0;
  #hasEnded = false;
  #isClosed = false;
  /** Everything its listeners heard so far; the lab empties it. */
  readonly saw: Saw[] = [];
  /** Told what a program that is watched prints, as it comes. */
  onPrinted: (text: string) => unknown = () => {};

  constructor(name: string, streams: AgentStreams) {
    this.name = name;
    this.#input = streams.in;
    this.#end = streams.end;
    this.#whyEnded = streams.whyEnded ?? (() => undefined);
    streams.in.on("error", () => {});
    const lines = createInterface({ input: streams.out });
    lines.on("line", (line) => this.#hear(line)).on("close", () => this.#giveUp());
  }

  /**
   * Starts a process in each namespace, by pairs of names and real names. They end with this process,
   * and together with the last agent that is closed.
   */
  static startAll(names: readonly (readonly [string, string])[]): Map<string, Agent> {
    const args = [...PROGRAM, "all", String(process.pid), JSON.stringify(names)];
    const pipes = names.map(() => "pipe" as const);
    const child = spawn(PYTHON, args, { stdio: ["pipe", "ignore", "inherit", ...pipes] });
    let open = names.length;
    const end = () => {
      if (--open === 0) child.kill("SIGKILL");
    };
    const agents = names.map(([name], i) => {
      const stream = child.stdio[FIRST_PIPE + i] as Duplex | null | undefined;
      if (stream === null || stream === undefined) throw new Error("a child has no pipes");
      return [name, new Agent(name, { in: stream, out: stream, end })] as const;
    });
    return new Map(agents);
  }

  /** Starts a process in one namespace that ends with this one. */
  static start(name: string, realName: string): Agent {
    return Agent.startAll([[name, realName]]).get(name) as Agent;
  }

  /** Starts a process that stays, and is reached through a socket at a path. */
  static leave(name: string, realName: string, socketPath: string): void {
    runProgram(inNetns(realName, [PYTHON, ...PROGRAM, "serve", name, socketPath]));
  }

  /** Reaches a process that was left. */
  static async reach(name: string, socketPath: string): Promise<Agent> {
    const socket = createConnection(socketPath);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve).once("error", reject);
    });
    return new Agent(name, { in: socket, out: socket, end: () => socket.destroy() });
  }

  /** Listens on every address of the namespace. */
  async listen(listeners: readonly AgentListener[]): Promise<void> {
    await this.#askFor("done", { kind: "listen", listeners });
  }

  /** Waits until its listeners have told of everything that has reached them. */
  async settle(): Promise<void> {
    await this.#askFor("done", { kind: "settle" });
  }

  /** Runs programs one after the other; what became of each. */
  async runAll(commands: readonly AgentCommand[]): Promise<readonly CommandResult[]> {
    return (await this.#askFor("ran", { kind: "run", commands })).results;
  }

  /**
   * Runs a program; what it printed.
   *
   * Errors: `ProgramError` when it ends with another code than 0.
   */
  async run(argv: readonly string[], input = ""): Promise<string> {
    const [result] = await this.runAll([{ argv, input }]);
    if (result?.exitCode !== 0) {
      const code = result?.exitCode ?? null;
      throw new ProgramError([`${this.name}:`, ...argv], code, result?.stderr ?? "");
    }
    return result.stdout;
  }

  /** Starts a program that prints until the agent ends or watches another; `onPrinted` is told. */
  async watch(argv: readonly string[]): Promise<void> {
    await this.#askFor("done", { kind: "watch", argv });
  }

  /** What a file of the namespace's `/proc` holds; nothing if there is none. */
  async read(path: string): Promise<string> {
    const { results } = await this.#askFor("ran", { kind: "read", path });
    return results[0]?.stdout ?? "";
  }

  /** Sets sysctls, by lines that `sysctl -p` takes. */
  async setSysctls(lines: readonly string[]): Promise<void> {
    if (lines.length > 0) await this.#askFor("done", { kind: "set", lines });
  }

  /** The namespace's sysctls by name, with the values they have. */
  async sysctls(asked: SysctlsAsked): Promise<Record<string, string>> {
    return (await this.#askFor("told", { kind: "sysctls", ...asked })).values;
  }

  /** Tracked connections, a line each, as `conntrack -L` prints them. */
  async tracked(): Promise<readonly string[]> {
    return (await this.#askFor("tracked", { kind: "conntrack", action: "list" })).lines;
  }

  /** Forgets all tracked connections. */
  async flush(): Promise<void> {
    await this.#askFor("done", { kind: "conntrack", action: "flush" });
  }

  /** Sends one datagram to the namespace's own 127.0.0.1; whether it arrives is no matter. */
  async mark(port: number): Promise<void> {
    await this.#askFor("done", { kind: "mark", port });
  }

  /** Tries one conversation. */
  probe(probe: AgentProbe): Promise<Probed> {
    return this.#askFor("probed", { kind: "probe", ...probe });
  }

  /** Ends the process that was started, or the connection to the one that was left. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#input.end();
    this.#end();
  }

  async #askFor<K extends AgentLine["kind"]>(
    kind: K,
    request: Ask,
  ): Promise<AgentLine & { readonly kind: K }> {
    const line = await this.#ask(request);
    if (line.kind === kind) return line as AgentLine & { readonly kind: K };
    const reason = line.kind === "done" ? (line.error ?? "") : "";
    throw new Error(`${this.name}: no answer to ${request.kind}: ${reason}`);
  }

  async #ask(request: Ask): Promise<AgentLine> {
    const id = this.#count++;
    const line = await new Promise<AgentLine | undefined>((resolve) => {
      if (this.#hasEnded) return resolve(undefined);
      this.#waiting.set(id, resolve);
      this.#input.write(`${JSON.stringify({ id, ...request })}\n`);
    });
    if (line === undefined) throw this.#whyEnded() ?? new Error(`${this.name}: the agent ended`);
    if (line.kind === "done" && line.error !== undefined) {
      throw new Error(`${this.name}: ${request.kind}: ${line.error}`);
    }
    return line;
  }

  #hear(text: string): void {
    const line = JSON.parse(text) as AgentLine;
    if (line.kind === "saw") {
      this.saw.push(line);
      return;
    }
    if (line.kind === "printed") {
      this.onPrinted(line.text);
      return;
    }
    const waiting = this.#waiting.get(line.id);
    this.#waiting.delete(line.id);
    waiting?.(line);
  }

  #giveUp(): void {
    this.#hasEnded = true;
    for (const waiting of this.#waiting.values()) waiting(undefined);
    this.#waiting.clear();
  }
}
