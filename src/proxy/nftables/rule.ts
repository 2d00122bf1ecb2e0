/**
 * The rules of kube-proxy's nftables table as trees: the few statements it uses, and how it writes
 * them for `nft -f`.
 */
import type { Addr, Family, Prefix } from "../../addr/index.js";
import { unreachable } from "../../base/index.js";
import type { MarkPrinter } from "../mark.js";

/** One part of a rule; all parts must hold for the last to act. */
export type NftStatement =
  /** `ip daddr 10.0.0.1`, `ip saddr != { 10.0.0.0/8 , 10.1.0.1 }`. */
  | {
      readonly kind: "addr";
      readonly side: "saddr" | "daddr";
      readonly not?: boolean;
      readonly operand: AddrOperand;
    }
  | { readonly kind: "iifname"; readonly not?: boolean; readonly name: string }
  | { readonly kind: "fib-local"; readonly side: "saddr" | "daddr" }
  | { readonly kind: "ct-new" }
  /** The destination was translated. */
  | { readonly kind: "ct-dnat" }
  | { readonly kind: "l4proto"; readonly protocol: string }
  /** `mark and M == 0`. */
  | { readonly kind: "mark-clear"; readonly mark: number }
  /** `mark and M != 0`. */
  | { readonly kind: "mark-set"; readonly mark: number }
  | { readonly kind: "mark-or" | "mark-xor"; readonly mark: number }
  /** Looks destination up in a verdict map, with or without its address. */
  | { readonly kind: "vmap"; readonly withAddr: boolean; readonly map: string }
  /** `numgen random mod n vmap { 0 : goto A , … }`. */
  | { readonly kind: "balance"; readonly chains: readonly string[] }
  /** `dnat ip addr . port to numgen random mod n map { 0 : ADDR . PORT , … }`. */
  | { readonly kind: "dnat-map"; readonly targets: readonly NftTarget[] }
  /** Source, destination, protocol and port stand in a set. */
  | { readonly kind: "connection"; readonly set: string }
  /** Remembers the source in a set. */
  | { readonly kind: "update"; readonly set: string }
  | { readonly kind: "dnat"; readonly addr: Addr; readonly port: number }
  | { readonly kind: "masquerade" }
  | NftVerdict;

/** Where a packet is sent instead. */
export interface NftTarget {
  readonly addr: Addr;
  readonly port: number;
}

/** What an address is compared with. */
export type AddrOperand =
  | { readonly kind: "addr"; readonly addr: Addr }
  /** A block, as it was configured. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "set"; readonly set: string }
  | { readonly kind: "any-of"; readonly members: readonly (Addr | Prefix | string)[] }
  /** Blocks written as one word, as kube-proxy hands on the Service CIDRs. */
  | { readonly kind: "joined"; readonly texts: readonly string[] };

/** What ends a rule, or the value of a verdict map's element. */
export type NftVerdict =
  | { readonly kind: "jump" | "goto"; readonly chain: string }
  | { readonly kind: "reject" | "drop" | "return" };

/** One rule. */
export interface NftProxyRule {
  readonly statements: readonly NftStatement[];
  readonly comment?: string;
}

/** How rules are written. */
export interface NftPrintOptions {
  readonly family: Family;
  readonly printMark: MarkPrinter;
}

/** Builds a rule. */
export function nftRule(statements: readonly NftStatement[], comment?: string): NftProxyRule {
  return comment === undefined ? { statements } : { statements, comment };
}

/**
 * Prints a rule as kube-proxy writes it, without the chain.
 *
 * Follows: Kubernetes v1.35.4 to v1.37.0 pkg/proxy/nftables/proxier.go; knftables v0.0.21 `Concat`.
 */
export function printNftRule(rule: NftProxyRule, options: NftPrintOptions): string {
  let text = "";
  for (const statement of rule.statements) {
    text += text === "" ? "" : " ";
    text += printStatement(statement, options);
  }
  return rule.comment === undefined ? text : `${text} comment "${rule.comment}"`;
}

/** Prints a verdict: `goto reject-chain`, `drop`. */
export function printVerdict(verdict: NftVerdict): string {
  return verdict.kind === "jump" || verdict.kind === "goto"
    ? `${verdict.kind} ${verdict.chain}`
    : verdict.kind;
}

/** Prints one part of a rule. */
export function printStatement(
  statement: NftStatement,
  { family, printMark }: NftPrintOptions,
): string {
  const ip = family === "ip6" ? "ip6" : "ip";
  switch (statement.kind) {
    case "addr": {
      const not = statement.not ? "!= " : "";
      return `${ip} ${statement.side} ${not}${printOperand(statement.operand)}`;
    }
    case "iifname":
      return `iifname ${statement.not ? "!= " : ""}${statement.name}`;
    case "fib-local":
      return `fib ${statement.side} type local`;
    case "ct-new":
      return "ct state new";
    case "ct-dnat":
      return "ct status dnat";
    case "l4proto":
      return `meta l4proto ${statement.protocol}`;
    case "mark-clear":
      return `mark and ${printMark(statement.mark)} == 0`;
    case "mark-set":
      return `mark and ${printMark(statement.mark)} != 0`;
    case "mark-or":
    case "mark-xor":
      return `mark set mark ${statement.kind.slice(5)} ${printMark(statement.mark)}`;
    case "vmap": {
      const addr = statement.withAddr ? `${ip} daddr . ` : "";
      return `${addr}meta l4proto . th dport vmap @${statement.map}`;
    }
    case "balance":
      return printBalance(statement.chains);
    case "dnat-map":
      return `dnat ${ip} addr . port to ${printTargets(statement.targets)}`;
    case "connection":
      return `${ip} saddr . ${ip} daddr . meta l4proto . th dport @${statement.set}`;
    case "update":
      return `update @${statement.set} { ${ip} saddr }`;
    case "dnat": {
      const host = family === "ip6" ? `[${statement.addr}]` : statement.addr.toString();
      return `dnat to ${host}:${statement.port}`;
    }
    case "masquerade":
      return "masquerade fully-random";
    case "jump":
    case "goto":
    case "reject":
    case "drop":
    case "return":
      return printVerdict(statement);
    default:
      return unreachable(statement);
  }
}

function printOperand(operand: AddrOperand): string {
  switch (operand.kind) {
    case "addr":
      return operand.addr.toString();
    case "text":
      return operand.text;
    case "set":
      return `@${operand.set}`;
    case "any-of":
      return `{ ${operand.members.join(" , ")} }`;
    case "joined":
      return `{ ${operand.texts.join(",")} }`;
  }
}

function printBalance(chains: readonly string[]): string {
  let text = `numgen random mod ${chains.length} vmap {`;
  for (let i = 0; i < chains.length; i++) {
    text += `${i === 0 ? "" : " ,"} ${i} : goto ${chains[i]}`;
  }
  return `${text} }`;
}

function printTargets(targets: readonly NftTarget[]): string {
  const elements = targets.map(({ addr, port }, i) => `${i} : ${addr} . ${port}`);
  return `numgen random mod ${targets.length} map { ${elements.join(" , ")} }`;
}
