/** Routes and neighbours that an operator adds and deletes. */
import { type Addr, isUnspecified } from "../../addr/index.js";
import { isPath, openFib, type RouteConfig, routeOutput } from "../../fib/index.js";
import type { NeighborConfig } from "../../link/index.js";
import { type Changing, hasAddr } from "./changing.js";

const EXISTS = "RTNETLINK answers: File exists";
const NO_PROCESS = "RTNETLINK answers: No such process";
const NO_ENTRY = "RTNETLINK answers: No such file or directory";

/** How a route or neighbour is put into its table. */
export type PutMode = "add" | "replace" | "append";

/**
 * Adds a route. Returns ip(8)'s error, if there is one.
 *
 * Follows: Linux 6.18 net/ipv4/fib_trie.c `fib_table_insert`, fib_semantics.c `fib_check_nh`.
 */
export function putRoute(
  changing: Changing,
  netns: string,
  asked: RouteConfig,
  mode: PutMode,
): string | undefined {
  const checked = checkHops(changing, netns, asked);
  if (typeof checked === "string") return checked;
  if (checked.src !== undefined && !hasAddr(changing.get(netns), checked.src)) {
    return checked.family === "ip4"
      ? "Error: Invalid prefsrc address."
      : "Error: Invalid source address.";
  }
  const { routes } = changing.get(netns);
  const isSame = (r: RouteConfig) => hasSameKey(r, checked);
  if (mode === "add" && routes.some(isSame)) return EXISTS;
  const kept = mode === "replace" ? routes.filter((r) => !isSame(r)) : routes;
  changing.update(netns, { routes: [...kept, checked] });
  return undefined;
}

/** Deletes a route: the first that is as the command says. */
export function deleteRoute(
  changing: Changing,
  netns: string,
  asked: Partial<RouteConfig> & Pick<RouteConfig, "family" | "dst" | "table" | "nextHops">,
): string | undefined {
  const { routes } = changing.get(netns);
  const [hop] = asked.nextHops;
  const at = routes.findIndex(
    (r) =>
      r.family === asked.family &&
      r.table === asked.table &&
      r.dst.equals(asked.dst) &&
      (asked.metric === undefined || r.metric === asked.metric) &&
      (asked.kind === undefined || r.kind === asked.kind) &&
      (asked.src === undefined || r.src?.equals(asked.src) === true) &&
      (hop?.link === undefined || r.nextHops.some((h) => h.link === hop.link)) &&
      (hop?.gateway === undefined ||
        r.nextHops.some((h) => h.gateway?.equals(hop.gateway as Addr))),
  );
  if (at < 0) return NO_PROCESS;
  changing.update(netns, { routes: routes.filter((_, i) => i !== at) });
  return undefined;
}

function hasSameKey(a: RouteConfig, b: RouteConfig): boolean {
  const isSame =
    a.family === b.family &&
    a.table === b.table &&
    a.dst.equals(b.dst) &&
    a.metric === b.metric &&
    (a.tos ?? 0) === (b.tos ?? 0);
  if (!isSame || a.family === "ip4") return isSame;
  // IPv6 tells routes apart by where they lead as well.
  return a.nextHops[0]?.link === b.nextHops[0]?.link && sameGateway(a, b);
}

function sameGateway(a: RouteConfig, b: RouteConfig): boolean {
  return String(a.nextHops[0]?.gateway ?? "") === String(b.nextHops[0]?.gateway ?? "");
}

function checkHops(changing: Changing, netns: string, route: RouteConfig): RouteConfig | string {
  const nextHops = [];
  for (const hop of route.nextHops) {
    const { gateway } = hop;
    if (gateway === undefined || isUnspecified(gateway)) {
      if (hop.link === undefined) return "RTNETLINK answers: No such device";
      if (changing.link(netns, hop.link)?.up !== true)
        return "Error: Device for nexthop is not up.";
      nextHops.push(hop);
      continue;
    }
    if (hop.onlink && changing.link(netns, hop.link)?.up !== true) {
      return "Error: Nexthop device is not up.";
    }
    const link = hop.onlink ? hop.link : linkTo(changing, netns, gateway, hop.link);
    if (link === undefined) return INVALID_GATEWAY[route.family];
    nextHops.push({ ...hop, link });
  }
  return { ...route, nextHops };
}

const INVALID_GATEWAY = {
  ip4: "Error: Nexthop has invalid gateway.",
  ip6: "RTNETLINK answers: No route to host",
} as const;

function linkTo(changing: Changing, netns: string, gateway: Addr, oif: string | undefined) {
  const config = changing.get(netns);
  if (hasAddr(config, gateway)) return undefined;
  const answer = routeOutput(openFib(config), {
    dst: gateway,
    ...(oif === undefined ? {} : { oif }),
  });
  if (!isPath(answer) || answer.kind !== "forward" || answer.gateway !== undefined)
    return undefined;
  // With a link given, the look-up takes what no table knows to be on it; a gateway must be known.
  return answer.route === undefined ? undefined : answer.link;
}

/** Adds a neighbour. Returns ip(8)'s error, if there is one. */
export function putNeighbor(
  changing: Changing,
  netns: string,
  neighbor: NeighborConfig,
  mode: PutMode,
): string | undefined {
  const { neighbors } = changing.get(netns);
  const isSame = (n: NeighborConfig) => isAt(n, neighbor);
  if (mode === "add" && neighbors.some(isSame)) return EXISTS;
  changing.update(netns, { neighbors: [...neighbors.filter((n) => !isSame(n)), neighbor] });
  return undefined;
}

/** Deletes a neighbour. Returns ip(8)'s error, if there is one. */
export function deleteNeighbor(
  changing: Changing,
  netns: string,
  neighbor: Pick<NeighborConfig, "addr" | "link" | "proxy">,
): string | undefined {
  const { neighbors } = changing.get(netns);
  const kept = neighbors.filter((n) => !isAt(n, neighbor));
  if (kept.length === neighbors.length) return NO_ENTRY;
  changing.update(netns, { neighbors: kept });
  return undefined;
}

function isAt(a: NeighborConfig, b: Pick<NeighborConfig, "addr" | "link" | "proxy">): boolean {
  return a.link === b.link && a.addr.equals(b.addr) && (a.proxy ?? false) === (b.proxy ?? false);
}
