/**
 * What becomes of a packet that a local socket sends: the way it takes and, where the socket gave
 * none, the source address it gets.
 */
import {
  type Addr,
  ip4Addr,
  ip6Addr,
  isLimitedBroadcast,
  isLoopback,
  isMulticast,
  isUnspecified,
} from "../../addr/index.js";
import { FibTable } from "../config.js";
import type { Fib } from "../fib.js";
import type { Flow, FoundRoute, NoPath, PathAnswer } from "../flow.js";
import { lookup } from "../lookup.js";
import { chooseHop } from "../next-hop.js";
import { selectAddr4, sourceOfRoute4 } from "../source/inet-select.js";
import { selectAddr6, sourceOfRoute6 } from "../source/rfc6724.js";
import { refusalOf } from "./input.js";

/**
 * Routes a packet of a local socket; `flow.iif` is absent.
 *
 * Shape: reads tables, addresses and sysctls of one namespace; changes nothing.
 * Returns: a path whose `src` is the socket's or the chosen source address, or why there is none.
 * Follows: Linux 6.18 net/ipv4/route.c `ip_route_output_key_hash_rcu`, `__mkroute_output`;
 * net/ipv6/ip6_output.c `ip6_dst_lookup_tail`, net/ipv6/route.c `ip6_route_output_flags`.
 * Not modelled: MSG_DONTROUTE; packets of raw sockets with a source that is not ours.
 *
 * @example
 * routeOutput(fib, { dst: parseAddr("203.0.113.9") })
 */
export function routeOutput(fib: Fib, flow: Flow): PathAnswer {
  const { src, ...rest } = flow;
  const asked = src !== undefined && isUnspecified(src) ? rest : flow;
  return flow.dst.family === "ip4" ? routeOutput4(fib, asked) : routeOutput6(fib, asked);
}

/** 127.0.0.1. */
const LOOPBACK4 = ip4Addr(0x7f000001);
/** ::1. */
const LOOPBACK6 = ip6Addr([0, 0, 0, 1]);

function routeOutput4(fib: Fib, flow: Flow): PathAnswer {
  const refusal = checkSource4(fib, flow) ?? checkLink(fib, flow);
  if (refusal !== undefined) return refusal;
  const special = routeSpecial4(fib, flow);
  if (special !== undefined) return special;
  const answer = lookup(fib, flow);
  if (answer.kind !== "found") {
    // With a link given, tables that refuse are taken to be wrong: it is on the link.
    return flow.oif === undefined ? refusalOf(answer) : sendOnLink4(fib, flow, flow.oif);
  }
  const { route } = answer;
  if (route.kind === "local") return sendLocal4(fib, flow, answer);
  const sources = (h: FoundRoute["hop"]) => sourceOfRoute4(fib, route, h);
  const isSpread = route.nextHops.length > 1 && flow.oif === undefined;
  const hop = (isSpread ? chooseHop(fib, route, flow, sources) : undefined) ?? answer.hop;
  const src = flow.src ?? sources(hop);
  return finish4(fib, flow, {
    kind:
      route.kind === "broadcast" ? "broadcast" : isMulticast(flow.dst) ? "multicast" : "forward",
    link: hop?.link ?? fib.loopback,
    src,
    gateway: hop?.gateway,
    found: answer,
  });
}

function checkSource4(fib: Fib, { src, anySource }: Flow): NoPath | undefined {
  if (src === undefined) return undefined;
  if (isMulticast(src) || isLimitedBroadcast(src)) return { kind: "bad-flow", errno: "EINVAL" };
  if (anySource) return undefined;
  return isLocalAddr4(fib, src) ? undefined : { kind: "bad-flow", errno: "ENETUNREACH" };
}

/**
 * Whether an IPv4 address is one of ours: set on a link, or within a local route (127.0.0.0/8).
 *
 * Follows: Linux 6.18 net/ipv4/devinet.c `__ip_dev_find`.
 */
export function isLocalAddr4(fib: Fib, addr: Addr): boolean {
  if (fib.own(addr) !== undefined) return true;
  const node = (fib.merged ?? fib.table("ip4", FibTable.local))?.lookup(addr);
  for (let at = node; at !== undefined; at = at.parent) {
    const route = at.routes.find((r) => r.table === FibTable.local);
    if (route !== undefined) return route.kind === "local";
  }
  return false;
}

function checkLink(fib: Fib, flow: Flow): NoPath | undefined {
  if (flow.oif === undefined) return undefined;
  const link = fib.link(flow.oif);
  if (link === undefined) return { kind: "bad-flow", errno: "ENODEV" };
  return link.up ? undefined : { kind: "bad-flow", errno: "ENETUNREACH" };
}

/** Destinations that are not looked up: nowhere, everybody, and groups of this link only. */
function routeSpecial4(fib: Fib, flow: Flow): PathAnswer | undefined {
  const { dst, src, oif } = flow;
  if (isUnspecified(dst)) {
    return { kind: "local", link: fib.loopback, src: src ?? LOOPBACK4 };
  }
  const isToAll = isLimitedBroadcast(dst);
  if (oif !== undefined && (isToAll || isLocalMulticast(dst))) {
    const own = src ?? selectAddr4(fib, { link: oif, scope: "link" });
    return finish4(fib, flow, { kind: isToAll ? "broadcast" : "multicast", link: oif, src: own });
  }
  const owner = src === undefined ? undefined : fib.own(src)?.link.name;
  if (owner !== undefined && (isToAll || isMulticast(dst))) {
    return finish4(fib, flow, { kind: isToAll ? "broadcast" : "multicast", link: owner, src });
  }
  return undefined;
}

/** 224.0.0.0/24. */
function isLocalMulticast(addr: Addr): boolean {
  return addr.s3 >>> 8 === 0xe00000;
}

function sendOnLink4(fib: Fib, flow: Flow, oif: string): PathAnswer {
  const src = flow.src ?? selectAddr4(fib, { link: oif, scope: "link" });
  return finish4(fib, flow, {
    kind: isMulticast(flow.dst) ? "multicast" : "forward",
    link: oif,
    src,
  });
}

function sendLocal4(fib: Fib, flow: Flow, found: FoundRoute): PathAnswer {
  const src = flow.src ?? found.route.src ?? flow.dst;
  const link = fib.vrfOf(found.hop?.link)?.name ?? fib.loopback;
  return finish4(fib, flow, { kind: "local", link, src, found });
}

interface Draft {
  readonly kind: "forward" | "local" | "broadcast" | "multicast";
  readonly link: string;
  readonly src: Addr | undefined;
  readonly gateway?: Addr | undefined;
  readonly found?: FoundRoute;
}

/** Loopback addresses do not leave, unless route_localnet lets them. */
function finish4(fib: Fib, flow: Flow, draft: Draft): PathAnswer {
  const { kind, link, src, gateway, found } = draft;
  const linkKind = fib.link(link)?.kind.kind;
  const leaves = linkKind !== "loopback" && linkKind !== "vrf";
  if (src !== undefined && isLoopback(src) && leaves && !isLocalNet(fib, link)) {
    return {
      kind: "martian",
      errno: "EINVAL",
      what: "source",
      reason: "the source is in 127.0.0.0/8, and route_localnet is off",
    };
  }
  return {
    kind: isLimitedBroadcast(flow.dst) ? "broadcast" : kind,
    link,
    ...(gateway && kind === "forward" && { gateway }),
    ...(src && { src }),
    ...(found && { route: found.route }),
    ...(found?.rule && { rule: found.rule }),
  };
}

function isLocalNet(fib: Fib, link: string): boolean {
  return fib.sysctls.either(link, "route_localnet");
}

function routeOutput6(fib: Fib, flow: Flow): PathAnswer {
  const refusal = checkLink(fib, flow);
  if (refusal !== undefined) return refusal;
  const asked = isUnspecified(flow.dst) ? { ...flow, dst: LOOPBACK6 } : flow;
  if (asked.src !== undefined) return lookupPath6(fib, asked);
  const first = lookupPath6(fib, asked);
  if ("link" in first) return first.src === undefined ? NO_SOURCE : first;
  // Rules and routes that ask for a source saw none: choose one and ask again.
  const src = selectAddr6(fib, { dst: asked.dst });
  return src === undefined ? NO_SOURCE : lookupPath6(fib, { ...asked, src });
}

const NO_SOURCE: NoPath = { kind: "no-source", errno: "EADDRNOTAVAIL" };

/**
 * One IPv6 look-up for a packet of ours, with the source that its route would give it.
 *
 * Follows: Linux 6.18 net/ipv6/route.c `ip6_route_output_flags`; what `ip -6 route get` asks.
 */
export function lookupPath6(fib: Fib, flow: Flow): PathAnswer {
  const answer = lookup(fib, flow);
  if (answer.kind !== "found") return refusalOf(answer);
  const { route, rule } = answer;
  const hop = route.nextHops.length > 1 ? (chooseHop(fib, route, flow) ?? answer.hop) : answer.hop;
  const isLocal = route.kind === "local" || route.kind === "anycast";
  const link = isLocal ? (fib.vrfOf(hop?.link)?.name ?? fib.loopback) : (hop?.link ?? fib.loopback);
  const ask = { route, dst: flow.dst, ...(hop?.link !== undefined && { link: hop.link }) };
  const src = flow.src ?? sourceOfRoute6(fib, ask);
  return {
    kind: isLocal ? "local" : isMulticast(flow.dst) ? "multicast" : "forward",
    link,
    ...(hop?.gateway && { gateway: hop.gateway }),
    ...(src && { src }),
    route,
    ...(rule && { rule }),
  };
}
