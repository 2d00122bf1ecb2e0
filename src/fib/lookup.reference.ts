/**
 * The slow twin of the look-up in one table: no prefix map, no order kept from building, only the
 * sentences of the manual. It keeps every route of the table that the flow could take, picks the
 * longest prefix among them, and within it what the family prefers.
 */
import { isLinkLocal, isMulticast, isUnspecified } from "../addr/index.js";
import type { NextHopConfig, RouteConfig } from "./config.js";
import type { Fib } from "./fib.js";
import type { Flow, LookupAnswer } from "./flow.js";
import { lookupWith } from "./lookup.js";
import { type HopRules, isUsableHop, rulesFor } from "./next-hop.js";
import type { RouteTable } from "./route-table.js";
import { ROUTING_TOS_MASK } from "./rule-match.js";
import { errnoOf, type TableAnswer } from "./table-lookup.js";

/**
 * Chooses the route for a flow by looking at every route of every table asked.
 *
 * Laws: same answer as `lookup`.
 * Follows: ip-route(8), "the longest matching prefix, then TOS, then preference".
 * Cost: the number of routes, squared.
 */
export function lookupSlow(fib: Fib, flow: Flow, rules: HopRules = {}): LookupAnswer {
  return lookupWith(fib, flow, rules, askTableSlow);
}

function askTableSlow(fib: Fib, table: RouteTable, flow: Flow, rules: HopRules): TableAnswer {
  const candidates = table.routes.flatMap((route, order) =>
    candidatesOf(fib, route, order, { flow, rules }),
  );
  const best = candidates.find((c) => candidates.every((d) => c === d || isBefore(c, d)));
  if (best === undefined) return { kind: "miss" };
  const { route, hop } = best;
  if (route.kind === "throw") return { kind: "throw", route };
  const errno = errnoOf(route);
  if (errno !== undefined) return { kind: "refuse", route, errno };
  return hop === undefined ? { kind: "found", route } : { kind: "found", route, hop };
}

interface Candidate {
  readonly route: RouteConfig;
  readonly hop?: NextHopConfig;
  /** Smaller goes first, compared from the left. */
  readonly rank: readonly number[];
}

interface Question {
  readonly flow: Flow;
  readonly rules: HopRules;
}

function candidatesOf(fib: Fib, route: RouteConfig, order: number, q: Question): Candidate[] {
  if (!route.dst.contains(q.flow.dst)) return [];
  return route.family === "ip4"
    ? candidates4(fib, route, order, q)
    : candidates6(fib, route, order, q);
}

function candidates4(fib: Fib, route: RouteConfig, order: number, q: Question): Candidate[] {
  const tos = route.tos ?? 0;
  if (tos !== 0 && tos !== ((q.flow.tos ?? 0) & ROUTING_TOS_MASK)) return [];
  const rank = [-route.dst.bits, -route.table, -tos, route.metric, order];
  if (refuses(route)) return [{ route, rank }];
  return route.nextHops
    .filter((hop) => isUsableHop(fib, hop, q.flow.oif, rulesFor(route, q.rules)))
    .map((hop, i) => ({ route, hop, rank: [...rank, i] }));
}

function refuses(route: RouteConfig): boolean {
  return route.kind === "throw" || errnoOf(route) !== undefined;
}

function candidates6(fib: Fib, route: RouteConfig, order: number, q: Question): Candidate[] {
  const { flow } = q;
  const fromBits = route.from?.bits ?? 0;
  if (fromBits > 0 && !(flow.src !== undefined && route.from?.contains(flow.src))) return [];
  const wanted = flow.oif ?? flow.iif;
  const isStrict =
    isMulticast(flow.dst) ||
    isLinkLocal(flow.dst) ||
    (flow.oif !== undefined && (flow.src === undefined || isUnspecified(flow.src)));
  const first = firstMetric(fib, route, flow);
  const hops = route.nextHops.length === 0 ? [undefined] : route.nextHops;
  return hops.flatMap((hop, i): Candidate[] => {
    if (hop !== undefined && !isUsableHop(fib, hop, undefined, rulesFor(route, q.rules))) return [];
    const isOff = wanted !== undefined && (hop?.link ?? fib.loopback) !== wanted;
    if (isOff && isStrict) return [];
    const isLater = route.metric === first.metric && fromBits === first.fromBits ? 0 : 1;
    const rank = [-route.dst.bits, isLater, isOff ? 1 : 0, -fromBits, route.metric, order, i];
    return [hop === undefined ? { route, rank } : { route, hop, rank }];
  });
}

/** The source prefix and metric that go first among the routes of this prefix. */
function firstMetric(fib: Fib, route: RouteConfig, flow: Flow) {
  const peers = (fib.table("ip6", route.table)?.routes ?? []).filter(
    (r) =>
      r.dst.equals(route.dst) &&
      (r.from === undefined ||
        r.from.bits === 0 ||
        (flow.src !== undefined && r.from.contains(flow.src))),
  );
  const fromBits = Math.max(...peers.map((r) => r.from?.bits ?? 0), 0);
  const metric = Math.min(
    ...peers.filter((r) => (r.from?.bits ?? 0) === fromBits).map((r) => r.metric),
  );
  return { fromBits, metric };
}

function isBefore(a: Candidate, b: Candidate): boolean {
  const length = Math.max(a.rank.length, b.rank.length);
  for (let i = 0; i < length; i++) {
    const difference = (a.rank[i] ?? 0) - (b.rank[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return true;
}
