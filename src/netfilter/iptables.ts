/**
 * iptables rules as trees: what `iptables-save` prints, both families in one shape. Parsing and
 * printing are in `text/`, the meaning in `interpret/`.
 *
 * The matches of a rule are a list in the order they are evaluated; `-p`, `-s`, `-d`, `-i`, `-o` and
 * `-f` are members of it. Two printers read the same tree: `iptables-save`'s own order, and the order
 * in which kube-proxy writes its arguments.
 */
import type { Addr, Family, Prefix, Range } from "../addr/index.js";
import type { Origin } from "../base/index.js";

/** The tables of one family, in the order they print. */
export interface IptablesRuleset {
  readonly family: Family;
  readonly tables: readonly IptablesTable[];
}

/** The names iptables knows. */
export type IptablesTableName = "raw" | "mangle" | "nat" | "filter" | "security";

/** One table. */
export interface IptablesTable {
  readonly name: IptablesTableName;
  readonly chains: readonly IptablesChain[];
}

/** One chain. Built-in chains (`PREROUTING`, …) have a policy, user chains none. */
export interface IptablesChain {
  readonly name: string;
  readonly policy?: "ACCEPT" | "DROP";
  readonly counters?: Counters;
  /**
   * False for a built-in chain that iptables-save prints although the kernel was never told of it:
   * it is not asked about packets. Default true.
   */
  readonly inKernel?: boolean;
  readonly rules: readonly IptablesRule[];
}

/** Packets and bytes counted so far. */
export interface Counters {
  readonly packets: number;
  readonly bytes: number;
}

/** One rule: every match must hold, then the target acts. Without a target it only counts. */
export interface IptablesRule {
  readonly matches: readonly IptablesMatch[];
  readonly target?: IptablesTarget;
  readonly counters?: Counters;
  /** Where it stands in a dump, or what it was compiled from. */
  readonly origin?: Origin;
}

/** First and last of a range of ports, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** `value/mask` of a mark. */
export interface MarkTest {
  readonly value: number;
  readonly mask: number;
}

interface Negatable {
  /** `!` stood before the option. */
  readonly not?: boolean;
}

/** One condition of a rule. Names of kinds are iptables' module or option names. */
export type IptablesMatch =
  | ({ readonly kind: "protocol"; readonly protocol: string } & Negatable)
  | AddrMatch
  /** `eth+` is kept as written. */
  | ({ readonly kind: "in-interface" | "out-interface"; readonly link: string } & Negatable)
  | ({ readonly kind: "fragment" } & Negatable)
  | TcpMatch
  | PortsMatch
  | ({ readonly kind: "icmp"; readonly type: number; readonly code?: PortRange } & Negatable)
  | MultiportMatch
  | ConntrackMatch
  | ({ readonly kind: "state"; readonly states: readonly CtState[] } & Negatable)
  | ({ readonly kind: "mark" | "connmark" } & MarkTest & Negatable)
  | { readonly kind: "comment"; readonly comment: string }
  | AddrtypeMatch
  | SetMatch
  | PhysdevMatch
  | StatisticMatch
  | RecentMatch
  | IprangeMatch
  | ConnbytesMatch
  | { readonly kind: "limit"; readonly average: string; readonly burst: number }
  | ({ readonly kind: "mac"; readonly source: string } & Negatable)
  | ({ readonly kind: "pkttype"; readonly type: string } & Negatable)
  | ({ readonly kind: "length"; readonly range: PortRange } & Negatable)
  | { readonly kind: "ttl"; readonly compare: "eq" | "ne" | "lt" | "gt"; readonly value: number }
  | ({ readonly kind: "dscp" | "tos"; readonly value: number; readonly mask?: number } & Negatable)
  | { readonly kind: "nfacct"; readonly name: string }
  | {
      readonly kind: "rpfilter";
      readonly loose: boolean;
      readonly validmark: boolean;
      readonly acceptLocal: boolean;
      readonly invert: boolean;
    }
  | IpvsMatch
  | ({
      readonly kind: "owner";
      readonly uid?: string;
      readonly gid?: string;
      readonly socketExists?: boolean;
    } & Negatable)
  /** Understood as text, kept for printing, not evaluated: a packet that meets it has an unknown fate. */
  | { readonly kind: "unknown"; readonly module: string; readonly words: readonly string[] };

/** `-s` and `-d`. */
export interface AddrMatch extends Negatable {
  readonly kind: "source" | "destination";
  readonly prefix: Prefix;
  /** Whether a single address was written with its length; `iptables-save` always does. */
  readonly spelling?: "prefix";
}

/** `-m tcp`. */
export interface TcpMatch {
  readonly kind: "tcp";
  readonly sport?: PortRange & Negatable;
  readonly dport?: PortRange & Negatable;
  /** `--tcp-flags mask comp`, as bits; `--syn` is `FIN,SYN,RST,ACK SYN`. */
  readonly flags?: { readonly mask: number; readonly set: number } & Negatable;
  readonly option?: { readonly number: number } & Negatable;
}

/** `-m udp` and `-m sctp`. */
export interface PortsMatch {
  readonly kind: "udp" | "sctp";
  readonly sport?: PortRange & Negatable;
  readonly dport?: PortRange & Negatable;
  /** SCTP only: `--chunk-types`, kept as words. */
  readonly chunkTypes?: { readonly words: string } & Negatable;
}

/** `-m multiport`. */
export interface MultiportMatch extends Negatable {
  readonly kind: "multiport";
  readonly which: "sports" | "dports" | "ports";
  readonly ranges: readonly PortRange[];
}

/** Connection states a rule can name. */
export type CtState = "INVALID" | "NEW" | "ESTABLISHED" | "RELATED" | "UNTRACKED" | "SNAT" | "DNAT";

/** `-m conntrack`. */
export interface ConntrackMatch {
  readonly kind: "conntrack";
  readonly ctstate?: { readonly states: readonly CtState[] } & Negatable;
  readonly ctproto?: { readonly protocol: string } & Negatable;
  readonly ctorigsrc?: { readonly prefix: Prefix } & Negatable;
  readonly ctorigdst?: { readonly prefix: Prefix } & Negatable;
  readonly ctreplsrc?: { readonly prefix: Prefix } & Negatable;
  readonly ctrepldst?: { readonly prefix: Prefix } & Negatable;
  readonly ctorigsrcport?: PortRange & Negatable;
  readonly ctorigdstport?: PortRange & Negatable;
  readonly ctreplsrcport?: PortRange & Negatable;
  readonly ctrepldstport?: PortRange & Negatable;
  readonly ctstatus?: { readonly statuses: readonly string[] } & Negatable;
  readonly ctdir?: "ORIGINAL" | "REPLY";
}

/** `-m addrtype`. */
export interface AddrtypeMatch {
  readonly kind: "addrtype";
  readonly srcType?: { readonly types: readonly string[] } & Negatable;
  readonly dstType?: { readonly types: readonly string[] } & Negatable;
  readonly limitIn?: boolean;
  readonly limitOut?: boolean;
}

/** `-m set`. */
export interface SetMatch extends Negatable {
  readonly kind: "set";
  readonly name: string;
  /** One word per dimension. */
  readonly directions: readonly ("src" | "dst")[];
}

/** `-m physdev`. */
export interface PhysdevMatch {
  readonly kind: "physdev";
  readonly in?: { readonly link: string } & Negatable;
  readonly out?: { readonly link: string } & Negatable;
  readonly isIn?: Negatable;
  readonly isOut?: Negatable;
  readonly isBridged?: Negatable;
}

/** `-m statistic`. */
export type StatisticMatch = (
  | {
      readonly kind: "statistic";
      readonly mode: "random";
      /** As written, e.g. `0.33333333349`; the kernel compares 31 random bits with round(p × 2^31). */
      readonly probability: string;
    }
  | {
      readonly kind: "statistic";
      readonly mode: "nth";
      readonly every: number;
      readonly packet: number;
    }
) &
  Negatable;

/** `-m connbytes`: what a connection has carried so far; without `last` there is no upper bound. */
export interface ConnbytesMatch extends Negatable {
  readonly kind: "connbytes";
  readonly first: number;
  readonly last?: number;
  readonly mode: "packets" | "bytes" | "avgpkt";
  readonly direction: "original" | "reply" | "both";
}

/** `-m recent`. */
export interface RecentMatch extends Negatable {
  readonly kind: "recent";
  readonly action: "set" | "rcheck" | "update" | "remove";
  readonly name: string;
  readonly side: "rsource" | "rdest";
  readonly seconds?: number;
  readonly hitcount?: number;
  readonly reap?: boolean;
  readonly rttl?: boolean;
  readonly mask?: string;
}

/** Two addresses of one family; no address is between them if the first is the higher one. */
export interface AddrBounds {
  readonly first: Addr;
  readonly last: Addr;
}

/** `-m iprange`. */
export interface IprangeMatch {
  readonly kind: "iprange";
  readonly src?: { readonly range: AddrBounds } & Negatable;
  readonly dst?: { readonly range: AddrBounds } & Negatable;
}

/** `-m ipvs`. */
export interface IpvsMatch {
  readonly kind: "ipvs";
  readonly ipvs?: Negatable;
  readonly vproto?: { readonly protocol: string } & Negatable;
  readonly vaddr?: { readonly prefix: Prefix } & Negatable;
  readonly vport?: { readonly port: number } & Negatable;
  readonly vdir?: "ORIGINAL" | "REPLY";
  readonly vmethod?: { readonly method: string } & Negatable;
}

/** What a rule does when it matches. */
export type IptablesTarget =
  | { readonly kind: "ACCEPT" }
  | { readonly kind: "DROP" }
  | { readonly kind: "RETURN" }
  | { readonly kind: "QUEUE" }
  | { readonly kind: "jump"; readonly chain: string }
  | { readonly kind: "goto"; readonly chain: string }
  /** `with` as written: `icmp-port-unreachable`, `tcp-reset`, `icmp6-adm-prohibited`, … */
  | { readonly kind: "REJECT"; readonly with?: string }
  | NatTarget
  /** `--set-xmark value/mask`: (mark & ~mask) ^ value. Other spellings are brought to this form. */
  | {
      readonly kind: "MARK";
      readonly value: number;
      readonly mask: number;
      readonly spelling?: "xset" | "or" | "and" | "xor" | "set";
    }
  | {
      readonly kind: "CONNMARK";
      readonly operation: "set";
      readonly value: number;
      readonly mask: number;
    }
  | {
      readonly kind: "CONNMARK";
      readonly operation: "save" | "restore";
      readonly nfmask: number;
      readonly ctmask: number;
    }
  | {
      readonly kind: "CT";
      readonly notrack: boolean;
      readonly zone?: number;
      readonly words?: readonly string[];
    }
  | { readonly kind: "NOTRACK" }
  | { readonly kind: "LOG" | "NFLOG"; readonly words: readonly string[] }
  | { readonly kind: "TCPMSS"; readonly clampToPmtu: boolean; readonly mss?: number }
  | {
      readonly kind: "TTL" | "HL";
      readonly operation: "set" | "inc" | "dec";
      readonly value: number;
    }
  | { readonly kind: "DSCP" | "TOS"; readonly value: number; readonly mask?: number }
  | {
      readonly kind: "SET";
      readonly operation: "add" | "del";
      readonly name: string;
      readonly directions: readonly ("src" | "dst")[];
      readonly timeoutSeconds?: number;
      readonly exist?: boolean;
    }
  | { readonly kind: "unknown"; readonly module: string; readonly words: readonly string[] };

/** Ports NAT may take; `base` is where a shifted range of DNAT starts (`80-90/100`). */
export interface NatPorts extends PortRange {
  readonly base?: number;
}

/** DNAT, SNAT, MASQUERADE, REDIRECT and NETMAP. */
export interface NatTarget {
  readonly kind: "DNAT" | "SNAT" | "MASQUERADE" | "REDIRECT" | "NETMAP";
  /** Absent for MASQUERADE and REDIRECT. */
  readonly addrs?: Range;
  readonly ports?: NatPorts;
  readonly netmap?: Prefix;
  readonly random?: boolean;
  readonly randomFully?: boolean;
  readonly persistent?: boolean;
}
