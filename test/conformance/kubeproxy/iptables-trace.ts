/**
 * A packet through kube-proxy's iptables text, with the meaning kube-proxy's own tests give it: every
 * endpoint a packet could reach is collected, and rules that ask for the past never match.
 */
import { parsePrefix, tryParseAddr } from "../../../src/addr/index.js";

/** One packet. */
export interface Flow {
  readonly sourceIP: string;
  readonly destIP: string;
  readonly destPort: number;
  readonly protocol: string;
}

/** What became of it: targets of DNAT and verdicts, in order. */
export interface Traced {
  readonly outputs: readonly string[];
  readonly masq: boolean;
}

interface Rule {
  readonly words: readonly string[];
  readonly target: string | undefined;
}

/** Tables that restore input is applied to, as `iptables-restore --noflush` does. */
export class IptablesDump {
  readonly #tables = new Map<string, Map<string, Rule[]>>();

  /** Applies restore input: declared chains are emptied, `-X` deletes. */
  apply(text: string): void {
    let table = new Map<string, Rule[]>();
    for (const line of text.split("\n")) {
      if (line.startsWith("*")) {
        table = this.#tables.get(line.slice(1)) ?? new Map<string, Rule[]>();
        this.#tables.set(line.slice(1), table);
      } else if (line.startsWith(":")) {
        table.set(line.slice(1).split(" ")[0] ?? "", []);
      } else if (line.startsWith("-X ")) {
        table.delete(line.slice(3));
      } else if (line.startsWith("-A ")) {
        const rule = readRule(line);
        const chain = table.get(rule.words[1] ?? "");
        if (chain === undefined) throw new Error(`rule for a chain that is not there: ${line}`);
        chain.push(rule);
      }
    }
  }

  /** All chains and rules, sorted by chain. */
  print(): string {
    return [...this.#tables]
      .flatMap(([table, chains]) =>
        [...chains].map(
          ([name, rules]) => `${table} ${name}\n${rules.map((r) => r.words.join(" ")).join("\n")}`,
        ),
      )
      .sort((a, b) => (a < b ? -1 : 1))
      .join("\n");
  }

  /** The words of a chain's rules. */
  chain(table: string, name: string): readonly Rule[] {
    return this.#tables.get(table)?.get(name) ?? [];
  }
}

function readRule(line: string): Rule {
  const words = [...line.matchAll(/"[^"]*"|\S+/g)].map(([word]) => word);
  const jump = words.indexOf("-j");
  return { words, target: jump < 0 ? undefined : words[jump + 1] };
}

/** Walks a packet from the nat table's service chain through the filter chains. */
export function traceIptables(dump: IptablesDump, flow: Flow, locals: readonly string[]): Traced {
  const walk: Walk = {
    dump,
    locals: new Set(["127.0.0.1", "::1", ...locals]),
    outputs: [],
    masq: false,
  };
  const packet = {
    ...flow,
    sourceIP: canonical(flow.sourceIP),
    destIP: canonical(flow.destIP),
    protocol: flow.protocol.toLowerCase(),
  };
  runChain(walk, "nat", "KUBE-SERVICES", packet);
  const [first] = walk.outputs;
  const destIP =
    first === undefined ? packet.destIP : first.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  for (const chain of [
    "KUBE-SERVICES",
    "KUBE-EXTERNAL-SERVICES",
    "KUBE-NODEPORTS",
    "KUBE-PROXY-FIREWALL",
  ]) {
    runChain(walk, "filter", chain, { ...packet, destIP });
  }
  return { outputs: walk.outputs, masq: walk.masq };
}

interface Walk {
  readonly dump: IptablesDump;
  readonly locals: ReadonlySet<string>;
  readonly outputs: string[];
  masq: boolean;
}

function canonical(text: string): string {
  return tryParseAddr(text)?.toString() ?? text;
}

/** True when the packet's way ends in the chain. */
function runChain(walk: Walk, table: string, name: string, packet: Flow): boolean {
  for (const { words, target } of walk.dump.chain(table, name)) {
    if (target === undefined || !ruleMatches(words, packet, walk.locals)) continue;
    if (target === "KUBE-MARK-MASQ") {
      walk.masq = true;
    } else if (["ACCEPT", "REJECT", "DROP"].includes(target)) {
      walk.outputs.push(target);
      return true;
    } else if (target === "DNAT") {
      walk.outputs.push(words[words.indexOf("--to-destination") + 1] ?? "");
      return true;
    } else if (runChain(walk, table, target, packet) && !words.includes("--probability")) {
      return true;
    }
  }
  return false;
}

const PAST = ["--mark", "--ctstate", "--rcheck"];

function ruleMatches(words: readonly string[], packet: Flow, locals: ReadonlySet<string>): boolean {
  if (words.some((word) => PAST.includes(word))) return false;
  return words.every((word, i) => {
    const value = words[i + 1] ?? "";
    const matched = optionMatches(word, value, packet, locals);
    return matched === undefined || matched === (words[i - 1] !== "!");
  });
}

function optionMatches(
  option: string,
  value: string,
  packet: Flow,
  locals: ReadonlySet<string>,
): boolean | undefined {
  switch (option) {
    case "-s":
      return contains(value, packet.sourceIP);
    case "-d":
      return contains(value, packet.destIP);
    case "-p":
      return value === packet.protocol;
    case "--dport":
      return Number(value) === packet.destPort;
    case "--src-type":
      return locals.has(packet.sourceIP);
    case "--dst-type":
      return locals.has(packet.destIP);
    default:
      return undefined;
  }
}

function contains(text: string, addr: string): boolean {
  if (!text.includes("/")) return canonical(text) === addr;
  const parsed = tryParseAddr(addr);
  return parsed !== undefined && parsePrefix(text).contains(parsed);
}
