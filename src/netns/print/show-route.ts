/** What `ip route` prints. */
import { FibTable, type NextHopConfig, type RouteConfig } from "../../fib/index.js";

/** Which routes are shown. */
export interface RouteFilter {
  readonly family?: "ip4" | "ip6";
  /** Default: main. */
  readonly table?: number | "all";
}

/**
 * Prints routes as `ip route [show table T]` does: IPv4 unless told otherwise; `table all` shows both
 * families.
 *
 * Follows: iproute2 6.1 ip/iproute.c `print_route`.
 */
export function showRoutes(routes: readonly RouteConfig[], filter: RouteFilter = {}): string {
  const table = filter.table ?? FibTable.main;
  const family = filter.family ?? (table === "all" ? undefined : "ip4");
  const shown = routes.filter(
    (r) => (family === undefined || r.family === family) && (table === "all" || r.table === table),
  );
  return shown.map((r) => `${showRoute(r, table)}\n`).join("");
}

/** One route as `ip route` prints it, without the end of the line. */
export function showRoute(route: RouteConfig, shownTable: number | "all" = route.table): string {
  const isSingle = route.nextHops.length === 1;
  const hop = isSingle ? route.nextHops[0] : impliedHop(route);
  const words = [
    ...(route.kind === "unicast" ? [] : [route.kind]),
    showPrefix(route),
    ...(route.from === undefined ? [] : ["from", route.from.toString()]),
    ...(route.tos === undefined ? [] : ["tos", `0x${route.tos.toString(16)}`]),
    ...(hop === undefined ? [] : showHop(route, hop)),
    ...(shownTable === "all" && route.table !== FibTable.main
      ? ["table", showTable(route.table)]
      : []),
    ...(route.protocol === "boot" ? [] : ["proto", route.protocol]),
    ...(route.family === "ip4" && route.scope !== "global" ? ["scope", route.scope] : []),
    ...(route.src === undefined ? [] : ["src", route.src.toString()]),
    ...(route.family === "ip6" || route.metric !== 0 ? ["metric", String(route.metric)] : []),
    ...(hop === undefined ? sharedFlags(route.nextHops) : hopFlags(hop)),
    ...(route.mtu === undefined ? [] : ["mtu", String(route.mtu)]),
  ];
  return `${words.join(" ")} ${isSingle || hop !== undefined ? "" : showHops(route)}${tail(route)}`;
}

/** IPv6 hangs routes that refuse on the loopback device. */
function impliedHop(route: RouteConfig): NextHopConfig | undefined {
  if (route.family === "ip4" || route.nextHops.length > 0) return undefined;
  return { link: "lo", weight: 1 };
}

function showPrefix({ dst }: RouteConfig): string {
  if (dst.bits === 0) return "default";
  return dst.isSingle() ? dst.addr.toString() : dst.toString();
}

/** A table by its name, where it has one. */
export function showTable(table: number): string {
  if (table === FibTable.local) return "local";
  if (table === FibTable.main) return "main";
  return table === FibTable.default ? "default" : String(table);
}

function showHop(route: RouteConfig, hop: NextHopConfig): string[] {
  const { gateway } = hop;
  const via =
    gateway === undefined
      ? []
      : gateway.family === route.family
        ? ["via", gateway.toString()]
        : ["via", gateway.family === "ip6" ? "inet6" : "inet", gateway.toString()];
  return [...via, ...(hop.link === undefined ? [] : ["dev", hop.link])];
}

function hopFlags(hop: NextHopConfig): string[] {
  return [
    ...(hop.dead ? ["dead"] : []),
    ...(hop.onlink ? ["onlink"] : []),
    ...(hop.linkdown ? ["linkdown"] : []),
  ];
}

/** What all of several next hops have in common is told of the route, too. */
function sharedFlags(hops: readonly NextHopConfig[]): string[] {
  if (hops.length === 0) return [];
  return [
    ...(hops.every((h) => h.dead) ? ["dead"] : []),
    ...(hops.every((h) => h.linkdown) ? ["linkdown"] : []),
  ];
}

function showHops(route: RouteConfig): string {
  const lines = route.nextHops.map((hop) => {
    const words = ["nexthop", ...showHop(route, hop), "weight", String(hop.weight)];
    return `\n\t${[...words, ...hopFlags(hop)].join(" ")} `;
  });
  return route.family === "ip6" ? `pref medium${lines.join("")}` : lines.join("");
}

function tail(route: RouteConfig): string {
  const isSpread = route.nextHops.length > 1;
  return route.family === "ip6" && !isSpread ? "pref medium" : "";
}
