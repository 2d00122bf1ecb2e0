/**
 * Answers to what netfilter asks the rest of its namespace: routes, addresses, links.
 */
import {
  type Addr,
  type Family,
  isLimitedBroadcast,
  isLoopback,
  isMulticast,
  isUnspecified,
} from "../addr/index.js";
import {
  addressesInKernelOrder,
  type Fib,
  FibTable,
  type Flow,
  isPath,
  lookup,
  primaries4,
  type RouteConfig,
  type RouteKind,
  selectAddr4,
  selectAddr6,
} from "../fib/index.js";
import { readFlow, turnRound } from "../ipvs/index.js";
import type { AddrType, IpvsFacts, NetfilterQuestions, Skb } from "../netfilter/index.js";
import { pathMtu, routeOutgoing } from "./path/routing.js";
import type { Stack } from "./stack.js";

/**
 * Answers netfilter's questions from a namespace's routes and links. `stack` is asked for late,
 * because the engine is made before the namespace is complete.
 */
export function answerQuestions(
  stack: () => Stack,
  reroute: (stack: Stack, skb: Skb) => string | undefined,
): NetfilterQuestions {
  return {
    addrType: (addr, link) => addrType(stack().fib, addr, link),
    masqueradeSource: (family, link, dst) => masqueradeSource(stack(), family, link, dst),
    primaryAddr: (family, link) => primaryAddr(stack(), family, link),
    fibLink: (skb, addr, use) => fibLink(stack().fib, skb, addr, use),
    reversePath: (skb, options) => reversePath(stack().fib, skb, options),
    linkIndex: (link) => stack().links.find(link)?.index,
    linkKind: (link) => (stack().links.find(link)?.kind.kind === "loopback" ? "loopback" : "ether"),
    ipvsConnection: (skb) => ipvsConnection(stack(), skb),
    pathMtu: (skb) => bothWaysMtu(stack(), skb),
    reroute: (skb) => reroute(stack(), skb),
  };
}

const TYPES: Readonly<Record<RouteKind, AddrType>> = {
  unicast: "UNICAST",
  local: "LOCAL",
  broadcast: "BROADCAST",
  anycast: "ANYCAST",
  multicast: "MULTICAST",
  blackhole: "BLACKHOLE",
  unreachable: "UNREACHABLE",
  prohibit: "PROHIBIT",
  throw: "THROW",
};

function addrType(fib: Fib, addr: Addr, link: string | undefined): AddrType {
  return addr.family === "ip4" ? addrType4(fib, addr, link) : addrType6(fib, addr, link);
}

/** Linux net/ipv4/fib_frontend.c `__inet_dev_addr_type`. */
function addrType4(fib: Fib, addr: Addr, link: string | undefined): AddrType {
  if (isUnspecified(addr) || isLimitedBroadcast(addr)) return "BROADCAST";
  if (isMulticast(addr)) return "MULTICAST";
  const table = fib.merged ?? fib.table("ip4", FibTable.local);
  for (let node = table?.lookup(addr); node !== undefined; node = node.parent) {
    const route = node.routes.find((r) => r.kind !== "throw");
    if (route === undefined) continue;
    const isHere = link === undefined || route.nextHops[0]?.link === link;
    return isHere ? TYPES[route.kind] : "UNICAST";
  }
  return "UNICAST";
}

const ERRNO_TYPES: Readonly<Record<string, AddrType>> = {
  EINVAL: "BLACKHOLE",
  EACCES: "PROHIBIT",
};

/** Linux net/ipv6/netfilter/nft_fib_ipv6.c `__nft_fib6_eval_type`. */
function addrType6(fib: Fib, addr: Addr, link: string | undefined): AddrType {
  if (link !== undefined) {
    const isHere = fib.link(link)?.addresses.some((a) => a.address.addr.equals(addr)) === true;
    if (isHere) return "LOCAL";
  }
  if (isMulticast(addr)) return "MULTICAST";
  const answer = lookup(fib, { dst: addr });
  if (answer.kind === "refuse") return ERRNO_TYPES[answer.errno] ?? "UNREACHABLE";
  if (answer.kind === "miss") return "UNREACHABLE";
  if (answer.route.kind === "anycast") return "ANYCAST";
  if (link === undefined && answer.route.kind === "local") return "LOCAL";
  return isUnspecified(addr) || isLoopback(addr) ? "UNSPEC" : "UNICAST";
}

/**
 * Follows: Linux 6.18 net/netfilter/nf_nat_masquerade.c: for IPv4 the address the out link would use
 * towards the next hop, for IPv6 the source chosen for the destination.
 */
function masqueradeSource(stack: Stack, family: Family, link: string, dst: Addr): Addr | undefined {
  if (family === "ip6") return selectAddr6(stack.fib, { link, dst });
  const nextHop = stack.outgoing?.gateway ?? dst;
  return selectAddr4(stack.fib, { link, dst: nextHop, scope: "global" });
}

function primaryAddr({ fib }: Stack, family: Family, name: string): Addr | undefined {
  const link = fib.link(name);
  if (link === undefined) return undefined;
  if (family === "ip4") return primaries4(link)[0]?.address.addr;
  return addressesInKernelOrder(link)[0]?.address.addr;
}

/** Linux net/ipv4/netfilter/nft_fib_ipv4.c `nft_fib4_eval`, nft_fib_ipv6.c `nft_fib6_eval`. */
function fibLink(
  fib: Fib,
  { packet, iif, mark }: Skb,
  addr: Addr,
  use: { readonly iif: boolean; readonly mark: boolean; readonly saddr: boolean },
): string | undefined {
  const other = use.saddr ? packet.dst : packet.src;
  const flow: Flow = {
    dst: addr,
    ...(isUnspecified(other) || isMulticast(other) ? {} : { src: other }),
    ...(use.mark ? { mark } : {}),
    tos: packet.tos,
  };
  const answer = lookup(fib, flow);
  if (answer.kind !== "found" || !leadsOut(answer.route)) return undefined;
  const links = answer.route.nextHops.map((h) => h.link);
  if (!use.iif) return answer.hop?.link ?? links[0];
  return links.includes(iif) ? iif : undefined;
}

/** IPv4 also tells the link of a broadcast. */
function leadsOut({ family, kind }: RouteConfig): boolean {
  return kind === "unicast" || (family === "ip4" && kind === "broadcast");
}

/** Linux net/ipv4/netfilter/ipt_rpfilter.c `rpfilter_mt`, net/ipv6/netfilter/ip6t_rpfilter.c. */
function reversePath(
  fib: Fib,
  { packet, iif, mark }: Skb,
  options: { readonly loose: boolean; readonly mark: boolean; readonly acceptLocal: boolean },
): boolean {
  if (iif === undefined || fib.link(iif)?.kind.kind === "loopback") return true;
  if (isUnspecified(packet.src)) return isMulticast(packet.dst) || isLimitedBroadcast(packet.dst);
  const src = isMulticast(packet.dst) ? {} : { src: packet.dst };
  const answer = lookup(fib, { dst: packet.src, ...src, ...(options.mark ? { mark } : {}) });
  if (answer.kind !== "found") return false;
  const { kind, nextHops } = answer.route;
  if (kind !== "unicast" && !(kind === "local" && options.acceptLocal)) return false;
  return options.loose || nextHops.some((h) => h.link === iif);
}

function ipvsConnection({ ipvs }: Stack, { packet }: Skb): IpvsFacts | undefined {
  const flow = ipvs === undefined ? undefined : readFlow(packet);
  const found = flow === undefined ? undefined : ipvs?.peekReply(turnRound(flow));
  if (found === undefined) return undefined;
  return { virtual: found.virtual, virtualPort: found.virtualPort, method: "MASQ" };
}

function bothWaysMtu(stack: Stack, { packet }: Skb): number {
  const ways = [packet.dst, packet.src].map((dst) => {
    const answer = routeOutgoing(stack, { dst });
    return isPath(answer) ? pathMtu(stack, answer, dst) : 65535;
  });
  return Math.min(...ways);
}
