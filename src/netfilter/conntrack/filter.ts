/** Choosing entries, with the options of `conntrack -L` and `conntrack -D`. */
import type { Addr, Family } from "../../addr/index.js";
import type { Entry } from "./entry.js";
import type { Tuple } from "./tuple.js";

/** What an entry must be; what is absent does not matter. */
export interface ConntrackFilter {
  readonly family?: Family;
  /** IP protocol number. */
  readonly protocol?: number;
  readonly original?: TupleFilter;
  readonly reply?: TupleFilter;
  /** `mark/mask`. */
  readonly mark?: { readonly value: number; readonly mask: number };
  readonly zone?: number;
  readonly state?: string;
  readonly status?: "UNREPLIED" | "SEEN_REPLY" | "ASSURED";
  /** `--src-nat`, `--dst-nat`: entries whose source or destination was rewritten. */
  readonly srcNat?: boolean;
  readonly dstNat?: boolean;
}

/** What one direction must be. */
export interface TupleFilter {
  readonly src?: Addr;
  readonly dst?: Addr;
  readonly sport?: number;
  readonly dport?: number;
}

/** Whether an entry is one that the filter means. */
export function matchesFilter(entry: Entry, filter: ConntrackFilter): boolean {
  const { family, protocol, mark, zone, state, srcNat, dstNat } = filter;
  return (
    (family === undefined || entry.original.family === family) &&
    (protocol === undefined || entry.original.protocol === protocol) &&
    (mark === undefined || ((entry.mark ^ mark.value) & mark.mask) === 0) &&
    (zone === undefined || entry.zone === zone) &&
    (state === undefined || entry.state === state) &&
    (srcNat === undefined || entry.status.srcNat === srcNat) &&
    (dstNat === undefined || entry.status.dstNat === dstNat) &&
    hasStatus(entry, filter.status) &&
    matchesTuple(entry.original, filter.original) &&
    matchesTuple(entry.reply, filter.reply)
  );
}

function hasStatus(entry: Entry, status: ConntrackFilter["status"]): boolean {
  if (status === undefined) return true;
  if (status === "ASSURED") return entry.status.assured;
  return entry.status.seenReply === (status === "SEEN_REPLY");
}

function matchesTuple(tuple: Tuple, filter: TupleFilter | undefined): boolean {
  if (filter === undefined) return true;
  const { src, dst, sport, dport } = filter;
  return (
    (src === undefined || tuple.src.equals(src)) &&
    (dst === undefined || tuple.dst.equals(dst)) &&
    (sport === undefined || tuple.sport === sport) &&
    (dport === undefined || tuple.dport === dport)
  );
}
