/**
 * What the kernel does by itself when links come up with addresses: link-local addresses, connected
 * routes and the entries of the local table. Dumps of real nodes show them, so compiled ones must.
 */
import {
  type Addr,
  type Family,
  linkLocalAddr,
  makeLinkAddr,
  type Prefix,
  parsePrefix,
  singlePrefix,
} from "../addr/index.js";
import type { Origin } from "../base/index.js";
import {
  type FibRuleConfig,
  FibTable,
  type NextHopConfig,
  type RouteConfig,
} from "../fib/index.js";
import type { AddressConfig, LinkConfig } from "../link/index.js";
import { LOOPBACK } from "./loopback.js";

/** Why a route of this file is there. */
const KERNEL: Origin = { kind: "kernel" };
/** Metric of IPv6 connected routes (`IP6_RT_PRIO_ADDRCONF`). */
const IP6_CONNECTED_METRIC = 256;
const IP4_LOOPBACK = parsePrefix("127.0.0.0/8");
const IP6_LINK_LOCAL = parsePrefix("fe80::/64");
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
 * The routes the kernel adds for the addresses of links.
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
    if (link === LOOPBACK) routes.push(...LOOPBACK_ROUTES);
    else if (link.up) addLinkRoutes(routes, link, options.isForwarding6);
    else addDownRoutes(routes, link);
  }
  return routes;
}

/** Where the routes of one link go, and what they share. */
interface LinkRoutes {
  readonly routes: RouteConfig[];
  readonly hops: readonly NextHopConfig[];
  readonly link: LinkConfig;
}

function addLinkRoutes(routes: RouteConfig[], link: LinkConfig, isForwarding6: boolean): void {
  const isDown = link.carrier === false;
  const hop = { link: link.name, weight: 1 };
  const into = { routes, link, hops: [isDown ? { ...hop, linkdown: true } : hop] };
  const anycasts: Prefix[] = [];
  let hasIp6 = false;
  for (const { address } of link.addresses) {
    if (address.family === "ip4") addRoutes4(into, address);
    else {
      hasIp6 = true;
      addRoutes6(into, address, isForwarding6 ? anycasts : undefined);
    }
  }
  if (!hasIp6 || link.kind.kind === "loopback") return;
  const { local } = FibTable;
  addRoute(into, "multicast", IP6_MULTICAST, { table: local, metric: IP6_CONNECTED_METRIC });
}

/** A link that is down still makes its addresses local. */
function addDownRoutes(routes: RouteConfig[], link: LinkConfig): void {
  const into = { routes, link, hops: [{ link: link.name, weight: 1 }] };
  for (const { address } of link.addresses) {
    const { addr, family } = address;
    const parts = family === "ip6" ? LOCAL6 : ({ ...LOCAL6, src: addr, scope: "host" } as const);
    addRoute(into, "local", singlePrefix(addr), parts);
  }
}

type Address = AddressConfig["address"];

function addRoutes4(into: LinkRoutes, address: Address): void {
  const src = address.addr;
  const prefix = address.prefix();
  const host = { table: FibTable.local, src, scope: "host" } as const;
  addRoute(into, "local", singlePrefix(src), host);
  if (address.bits === 32) return;
  if (address.bits < 31) {
    const last = singlePrefix(prefix.last());
    addRoute(into, "broadcast", last, { table: FibTable.local, src, scope: "link" });
  }
  if (IP4_LOOPBACK.contains(src)) addRoute(into, "local", prefix, host);
  else addRoute(into, "unicast", prefix, { table: FibTable.main, src, scope: "link" });
}

function addRoutes6(into: LinkRoutes, address: Address, anycasts: Prefix[] | undefined): void {
  addRoute(into, "local", singlePrefix(address.addr), LOCAL6);
  if (into.link.kind.kind === "loopback") return;
  const isLinkLocal = address.bits === 64 && IP6_LINK_LOCAL.contains(address.addr);
  const prefix = isLinkLocal ? IP6_LINK_LOCAL : address.prefix();
  addRoute(into, "unicast", prefix, { table: FibTable.main, metric: IP6_CONNECTED_METRIC });
  if (anycasts === undefined || address.bits >= 127) return;
  if (anycasts.some((known) => known.equals(prefix))) return;
  anycasts.push(prefix);
  addRoute(into, "anycast", singlePrefix(prefix.addr), LOCAL6);
}

interface RouteParts {
  readonly table: number;
  readonly metric?: number;
  readonly src?: Addr;
  readonly scope?: RouteConfig["scope"];
}

const LOCAL6: RouteParts = { table: FibTable.local };

function addRoute(
  { routes, hops }: LinkRoutes,
  kind: RouteConfig["kind"],
  dst: Prefix,
  { table, metric = 0, src, scope = "global" }: RouteParts,
): void {
  const { family } = dst;
  const nextHops = hops;
  const fields = { family, kind, dst, table, metric, nextHops, scope, ...KERNEL_MADE };
  routes.push(src === undefined ? fields : { ...fields, src });
}

const KERNEL_MADE = { protocol: "kernel", origin: KERNEL } as const;

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

/** The routes of every namespace's loopback. */
const LOOPBACK_ROUTES: readonly RouteConfig[] = (() => {
  const routes: RouteConfig[] = [];
  addLinkRoutes(routes, LOOPBACK, false);
  return routes;
})();
