/**
 * Routes and policy rules of one network namespace as plain data: what `ip route show table all`
 * and `ip rule` print, both families. The look-up over them is in the rest of this folder.
 */
import type { Addr, Family, Prefix } from "../addr/index.js";
import type { Origin } from "../base/index.js";

/** Numbers of the tables the kernel makes (include/uapi/linux/rtnetlink.h). */
export const FibTable = { default: 253, main: 254, local: 255 } as const;

/** What a route does with a packet. */
export type RouteKind =
  | "unicast"
  | "local"
  | "broadcast"
  | "anycast"
  | "multicast"
  | "blackhole"
  | "unreachable"
  | "prohibit"
  | "throw";

/** One route of one table. */
export interface RouteConfig {
  readonly family: Family;
  readonly kind: RouteKind;
  /** `default` is the prefix of length 0. */
  readonly dst: Prefix;
  /** IPv6 source-specific routing: only for packets from here (`from`). */
  readonly from?: Prefix;
  readonly table: number;
  /** Priority; lower wins. IPv4's default is 0, IPv6's 1024. */
  readonly metric: number;
  /** One, or several for equal cost. Empty for the kinds that refuse. */
  readonly nextHops: readonly NextHopConfig[];
  /** Preferred source address (`src`). */
  readonly src?: Addr;
  readonly scope: "global" | "site" | "link" | "host" | "nowhere";
  /** Who set it: `kernel`, `boot`, `static`, `dhcp`, `ra`, `bird`, or a number as text. */
  readonly protocol: string;
  readonly mtu?: number;
  /** Type of service the route is for (IPv4). */
  readonly tos?: number;
  readonly origin?: Origin;
}

/** Where a route leads. */
export interface NextHopConfig {
  readonly link?: string;
  /** Gateway; of the other family with `via inet6`. */
  readonly gateway?: Addr;
  readonly onlink?: boolean;
  /** 1 to 256. */
  readonly weight: number;
  readonly linkdown?: boolean;
  readonly dead?: boolean;
}

/** One rule of the policy database (`ip rule`). */
export interface FibRuleConfig {
  readonly family: Family;
  /** Lower is asked first. */
  readonly priority: number;
  readonly not?: boolean;
  readonly from?: Prefix;
  readonly to?: Prefix;
  readonly iif?: string;
  readonly oif?: string;
  readonly fwmark?: number;
  /** Default: all bits. */
  readonly fwmask?: number;
  readonly tos?: number;
  readonly protocol?: number;
  readonly sport?: { readonly first: number; readonly last: number };
  readonly dport?: { readonly first: number; readonly last: number };
  readonly uidRange?: { readonly first: number; readonly last: number };
  readonly action: FibRuleAction;
  /** Answers with a prefix no longer than this are ignored. */
  readonly suppressPrefixLength?: number;
  /** Answers that lead out by a link of this group are ignored; `default` is group 0. */
  readonly suppressGroup?: string;
  readonly l3mdev?: boolean;
  readonly origin?: Origin;
}

/** What a rule does when its selectors match. */
export type FibRuleAction =
  | { readonly kind: "table"; readonly table: number }
  | { readonly kind: "goto"; readonly priority: number }
  | { readonly kind: "nop" }
  | { readonly kind: "blackhole" }
  | { readonly kind: "unreachable" }
  | { readonly kind: "prohibit" };
