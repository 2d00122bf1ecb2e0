/**
 * The table of kube-proxy's nftables mode as a tree of `netfilter`: it is written the way
 * `nft list ruleset` would and read again, and every rule gets the Service that its chain is named for.
 */
import type { Addr } from "../../../addr/index.js";
import { assert, type Origin } from "../../../base/index.js";
import { type NftTable, parseNftRuleset } from "../../../netfilter/index.js";
import { type NftablesState, printNftTable } from "../../../proxy/index.js";

const KUBE_PROXY: Origin = { kind: "kube-proxy" };

/** What is gathered of one chain, set or map while the commands are read. */
interface Section {
  readonly head: string;
  readonly lines: string[];
  readonly elements: string[];
}

/**
 * Builds the tree of a proxy's table.
 *
 * Shape: chains, then sets and maps, sorted by name.
 */
export function toNftTable(state: NftablesState): NftTable {
  const [table] = parseNftRuleset(listTable(printNftTable(state))).tables;
  assert(table !== undefined, "kube-proxy's table is read back");
  const chains = table.chains.map((chain) => {
    const origin = chainOrigin(chain.name);
    return { ...chain, rules: chain.rules.map((rule) => ({ ...rule, origin })) };
  });
  return { ...table, chains };
}

/** Name of the set of addresses that take node ports. */
const NODE_PORT_ADDRS = "nodeport-ips";

/** The same table on a node with this primary address: it is the one that takes node ports. */
export function withNodePortAddr(table: NftTable, addr: Addr | undefined): NftTable {
  const elements = addr === undefined ? [] : [{ key: { kind: "addr", addr } as const }];
  const sets = table.sets.map((set) => {
    return set.name === NODE_PORT_ADDRS && set.elements.length <= 1 ? { ...set, elements } : set;
  });
  return { ...table, sets };
}

const COMMAND = /^add (\w+) (ip6?) kube-proxy(?: (\S+))?(?: (.*))?$/;

/** Turns `add …` commands, one a line, into the listing of one table. */
function listTable(commands: string): string {
  const sections = new Map<string, Section>();
  let head = "";
  for (const line of commands.split("\n")) {
    const [, what, family, name = "", rest = ""] = COMMAND.exec(line) ?? [];
    if (what === undefined) continue;
    if (what === "table") head = `table ${family} kube-proxy`;
    else if (what === "rule") sections.get(`chain ${name}`)?.lines.push(rest);
    else if (what === "element") {
      const section = sections.get(`map ${name}`) ?? sections.get(`set ${name}`);
      section?.elements.push(inner(rest));
    } else sections.set(`${what} ${name}`, { head: inner(rest), lines: [], elements: [] });
  }
  const body = [...sections].map(([name, section]) => `\t${name} {\n${bodyOf(section)}\t}\n`);
  return `${head} {\n${body.join("")}}\n`;
}

function bodyOf({ head, lines, elements }: Section): string {
  const all = head === "" ? [] : splitDeclarations(head);
  if (elements.length > 0) all.push(`elements = { ${elements.join(", ")} }`);
  return [...all, ...lines].map((line) => `\t\t${line}\n`).join("");
}

/** `{ a ; b ; }` without its braces. */
function inner(braced: string): string {
  return braced.replace(/^\{\s*/, "").replace(/\s*\}$/, "");
}

/** A base chain's type, hook and priority stand on one line; other declarations have their own. */
function splitDeclarations(text: string): string[] {
  return text
    .split(/\s*;\s*(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .filter((part) => part !== "")
    .map((part) => (part.includes(" hook ") ? `${part}; policy accept;` : part));
}

/** Chains of Services are called `service-HASH-ns/name/protocol/port`, and alike. */
const CHAIN_OF =
  /^(?:service|endpoint|external|firewall)-[A-Z0-9]+-([^/]+)\/([^/]+)\/[^/]+\/([^_]*)/;

function chainOrigin(chain: string): Origin {
  const [, namespace, name, part] = CHAIN_OF.exec(chain) ?? [];
  if (namespace === undefined || name === undefined) return KUBE_PROXY;
  return { kind: "Service", namespace, name, ...(part === "" ? {} : { part: part as string }) };
}
