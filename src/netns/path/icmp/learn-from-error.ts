/** What routing learns from ICMP errors: a smaller path MTU, or a better gateway. */
import {
  type Addr,
  type Family,
  isLimitedBroadcast,
  isMulticast,
  isUnspecified,
} from "../../../addr/index.js";
import { isPath } from "../../../fib/index.js";
import { stateAt } from "../../../link/index.js";
import type { Icmp, Packet } from "../../../wire/index.js";
import type { Stack } from "../../stack.js";
import type { Transit } from "../../transit.js";
import { routeOutgoing } from "../routing.js";

/** ICMP types and code that routing learns from (RFC 792, RFC 4443). */
const REDIRECT = 5;
const UNREACHABLE = 3;
const FRAGMENTATION_NEEDED = 4;
const TOO_BIG = 2;

/**
 * Learns from an ICMP error about a packet of ours.
 *
 * Follows: Linux 6.18 net/ipv4/icmp.c `icmp_unreach`, `icmp_redirect`.
 */
export function learnFromError(
  stack: Stack,
  transit: Transit,
  message: Icmp,
  quoted: Packet,
): void {
  const { family } = transit.skb.packet;
  if (family === "ip4" && message.type === REDIRECT && message.target !== undefined) {
    takeRedirect(stack, transit, quoted, message.target);
    return;
  }
  const mtu = toldMtu(family, message);
  if (mtu !== undefined) stack.exceptions.learnMtu(quoted.dst, mtu, stack.world.nowUs());
}

/** The MTU that a message tells of: "fragmentation needed" or "packet too big". */
export function toldMtu(family: Family, { type, code, mtu }: Icmp): number | undefined {
  const isTold =
    family === "ip4" ? type === UNREACHABLE && code === FRAGMENTATION_NEEDED : type === TOO_BIG;
  return isTold ? mtu : undefined;
}

/**
 * Takes a redirect: the gateway it names is used from now on, if the sender is the gateway that is
 * used now, redirects are accepted, and the new gateway is a neighbour known to answer.
 *
 * Follows: Linux 6.18 net/ipv4/route.c `__ip_do_redirect`; include/linux/inetdevice.h
 * `IN_DEV_RX_REDIRECTS`: a router believes redirects only if all its links do.
 * Not modelled: `secure_redirects`, links that do not share a medium; the new gateway is not asked
 * for when it is unknown.
 */
function takeRedirect(stack: Stack, transit: Transit, quoted: Packet, gateway: Addr): void {
  const { packet, iif } = transit.skb;
  if (iif === undefined || !acceptsRedirects(stack, iif)) return;
  if (isMulticast(gateway) || isLimitedBroadcast(gateway) || isUnspecified(gateway)) return;
  const nowUs = stack.world.nowUs();
  const path = routeOutgoing(stack, { dst: quoted.dst, src: quoted.src });
  if (!isPath(path) || path.link !== iif || !path.gateway?.equals(packet.src)) return;
  if (gateway.equals(packet.src) || stack.links.owner(gateway) !== undefined) return;
  const neighbor = stack.neighbors.find(iif, gateway);
  if (neighbor?.mac === undefined || stateAt(neighbor, nowUs) === "failed") return;
  stack.exceptions.learnGateway(quoted.dst, gateway, nowUs);
}

function acceptsRedirects(stack: Stack, iif: string): boolean {
  const { sysctls } = stack.fib;
  const isRouter = sysctls.ofLink(iif, "forwarding") !== 0;
  if (!isRouter) return sysctls.either(iif, "accept_redirects");
  return ["all", iif].every((name) => sysctls.ofLink(name, "accept_redirects") !== 0);
}
