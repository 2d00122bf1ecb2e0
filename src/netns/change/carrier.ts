/** Routes by a link without a carrier are told as `linkdown`. */
import type { RouteConfig } from "../../fib/index.js";

/** A route with its next hops by a link marked, or not marked, as without a carrier. */
export function isLinkDownRoute(route: RouteConfig, link: string, linkdown: boolean): RouteConfig {
  if (!route.nextHops.some((hop) => hop.link === link)) return route;
  const nextHops = route.nextHops.map((hop) => {
    if (hop.link !== link) return hop;
    const { linkdown: _before, ...rest } = hop;
    return linkdown ? { ...rest, linkdown } : rest;
  });
  return { ...route, nextHops };
}
