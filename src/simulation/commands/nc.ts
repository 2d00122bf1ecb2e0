/** nc -z: whether a port can be reached, as netcat-openbsd says it. */
import { tryParseAddr } from "../../addr/index.js";
import { type CommandResult, type Running, type Syscalls, waitFor } from "../process/process.js";
import { preferredAddrs, resolve } from "../process/resolve.js";
import type { Environment } from "./curl.js";

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Connection refused",
  ETIMEDOUT: "Connection timed out",
  EHOSTUNREACH: "No route to host",
  ENETUNREACH: "Network is unreachable",
  EACCES: "Permission denied",
};

/** Runs nc with the words after its name; it connects, says so, and closes. */
export function* nc(
  calls: Syscalls,
  environment: Environment,
  words: readonly string[],
): Running<CommandResult> {
  const { host, port, waitUs, verbose } = parseWords(words);
  if (host === undefined || port === undefined) {
    return { stdout: "", stderr: "usage: nc [-vz] [-w SECONDS] HOST PORT\n", exitCode: 1 };
  }
  const literal = tryParseAddr(host);
  const { resolver, families } = environment;
  const looked = literal === undefined ? yield* resolve(calls, resolver, host) : undefined;
  const found = looked?.kind === "found" ? preferredAddrs(looked.addrs, families) : [];
  const addr = literal ?? found[0];
  if (addr === undefined) {
    const stderr = `nc: getaddrinfo for host "${host}" port ${port}: Name or service not known\n`;
    return { stdout: "", stderr, exitCode: 1 };
  }
  const socket = calls.connect(addr, port);
  const event = yield* waitFor(calls, calls.nowUs() + waitUs, (e) => {
    if (!("socket" in e) || e.socket !== socket) return undefined;
    return e.kind === "connected" ? "connected" : e.kind === "failed" ? e.errno : undefined;
  });
  socket.close();
  if (event === "connected") {
    const stderr = verbose
      ? `Connection to ${host} (${addr}) ${port} port [tcp/*] succeeded!\n`
      : "";
    return { stdout: "", stderr, exitCode: 0 };
  }
  const reason = event === "timeout" ? "timed out" : (sentences[event] ?? event);
  const text = `nc: connect to ${host} (${addr}) port ${port} (tcp) failed: ${reason}\n`;
  return { stdout: "", stderr: verbose ? text : "", exitCode: 1 };
}

function parseWords(words: readonly string[]) {
  const plain: string[] = [];
  let waitUs = Number.POSITIVE_INFINITY;
  let verbose = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (!word.startsWith("-")) plain.push(word);
    else if (word.includes("v")) verbose = true;
    if (/^-[a-z]*w$/.test(word)) waitUs = Number(words[++at]) * 1_000_000;
  }
  const port = Number(plain[1]);
  return { host: plain[0], port: port > 0 ? port : undefined, waitUs, verbose };
}
