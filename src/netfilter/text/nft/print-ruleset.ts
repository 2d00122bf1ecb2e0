/** Rulesets as `nft list ruleset` prints them (nftables 1.0.6). */
import type {
  NftChain,
  NftExpr,
  NftObject,
  NftRuleset,
  NftSet,
  NftSetType,
  NftTable,
} from "../../nft.js";
import { printNftRule } from "./print-statement.js";
import { type NumberStyle, printElement, printExpr, styleOf } from "./print-value.js";
import { printPriority } from "./priorities.js";

/**
 * Prints a ruleset.
 *
 * Laws: what was read from nft prints as it was.
 */
export function printNftRuleset(ruleset: NftRuleset): string {
  return ruleset.tables.map(printNftTable).join("");
}

/** Prints one table. */
export function printNftTable(table: NftTable): string {
  const head = [
    ...(table.flags === undefined ? [] : [`\tflags ${table.flags.join(",")}\n`]),
    ...(table.comment === undefined ? [] : [`\tcomment "${table.comment}"\n`]),
  ];
  const parts = [
    ...(table.objects ?? []).filter((o) => o.kind !== "flowtable").map(printObject),
    ...table.sets.map(printSet),
    ...(table.objects ?? []).filter((o) => o.kind === "flowtable").map(printObject),
    ...table.chains.map((chain) => printChain(chain, table)),
  ];
  // After flags, and only then, nft leaves a line free.
  const free = table.flags === undefined || parts.length === 0 ? "" : "\n";
  return `table ${table.family} ${table.name} {\n${head.join("")}${free}${parts.join("\n")}}\n`;
}

function printObject({ kind, name, lines }: NftObject): string {
  return `\t${kind} ${name} {\n${lines.map((line) => `\t\t${line}\n`).join("")}\t}\n`;
}

function printChain(chain: NftChain, table: NftTable): string {
  const lines: string[] = [];
  if (chain.comment !== undefined) lines.push(`comment "${chain.comment}"`);
  const { base } = chain;
  if (base !== undefined) {
    const { type, hook, policy, devices } = base;
    const priority = printPriority(base.priority, table.family, hook);
    const on = devices === undefined ? "" : printDevices(devices);
    lines.push(`type ${type} hook ${hook}${on} priority ${priority}; policy ${policy};`);
  }
  for (const rule of chain.rules) lines.push(printNftRule(rule, table.family));
  return `\tchain ${chain.name} {\n${lines.map((line) => `\t\t${line}\n`).join("")}\t}\n`;
}

function printDevices(devices: readonly string[]): string {
  const [only] = devices;
  if (devices.length === 1) return ` device "${only}"`;
  return ` devices = { ${devices.map((device) => `"${device}"`).join(", ")} }`;
}

function printSet(set: NftSet): string {
  const kind = set.data === undefined ? "set" : "map";
  const lines = [printType(set)];
  if (set.policy !== undefined) lines.push(`policy ${set.policy}`);
  if (set.size !== undefined) lines.push(`size ${set.size}`);
  if (set.flags !== undefined) lines.push(`flags ${set.flags.join(",")}`);
  if (set.timeout !== undefined) lines.push(`timeout ${set.timeout}`);
  if (set.gcInterval !== undefined) lines.push(`gc-interval ${set.gcInterval}`);
  if (set.autoMerge) lines.push("auto-merge");
  for (const statement of set.carries ?? []) lines.push(statement);
  if (set.comment !== undefined) lines.push(`comment "${set.comment}"`);
  if (set.elements.length > 0) lines.push(`elements = { ${printElements(set)} }`);
  return `\t${kind} ${set.name} {\n${lines.map((line) => `\t\t${line}\n`).join("")}\t}\n`;
}

function printType(set: NftSet): string {
  const word = set.key.kind;
  const data = set.data === undefined ? "" : ` : ${printTypeNames(set.data)}`;
  return `${word} ${printTypeNames(set.key)}${data}`;
}

function printTypeNames(type: NftSetType): string {
  return type.kind === "type" ? type.names.join(" . ") : type.exprs.map(printExpr).join(" . ");
}

/** How many elements nft puts on one line, by the type of the key; one of every other type. */
const PER_LINE: ReadonlyMap<string, number> = new Map([
  ["ipv4_addr", 2],
  ["ct_state", 2],
  ["pkt_type", 2],
  ["ct_dir", 2],
  ["inet_service", 5],
  ["inet_proto", 5],
  ["mark", 5],
  ["integer", 5],
  ["uid", 5],
  ["gid", 5],
  ["tcp_flag", 5],
]);

function printElements(set: NftSet): string {
  const types = typeNames(set.key);
  const styles = types.map(styleOfType);
  const dataStyles = set.data === undefined ? [] : typeNames(set.data).map(styleOfType);
  const perLine = types.length === 1 ? (PER_LINE.get(types[0] as string) ?? 1) : 1;
  let text = "";
  set.elements.forEach((element, at) => {
    if (at > 0) text += at % perLine === 0 ? ",\n\t\t\t     " : ", ";
    text += printElement(element, styles, dataStyles);
  });
  return text;
}

function styleOfType(name: string): NumberStyle {
  return name === "mark" ? "mark" : "plain";
}

/** The names of the types of a set; of a `typeof` as far as printing needs them. */
function typeNames(type: NftSetType): readonly string[] {
  return type.kind === "type" ? type.names : type.exprs.map(typeOfExpr);
}

const FIELD_TYPES: ReadonlyMap<string, string> = new Map([
  ["ip saddr", "ipv4_addr"],
  ["ip daddr", "ipv4_addr"],
  ["ip protocol", "inet_proto"],
  ["tcp flags", "tcp_flag"],
  ["meta l4proto", "inet_proto"],
  ["meta pkttype", "pkt_type"],
  ["ct state", "ct_state"],
  ["ct direction", "ct_dir"],
  ["ip dscp", "dscp"],
  ["ip6 saddr", "ipv6_addr"],
  ["ip6 daddr", "ipv6_addr"],
  ["meta iifname", "ifname"],
  ["meta oifname", "ifname"],
  ["icmp type", "icmp_type"],
  ["icmpv6 type", "icmpv6_type"],
  ["meta protocol", "ether_type"],
]);

function typeOfExpr(expr: NftExpr): string {
  if (styleOf(expr) === "mark") return "mark";
  if (expr.kind === "fib") return "fib_addrtype";
  const name = expr.kind === "meta" ? `meta ${expr.key}` : printExpr(expr);
  if (/^(?:ether|vlan|ll) .addr$/.test(name)) return "ether_addr";
  return FIELD_TYPES.get(name) ?? "integer";
}
