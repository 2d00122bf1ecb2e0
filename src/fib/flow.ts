/**
 * What is asked of the routing tables, and what they answer. A `Flow` is the question; a
 * `LookupAnswer` is what the rules and tables hold; a `PathAnswer` is what the kernel then does with a
 * packet that comes in (`path/input.ts`) or that a socket sends (`path/output.ts`).
 */
import type { Addr } from "../addr/index.js";
import type { FibRuleConfig, NextHopConfig, RouteConfig } from "./config.js";

/** The fields of a packet and its socket that routing reads. */
export interface Flow {
  readonly dst: Addr;
  /** Absent: no source was chosen yet. */
  readonly src?: Addr;
  /** Link the packet came in by; absent for packets of local sockets. */
  readonly iif?: string;
  /** Link a socket is bound to. */
  readonly oif?: string;
  readonly mark?: number;
  /** The whole type-of-service byte. */
  readonly tos?: number;
  readonly protocol?: number;
  readonly sport?: number;
  readonly dport?: number;
  readonly uid?: number;
  /** The source need not be one of ours (`FLOWI_FLAG_ANYSRC`). */
  readonly anySource?: boolean;
}

/** Errors that routes and rules refuse with, in the kernel's spelling. */
export type RouteErrno = "EINVAL" | "EHOSTUNREACH" | "EACCES" | "ENETUNREACH";

/** A route with the next hop that was chosen for this flow. */
export interface FoundRoute {
  readonly route: RouteConfig;
  /** Absent only for routes without next hops. */
  readonly hop?: NextHopConfig;
  /** The policy rule that led to the table. */
  readonly rule?: FibRuleConfig;
}

/** What the rules and tables answer. */
export type LookupAnswer =
  | ({ readonly kind: "found" } & FoundRoute)
  /** A blackhole, unreachable or prohibit route or rule. */
  | {
      readonly kind: "refuse";
      readonly errno: RouteErrno;
      readonly route?: RouteConfig;
      readonly rule?: FibRuleConfig;
    }
  /** No rule led to a match. */
  | { readonly kind: "miss" };

/** Where a packet goes. */
export interface Path {
  /** `forward`: out by `link` to a neighbour; the others stay in, or are sent to all on the link. */
  readonly kind: "forward" | "local" | "broadcast" | "multicast";
  /** Link it leaves by; `lo` (or the VRF) for what is local. */
  readonly link: string;
  /** Absent: the destination itself is the neighbour. */
  readonly gateway?: Addr;
  /** Source address; chosen for packets of sockets that gave none. */
  readonly src?: Addr;
  /** The sender is to be told of a better first hop on the same link (IPv4). */
  readonly redirect?: boolean;
  readonly route?: RouteConfig;
  readonly rule?: FibRuleConfig;
}

/** Why a packet has no path. */
export type NoPath =
  | {
      readonly kind: "refuse";
      readonly errno: RouteErrno;
      readonly route?: RouteConfig;
      readonly rule?: FibRuleConfig;
    }
  | { readonly kind: "miss"; readonly errno: "ENETUNREACH" }
  /** It came in by a link that does not forward. */
  | { readonly kind: "not-forwarding"; readonly errno: "EHOSTUNREACH" }
  | {
      readonly kind: "martian";
      readonly errno: "EINVAL";
      readonly what: "source" | "destination";
      /** In words, naming the sysctl that would allow it. */
      readonly reason: string;
    }
  /** The way back to the source does not lead through the link it came in by. */
  | { readonly kind: "rp-filter"; readonly errno: "EINVAL"; readonly mode: 1 | 2 }
  /** A socket gave no source address and none can be chosen. */
  | { readonly kind: "no-source"; readonly errno: "EADDRNOTAVAIL" }
  /** A socket sends from an address that is not ours, or by a link that is not there. */
  | { readonly kind: "bad-flow"; readonly errno: "ENETUNREACH" | "EINVAL" | "ENODEV" };

/** What becomes of a packet, as far as routing decides it. */
export type PathAnswer = Path | NoPath;

/** Whether a packet has a path. */
export function isPath(answer: PathAnswer): answer is Path {
  switch (answer.kind) {
    case "forward":
    case "local":
    case "broadcast":
    case "multicast":
      return true;
    default:
      return false;
  }
}
