/**
 * Running a program under another kernel: in a small virtual machine that sees this machine's files.
 * The machine itself is somebody else's program, the runner; what is asked of it is in `VmJob`.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RefusedError } from "../../base/index.js";
import { isThere } from "./tools.js";

/** One program to run there. */
export interface VmJob {
  /**
   * A program that is called `RUNNER JOB.sh OUT_DIR SECONDS`: it boots a kernel, runs the job there
   * with bash as root, on a root file system that shows this machine's files, with `OUT_DIR` writable
   * at `/out`; its exit status is the job's, or 124 when the time was over.
   */
  readonly runner: string;
  /** The program and its words; paths are this machine's. */
  readonly argv: readonly string[];
  /** Where it runs. Default: here. */
  readonly cwd?: string;
  /** For how long, from the boot on. Default: 600. */
  readonly seconds?: number;
  /** Told what the program writes to standard error, as it comes. Default: nobody. */
  readonly onError?: (text: string) => void;
}

/** What became of it. */
export interface VmResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the machine's kernel needs and loads for nobody: a module that is not there is no fault. */
const MODULES = "br_netfilter nf_conntrack nf_conntrack_netlink ip_set ip_vs sctp dummy ipip";

/**
 * The job is the same for every program: the program's words are data, never a shell's line. Where the
 * tools are comes first in `PATH`: folders of this machine are slow to search from there.
 */
const JOB = `export PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
for module in ${MODULES}; do modprobe -q "$module"; done
exec python3 -I -S -c '
import json, os
with open("/out/program.json") as f:
    job = json.load(f)
os.chdir(job["cwd"])
for fd, name in ((1, "stdout"), (2, "stderr")):
    os.dup2(os.open("/out/" + name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), fd)
os.execvp(job["argv"][0], job["argv"])
'
`;

/** How often standard error is looked at, milliseconds. */
const LOOK_MS = 500;

/**
 * Runs a program in the machine, to its end.
 *
 * Errors: `RefusedError` `ENOENT` when there is no such runner, `ETIMEDOUT` when the time was over,
 * `EIO` when the machine ended without having run the program.
 */
export async function runInVm(job: VmJob): Promise<VmResult> {
  if (!job.runner.includes("/") && !isThere(job.runner)) throw noRunner(job.runner);
  const folder = mkdtempSync(join(tmpdir(), "kubewire-vm-"));
  const out = join(folder, "out");
  mkdirSync(out);
  writeFileSync(join(folder, "job.sh"), JOB);
  const { argv, cwd = process.cwd(), seconds = 600 } = job;
  writeFileSync(join(out, "program.json"), JSON.stringify({ argv, cwd }));
  let told = 0;
  const look = () => {
    const text = readOr(join(out, "stderr"));
    if (text.length > told) job.onError?.(text.slice(told));
    told = text.length;
  };
  const timer = setInterval(look, LOOK_MS);
  try {
    const exitCode = await boot(job.runner, [join(folder, "job.sh"), out, String(seconds)]);
    look();
    return result(exitCode, out, seconds);
  } finally {
    clearInterval(timer);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The runner and what it starts are one process group, which ends with this process. */
function boot(runner: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(runner, args, { stdio: ["ignore", "ignore", "inherit"], detached: true });
    const end = () => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
    };
    const onSignal = (signal: NodeJS.Signals) => {
      end();
      process.kill(process.pid, signal);
    };
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const signal of signals) process.once(signal, onSignal);
    child.once("error", () => reject(noRunner(runner)));
    child.once("close", (code) => {
      for (const signal of signals) process.removeListener(signal, onSignal);
      resolve(code ?? 1);
    });
  });
}

function result(exitCode: number, out: string, seconds: number): VmResult {
  if (exitCode === 124) {
    throw new RefusedError("ETIMEDOUT", `the program did not end within ${seconds} s`, { seconds });
  }
  const [stdout, stderr] = [readOr(join(out, "stdout")), readOr(join(out, "stderr"))];
  const log = readOr(join(out, "job.log"));
  if (log !== "") throw new RefusedError("EIO", `the machine says: ${log.trim()}`, { log });
  return { exitCode, stdout, stderr };
}

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
