/** One pod or node of a running cluster, as somebody with a shell in it sees it. */
import type { Random } from "../base/index.js";
import { type Netns, showCommand } from "../netns/index.js";
import { runConntrack } from "./commands/conntrack.js";
import { curl, type Environment } from "./commands/curl.js";
import { nc } from "./commands/nc.js";
import { nslookup } from "./commands/nslookup.js";
import { ping } from "./commands/ping.js";
import { wget } from "./commands/wget.js";
import { splitWords } from "./commands/words.js";
import type { CommandResult, Running, Syscalls } from "./process/process.js";
import { printResolvConf } from "./resolv-conf.js";

/** What a host is made of. */
export interface Host {
  readonly netns: Netns;
  readonly environment: Environment;
  readonly random: Random;
}

/** A command that has its answer at once, or a process that needs the network and time. */
export type Command =
  | { readonly kind: "done"; readonly result: CommandResult }
  | { readonly kind: "process"; readonly main: (calls: Syscalls) => Running<CommandResult> };

/**
 * Reads a command line and says how it runs in a host.
 *
 * Shape: `kubectl exec`'s `sh -c "…"` is unwrapped. A command that is not known ends with 127, as a
 * shell ends it.
 */
export function readCommand(host: Host, line: string): Command {
  const words = splitWords(line);
  if (words === undefined)
    return done(fail(2, "sh: 1: Syntax error: Unterminated quoted string\n"));
  const [name = "", ...rest] = words;
  if ((name === "sh" || name === "bash") && rest[0] === "-c" && rest[1] !== undefined) {
    return readCommand(host, rest[1]);
  }
  const base = name.slice(name.lastIndexOf("/") + 1);
  const { environment } = host;
  switch (base) {
    case "curl":
      return { kind: "process", main: (calls) => curl(calls, environment, rest) };
    case "wget":
      return { kind: "process", main: (calls) => wget(calls, environment, rest) };
    case "nslookup":
      return { kind: "process", main: (calls) => nslookup(calls, environment.resolver, rest) };
    case "ping":
    case "ping6":
      return { kind: "process", main: (calls) => ping(calls, environment, rest) };
    case "nc":
    case "netcat":
      return { kind: "process", main: (calls) => nc(calls, environment, rest) };
    case "conntrack":
      return done(conntrack(host, rest));
    case "cat":
      return done(cat(host, rest));
    case "hostname":
      return done(ok(`${host.netns.name.slice(host.netns.name.indexOf("/") + 1)}\n`));
    case "true":
      return done(ok(""));
    case "echo":
      return done(ok(`${rest.join(" ")}\n`));
    default:
      return done(
        showCommand(host.netns, [base, ...rest]) ?? fail(127, `sh: 1: ${name}: not found\n`),
      );
  }
}

function conntrack({ netns }: Host, words: readonly string[]): CommandResult {
  const { netfilter, world } = netns.stack;
  return runConntrack(netfilter.conntrack, world.nowUs(), words);
}

function cat({ environment }: Host, words: readonly string[]): CommandResult {
  const [file = ""] = words;
  if (file === "/etc/resolv.conf") return ok(printResolvConf(environment.resolver));
  return fail(1, `cat: ${file}: No such file or directory\n`);
}

function done(result: CommandResult): Command {
  return { kind: "done", result };
}

function ok(stdout: string): CommandResult {
  return { stdout, stderr: "", exitCode: 0 };
}

function fail(exitCode: number, stderr: string): CommandResult {
  return { stdout: "", stderr, exitCode };
}
