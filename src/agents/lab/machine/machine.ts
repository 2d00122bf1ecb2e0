/** Where labs are built: this machine, or one with another kernel (`vm.ts`). */
import { RefusedError } from "../../../base/index.js";
import { listNetns, runProgram } from "../../system/run.js";
import { missingTools } from "../../system/tools.js";
import { Agent } from "../agent/agent.js";

/** What a lab asks of the machine it is built on. */
export interface Machine {
  /** Throws `RefusedError` where there can be no lab: `EPERM` without root, `ENOENT` without tools. */
  refuse(): void;
  /**
   * Runs a program in the machine's own network namespace, to its end; what it printed.
   *
   * Errors: `ProgramError` when it ends with another code than 0.
   */
  run(argv: readonly [string, ...string[]], input?: string): Promise<string>;
  /** Starts a process in each namespace, by pairs of names and real names. */
  startAgents(names: readonly (readonly [string, string])[]): ReadonlyMap<string, Agent>;
  /**
   * Takes namespaces away; names that are not there are no fault. On this machine they are gone when
   * it returns, for a signal may have been the reason; elsewhere, before anything else happens there.
   */
  removeNetns(names: readonly string[]): void;
}

/** This machine. */
export const thisMachine: Machine = {
  refuse: refuseHere,
  run: async (argv, input) => runProgram(argv, input),
  startAgents: (names) => Agent.startAll(names),
  removeNetns: removeNetnsHere,
};

/** Refuses this machine if there can be no lab on it. */
function refuseHere(): void {
  if (process.getuid?.() !== 0) {
    throw new RefusedError("EPERM", "a lab makes network namespaces, which takes root", {});
  }
  const missing = missingTools();
  if (missing.length === 0) return;
  const message = `a lab needs programs that are not here: ${missing.join(", ")}`;
  throw new RefusedError("ENOENT", message, { missing });
}

function removeNetnsHere(names: readonly string[]): void {
  const there = new Set(listNetns());
  const text = batchOf(names.filter((name) => there.has(name)).map((name) => `del ${name}`));
  if (text !== "") runProgram(IP_BATCH, text);
}

/** `ip` reading lines; those after one that fails are tried, too. */
export const IP_BATCH = ["ip", "-force", "-batch", "-"] as const;

/** Lines for `ip -batch`, of what follows `ip netns`. */
export function batchOf(lines: readonly string[]): string {
  return lines.map((line) => `netns ${line}\n`).join("");
}
