/**
 * Running the system's programs: always with argument arrays, never through a shell. Every program of
 * the lab runs inside one of the lab's namespaces, except `ip netns` itself.
 */
import { spawnSync } from "node:child_process";
import { RefusedError } from "../../base/index.js";

/** A program that ended badly. */
export class ProgramError extends RefusedError {
  readonly command: readonly string[];
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(command: readonly string[], exitCode: number | null, stderr: string) {
    const message = `${command.join(" ")}: exit ${exitCode}: ${stderr.trim()}`;
    super("program-failed", message, { command, exitCode, stderr });
    this.command = command;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** Most output of a program that is kept, bytes. */
const OUTPUT_LIMIT = 256 * 1024 * 1024;

/**
 * Runs a program to its end, with text for its standard input.
 *
 * Errors: `ProgramError` when it ends with another code than 0.
 */
export function runProgram(command: readonly [string, ...string[]], input = ""): string {
  const [program, ...args] = command;
  const done = spawnSync(program, args, { input, encoding: "utf8", maxBuffer: OUTPUT_LIMIT });
  if (done.error !== undefined) throw new ProgramError(command, null, done.error.message);
  if (done.status !== 0) throw new ProgramError(command, done.status, done.stderr);
  return done.stdout;
}

/** Where `ip netns` keeps names. */
const NETNS_FOLDER = "/run/netns";

/**
 * The command that runs a program inside a named namespace. Not `ip netns exec`: that mounts a `/sys`
 * of its own for every program, which none of the lab's looks at and which takes longer than most.
 */
export function inNetns(netns: string, command: readonly string[]): readonly [string, ...string[]] {
  return ["nsenter", `--net=${NETNS_FOLDER}/${netns}`, "--", ...command];
}

/** Tells the names of the namespaces. */
export const LIST_NETNS = ["ip", "netns", "list"] as const;

/** The names in what `ip netns list` printed. */
export function namesOf(text: string): string[] {
  const lines = text.split("\n");
  return lines.map((line) => line.split(" ")[0] as string).filter((name) => name !== "");
}

/** The names of the namespaces this machine has. */
export function listNetns(): string[] {
  return namesOf(runProgram(LIST_NETNS));
}
