/**
 * What the kernel does by itself when links come up with addresses: link-local addresses, connected
 * routes and the entries of the local table. Dumps of real nodes show them, so compiled ones must.
 */
import {
  type Addr,
  type Family,
  linkLocalAddr,
  makeLinkAddr,
  makePrefix,
  type Prefix,
  parsePrefix,
  singlePrefix,
} from "../addr/index.js";
import type { Origin } from "../base/index.js";
import { type FibRuleConfig, FibTable, type RouteConfig } from "../fib/index.js";
import type { AddressConfig, LinkConfig } from "../link/index.js";

/** Why a route of this file is there. */
const KERNEL: Origin = { kind: "kernel" };
/** Metric of IPv6 connected routes (`IP6_RT_PRIO_ADDRCONF`). */
const IP6_CONNECTED_METRIC = 256;
const IP4_LOOPBACK = parsePrefix("127.0.0.0/8");
const IP6_MULTICAST = parsePrefix("ff00::/8");

/** The address every link with a MAC gets when it comes up (RFC 4291 §2.5.6, EUI-64). */
export function linkLocalAddress(link: Pick<LinkConfig, "mac">): readonly AddressConfig[] {
  if (link.mac === undefined) return [];
  const address = makeLinkAddr(linkLocalAddr(link.mac), 64);
  return [{ address, scope: "link", origin: KERNEL }];
}

/** The rules a namespace is born with. */
export const KERNEL_RULES: readonly FibRuleConfig[] = [
  makeRule("ip4", 0, FibTable.local),
  makeRule("ip4", 32766, FibTable.main),
  makeRule("ip4", 32767, FibTable.default),
  makeRule("ip6", 0, FibTable.local),
  makeRule("ip6", 32766, FibTable.main),
];

function makeRule(family: Family, priority: number, table: number): FibRuleConfig {
  return { family, priority, action: { kind: "table", table }, origin: KERNEL };
}

/**
 * The routes the kernel adds for the addresses of links that are up.
 *
 * Follows: Linux 6.18 net/ipv4/fib_frontend.c `fib_add_ifaddr`, net/ipv6/addrconf.c
 * `addrconf_prefix_route`, `addrconf_add_mroute`, `addrconf_join_anycast`.
 */
export function kernelRoutes(
  links: readonly LinkConfig[],
  options: { readonly isForwarding6: boolean },
): readonly RouteConfig[] {
  const routes: RouteConfig[] = [];
  for (const link of links) {
    if (!link.up) continue;
    const anycasts = new Set<string>();
    for (const { address } of link.addresses) {
      if (address.family === "ip4") addRoutes4(routes, link, address);
      else addRoutes6(routes, link, address, options.isForwarding6 ? anycasts : undefined);
    }
    const isMulticast = link.kind.kind !== "loopback" && link.addresses.some(isIp6);
    if (isMulticast) {
      const table = { table: FibTable.local, metric: IP6_CONNECTED_METRIC };
      routes.push(makeRoute(link, "multicast", IP6_MULTICAST, table));
    }
  }
  return routes;
}

function isIp6({ address }: AddressConfig): boolean {
  return address.family === "ip6";
}

type Address = AddressConfig["address"];

function addRoutes4(routes: RouteConfig[], link: LinkConfig, address: Address): void {
  const src = address.addr;
  const prefix = address.prefix();
  const local = { table: FibTable.local, src };
  routes.push(makeRoute(link, "local", singlePrefix(src), { ...local, scope: "host" }));
  if (address.bits === 32) return;
  if (address.bits < 31) {
    const last = singlePrefix(prefix.last());
    routes.push(makeRoute(link, "broadcast", last, { ...local, scope: "link" }));
  }
  if (IP4_LOOPBACK.contains(src)) {
    routes.push(makeRoute(link, "local", prefix, { ...local, scope: "host" }));
  } else {
    routes.push(makeRoute(link, "unicast", prefix, { table: FibTable.main, src, scope: "link" }));
  }
}

function addRoutes6(
  routes: RouteConfig[],
  link: LinkConfig,
  address: Address,
  anycasts: Set<string> | undefined,
): void {
  const prefix = address.prefix();
  const local = { table: FibTable.local };
  routes.push(makeRoute(link, "local", singlePrefix(address.addr), local));
  if (link.kind.kind === "loopback") return;
  const metric = IP6_CONNECTED_METRIC;
  routes.push(makeRoute(link, "unicast", prefix, { table: FibTable.main, metric }));
  if (anycasts === undefined || address.bits >= 127 || anycasts.has(prefix.key())) return;
  anycasts.add(prefix.key());
  routes.push(makeRoute(link, "anycast", makePrefix(prefix.addr, 128), local));
}

interface RouteParts {
  readonly table: number;
  readonly metric?: number;
  readonly src?: Addr;
  readonly scope?: RouteConfig["scope"];
}

function makeRoute(
  link: LinkConfig,
  kind: RouteConfig["kind"],
  dst: Prefix,
  { table, metric = 0, src, scope = "global" }: RouteParts,
): RouteConfig {
  const isDown = link.carrier === false;
  return {
    family: dst.family,
    kind,
    dst,
    table,
    metric,
    nextHops: [{ link: link.name, weight: 1, ...(isDown ? { linkdown: true } : {}) }],
    ...(src === undefined ? {} : { src }),
    scope,
    protocol: "kernel",
    origin: KERNEL,
  };
}

/** Sorts routes as `ip route show table all` lists them: family, table, prefix, metric. */
export function sortRoutes(routes: readonly RouteConfig[]): readonly RouteConfig[] {
  return [...routes].sort(
    (a, b) =>
      (a.family === b.family ? 0 : a.family === "ip4" ? -1 : 1) ||
      a.table - b.table ||
      compareDst(a, b) ||
      a.metric - b.metric,
  );
}

function compareDst(a: RouteConfig, b: RouteConfig): number {
  if (a.family === "ip4") return a.dst.addr.compare(b.dst.addr) || a.dst.bits - b.dst.bits;
  // IPv6 lists its tree from the longest prefixes of a branch; the default route comes last.
  const isDefault = Number(a.dst.bits === 0) - Number(b.dst.bits === 0);
  return isDefault || a.dst.addr.compare(b.dst.addr) || b.dst.bits - a.dst.bits;
}
