/** wget as BusyBox (1.36) has it: the same request as curl's, other words around it. */
import type { CommandResult, Running, Syscalls } from "../process/process.js";
import { type Environment, fetch, type Outcome } from "./curl.js";
import { type CurlOptions, parseUrl } from "./curl-options.js";

/** BusyBox gives up after 15 minutes (`TIMEOUT_DEFAULT` of networking/wget.c). */
const defaultTimeoutUs = 900_000_000;

interface WgetOptions {
  readonly request: CurlOptions;
  readonly quiet: boolean;
  /** `-O -`: the body is printed. */
  readonly toStdout: boolean;
}

/** Runs wget with the words after its name. */
export function* wget(
  calls: Syscalls,
  environment: Environment,
  words: readonly string[],
): Running<CommandResult> {
  const options = parseWords(words);
  if (options === undefined) {
    return { stdout: "", stderr: "BusyBox: usage: wget [-qO FILE] [-T SEC] URL\n", exitCode: 1 };
  }
  const outcome = yield* fetch(calls, environment, options.request);
  return report(outcome, options);
}

function parseWords(words: readonly string[]): WgetOptions | undefined {
  let output = "";
  let quiet = false;
  let spider = false;
  let timeoutUs = defaultTimeoutUs;
  let target: string | undefined;
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    const timeout = /^(?:-T|--timeout=)(.*)$/.exec(word);
    const short = /^-([a-z]*)O(.*)$/.exec(word);
    if (timeout !== null) timeoutUs = Number(timeout[1] || queue.shift()) * 1_000_000;
    else if (short !== null) {
      quiet ||= short[1]?.includes("q") === true;
      output = short[2] || (queue.shift() ?? "");
    } else if (word === "-q" || word === "--quiet") quiet = true;
    else if (word === "--spider") spider = true;
    else if (!word.startsWith("-")) target = word;
  }
  const url = target === undefined ? undefined : parseUrl(target);
  if (url === undefined || !(timeoutUs > 0)) return undefined;
  return { request: requestFor(url, spider, timeoutUs), quiet, toStdout: output === "-" };
}

function requestFor(url: CurlOptions["url"], spider: boolean, timeoutUs: number): CurlOptions {
  return {
    url,
    method: spider ? "HEAD" : "GET",
    silent: false,
    verbose: false,
    showHeaders: false,
    discardBody: false,
    writeOut: "",
    maxTimeUs: timeoutUs,
    connectTimeoutUs: timeoutUs,
    family: undefined,
    headers: [],
    data: undefined,
    failOnError: true,
  };
}

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Connection refused",
  EHOSTUNREACH: "Host is unreachable",
  ENETUNREACH: "Network unreachable",
  ETIMEDOUT: "Connection timed out",
};

function report(outcome: Outcome, { request, quiet, toStdout }: WgetOptions): CommandResult {
  const { host, port } = request.url;
  if (outcome.kind === "failure") {
    return { stdout: "", stderr: `wget: ${complaint(outcome, host)}\n`, exitCode: 1 };
  }
  const { status, statusLine, body } = outcome.response;
  const head = quiet ? "" : `Connecting to ${host}:${port} (${outcome.addr}:${port})\n`;
  if (status >= 400) {
    const stderr = `${head}wget: server returned error: ${statusLine}\n`;
    return { stdout: "", stderr, exitCode: 1, status };
  }
  return { stdout: toStdout ? body : "", stderr: head, exitCode: 0, status };
}

function complaint(outcome: Outcome & { readonly kind: "failure" }, host: string): string {
  if (outcome.code === 6) return `bad address '${host}'`;
  if (outcome.code === 28 && outcome.errno !== "ETIMEDOUT") return "download timed out";
  const { addr, errno } = outcome;
  if (addr === undefined || errno === undefined) return outcome.message;
  return `can't connect to remote host (${addr}): ${sentences[errno] ?? errno}`;
}
