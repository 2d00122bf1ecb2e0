/**
 * What becomes of a packet that came in: it is for us, it is forwarded, or it is refused. The checks
 * run in the kernel's order, which decides which of several reasons is told.
 */
import {
  type Addr,
  isLimitedBroadcast,
  isLoopback,
  isMulticast,
  isUnspecified,
} from "../../addr/index.js";
import type { Fib } from "../fib.js";
import type { Flow, FoundRoute, LookupAnswer, NoPath, PathAnswer } from "../flow.js";
import { lookup } from "../lookup.js";
import { chooseHop } from "../next-hop.js";
import { type SourceVerdict, validateSource4 } from "./validate-source.js";

/** A flow of a packet that came in. */
export type InputFlow = Flow & { readonly src: Addr; readonly iif: string };

/**
 * Routes a packet that came in by `flow.iif`.
 *
 * Shape: reads tables, addresses and sysctls of one namespace; changes nothing.
 * Returns: a path (`local`, `forward`, `broadcast`, `multicast`) or why there is none.
 * Follows: Linux 6.18 net/ipv4/route.c `ip_route_input_slow`, `__mkroute_input`;
 * net/ipv6/route.c `ip6_route_input_lookup`, net/ipv6/ip6_input.c `ip6_rcv_core`,
 * net/ipv6/ip6_output.c `ip6_forward`.
 * Not modelled: multicast routing; IPv4 groups other than 224.0.0.1 count as not joined.
 *
 * @example
 * routeInput(fib, { dst, src, iif: "eth0" })
 */
export function routeInput(fib: Fib, flow: InputFlow): PathAnswer {
  return flow.dst.family === "ip4" ? routeInput4(fib, flow) : routeInput6(fib, flow);
}

function routeInput4(fib: Fib, flow: InputFlow): PathAnswer {
  if (isMulticast(flow.dst)) return routeMulticast4(fib, flow);
  const refusal = checkMartians4(fib, flow);
  if (refusal !== undefined) return refusal;
  if (isBroadcastFlow(flow)) return acceptBroadcast(fib, flow);
  const answer = lookup(fib, flow);
  const isForwarding = fib.sysctls.ofLink(flow.iif, "forwarding") !== 0;
  if (answer.kind !== "found") {
    return isForwarding ? refusalOf(answer) : NOT_FORWARDING;
  }
  switch (answer.route.kind) {
    case "broadcast":
      return acceptBroadcast(fib, flow, answer);
    case "local":
      return acceptLocal(fib, flow, answer);
    case "unicast":
      return isForwarding ? forward4(fib, flow, answer) : NOT_FORWARDING;
    default:
      if (!isForwarding) return NOT_FORWARDING;
      return martian("destination", `the route is of type ${answer.route.kind}`);
  }
}

const NOT_FORWARDING: NoPath = { kind: "not-forwarding", errno: "EHOSTUNREACH" };

function checkMartians4(fib: Fib, flow: InputFlow): NoPath | undefined {
  const { src, dst } = flow;
  if (isMulticast(src)) return martian("source", "the source is a multicast address");
  if (isLimitedBroadcast(src)) return martian("source", "the source is the broadcast address");
  if (isBroadcastFlow(flow)) return undefined;
  if (isUnspecified(src)) return martian("source", "the source is 0.0.0.0");
  if (isZeroNet(src)) return martian("source", "the source is in 0.0.0.0/8");
  if (isZeroNet(dst)) return martian("destination", "the destination is in 0.0.0.0/8");
  if (isLoopback(dst) || isLoopback(src)) {
    if (fib.sysctls.either(flow.iif, "route_localnet")) return undefined;
    const what = isLoopback(dst) ? "destination" : "source";
    return martian(what, `the ${what} is in 127.0.0.0/8, and route_localnet is off`);
  }
  return undefined;
}

/** Whether it is for everybody on the link, whatever the tables say. */
function isBroadcastFlow(flow: InputFlow): boolean {
  return isLimitedBroadcast(flow.dst) || (isUnspecified(flow.src) && isUnspecified(flow.dst));
}

/** 0.0.0.0 itself: the rest of 0.0.0.0/8 is ordinary since Linux 5.3 (`ipv4_is_zeronet`). */
function isZeroNet(addr: Addr): boolean {
  return isUnspecified(addr);
}

function acceptBroadcast(fib: Fib, flow: InputFlow, found?: FoundRoute): PathAnswer {
  const verdict = isUnspecified(flow.src)
    ? undefined
    : validateSource4(fib, { src: flow.src, iif: flow.iif, flow });
  if (verdict !== undefined && verdict.kind !== "pass") return verdict;
  return { kind: "broadcast", link: fib.loopback, ...(found && routeFields(found)) };
}

function acceptLocal(fib: Fib, flow: InputFlow, found: FoundRoute): PathAnswer {
  const verdict = validateSource4(fib, { src: flow.src, dst: flow.dst, iif: flow.iif, flow });
  if (verdict.kind !== "pass") return verdict;
  return { kind: "local", link: localLink(fib, found), ...routeFields(found) };
}

function forward4(fib: Fib, flow: InputFlow, found: FoundRoute): PathAnswer {
  const hop =
    found.route.nextHops.length > 1 ? (chooseHop(fib, found.route, flow) ?? found.hop) : found.hop;
  const outLink = hop?.link ?? fib.loopback;
  const verdict: SourceVerdict = validateSource4(fib, {
    src: flow.src,
    dst: flow.dst,
    iif: flow.iif,
    outLink,
    flow,
  });
  if (verdict.kind !== "pass") return verdict;
  const redirect =
    outLink === flow.iif &&
    verdict.isNeighbor &&
    fib.sysctls.either(outLink, "send_redirects") &&
    isSharedMedium(fib, outLink, { src: flow.src, gateway: hop?.gateway });
  return {
    kind: "forward",
    link: outLink,
    ...(hop?.gateway && { gateway: hop.gateway }),
    ...(redirect && { redirect }),
    ...routeFields(found),
  };
}

function isSharedMedium(
  fib: Fib,
  link: string,
  ends: { readonly src: Addr; readonly gateway: Addr | undefined },
): boolean {
  if (fib.sysctls.either(link, "shared_media")) return true;
  const { src, gateway } = ends;
  const subnets = fib.link(link)?.addresses.map((a) => a.address.prefix()) ?? [];
  return subnets.some((s) => s.contains(src) && (gateway === undefined || s.contains(gateway)));
}

/** All links join 224.0.0.1 (Linux net/ipv4/igmp.c `ip_mc_up`). */
const ALL_HOSTS = 0xe0000001;

function routeMulticast4(fib: Fib, flow: InputFlow): PathAnswer {
  const { src, dst } = flow;
  if (dst.w3 !== ALL_HOSTS) return martian("destination", `nobody here joined ${dst}`);
  if (isMulticast(src) || isLimitedBroadcast(src)) {
    return martian("source", "the source is no single address");
  }
  if (isLoopback(src) && !fib.sysctls.either(flow.iif, "route_localnet")) {
    return martian("source", "the source is in 127.0.0.0/8, and route_localnet is off");
  }
  const verdict = isUnspecified(src)
    ? undefined
    : validateSource4(fib, { src, iif: flow.iif, flow });
  if (verdict !== undefined && verdict.kind !== "pass") return verdict;
  return { kind: "multicast", link: fib.loopback };
}

function routeInput6(fib: Fib, flow: InputFlow): PathAnswer {
  const refusal = checkMartians6(fib, flow);
  if (refusal !== undefined) return refusal;
  const answer = lookup(fib, flow);
  if (answer.kind !== "found") return refusalOf(answer);
  const { route } = answer;
  if (route.kind === "local" || route.kind === "anycast") {
    return { kind: "local", link: localLink(fib, answer), ...routeFields(answer) };
  }
  if (isMulticast(flow.dst)) {
    return { kind: "multicast", link: flow.iif, ...routeFields(answer) };
  }
  if (!isForwarding6(fib, flow.iif)) return NOT_FORWARDING;
  const hop = route.nextHops.length > 1 ? (chooseHop(fib, route, flow) ?? answer.hop) : answer.hop;
  return {
    kind: "forward",
    link: hop?.link ?? fib.loopback,
    ...(hop?.gateway && { gateway: hop.gateway }),
    ...routeFields(answer),
  };
}

function isForwarding6(fib: Fib, iif: string): boolean {
  return (
    fib.sysctls.get("net.ipv6.conf.all.forwarding") !== 0 ||
    fib.sysctls.ofLink6(iif, "force_forwarding") !== 0
  );
}

function checkMartians6(fib: Fib, flow: InputFlow): NoPath | undefined {
  const { src, dst, iif } = flow;
  if (isMulticast(src)) return martian("source", "the source is a multicast address");
  if (isUnspecified(dst)) return martian("destination", "the destination is ::");
  const kind = fib.link(iif)?.kind.kind;
  if (kind === "loopback" || kind === "vrf") return undefined;
  if (isLoopback(src)) return martian("source", "the source is ::1");
  return isLoopback(dst) ? martian("destination", "the destination is ::1") : undefined;
}

function localLink(fib: Fib, found: FoundRoute): string {
  return fib.vrfOf(found.hop?.link)?.name ?? fib.loopback;
}

function routeFields(found: FoundRoute) {
  return { route: found.route, ...(found.rule && { rule: found.rule }) };
}

/** The same refusal as an answer about a path. */
export function refusalOf(answer: LookupAnswer & { kind: "refuse" | "miss" }): NoPath {
  return answer.kind === "miss" ? { kind: "miss", errno: "ENETUNREACH" } : answer;
}

function martian(what: "source" | "destination", reason: string): NoPath {
  return { kind: "martian", errno: "EINVAL", what, reason };
}
