/** ping, as iputils' (20221126) prints it. */
import { type Addr, tryParseAddr } from "../../addr/index.js";
import type {
  CommandResult,
  EchoSocket,
  ProcessEvent,
  Running,
  Syscalls,
} from "../process/process.js";
import { waitFor } from "../process/process.js";
import { preferredAddrs, resolve } from "../process/resolve.js";
import type { Environment } from "./curl.js";

interface PingOptions {
  readonly target: string;
  readonly count: number;
  readonly intervalUs: number;
  /** `-W`: how long an answer is awaited after the last request. */
  readonly lingerUs: number;
  readonly sizeBytes: number;
  readonly families: readonly string[];
}

/** How many requests are sent when nobody says: for ever is too long for a simulation. */
const defaultCount = 4;

/** Runs ping with the words after its name. */
export function* ping(
  calls: Syscalls,
  environment: Environment,
  words: readonly string[],
): Running<CommandResult> {
  const options = parseWords(words, environment);
  if (typeof options === "string") return { stdout: "", stderr: options, exitCode: 2 };
  const addr = yield* findAddr(calls, environment, options);
  if (addr === undefined) {
    const stderr = `ping: ${options.target}: Name or service not known\n`;
    return { stdout: "", stderr, exitCode: 2 };
  }
  const run = new PingRun(addr, options);
  const socket = calls.echo();
  const startUs = calls.nowUs();
  for (let seq = 1; seq <= options.count; seq++) {
    const sentUs = calls.nowUs();
    const errno = socket.send(addr, seq, options.sizeBytes);
    run.sent++;
    if (errno !== undefined) run.lines.push(`ping: sendmsg: ${sentenceOf(errno)}`);
    const isLast = seq === options.count;
    const untilUs = sentUs + (isLast ? options.lingerUs : options.intervalUs);
    const answered = yield* waitFor(calls, untilUs, (event) =>
      run.hear(event, socket, seq, calls.nowUs() - sentUs),
    );
    // The next request keeps its time even if the answer came at once.
    const leftUs = untilUs - calls.nowUs();
    if (!isLast && answered !== "timeout" && leftUs > 0)
      yield* waitFor(calls, untilUs, () => undefined);
  }
  socket.close();
  return run.report(calls.nowUs() - startUs);
}

function parseWords(words: readonly string[], { families }: Environment): PingOptions | string {
  const options = {
    count: defaultCount,
    intervalUs: 1_000_000,
    lingerUs: 10_000_000,
    sizeBytes: 56,
  };
  let target: string | undefined;
  let wanted = families;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    const match = /^-([ciWws])(.*)$/.exec(word);
    if (match !== null) {
      const value = Number(match[2] === "" ? words[++at] : match[2]);
      if (!(value > 0)) return `ping: invalid argument: '${words[at] ?? ""}'\n`;
      if (match[1] === "c") options.count = value;
      else if (match[1] === "i") options.intervalUs = Math.round(value * 1_000_000);
      else if (match[1] === "s") options.sizeBytes = value;
      else options.lingerUs = Math.round(value * 1_000_000);
    } else if (word === "-4" || word === "-6") {
      wanted = [word === "-4" ? "ip4" : "ip6"];
    } else if (!word.startsWith("-")) {
      target = word;
    }
  }
  if (target === undefined) return "ping: usage error: Destination address required\n";
  return { ...options, target, families: wanted };
}

function* findAddr(
  calls: Syscalls,
  { resolver }: Environment,
  { target, families }: PingOptions,
): Running<Addr | undefined> {
  const literal = tryParseAddr(target);
  if (literal !== undefined) return literal;
  const types = (["A", "AAAA"] as const).filter((t) =>
    families.includes(t === "A" ? "ip4" : "ip6"),
  );
  const result = yield* resolve(calls, resolver, target, { types });
  return result.kind === "found" ? preferredAddrs(result.addrs, families)[0] : undefined;
}

/** One run: what was sent, what was heard. */
class PingRun {
  readonly lines: string[];
  readonly #target: string;
  readonly #times: number[] = [];
  #errors = 0;
  sent = 0;

  constructor(addr: Addr, { target, sizeBytes }: PingOptions) {
    this.#target = target;
    const total = sizeBytes + (addr.family === "ip4" ? 28 : 48);
    const size = addr.family === "ip4" ? `${sizeBytes}(${total})` : String(sizeBytes);
    this.lines = [
      `PING ${target} (${addr}) ${size} ${sizeBytes === 0 ? "" : "bytes of data."}`.trimEnd(),
    ];
  }

  /** Notes an event; true when it answers request `seq`. */
  hear(event: ProcessEvent, socket: EchoSocket, seq: number, tookUs: number): true | undefined {
    if (!("socket" in event) || event.socket !== socket) return undefined;
    if (event.kind === "echo-reply") {
      const { from, ttl, lengthBytes } = event;
      const time = (tookUs / 1000).toFixed(tookUs < 10_000 ? 3 : tookUs < 100_000 ? 2 : 1);
      this.#times.push(tookUs / 1000);
      const head = `${lengthBytes + 8} bytes from ${from}: icmp_seq=${event.seq}`;
      this.lines.push(`${head} ttl=${ttl} time=${time} ms`);
      return event.seq === seq ? true : undefined;
    }
    if (event.kind === "echo-error") {
      this.#errors++;
      const { from, type, code } = event;
      this.lines.push(`From ${from} icmp_seq=${seq} ${errorText(from, type, code)}`);
      return true;
    }
    return undefined;
  }

  report(tookUs: number): CommandResult {
    const received = this.#times.length;
    const lost = this.sent === 0 ? 0 : Math.round(((this.sent - received) / this.sent) * 100);
    const errors = this.#errors === 0 ? "" : `+${this.#errors} errors, `;
    const ms = Math.round(tookUs / 1000);
    this.lines.push(
      "",
      `--- ${this.#target} ping statistics ---`,
      `${this.sent} packets transmitted, ${received} received, ${errors}${lost}% packet loss, time ${ms}ms`,
    );
    if (received > 0) this.lines.push(`rtt min/avg/max/mdev = ${this.#summary()} ms`);
    else this.lines.push("");
    const stdout = `${this.lines.join("\n")}\n`;
    return { stdout, stderr: "", exitCode: received > 0 ? 0 : 1 };
  }

  #summary(): string {
    const times = this.#times;
    const mean = times.reduce((sum, t) => sum + t, 0) / times.length;
    const square = times.reduce((sum, t) => sum + t * t, 0) / times.length;
    const deviation = Math.sqrt(Math.max(0, square - mean * mean));
    const numbers = [Math.min(...times), mean, Math.max(...times), deviation];
    return numbers.map((n) => n.toFixed(3)).join("/");
  }
}

const unreachable4: Readonly<Record<number, string>> = {
  0: "Destination Net Unreachable",
  1: "Destination Host Unreachable",
  2: "Destination Protocol Unreachable",
  3: "Destination Port Unreachable",
  9: "Destination Net Prohibited",
  10: "Destination Host Prohibited",
  13: "Packet filtered",
};

const unreachable6: Readonly<Record<number, string>> = {
  0: "Destination unreachable: No route",
  1: "Destination unreachable: Administratively prohibited",
  3: "Destination unreachable: Address unreachable",
  4: "Destination unreachable: Port unreachable",
};

function errorText(from: Addr, type: number, code: number): string {
  if (from.family === "ip4") {
    if (type === 11) return "Time to live exceeded";
    return unreachable4[code] ?? `Destination Unreachable, Bad Code: ${code}`;
  }
  if (type === 3) return "Time exceeded: Hop limit";
  return unreachable6[code] ?? `Destination unreachable: Unknown code ${code}`;
}

const sentences: Readonly<Record<string, string>> = {
  ENETUNREACH: "Network is unreachable",
  EHOSTUNREACH: "No route to host",
  EPERM: "Operation not permitted",
  EACCES: "Permission denied",
  EMSGSIZE: "Message too long",
  EINVAL: "Invalid argument",
};

/** What the C library says of an error. */
export function sentenceOf(errno: string): string {
  return sentences[errno] ?? errno;
}
