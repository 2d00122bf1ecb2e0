/**
 * A virtual machine with another kernel, as a place for labs. The machine itself is somebody else's
 * program, the runner; what is asked of it is in `VmOptions`. There runs nothing but the agents'
 * program: clusters are made, compiled, replayed and compared here, for a machine without hardware's
 * help takes twenty times as long for that. Both sides see one folder, and talk through two files in it:
 *
 *   requests   a line of JSON each, written here     answers   KEY, tab, an agent's line, written there
 */
import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { RefusedError } from "../../../base/index.js";
import { isThere, missingTools } from "../../system/tools.js";
import { Agent } from "../agent/agent.js";
import { AGENT_PROGRAM } from "../agent/program.js";
import { batchOf, IP_BATCH, type Machine } from "./machine.js";

/** How a machine is started. */
export interface VmOptions {
  /**
   * A program that is called `RUNNER JOB.sh OUT_DIR SECONDS`: it boots a kernel, runs the job there
   * with bash as root, on a root file system that shows this machine's files, with `OUT_DIR` writable
   * at `/out` and seen from both sides at once; it ends with the job, or after so many seconds.
   */
  readonly runner: string;
  /** For how long, from the boot on. Default: 600. */
  readonly seconds?: number;
}

/** What the machine's kernel needs and loads for nobody: a module that is not there is no fault. */
const MODULES = "br_netfilter nf_conntrack nf_conntrack_netlink ip_set ip_vs sctp dummy ipip";

/** Where the tools are comes first: this machine's other folders are slow to search from there. */
const JOB = `export PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
for module in ${MODULES}; do modprobe -q "$module"; done
exec python3 -I -S /out/program.py folder /out
`;

/** How often answers are looked for, and how often a sign of life is given, milliseconds. */
const LOOK_MS = 4;
const PULSE_MS = 2000;
/** How long the machine is given to end by itself, milliseconds. */
const END_MS = 10_000;
const READ_BYTES = 1 << 20;

/** One running machine. */
export class VirtualMachine implements Machine {
  readonly #folder: string;
  readonly #out: string;
  readonly #child: ChildProcess;
  readonly #heard = new Map<string, PassThrough>();
  readonly #root: Agent;
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #answers: number;
  readonly #buffer = Buffer.alloc(READ_BYTES);
  readonly #ended: Promise<void>;
  #rest = Buffer.alloc(0);
  #keys = 0;
  #failure: RefusedError | undefined;

  private constructor({ runner, seconds = 600 }: VmOptions) {
    this.#folder = mkdtempSync(join(tmpdir(), "kubewire-vm-"));
    this.#out = join(this.#folder, "out");
    mkdirSync(this.#out);
    writeFileSync(join(this.#folder, "job.sh"), JOB);
    writeFileSync(join(this.#out, "program.py"), AGENT_PROGRAM);
    writeFileSync(join(this.#out, "requests"), "");
    writeFileSync(join(this.#out, "answers"), "");
    this.#answers = openSync(join(this.#out, "answers"), "r");
    const args = [join(this.#folder, "job.sh"), this.#out, String(seconds)];
    this.#child = spawn(runner, args, { stdio: ["ignore", "ignore", "inherit"], detached: true });
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", () => this.#fail(noRunner(runner)));
      this.#child.once("close", (code) => {
        this.#fail(this.#whyEnded(code, seconds));
        resolve();
      });
    });
    this.#timers = [
      setInterval(() => this.#look(), LOOK_MS),
      setInterval(() => this.#tell(undefined), PULSE_MS),
    ];
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    this.#root = this.#open("the machine", null);
  }

  /**
   * Boots a machine and waits until it answers.
   *
   * Errors: `RefusedError` `ENOENT` when there is no such runner or no tools, `ETIMEDOUT` when the time
   * was over, `EIO` when the machine ended by itself.
   */
  static async boot(options: VmOptions): Promise<VirtualMachine> {
    if (!options.runner.includes("/") && !isThere(options.runner)) throw noRunner(options.runner);
    const missing = missingTools();
    if (missing.length > 0) {
      const message = `a lab needs programs that are not here: ${missing.join(", ")}`;
      throw new RefusedError("ENOENT", message, { missing });
    }
    const machine = new VirtualMachine(options);
    try {
      await machine.run(["ip", "link", "set", "lo", "up"]);
    } catch (error) {
      await machine.end();
      throw error;
    }
    return machine;
  }

  /** What was refused was refused before the boot. */
  refuse(): void {}

  run(argv: readonly [string, ...string[]], input = ""): Promise<string> {
    return this.#root.run(argv, input);
  }

  startAgents(names: readonly (readonly [string, string])[]): ReadonlyMap<string, Agent> {
    return new Map(names.map(([name, real]) => [name, this.#open(name, real)]));
  }

  removeNetns(names: readonly string[]): void {
    // Nobody waits: what is asked next is done there afterwards. Names that are not there are told of.
    const text = batchOf(names.map((name) => `del ${name}`));
    this.#root.runAll([{ argv: IP_BATCH, input: text }]).catch(() => {});
  }

  /** Ends the machine, and takes away what was written for it. Ending twice is fine. */
  async end(): Promise<void> {
    this.#tell({ end: true });
    const timer = setTimeout(() => this.#kill(), END_MS);
    await this.#ended;
    clearTimeout(timer);
    this.#clear();
  }

  /** A process there, which this side knows by a key. */
  #open(name: string, netns: string | null): Agent {
    const key = String(this.#keys++);
    const out = new PassThrough();
    this.#heard.set(key, out);
    this.#tell({ open: key, name, netns });
    const input = new Writable({
      decodeStrings: false,
      write: (chunk: string | Buffer, _encoding, done) => {
        this.#tell({ to: key, text: chunk.toString() });
        done();
      },
    });
    const end = () => {
      this.#heard.delete(key);
      this.#tell({ close: key });
      out.end();
    };
    return new Agent(name, { in: input, out, end, whyEnded: () => this.#failure });
  }

  #tell(request: object | undefined): void {
    if (this.#failure !== undefined) return;
    const line = request === undefined ? "" : JSON.stringify(request);
    appendFileSync(join(this.#out, "requests"), `${line}\n`);
  }

  #look(): void {
    for (;;) {
      const count = readSync(this.#answers, this.#buffer, 0, READ_BYTES, null);
      if (count === 0) return;
      this.#rest = Buffer.concat([this.#rest, this.#buffer.subarray(0, count)]);
      const end = this.#rest.lastIndexOf("\n");
      const lines = this.#rest.subarray(0, end + 1).toString();
      this.#rest = this.#rest.subarray(end + 1);
      for (const line of lines.split("\n")) {
        const tab = line.indexOf("\t");
        if (tab > 0) this.#heard.get(line.slice(0, tab))?.write(`${line.slice(tab + 1)}\n`);
      }
    }
  }

  #whyEnded(code: number | null, seconds: number): RefusedError {
    if (code === 124) {
      const message = `the machine was not done within ${seconds} s`;
      return new RefusedError("ETIMEDOUT", message, { seconds });
    }
    const log = readOr(join(this.#out, "job.log")).trim();
    return new RefusedError("EIO", `the machine ended${log && `: ${log}`}`, { code, log });
  }

  #fail(failure: RefusedError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    for (const timer of this.#timers) clearInterval(timer);
    for (const out of this.#heard.values()) out.end();
  }

  readonly #onSignal = (signal: NodeJS.Signals) => {
    this.#tell({ end: true });
    this.#kill();
    this.#clear();
    process.kill(process.pid, signal);
  };

  /** The runner's process group; what has left that group ends because nobody gives a sign of life. */
  #kill(): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, "SIGTERM");
    } catch {
      return;
    }
  }

  #clear(): void {
    this.#fail(new RefusedError("EIO", "the machine was ended", {}));
    for (const signal of SIGNALS) process.removeListener(signal, this.#onSignal);
    closeSync(this.#answers);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function noRunner(runner: string): RefusedError {
  const message = `there is no program ${JSON.stringify(runner)} that runs a virtual machine`;
  return new RefusedError("ENOENT", message, { runner });
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
