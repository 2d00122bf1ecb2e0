/**
 * Whether a packet that came in may come from where it says: not from one of our own addresses, and,
 * with rp_filter, only by the link that leads back to its source. IPv4 only; IPv6 has no such check.
 */
import type { Addr } from "../../addr/index.js";
import type { Fib, FibLink } from "../fib.js";
import type { Flow, NoPath } from "../flow.js";
import { lookup } from "../lookup.js";

/** What is to be checked. */
export interface SourceCheck {
  readonly src: Addr;
  /** The link it came in by. */
  readonly iif: string;
  /** The destination; absent for broadcasts. */
  readonly dst?: Addr;
  /** The link it will leave by; absent for what stays here. */
  readonly outLink?: string;
  /** Fields of the packet that policy rules may read. */
  readonly flow: Flow;
}

/** Whether the source passes; `isNeighbor`: it is on the link itself, behind no gateway. */
export type SourceVerdict =
  | { readonly kind: "pass"; readonly isNeighbor: boolean }
  | (NoPath & { readonly kind: "martian" | "rp-filter" });

const PASS: SourceVerdict = { kind: "pass", isNeighbor: false };

/**
 * Checks the source of a packet that came in.
 *
 * Shape: reads tables, addresses and the sysctls `rp_filter` (greater of all and link),
 * `accept_local`, `send_redirects` and `src_valid_mark` (either).
 * Follows: Linux 6.18 net/ipv4/fib_frontend.c `fib_validate_source`, `__fib_validate_source`;
 * RFC 3704 §2.2 (strict), §2.4 (loose).
 */
export function validateSource4(fib: Fib, check: SourceCheck): SourceVerdict {
  const { iif } = check;
  const mode = fib.sysctls.greater(iif, "rp_filter");
  const isRedirectable = check.outLink === iif && fib.sysctls.either(iif, "send_redirects");
  if (mode !== 0 || isRedirectable) return checkFully(fib, check, mode);
  if (fib.sysctls.either(iif, "accept_local")) return PASS;
  if (fib.hasCustomLocalRoutes || fib.merged === undefined) return checkFully(fib, check, mode);
  return fib.own(check.src) === undefined ? PASS : martianSource(OWN_SOURCE);
}

const OWN_SOURCE = "the source is an address of this namespace, and accept_local is off";

/** The long way: asks the tables where a packet to the source would go. */
function checkFully(fib: Fib, check: SourceCheck, mode: number): SourceVerdict {
  const { iif } = check;
  const link = fib.link(iif);
  const question = reverseFlow(fib, check);
  const answer = lookup(fib, question);
  if (answer.kind !== "found") return lastResort(mode);
  const { route } = answer;
  if (route.kind === "local") {
    if (!fib.sysctls.either(iif, "accept_local")) return martianSource(OWN_SOURCE);
  } else if (route.kind !== "unicast") {
    return martianSource(`the route back to the source is of type ${route.kind}`);
  }
  const leadsBack = route.nextHops.some((hop) => isSameDomainLink(fib, hop.link, link));
  if (leadsBack || (route.kind === "local" && iif === fib.loopback)) {
    return { kind: "pass", isNeighbor: answer.hop?.gateway === undefined };
  }
  if (link?.addresses.every((a) => a.address.family !== "ip4")) return lastResort(mode);
  if (mode === 1) return { kind: "rp-filter", errno: "EINVAL", mode: 1 };
  const onLink = lookup(fib, { ...question, oif: iif }, { ignoreLinkState: true });
  const isNeighbor =
    onLink.kind === "found" && onLink.route.kind === "unicast" && onLink.hop?.gateway === undefined;
  return { kind: "pass", isNeighbor };
}

function reverseFlow(fib: Fib, check: SourceCheck): Flow {
  const { flow, iif } = check;
  const { mark, oif, src, iif: _iif, sport, dport, ...rest } = flow;
  return {
    ...rest,
    dst: check.src,
    ...(check.dst && { src: check.dst }),
    ...(check.outLink !== undefined && { iif: check.outLink }),
    ...(fib.sysctls.either(iif, "src_valid_mark") && mark !== undefined && { mark }),
    ...(dport !== undefined && { sport: dport }),
    ...(sport !== undefined && { dport: sport }),
  };
}

/** No route back, or a link without addresses: fine unless rp_filter is on. */
function lastResort(mode: number): SourceVerdict {
  return mode === 0 ? PASS : { kind: "rp-filter", errno: "EINVAL", mode: mode === 1 ? 1 : 2 };
}

function isSameDomainLink(fib: Fib, out: string | undefined, iif: FibLink | undefined): boolean {
  if (out === undefined || iif === undefined) return false;
  if (out === iif.name) return true;
  const vrf = fib.vrfOf(out);
  return vrf !== undefined && vrf.name === iif.name;
}

function martianSource(reason: string): SourceVerdict {
  return { kind: "martian", errno: "EINVAL", what: "source", reason };
}
