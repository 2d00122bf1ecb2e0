/**
 * Which IPv4 source address a packet gets that names none: the route's own, else the out link's first
 * primary address that suits, else another link's.
 */
import type { Addr } from "../../addr/index.js";
import type { NextHopConfig, RouteConfig } from "../config.js";
import type { Fib, FibAddress, FibLink } from "../fib.js";

/** Scopes by number: the greater, the nearer (include/uapi/linux/rtnetlink.h `rt_scope_t`). */
export const SCOPE_NUMBER = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const;

/** The name of a scope. */
export type ScopeName = keyof typeof SCOPE_NUMBER;

/**
 * The source address of packets by a route: its preferred source, else what its next hop's link has
 * for the gateway.
 *
 * Follows: Linux 6.18 net/ipv4/fib_semantics.c `fib_result_prefsrc`, `fib_info_update_nhc_saddr`.
 */
export function sourceOfRoute4(
  fib: Fib,
  route: RouteConfig,
  hop: NextHopConfig | undefined,
): Addr | undefined {
  if (route.src !== undefined) return route.src;
  if (hop?.link === undefined) return undefined;
  const gateway = hop.gateway?.family === "ip4" ? hop.gateway : undefined;
  return selectAddr4(fib, { link: hop.link, scope: route.scope, ...(gateway && { dst: gateway }) });
}

/**
 * Chooses an address of a link to send from: the first primary address whose scope reaches as far as
 * asked and whose subnet holds `dst`; else the first that reaches; else one of another link.
 *
 * Returns: undefined when no link has an address that reaches.
 * Follows: Linux 6.18 net/ipv4/devinet.c `inet_select_addr`, `in_dev_select_addr`. MASQUERADE asks
 * the same question, with the next hop as `dst` and scope `global`.
 */
export function selectAddr4(
  fib: Fib,
  ask: { readonly link: string; readonly dst?: Addr; readonly scope: ScopeName },
): Addr | undefined {
  const scope = SCOPE_NUMBER[ask.scope];
  const link = fib.link(ask.link);
  const own = link && selectOnLink(fib, link, { dst: ask.dst, scope });
  return own ?? selectElsewhere(fib, ask.link, scope);
}

function selectOnLink(
  fib: Fib,
  link: FibLink,
  ask: { readonly dst: Addr | undefined; readonly scope: number },
): Addr | undefined {
  const isLocalNet = fib.sysctls.either(link.name, "route_localnet");
  const hostScope = isLocalNet ? SCOPE_NUMBER.link : SCOPE_NUMBER.host;
  let first: Addr | undefined;
  for (const own of primaries4(link)) {
    if (Math.min(SCOPE_NUMBER[own.scope], hostScope) > ask.scope) continue;
    if (ask.dst === undefined || subnetOf(own).contains(ask.dst)) return own.address.addr;
    first ??= own.address.addr;
  }
  return first;
}

/** The VRF's address goes first, then any link's of the same domain, in the order of the links. */
function selectElsewhere(fib: Fib, linkName: string, scope: number): Addr | undefined {
  const domain = fib.vrfOf(linkName);
  const candidates = fib.links.filter((l) => masterVrf(fib, l) === domain);
  const links = domain === undefined ? candidates : [domain, ...candidates];
  for (const link of links) {
    const found = primaries4(link).find(
      (a) => a.scope !== "link" && SCOPE_NUMBER[a.scope] <= scope,
    );
    if (found !== undefined) return found.address.addr;
  }
  return undefined;
}

function masterVrf(fib: Fib, link: FibLink): FibLink | undefined {
  return link.kind.kind === "vrf" ? undefined : fib.vrfOf(link.name);
}

/** The subnet an address reaches: that of its far end, on point-to-point links. */
export function subnetOf(address: FibAddress) {
  return (address.peer ?? address.address).prefix();
}

/**
 * A link's primary IPv4 addresses: the first of each subnet. Those that reach further go first.
 *
 * Follows: Linux 6.18 net/ipv4/devinet.c `__inet_insert_ifa`.
 */
export function primaries4(link: FibLink): readonly FibAddress[] {
  const subnets = new Set<string>();
  const primaries: FibAddress[] = [];
  for (const own of link.addresses) {
    if (own.address.family !== "ip4") continue;
    const subnet = subnetOf(own).toString();
    if (subnets.has(subnet)) continue;
    subnets.add(subnet);
    primaries.push(own);
  }
  return primaries.sort((a, b) => SCOPE_NUMBER[a.scope] - SCOPE_NUMBER[b.scope]);
}
