/**
 * curl: resolves a name, connects, asks, prints the answer; exit codes and messages are curl's own
 * (7.88, which the images people use carry).
 */
import { type Addr, tryParseAddr } from "../../addr/index.js";
import type { ResolverConfig } from "../dns/resolver.js";
import {
  type HttpResponse,
  parseResponse,
  printRequest,
  toBytes,
  toText,
} from "../process/http.js";
import {
  type CommandResult,
  type Errno,
  type ProcessEvent,
  type Running,
  type StreamSocket,
  type Syscalls,
  waitFor,
} from "../process/process.js";
import { preferredAddrs, resolve } from "../process/resolve.js";
import { type CurlOptions, parseCurl } from "./curl-options.js";

/** What a command finds in its surroundings. */
export interface Environment {
  readonly resolver: ResolverConfig;
  /** Families that the pod has an address of. */
  readonly families: readonly string[];
}

/** Exit codes of curl that the network can cause. */
const Exit = {
  unsupported: 1,
  usage: 2,
  badUrl: 3,
  resolve: 6,
  connect: 7,
  status: 22,
  timeout: 28,
  tls: 35,
  empty: 52,
  receive: 56,
} as const;

/** Runs curl with the words after its name. */
export function* curl(
  calls: Syscalls,
  environment: Environment,
  words: readonly string[],
): Running<CommandResult> {
  const options = parseCurl(words);
  if (typeof options === "string") {
    const code = options.startsWith("URL") ? Exit.badUrl : Exit.usage;
    return { stdout: "", stderr: `curl: (${code}) ${options}\n`, exitCode: code };
  }
  const outcome = yield* fetch(calls, environment, options);
  return report(outcome, options);
}

/** What became of a fetch; `code` is curl's exit code. */
export type Outcome =
  | { readonly kind: "response"; readonly response: HttpResponse; readonly addr: Addr }
  | {
      readonly kind: "failure";
      readonly code: number;
      readonly message: string;
      /** The address that was tried last, and what its socket said. */
      readonly addr?: Addr;
      readonly errno?: Errno;
    };

function fail(code: number, message: string, at: { addr?: Addr; errno?: Errno } = {}): Outcome {
  return { kind: "failure", code, message, ...at };
}

/** Resolves, connects, asks, and waits for the whole answer. */
export function* fetch(
  calls: Syscalls,
  environment: Environment,
  options: CurlOptions,
): Running<Outcome> {
  const startUs = calls.nowUs();
  const { host } = options.url;
  if (options.url.scheme !== "http" && options.url.scheme !== "https") {
    return fail(Exit.unsupported, `Protocol "${options.url.scheme}" not supported or disabled`);
  }
  const addrs = yield* findAddrs(calls, environment, options);
  if (addrs.length === 0) return fail(Exit.resolve, `Could not resolve host: ${host}`);
  const connected = yield* connectAny(calls, addrs, options, startUs);
  if ("kind" in connected) return connected;
  if (options.url.scheme === "https") {
    connected.socket.close();
    return fail(Exit.tls, "TLS is not simulated: the connection was made and closed");
  }
  return yield* exchange(calls, connected, options, startUs);
}

function* findAddrs(
  calls: Syscalls,
  { resolver, families }: Environment,
  { url, family }: CurlOptions,
): Running<readonly Addr[]> {
  const literal = tryParseAddr(url.host);
  if (literal !== undefined) return [literal];
  const wanted = family === undefined ? families : [family];
  const types = (["A", "AAAA"] as const).filter((type) =>
    wanted.includes(type === "A" ? "ip4" : "ip6"),
  );
  const result = yield* resolve(calls, resolver, url.host, { types });
  return result.kind === "found" ? preferredAddrs(result.addrs, wanted) : [];
}

interface Connected {
  readonly socket: StreamSocket;
  readonly addr: Addr;
}

/** Tries the addresses in turn, as long as time is left. */
function* connectAny(
  calls: Syscalls,
  addrs: readonly Addr[],
  options: CurlOptions,
  startUs: number,
): Running<Connected | Outcome> {
  const { url } = options;
  const endUs = startUs + options.maxTimeUs;
  const untilUs = Math.min(endUs, calls.nowUs() + options.connectTimeoutUs);
  let last: Errno | "timeout" = "timeout";
  let tried: Addr | undefined;
  for (const addr of addrs) {
    const socket = calls.connect(addr, url.port);
    tried = addr;
    const event = yield* waitFor(calls, untilUs, (e) => aboutConnecting(e, socket));
    if (event === "connected") return { socket, addr };
    socket.abort();
    last = event;
    if (event === "timeout") break;
  }
  const ms = Math.floor((calls.nowUs() - startUs) / 1000);
  const timedOut = last === "timeout" || last === "ETIMEDOUT";
  if (last === "timeout" && calls.nowUs() >= endUs) {
    return fail(Exit.timeout, `Connection timed out after ${ms} milliseconds`);
  }
  const reason = last === "timeout" ? "Timeout was reached" : "Couldn't connect to server";
  const message = `Failed to connect to ${url.host} port ${url.port} after ${ms} ms: ${reason}`;
  const at = tried === undefined ? { errno: last } : { addr: tried, errno: last };
  return fail(timedOut ? Exit.timeout : Exit.connect, message, at);
}

function aboutConnecting(event: ProcessEvent, socket: StreamSocket): Errno | undefined {
  if (!("socket" in event) || event.socket !== socket) return undefined;
  if (event.kind === "connected") return "connected";
  return event.kind === "failed" ? event.errno : undefined;
}

function* exchange(
  calls: Syscalls,
  { socket, addr }: Connected,
  options: CurlOptions,
  startUs: number,
): Running<Outcome> {
  const { url, method, data = "", headers } = options;
  const named = url.port === 80 ? url.host : `${url.host}:${url.port}`;
  const lines = [`Host: ${named}`, "User-Agent: curl/7.88.1", "Accept: */*", ...headers];
  if (data !== "") lines.push(`Content-Length: ${data.length}`);
  socket.send(toBytes(printRequest(method, url.path, lines, data)));
  const endUs = startUs + options.maxTimeUs;
  let text = "";
  for (;;) {
    const event = yield* waitFor(calls, endUs, (e) =>
      "socket" in e && e.socket === socket ? e : undefined,
    );
    if (event === "timeout") {
      socket.abort();
      const ms = Math.floor((calls.nowUs() - startUs) / 1000);
      const got = `${text.length} bytes received`;
      return fail(Exit.timeout, `Operation timed out after ${ms} milliseconds with ${got}`);
    }
    if (event.kind === "failed") return fail(Exit.receive, receiveFailure(event.errno));
    if (event.kind === "data") text += toText(event.bytes);
    const ended = event.kind === "closed";
    const response = parseResponse(text, ended, method !== "HEAD");
    if (response === "nonsense") {
      socket.close();
      return fail(Exit.unsupported, "Received HTTP/0.9 when not allowed");
    }
    if (response !== undefined) {
      socket.close();
      return { kind: "response", response, addr };
    }
    if (ended) {
      socket.close();
      return fail(Exit.empty, "Empty reply from server");
    }
  }
}

function receiveFailure(errno: Errno): string {
  return errno === "ECONNRESET"
    ? "Recv failure: Connection reset by peer"
    : `Recv failure: ${errno}`;
}

function report(outcome: Outcome, options: CurlOptions): CommandResult {
  if (outcome.kind === "failure") {
    const { code, message } = outcome;
    const stderr = options.silent ? "" : `curl: (${code}) ${message}\n`;
    const stdout = fillIn(options.writeOut, 0, undefined, 0);
    return { stdout, stderr, exitCode: code };
  }
  const { response, addr } = outcome;
  const { status, statusLine, headers, body } = response;
  const refused = options.failOnError && status >= 400;
  const head = options.showHeaders ? `${[statusLine, ...headers].join("\r\n")}\r\n\r\n` : "";
  const shown = options.discardBody || refused ? "" : `${head}${body}`;
  const stdout = shown + fillIn(options.writeOut, status, addr, body.length);
  if (!refused) return { stdout, stderr: "", exitCode: 0, status };
  const message = `curl: (${Exit.status}) The requested URL returned error: ${status}\n`;
  return { stdout, stderr: options.silent ? "" : message, exitCode: Exit.status, status };
}

function fillIn(format: string, status: number, addr: Addr | undefined, size: number): string {
  return format
    .replaceAll("%{http_code}", String(status).padStart(3, "0"))
    .replaceAll("%{response_code}", String(status).padStart(3, "0"))
    .replaceAll("%{remote_ip}", addr?.toString() ?? "")
    .replaceAll("%{size_download}", String(size))
    .replaceAll("\\n", "\n");
}
