/**
 * The routes a kernel makes by itself when an address is set on a link that is up: the local and
 * broadcast (IPv6: anycast, multicast) ones, and the connected one.
 */
import {
  type Addr,
  addrBits,
  isLimitedBroadcast,
  isUnspecified,
  makePrefix,
  type Prefix,
  parsePrefix,
} from "../addr/index.js";
import { FibTable, type RouteConfig } from "./config.js";
import type { FibAddress, FibLink } from "./fib.js";
import { subnetOf } from "./source/inet-select.js";

/** An address with what routes are made of; `AddressConfig` of folder `link` has this shape. */
export interface SetAddress extends FibAddress {
  readonly broadcast?: Addr;
  readonly noprefixroute?: boolean;
}

/** A link whose addresses are to get their routes. */
export interface AddressedLink extends FibLink {
  readonly addresses: readonly SetAddress[];
}

/** What of a namespace's settings decides about these routes. */
export interface KernelRouteOptions {
  /** `net.ipv6.conf.all.forwarding`: routers have anycast addresses. */
  readonly forwarding6?: boolean;
  /** IPv6 is switched off on these links, or their MTU is below 1280. */
  readonly withoutIp6?: ReadonlySet<string>;
}

/** IPv6's metric for routes of the kernel's own (Linux `IP6_RT_PRIO_ADDRCONF`). */
const KERNEL_METRIC6 = 256;

/**
 * Makes the kernel's own routes for all links, in the order the kernel lists them: table main, then
 * local; IPv4 before IPv6.
 *
 * Follows: Linux 6.18 net/ipv4/fib_frontend.c `fib_add_ifaddr`, `fib_magic`; net/ipv6/addrconf.c
 * `addrconf_prefix_route`, `addrconf_add_mroute`, `addrconf_join_anycast`.
 */
export function makeKernelRoutes(
  links: readonly AddressedLink[],
  options: KernelRouteOptions = {},
): RouteConfig[] {
  const byName = new Map(links.map((l) => [l.name, l]));
  const routes = links.flatMap((link) => {
    if (!link.up) return [];
    const master = link.master === undefined ? undefined : byName.get(link.master);
    const vrf = link.kind.kind === "vrf" ? link : master?.kind.kind === "vrf" ? master : undefined;
    const made = [...routes4(link), ...routes6(link, options)];
    const table = vrf?.kind.table;
    return table === undefined ? made : made.map((r) => ({ ...r, table }));
  });
  return routes.sort(
    (a, b) =>
      (a.family === b.family ? 0 : a.family === "ip4" ? -1 : 1) ||
      a.table - b.table ||
      a.dst.compare(b.dst),
  );
}

function routes4(link: AddressedLink): RouteConfig[] {
  const primaries = new Map<string, SetAddress>();
  return link.addresses.flatMap((own) => {
    if (own.address.family !== "ip4") return [];
    const subnet = subnetOf(own);
    const first = primaries.get(subnet.toString());
    if (first === undefined) primaries.set(subnet.toString(), own);
    return routesOfAddress4(link, own, first ?? own);
  });
}

function routesOfAddress4(
  link: AddressedLink,
  own: SetAddress,
  primary: SetAddress,
): RouteConfig[] {
  const subnet = subnetOf(own);
  const { addr } = own.address;
  const src = primary.address.addr;
  const routes = [route4(link, "local", hostOf(addr), src)];
  const { broadcast } = own;
  if (broadcast !== undefined && !isLimitedBroadcast(broadcast)) {
    routes.push(route4(link, "broadcast", hostOf(broadcast), src));
  }
  const isConnected = own === primary && !isUnspecified(subnet.first()) && !isHost(subnet, addr);
  if (!isConnected) return routes;
  if (own.noprefixroute !== true) {
    const kind = link.kind.kind === "loopback" ? "local" : "unicast";
    routes.push(route4(link, kind, subnet, src));
  }
  const last = subnet.last();
  if (subnet.bits < 31 && broadcast?.equals(last) !== true) {
    routes.push(route4(link, "broadcast", hostOf(last), src));
  }
  return routes;
}

function isHost(subnet: Prefix, addr: Addr): boolean {
  return subnet.bits === 32 && subnet.first().equals(addr);
}

function route4(
  link: AddressedLink,
  kind: "local" | "broadcast" | "unicast",
  dst: Prefix,
  src: Addr,
): RouteConfig {
  return {
    family: "ip4",
    kind,
    dst,
    table: kind === "unicast" ? FibTable.main : FibTable.local,
    metric: 0,
    nextHops: [{ link: link.name, weight: 1 }],
    src,
    scope: kind === "local" ? "host" : "link",
    protocol: "kernel",
  };
}

const MULTICAST6 = parsePrefix("ff00::/8");

function routes6(link: AddressedLink, options: KernelRouteOptions): RouteConfig[] {
  if (options.withoutIp6?.has(link.name)) return [];
  const routes = link.addresses.flatMap((own) => {
    if (own.address.family !== "ip6") return [];
    const { addr } = own.address;
    const subnet = subnetOf(own);
    const made = [route6(link, { kind: "local", dst: hostOf(addr), metric: 0 })];
    if (own.noprefixroute !== true && link.kind.kind !== "loopback") {
      made.push(route6(link, { kind: "unicast", dst: subnet, metric: KERNEL_METRIC6 }));
    }
    const isRouter = options.forwarding6 === true && link.kind.kind !== "loopback";
    if (isRouter && subnet.bits < 127) {
      made.push(route6(link, { kind: "anycast", dst: hostOf(subnet.first()), metric: 0 }));
    }
    return made;
  });
  // Every link that does IPv6 at all reaches the groups on it.
  const groups = route6(link, { kind: "multicast", dst: MULTICAST6, metric: KERNEL_METRIC6 });
  const all = link.kind.kind === "loopback" ? routes : [...routes, groups];
  return withoutRepeats(all);
}

/** Two addresses of one subnet share its connected and anycast route. */
function withoutRepeats(routes: readonly RouteConfig[]): RouteConfig[] {
  const seen = new Set<string>();
  return routes.filter((r) => {
    const key = `${r.kind} ${r.dst}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function route6(
  link: AddressedLink,
  route: Pick<RouteConfig, "kind" | "dst" | "metric">,
): RouteConfig {
  return {
    family: "ip6",
    ...route,
    table: route.kind === "unicast" ? FibTable.main : FibTable.local,
    nextHops: [{ link: link.name, weight: 1 }],
    scope: "global",
    protocol: "kernel",
  };
}

function hostOf(addr: Addr): Prefix {
  return makePrefix(addr, addrBits(addr.family));
}
