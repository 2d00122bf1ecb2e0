/** conntrack -L, -D, -F and -C, as conntrack-tools 1.4.7 prints them. */
import { tryParseAddr } from "../../addr/index.js";
import type { Conntrack, ConntrackFilter, TupleFilter } from "../../netfilter/index.js";
import { printEntry } from "../../netfilter/index.js";
import type { CommandResult } from "../process/process.js";

const protocols: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  icmpv6: 58,
  ipv6_icmp: 58,
  sctp: 132,
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A filter while it is read. */
type Draft = Mutable<Omit<ConntrackFilter, "original" | "reply">> & {
  original: Mutable<TupleFilter>;
  reply: Mutable<TupleFilter>;
};

interface Request {
  readonly action: "L" | "D" | "F" | "C";
  readonly filter: ConntrackFilter;
}

/** Runs conntrack with the words after its name. */
export function runConntrack(
  conntrack: Conntrack,
  nowUs: number,
  words: readonly string[],
): CommandResult {
  const request = parseWords(words);
  if (typeof request === "string") {
    const stderr = `conntrack v1.4.7 (conntrack-tools): ${request}\n`;
    return { stdout: "", stderr, exitCode: 2 };
  }
  const { action, filter } = request;
  if (action === "C") return ok(`${conntrack.table.count}\n`, "");
  if (action === "F") {
    conntrack.delete();
    return ok(
      "",
      "conntrack v1.4.7 (conntrack-tools): connection tracking table has been emptied.\n",
    );
  }
  const lines =
    action === "L"
      ? conntrack.list(filter)
      : conntrack.delete(filter).map((entry) => printEntry(entry, nowUs));
  const verb = action === "L" ? "shown" : "deleted";
  const summary = `conntrack v1.4.7 (conntrack-tools): ${lines.length} flow entries have been ${verb}.\n`;
  return {
    ...ok(lines.map((line) => `${line}\n`).join(""), summary),
    exitCode: action === "D" && lines.length === 0 ? 1 : 0,
  };
}

function ok(stdout: string, stderr: string): CommandResult {
  return { stdout, stderr, exitCode: 0 };
}

/** Options of one direction, and where their value goes. */
const tupleOptions: Readonly<Record<string, readonly ["original" | "reply", keyof TupleFilter]>> = {
  "-s": ["original", "src"],
  "--src": ["original", "src"],
  "--orig-src": ["original", "src"],
  "-d": ["original", "dst"],
  "--dst": ["original", "dst"],
  "--orig-dst": ["original", "dst"],
  "-r": ["reply", "src"],
  "--reply-src": ["reply", "src"],
  "--dst-nat": ["reply", "src"],
  "-q": ["reply", "dst"],
  "--reply-dst": ["reply", "dst"],
  "--src-nat": ["reply", "dst"],
  "--sport": ["original", "sport"],
  "--orig-port-src": ["original", "sport"],
  "--dport": ["original", "dport"],
  "--orig-port-dst": ["original", "dport"],
  "--reply-port-src": ["reply", "sport"],
  "--reply-port-dst": ["reply", "dport"],
};

const actions: Readonly<Record<string, Request["action"]>> = {
  "-L": "L",
  "--dump": "L",
  "-D": "D",
  "--delete": "D",
  "-F": "F",
  "--flush": "F",
  "-C": "C",
  "--count": "C",
};

function parseWords(words: readonly string[]): Request | string {
  let action: Request["action"] | undefined;
  const filter: Draft = { original: {}, reply: {} };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    const named = actions[word];
    if (named !== undefined) {
      action = named;
      continue;
    }
    const value = words[++at];
    if (value === undefined) return `option \`${word}' requires an argument`;
    const refusal = readOption(filter, word, value);
    if (refusal !== undefined) return refusal;
  }
  return action === undefined ? "No command specified" : { action, filter };
}

function readOption(filter: Draft, word: string, value: string): string | undefined {
  const place = tupleOptions[word];
  if (place !== undefined) {
    const [direction, field] = place;
    if (field === "sport" || field === "dport") {
      filter[direction][field] = Number(value);
      return undefined;
    }
    const addr = tryParseAddr(value);
    if (addr === undefined) return `Invalid IP address: ${value}`;
    filter[direction][field] = addr;
    return undefined;
  }
  if (word === "-p" || word === "--proto") {
    const protocol = protocols[value.toLowerCase()] ?? Number(value);
    if (Number.isNaN(protocol)) return `\`${value}' unsupported protocol`;
    filter.protocol = protocol;
  } else if (word === "-f" || word === "--family") {
    filter.family = value === "ipv6" ? "ip6" : "ip4";
  } else if (word === "-m" || word === "--mark") {
    const [mark = "0", mask = "0xffffffff"] = value.split("/");
    filter.mark = { value: Number(mark), mask: Number(mask) };
  } else if (word === "-z" || word === "--zone" || word === "-w") {
    filter.zone = Number(value);
  } else if (word !== "-o" && word !== "--output") {
    return `unknown option \`${word}'`;
  }
  return undefined;
}
