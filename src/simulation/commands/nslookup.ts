/**
 * nslookup, as bind's (9.18) prints it: the server that was asked, then names and addresses. Unlike
 * programs that only want to connect, it asks for the address of each family in turn.
 */
import { tryParseAddr } from "../../addr/index.js";
import { type DnsAnswer, type DnsRecord, type RecordType, recordTypes } from "../dns/record.js";
import type { LookupResult, ResolverConfig } from "../dns/resolver.js";
import { candidatesOf } from "../dns/resolver.js";
import { reverseNameOf } from "../dns/reverse-name.js";
import type { CommandResult, Running, Syscalls } from "../process/process.js";
import { resolve } from "../process/resolve.js";

/** Whatever a server says about a name is shown. */
const wanted = "any-record";

/** Runs nslookup with the words after its name. */
export function* nslookup(
  calls: Syscalls,
  config: ResolverConfig,
  words: readonly string[],
): Running<CommandResult> {
  const question = parseWords(words, config);
  if (typeof question === "string") return { stdout: question, stderr: "", exitCode: 1 };
  const { name, types, resolver } = question;
  const [server] = resolver.servers;
  const head = `Server:\t\t${server}\nAddress:\t${server}#53\n\n`;
  const [first = "A", ...more] = types;
  const result = yield* resolve(calls, resolver, name, { types: [first], wanted });
  if (result.kind === "try-again") {
    const stdout = `;; connection timed out; no servers could be reached\n\n`;
    return { stdout, stderr: "", exitCode: 1 };
  }
  const found = result.kind === "found" ? result : undefined;
  const lines = found === undefined ? [] : printAnswers(found.answers);
  for (const type of more) {
    const next = yield* resolve(calls, resolver, found?.name ?? name, { types: [type], wanted });
    if (next.kind === "found")
      lines.push(...printAnswers(next.answers).filter((line) => !lines.includes(line)));
  }
  if (lines.length > 0)
    return { stdout: `${head}${lines.join("\n")}\n\n`, stderr: "", exitCode: 0 };
  const stdout = `${head}${refusal(result, name, resolver)}\n\n`;
  return { stdout, stderr: "", exitCode: 1 };
}

interface Query {
  readonly name: string;
  readonly types: readonly RecordType[];
  readonly resolver: ResolverConfig;
}

/** Reads the words; gives what to print when they are wrong. */
function parseWords(words: readonly string[], config: ResolverConfig): Query | string {
  let types: readonly RecordType[] = ["A", "AAAA"];
  const plain: string[] = [];
  for (const word of words) {
    const asked = /^-(?:query|type|q|ty)=(.+)$/i.exec(word)?.[1]?.toUpperCase();
    if (asked === undefined) {
      if (!word.startsWith("-")) plain.push(word);
      continue;
    }
    if (!(asked in recordTypes)) return `unknown query type: ${asked.toLowerCase()}\n`;
    types = [asked as RecordType];
  }
  const [target, server] = plain;
  if (target === undefined) return "usage: nslookup [-type=TYPE] NAME [SERVER]\n";
  const chosen = server === undefined ? undefined : tryParseAddr(server);
  const resolver = chosen === undefined ? config : { ...config, servers: [chosen] };
  const addr = tryParseAddr(target);
  if (addr !== undefined) return { name: reverseNameOf(addr), types: ["PTR"], resolver };
  return { name: target, types, resolver };
}

function printAnswers(answers: readonly DnsAnswer[]): string[] {
  return answers.flatMap((answer) => answer.answer.map(printAnswer));
}

function printAnswer(record: DnsRecord): string {
  const name = withoutDot(record.name);
  switch (record.type) {
    case "A":
    case "AAAA":
      return `Name:\t${name}\nAddress: ${record.addr}`;
    case "CNAME":
      return `${name}\tcanonical name = ${record.target}`;
    case "PTR":
      return `${name}\tname = ${record.target}`;
    case "NS":
      return `${name}\tnameserver = ${record.target}`;
    case "TXT":
      return `${name}\ttext = ${JSON.stringify(record.text)}`;
    case "SRV":
      return `${name}\tservice = ${record.priority} ${record.weight} ${record.port} ${record.target}`;
    case "SOA":
      return `${name}\n\torigin = ${withoutDot(record.server)}`;
  }
}

function withoutDot(name: string): string {
  return name.endsWith(".") && name !== "." ? name.slice(0, -1) : name;
}

function refusal(result: LookupResult, name: string, config: ResolverConfig): string {
  if (result.kind === "no-such-name" && result.noData) {
    return `*** Can't find ${withoutDot(name)}: No answer`;
  }
  const last = candidatesOf(name, config).at(-1) ?? name;
  return `** server can't find ${withoutDot(last)}: NXDOMAIN`;
}
