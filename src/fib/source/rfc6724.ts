/**
 * Which IPv6 source address a packet gets that names none: RFC 6724 section 5 as Linux does it. The
 * candidates are compared rule by rule; the first rule that tells two apart decides.
 */
import { type Addr, isLinkLocal, isLoopback, isMulticast } from "../../addr/index.js";
import type { RouteConfig } from "../config.js";
import type { Fib, FibAddress, FibLink } from "../fib.js";
import { labelOf } from "./labels.js";

/** Scopes of RFC 4291 §2.7, as numbers that compare. */
const SCOPE = { link: 0x2, site: 0x5, global: 0xe } as const;

/**
 * The source address of packets by a route: its preferred source, else chosen for the destination.
 *
 * Follows: Linux 6.18 include/net/ip6_route.h `ip6_route_get_saddr`.
 */
export function sourceOfRoute6(
  fib: Fib,
  ask: { readonly route?: RouteConfig; readonly link?: string; readonly dst: Addr },
): Addr | undefined {
  return ask.route?.src ?? selectAddr6(fib, ask);
}

/**
 * Chooses the source address for a destination.
 *
 * Shape: for a link-local or multicast destination only addresses of the out link are candidates,
 * otherwise those of all links.
 * Follows: Linux 6.18 net/ipv6/addrconf.c `ipv6_dev_get_saddr`, `ipv6_get_saddr_eval`; RFC 6724 §5.
 * Not modelled: temporary (privacy) and home addresses, optimistic detection.
 */
export function selectAddr6(
  fib: Fib,
  ask: { readonly link?: string; readonly dst: Addr },
): Addr | undefined {
  const scope = scopeOf6(ask.dst);
  const out = ask.link === undefined ? undefined : fib.link(ask.link);
  const isOutOnly = out !== undefined && mustUseOutLink(fib, out, ask.dst);
  const links = isOutOnly ? [out] : linksOfDomain(fib, out);
  let best: Candidate | undefined;
  for (const link of links) {
    for (const own of addressesInKernelOrder(link)) {
      const candidate = { link, own, addr: own.address.addr };
      if (best === undefined || isBetter(candidate, best, { dst: ask.dst, scope, out })) {
        best = candidate;
      }
    }
  }
  return best?.addr;
}

interface Candidate {
  readonly link: FibLink;
  readonly own: FibAddress;
  readonly addr: Addr;
}

interface Wanted {
  readonly dst: Addr;
  readonly scope: number;
  readonly out: FibLink | undefined;
}

function mustUseOutLink(fib: Fib, out: FibLink, dst: Addr): boolean {
  return (
    isMulticast(dst) ||
    scopeOf6(dst) <= SCOPE.link ||
    fib.sysctls.ofLink6(out.name, "use_oif_addrs_only") !== 0
  );
}

function linksOfDomain(fib: Fib, out: FibLink | undefined): readonly FibLink[] {
  const domain = fib.vrfOf(out?.name);
  return fib.links.filter((l) => fib.vrfOf(l.name) === domain);
}

/**
 * The kernel keeps a link's IPv6 addresses by scope, and of one scope the youngest first
 * (net/ipv6/addrconf.c `ipv6_link_dev_addr`).
 */
export function addressesInKernelOrder(link: FibLink): readonly FibAddress[] {
  return link.addresses
    .filter((a) => a.address.family === "ip6" && a.tentative !== true)
    .reverse()
    .sort((a, b) => scopeOf6(b.address.addr) - scopeOf6(a.address.addr));
}

/** The rules of RFC 6724 §5, in order; each gives the better candidate the greater number. */
const RULES: readonly ((candidate: Candidate, wanted: Wanted) => number)[] = [
  // Rule 1: the destination itself.
  (c, w) => (c.addr.equals(w.dst) ? 1 : 0),
  // Rule 2: a scope that reaches far enough, and of those the nearest.
  (c, w) => {
    const scope = scopeOf6(c.addr);
    return scope >= w.scope ? -scope : scope - 128;
  },
  // Rule 3: not deprecated.
  (c) => (c.own.deprecated === true ? 0 : 1),
  // Rule 5: an address of the out link.
  (c, w) => (w.out === undefined || c.link === w.out ? 1 : 0),
  // Rule 6: the same label.
  (c, w) => (labelOf(c.addr) === labelOf(w.dst) ? 1 : 0),
  // RFC 4843: cryptographic identifiers talk to their like.
  (c, w) => (isOrchid(c.addr) === isOrchid(w.dst) ? 1 : 0),
  // Rule 8: the longest prefix in common, no longer than the address's own.
  (c, w) => Math.min(commonBits(c.addr, w.dst), c.own.address.bits),
];

function isBetter(candidate: Candidate, best: Candidate, wanted: Wanted): boolean {
  for (const rule of RULES) {
    const difference = rule(candidate, wanted) - rule(best, wanted);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/** The scope of an IPv6 address. Loopback counts as link-local, unique local as global. */
export function scopeOf6(addr: Addr): number {
  if (isMulticast(addr)) return (addr.s0 >>> 16) & 0xf;
  if (isLinkLocal(addr) || isLoopback(addr)) return SCOPE.link;
  // fec0::/10, site-local (RFC 3879 deprecates it).
  return addr.w0 >>> 22 === 0x3fb ? SCOPE.site : SCOPE.global;
}

/** 2001:10::/28 (RFC 4843). */
function isOrchid(addr: Addr): boolean {
  return (addr.s0 & ~0xf) === 0x2001_0010;
}

/** How many leading bits two addresses share. */
function commonBits(a: Addr, b: Addr): number {
  const words: readonly (readonly [number, number])[] = [
    [a.s0, b.s0],
    [a.s1, b.s1],
    [a.s2, b.s2],
    [a.s3, b.s3],
  ];
  let bits = 0;
  for (const [x, y] of words) {
    const same = Math.clz32(x ^ y);
    bits += same;
    if (same < 32) break;
  }
  return bits;
}
