/**
 * nftables rulesets as trees: what `nft list ruleset` prints. Texts are read and printed in
 * `text/nft`, the meaning is in `interpret/nft`.
 *
 *   table ─▶ chains ─▶ rules ─▶ statements ─▶ expressions (what is looked at) and values (constants)
 *         └▶ sets and maps ─▶ elements ─▶ values
 */
import type { Addr, Prefix } from "../addr/index.js";
import type { Origin } from "../base/index.js";
import type { Hook, NfFamily } from "./hook.js";

/** All tables of one namespace that were not made by iptables. */
export interface NftRuleset {
  readonly tables: readonly NftTable[];
}

/** One table. */
export interface NftTable {
  readonly family: NfFamily;
  readonly name: string;
  readonly comment?: string;
  /** `dormant`: its chains are not on their hooks. */
  readonly flags?: readonly string[];
  /** In the order in which they were made. */
  readonly chains: readonly NftChain[];
  /** Sets and maps. */
  readonly sets: readonly NftSet[];
  /** Named counters, quotas, limits, flowtables, …: kept as text. */
  readonly objects?: readonly NftObject[];
}

/** A named object that is kept as text. */
export interface NftObject {
  /** `counter`, `quota`, `limit`, `flowtable`, `ct helper`, … */
  readonly kind: string;
  readonly name: string;
  /** The lines between its braces, without indentation. */
  readonly lines: readonly string[];
}

/** One chain: on a hook, or called. */
export interface NftChain {
  readonly name: string;
  readonly comment?: string;
  readonly base?: NftBase;
  readonly rules: readonly NftRule[];
}

/** How a base chain is on its hook. */
export interface NftBase {
  readonly type: "filter" | "nat" | "route";
  readonly hook: Hook;
  readonly priority: number;
  readonly policy: "accept" | "drop";
  /** Links of `netdev` chains. */
  readonly devices?: readonly string[];
}

/** One rule: its statements are carried out from left to right until one does not hold. */
export interface NftRule {
  readonly statements: readonly NftStatement[];
  readonly comment?: string;
  /** As nft printed it, in tables of iptables: there it translates words that are not its own. */
  readonly text?: string;
  readonly origin?: Origin;
}

/** A set, or a map when it has a type of values. */
export interface NftSet {
  readonly name: string;
  readonly comment?: string;
  /** Names of types, one for each part of a concatenation; or expressions with `typeof`. */
  readonly key: NftSetType;
  /** Absent for sets; `["verdict"]` for verdict maps. */
  readonly data?: NftSetType;
  /** `constant`, `dynamic`, `interval`, `timeout`, … in the order in which nft prints them. */
  readonly flags?: readonly string[];
  readonly size?: number;
  /** As nft prints it: `3h`. */
  readonly timeout?: string;
  readonly gcInterval?: string;
  readonly policy?: string;
  readonly autoMerge?: boolean;
  /** Statements every element carries: `counter`, … as text. */
  readonly carries?: readonly string[];
  readonly elements: readonly NftElement[];
  readonly origin?: Origin;
}

/** The type of a set's keys or values. */
export type NftSetType =
  | { readonly kind: "type"; readonly names: readonly string[] }
  | { readonly kind: "typeof"; readonly exprs: readonly NftExpr[] };

/** One element of a set or map. */
export interface NftElement {
  readonly key: NftValue;
  /** What a map gives for the key. */
  readonly data?: NftValue;
  readonly comment?: string;
  /** As nft prints them: `1m`, `59s988ms`. */
  readonly timeout?: string;
  readonly expires?: string;
  /** Statements of the element, as text: `counter packets 0 bytes 0`. */
  readonly carries?: readonly string[];
  readonly origin?: Origin;
}

/** A constant. What a word or number means depends on what it is compared with. */
export type NftValue =
  | { readonly kind: "addr"; readonly addr: Addr }
  | { readonly kind: "prefix"; readonly prefix: Prefix }
  /** `text` as written where that is not plain decimal. */
  | { readonly kind: "number"; readonly number: number; readonly text?: string }
  /** A name: `tcp`, `established`, `echo-request`, `aa:bb:cc:dd:ee:ff`. */
  | { readonly kind: "word"; readonly word: string }
  /** In quotes: names of links, where `*` at the end stands for any rest. */
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "range"; readonly first: NftValue; readonly last: NftValue }
  | { readonly kind: "concat"; readonly parts: readonly NftValue[] }
  /** `established,related`: flags, any of them. */
  | { readonly kind: "list"; readonly items: readonly NftValue[] }
  /** `syn | ack`: one value of several flags. */
  | { readonly kind: "or"; readonly items: readonly NftValue[] }
  /** An anonymous set or map. */
  | { readonly kind: "set"; readonly elements: readonly NftElement[] }
  /** `@name`. */
  | { readonly kind: "set-ref"; readonly name: string }
  /** `*`: every key that is not in the map. */
  | { readonly kind: "any" }
  | { readonly kind: "verdict"; readonly verdict: NftVerdict };

/** What a rule or a map decides. */
export type NftVerdict =
  | { readonly kind: "accept" | "drop" | "continue" | "return" }
  | { readonly kind: "jump" | "goto"; readonly chain: string };

/** What is looked at, or computed. */
export type NftExpr =
  /** `ip saddr`, `tcp dport`, `th sport`, `icmp type`, `@th,0,16`, `tcp option maxseg size`, … */
  | { readonly kind: "payload"; readonly protocol: string; readonly field: string }
  | { readonly kind: "meta" | "rt"; readonly key: string }
  | { readonly kind: "ct"; readonly key: string; readonly direction?: "original" | "reply" }
  /** `fib saddr . iif oif`. */
  | { readonly kind: "fib"; readonly inputs: readonly string[]; readonly result: string }
  | {
      readonly kind: "numgen";
      readonly mode: "random" | "inc";
      readonly mod: number;
      readonly offset?: number;
    }
  | NftHash
  | { readonly kind: "concat"; readonly parts: readonly NftExpr[] }
  | {
      readonly kind: "binary";
      readonly op: "&" | "|" | "^" | "<<" | ">>";
      readonly left: NftExpr;
      readonly right: NftExpr;
    }
  | { readonly kind: "map"; readonly expr: NftExpr; readonly map: NftValue }
  | { readonly kind: "value"; readonly value: NftValue };

/** `jhash` of an expression, or `symhash`. */
export interface NftHash {
  readonly kind: "jhash" | "symhash";
  readonly expr?: NftExpr;
  readonly mod: number;
  readonly seed?: string;
  readonly offset?: number;
}

/** One statement of a rule. */
export type NftStatement =
  | NftMatch
  | { readonly kind: "verdict"; readonly verdict: NftVerdict }
  | { readonly kind: "vmap"; readonly expr: NftExpr; readonly map: NftValue }
  /** `meta mark set …`, `ct mark set …`, `ip dscp set …`. */
  | { readonly kind: "set"; readonly target: NftExpr; readonly value: NftExpr }
  | {
      readonly kind: "counter";
      readonly packets: number;
      readonly bytes: number;
      readonly name?: string;
    }
  | NftLimit
  | { readonly kind: "log"; readonly words: string }
  | NftReject
  | NftNat
  | { readonly kind: "notrack" }
  | NftUpdate
  /** The rest of a rule that is not understood: a packet that comes so far has an unknown fate. */
  | { readonly kind: "unknown"; readonly text: string };

/** A comparison. Without an operator flags are tested for any of the value's, all else for equality. */
export interface NftMatch {
  readonly kind: "match";
  readonly left: NftExpr;
  /** `!`: none of the flags. */
  readonly op?: "==" | "!=" | "<" | ">" | "<=" | ">=" | "!";
  readonly right: NftValue;
  /** `tcp flags syn / fin,syn,rst,ack`: only these flags are looked at. */
  readonly mask?: NftValue;
}

/** `limit rate [over] 10/second burst 5 packets`. */
export interface NftLimit {
  readonly kind: "limit";
  readonly over?: boolean;
  readonly rate: number;
  readonly per: "second" | "minute" | "hour" | "day" | "week";
  /** Bytes are counted rather than packets. */
  readonly unit?: "bytes" | "kbytes" | "mbytes";
  readonly burst?: number;
  readonly burstUnit?: "bytes" | "kbytes" | "mbytes";
}

/** `reject`; without `with` the family's port unreachable. */
export interface NftReject {
  readonly kind: "reject";
  readonly with?:
    | { readonly kind: "tcp-reset" }
    | { readonly kind: "icmp" | "icmpv6" | "icmpx"; readonly code: string };
}

/** `dnat`, `snat`, `masquerade`, `redirect`. */
export interface NftNat {
  readonly kind: "dnat" | "snat" | "masquerade" | "redirect";
  /** `ip` or `ip6` in tables of family inet. */
  readonly family?: "ip" | "ip6";
  /** An address, a range, or a map that gives one; with ports when the map gives both. */
  readonly addr?: NftExpr;
  readonly port?: NftExpr;
  /** `ip addr . port to`, `ip prefix to`. */
  readonly form?: "addr . port" | "prefix";
  /** `random`, `fully-random`, `persistent`. */
  readonly flags?: readonly string[];
}

/** `update @set { key timeout 5m : data }`. */
export interface NftUpdate {
  readonly kind: "update";
  readonly op: "add" | "update" | "delete";
  readonly set: string;
  readonly expr: NftExpr;
  readonly timeout?: string;
  /** Statements of the element. */
  readonly carries?: readonly NftStatement[];
  /** What a map gets for the key. */
  readonly data?: NftExpr;
}
