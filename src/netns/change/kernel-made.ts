/** What the kernel adds and takes away by itself when links and addresses change: routes, link-local addresses. */
import { linkLocalAddr, makeLinkAddr } from "../../addr/index.js";
import { makeKernelRoutes, type RouteConfig } from "../../fib/index.js";
import type { AddressConfig, LinkConfig } from "../../link/index.js";
import type { Changing, LinkPlace } from "./changing.js";

/** The smallest MTU of a link that does IPv6 (RFC 8200 §5). */
const IP6_MTU_MIN = 1280;

/** Whether a link does IPv6 at all. */
export function doesIp6(changing: Changing, { netns, link }: LinkPlace): boolean {
  const mtu = changing.link(netns, link)?.mtu ?? 0;
  return mtu >= IP6_MTU_MIN && changing.sysctls(netns).ofLink6(link, "disable_ipv6") === 0;
}

/** The kernel's own routes for a link as it is now. */
function routesOf(changing: Changing, place: LinkPlace): RouteConfig[] {
  const found = changing.link(place.netns, place.link);
  if (found === undefined) return [];
  // An address is ours whether or not its link is up.
  const link = { ...found, up: true };
  const forwarding6 = changing.sysctls(place.netns).get("net.ipv6.conf.all.forwarding") !== 0;
  const withoutIp6 = new Set(doesIp6(changing, place) ? [] : [link.name]);
  const master = changing.link(place.netns, link.master);
  const links = master?.kind.kind === "vrf" ? [link, master] : [link];
  const made = makeKernelRoutes(links, { forwarding6, withoutIp6 });
  const own = made.filter((r) => r.nextHops[0]?.link === link.name);
  return found.up ? own : own.filter((r) => r.kind === "local" && r.dst.isSingle());
}

/** Changes addresses of a link, and the routes that come and go with them. */
export function changeAddresses(
  changing: Changing,
  place: LinkPlace,
  addresses: readonly AddressConfig[],
): void {
  const before = routesOf(changing, place);
  changing.updateLink(place, { addresses });
  const after = new Set(routesOf(changing, place).map(identify));
  const gone = new Set(before.map(identify).filter((id) => !after.has(id)));
  changing.keepRoutes(place.netns, (r) => r.protocol !== "kernel" || !gone.has(identify(r)));
  addMissingRoutes(changing, place);
}

/** Adds those of the kernel's own routes for a link that are not there. */
export function addMissingRoutes(changing: Changing, place: LinkPlace): void {
  const { routes } = changing.get(place.netns);
  const there = new Set(routes.map(identify));
  const missing = routesOf(changing, place).filter((r) => !there.has(identify(r)));
  if (missing.length > 0) changing.update(place.netns, { routes: [...routes, ...missing] });
}

function identify({ family, kind, dst, table, metric, nextHops, src }: RouteConfig): string {
  const from = family === "ip4" ? (src ?? "") : "";
  return [kind, dst, table, metric, nextHops[0]?.link ?? "", from].join(" ");
}

/** Gives a link the address that every link with IPv6 has. */
export function addLinkLocal(changing: Changing, place: LinkPlace): void {
  const link = changing.link(place.netns, place.link);
  if (link === undefined || !link.up || !doesIp6(changing, place)) return;
  if (changing.sysctls(place.netns).ofLink6(place.link, "addr_gen_mode") !== 0) return;
  if (!hasOwnLinkLocal(link) || link.mac === undefined) return;
  if (link.addresses.some(({ address, scope }) => address.family === "ip6" && scope === "link")) {
    return;
  }
  const address = makeLinkAddr(linkLocalAddr(link.mac), 64);
  changing.updateLink(place, { addresses: [...link.addresses, { address, scope: "link" }] });
}

function hasOwnLinkLocal({ kind, master, port }: LinkConfig): boolean {
  // The ports of a bridge have one, too; of loopback and tunnels without addresses none is made.
  return kind.kind !== "loopback" && (master === undefined || port !== undefined);
}

/** Whether a route leads out by a link. */
export function usesLink(route: RouteConfig, link: string): boolean {
  return route.nextHops.some((hop) => hop.link === link);
}

/**
 * IPv4 routes by a link go; of several next hops only those. Local routes stay unless the link's last
 * address, or the link itself, goes (`isFinal`).
 *
 * Follows: Linux 6.18 net/ipv4/fib_frontend.c `fib_disable_ip`, fib_semantics.c `fib_sync_down_dev`.
 */
export function dropRoutes4(
  changing: Changing,
  { netns, link }: LinkPlace,
  isFinal: boolean,
): void {
  const routes = changing.get(netns).routes.flatMap((route) => {
    const isMeant = route.family === "ip4" && usesLink(route, link);
    if (!isMeant || (route.scope === "host" && !isFinal)) return [route];
    const nextHops = route.nextHops.map((h) => (h.link === link ? { ...h, dead: true } : h));
    return nextHops.every((h) => h.dead) ? [] : [{ ...route, nextHops }];
  });
  changing.update(netns, { routes });
}

/**
 * A link does no IPv6 any more: its addresses and routes go.
 *
 * Follows: Linux 6.18 net/ipv6/addrconf.c `addrconf_ifdown`, net/ipv6/route.c `rt6_sync_down_dev`.
 */
export function dropIp6(changing: Changing, place: LinkPlace, keepsAddresses: boolean): void {
  const { netns, link } = place;
  changing.keepRoutes(netns, (r) => r.family === "ip4" || !usesLink(r, link));
  const addresses = changing.link(netns, link)?.addresses ?? [];
  const kept = addresses.filter(
    ({ address, scope }) => address.family === "ip4" || (keepsAddresses && scope !== "link"),
  );
  if (kept.length < addresses.length) changing.updateLink(place, { addresses: kept });
}
