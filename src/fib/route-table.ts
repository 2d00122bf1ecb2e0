/**
 * One routing table: routes by prefix, in the order the kernel asks them. A node holds the routes of
 * one prefix and knows the next shorter prefix that contains it, so a look-up that finds nothing
 * usable at the longest prefix walks up without searching again.
 */
import { type Addr, type Prefix, PrefixMap } from "../addr/index.js";
import type { RouteConfig } from "./config.js";

/** The routes of one prefix. */
export interface RouteNode {
  readonly prefix: Prefix;
  /** In the order in which the kernel asks them. */
  readonly routes: readonly RouteConfig[];
  /** The next shorter prefix that contains this one. */
  readonly parent: RouteNode | undefined;
}

/** The routes of one table of one family. */
export class RouteTable {
  /** In the order they were given. */
  readonly routes: readonly RouteConfig[];
  readonly #nodes = new PrefixMap<RouteNode>();

  constructor(routes: readonly RouteConfig[]) {
    this.routes = routes;
    const groups = groupByPrefix(routes);
    groups.sort((a, b) => a.prefix.bits - b.prefix.bits);
    for (const { prefix, routes } of groups) {
      // Only shorter prefixes are in the map yet, so the longest match is the parent.
      const parent = this.#nodes.lookup(prefix.first())?.value;
      this.#nodes.set(prefix, { prefix, routes: routes.sort(compareRoutes), parent });
    }
  }

  /** The longest prefix that holds the address; follow `parent` for shorter ones. */
  lookup(addr: Addr): RouteNode | undefined {
    return this.#nodes.lookup(addr)?.value;
  }
}

function groupByPrefix(routes: readonly RouteConfig[]) {
  const groups = new Map<string, { prefix: Prefix; routes: RouteConfig[] }>();
  for (const route of routes) {
    const key = route.dst.toString();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { prefix: route.dst, routes: [route] });
    else group.routes.push(route);
  }
  return [...groups.values()];
}

/**
 * Orders routes of one prefix as the kernel keeps them. Equal ones keep their order.
 *
 * Follows: Linux 6.18 net/ipv4/fib_trie.c `fib_find_alias` (table downwards where local and main share
 * a trie, type of service downwards, priority upwards); net/ipv6/ip6_fib.c `fib6_add_rt2node` (metric
 * upwards) with `fib6_node_lookup_1` (longest source prefix first).
 */
export function compareRoutes(a: RouteConfig, b: RouteConfig): number {
  if (a.family === "ip6") {
    return (b.from?.bits ?? 0) - (a.from?.bits ?? 0) || a.metric - b.metric;
  }
  return b.table - a.table || (b.tos ?? 0) - (a.tos ?? 0) || a.metric - b.metric;
}
