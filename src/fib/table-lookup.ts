/**
 * The look-up in one table: longest prefix first, then the routes of that prefix in the kernel's
 * order; where none of them is usable for the flow, the next shorter prefix.
 */
import { isLinkLocal, isMulticast, isUnspecified } from "../addr/index.js";
import type { NextHopConfig, RouteConfig } from "./config.js";
import type { Fib } from "./fib.js";
import type { Flow, RouteErrno } from "./flow.js";
import { type HopRules, isUsableHop, rulesFor } from "./next-hop.js";
import type { RouteNode } from "./route-table.js";
import { ROUTING_TOS_MASK } from "./rule-match.js";

/** What one table answers. `throw` is a route that sends the flow to the next rule. */
export type TableAnswer =
  | { readonly kind: "found"; readonly route: RouteConfig; readonly hop?: NextHopConfig }
  | { readonly kind: "refuse"; readonly route: RouteConfig; readonly errno: RouteErrno }
  | { readonly kind: "throw"; readonly route: RouteConfig }
  | { readonly kind: "miss" };

/** The error of each kind of route that refuses (Linux net/ipv4/fib_semantics.c `fib_props`). */
export function errnoOf(route: RouteConfig): RouteErrno | undefined {
  switch (route.kind) {
    case "blackhole":
      return "EINVAL";
    case "unreachable":
      return "EHOSTUNREACH";
    case "prohibit":
      return "EACCES";
    default:
      return undefined;
  }
}

/** Looks a flow up among the nodes of one table, from the longest prefix up. */
export function lookupNodes(
  fib: Fib,
  start: RouteNode | undefined,
  flow: Flow,
  rules: HopRules = {},
): TableAnswer {
  const ask = flow.dst.family === "ip4" ? askNode4 : askNode6;
  for (let node = start; node !== undefined; node = node.parent) {
    const answer = ask(fib, node.routes, flow, rules);
    if (answer !== undefined) return answer;
  }
  return { kind: "miss" };
}

/**
 * Asks the IPv4 routes of one prefix.
 *
 * Follows: Linux 6.18 net/ipv4/fib_trie.c `fib_table_lookup` (step 3).
 */
export function askNode4(
  fib: Fib,
  routes: readonly RouteConfig[],
  flow: Flow,
  rules: HopRules,
): TableAnswer | undefined {
  const tos = (flow.tos ?? 0) & ROUTING_TOS_MASK;
  for (const route of routes) {
    if (route.tos !== undefined && route.tos !== 0 && route.tos !== tos) continue;
    const refusal = answerWithoutHop(route);
    if (refusal !== undefined) return refusal;
    const hop = route.nextHops.find((h) => isUsableHop(fib, h, flow.oif, rulesFor(route, rules)));
    if (hop !== undefined) return { kind: "found", route, hop };
  }
  return undefined;
}

/**
 * Asks the IPv6 routes of one prefix: of the lowest metric that has a usable route, the first one on
 * the wanted link, or else the first one.
 *
 * Shape: the wanted link is the one a socket is bound to, or the one the packet came in by.
 * Follows: Linux 6.18 net/ipv6/route.c `rt6_select`, `find_rr_leaf`, `rt6_score_route`; RFC 4191.
 * Not modelled: leaving out gateways whose neighbour entry failed, on hosts that do not forward.
 */
export function askNode6(
  fib: Fib,
  routes: readonly RouteConfig[],
  flow: Flow,
  rules: HopRules,
): TableAnswer | undefined {
  const usable = routes.filter((route) => isFromSource(route, flow));
  const first = usable[0];
  if (first === undefined) return undefined;
  const isFirst = (r: RouteConfig) => r.metric === first.metric && sameFrom(r, first);
  const best =
    bestRoute6(fib, usable.filter(isFirst), flow, rules) ??
    bestRoute6(
      fib,
      usable.filter((r) => !isFirst(r)),
      flow,
      rules,
    );
  return best;
}

function isFromSource(route: RouteConfig, flow: Flow): boolean {
  if (route.from === undefined || route.from.bits === 0) return true;
  return flow.src !== undefined && route.from.contains(flow.src);
}

function sameFrom(a: RouteConfig, b: RouteConfig): boolean {
  return (a.from?.bits ?? 0) === (b.from?.bits ?? 0);
}

function bestRoute6(
  fib: Fib,
  routes: readonly RouteConfig[],
  flow: Flow,
  rules: HopRules,
): TableAnswer | undefined {
  const wanted = flow.oif ?? flow.iif;
  const isStrict = mustUseLink6(flow);
  let fallback: TableAnswer | undefined;
  for (const route of routes) {
    const hops: readonly (NextHopConfig | undefined)[] =
      route.nextHops.length === 0 ? [undefined] : route.nextHops;
    for (const hop of hops) {
      if (hop !== undefined && !isUsableHop(fib, hop, undefined, rulesFor(route, rules))) continue;
      const link = hop?.link ?? fib.loopback;
      if (wanted === undefined || link === wanted) return answerOf(route, hop);
      if (!isStrict) fallback ??= answerOf(route, hop);
    }
  }
  return fallback;
}

/** Whether only next hops on the wanted link count (Linux `RT6_LOOKUP_F_IFACE`). */
function mustUseLink6(flow: Flow): boolean {
  if (isMulticast(flow.dst) || isLinkLocal(flow.dst)) return true;
  return flow.oif !== undefined && (flow.src === undefined || isUnspecified(flow.src));
}

function answerOf(route: RouteConfig, hop: NextHopConfig | undefined): TableAnswer {
  const refusal = answerWithoutHop(route);
  if (refusal !== undefined) return refusal;
  return hop === undefined ? { kind: "found", route } : { kind: "found", route, hop };
}

function answerWithoutHop(route: RouteConfig): TableAnswer | undefined {
  if (route.kind === "throw") return { kind: "throw", route };
  const errno = errnoOf(route);
  return errno === undefined ? undefined : { kind: "refuse", route, errno };
}
