/** What kube-proxy's nftables table is made of, and operations on it, with their text. */
import type { Family } from "../../addr/index.js";
import { unreachable } from "../../base/index.js";
import {
  type NftPrintOptions,
  type NftProxyRule,
  type NftVerdict,
  printNftRule,
  printVerdict,
} from "./rule.js";

/** Where a base chain is hooked. */
export interface BaseChainHook {
  readonly type: "filter" | "nat";
  readonly hook: "prerouting" | "input" | "forward" | "output" | "postrouting";
  readonly priority: number;
}

/** An element of a set or map. */
export interface NftProxyElement {
  /** The set or map. */
  readonly container: string;
  /** `10.0.0.1 . tcp . 80`. */
  readonly key: string;
  /** Absent in sets. */
  readonly verdict?: NftVerdict;
  readonly comment?: string;
  /** The Service it is there for, as `ns/name`. */
  readonly owner: string;
}

/** A thing in the table. */
export type NftObject =
  | { readonly kind: "table"; readonly comment: string }
  | {
      readonly kind: "chain";
      readonly name: string;
      readonly base?: BaseChainHook;
      readonly comment?: string;
    }
  | { readonly kind: "rule"; readonly chain: string; readonly rule: NftProxyRule }
  | {
      readonly kind: "set" | "map";
      readonly name: string;
      /** `ipv4_addr`, `inet_proto . inet_service : verdict`. */
      readonly type: string;
      readonly comment?: string;
      /** Elements go away by themselves after this time. */
      readonly timeoutSeconds?: number;
    }
  | { readonly kind: "counter"; readonly name: string }
  | { readonly kind: "element"; readonly element: NftProxyElement };

/** One step of a transaction. */
export interface NftOperation {
  readonly verb: "add" | "delete" | "flush";
  readonly object: NftObject;
}

/** `ip kube-proxy`: the table of a family. */
export function tableName(family: Family): string {
  return family === "ip6" ? "ip6 kube-proxy" : "ip kube-proxy";
}

/** The type of addresses of a family. */
export function addrType(family: Family): string {
  return family === "ip6" ? "ipv6_addr" : "ipv4_addr";
}

/**
 * Prints an operation as a line of `nft -f` input, with its end of line.
 *
 * Follows: knftables v0.0.21 objects.go `writeOperation`.
 */
export function printOperation({ verb, object }: NftOperation, options: NftPrintOptions): string {
  const table = tableName(options.family);
  switch (object.kind) {
    case "table":
      return `${verb} table ${table} { comment "${object.comment}" ; }\n`;
    case "chain":
      return `${verb} chain ${table} ${object.name}${verb === "add" ? printChainBody(object) : ""}\n`;
    case "rule":
      return `${verb} rule ${table} ${object.chain} ${printNftRule(object.rule, options)}\n`;
    case "set":
    case "map": {
      const body = verb === "add" ? printSetBody(object) : "";
      return `${verb} ${object.kind} ${table} ${object.name}${body}\n`;
    }
    case "counter":
      return `${verb} counter ${table} ${object.name}\n`;
    case "element":
      return printElement(verb, object.element, table);
    default:
      return unreachable(object);
  }
}

/** Prints the addition or removal of an element. */
export function printElement(verb: string, element: NftProxyElement, table: string): string {
  const { container, key, comment, verdict } = element;
  const note = verb !== "add" || comment === undefined ? "" : ` comment "${comment}"`;
  const value = verb !== "add" || verdict === undefined ? "" : ` : ${printVerdict(verdict)}`;
  return `${verb} element ${table} ${container} { ${key}${note}${value} }\n`;
}

function printChainBody({ base, comment }: Extract<NftObject, { kind: "chain" }>): string {
  const hook = base ? ` type ${base.type} hook ${base.hook} priority ${base.priority} ;` : "";
  const note = comment === undefined ? "" : ` comment "${comment}" ;`;
  return hook + note === "" ? "" : ` {${hook}${note} }`;
}

function printSetBody(set: Extract<NftObject, { kind: "set" | "map" }>): string {
  const { type, timeoutSeconds, comment } = set;
  const timeout =
    timeoutSeconds === undefined ? "" : ` flags dynamic,timeout ; timeout ${timeoutSeconds}s ;`;
  const note = comment === undefined ? "" : ` comment "${comment}" ;`;
  return ` { type ${type} ;${timeout}${note} }`;
}
