/** Whether a redirect is believed. */
import { isPath } from "../../fib/index.js";
import type { Packet } from "../../wire/index.js";
import type { Stack, Transit } from "../stack.js";
import { routeOutgoing } from "./routing.js";

/**
 * Tells whether the sender of a redirect is the gateway that is used now, and redirects are accepted.
 *
 * Follows: Linux 6.18 net/ipv4/route.c `__ip_do_redirect`; include/linux/inetdevice.h
 * `IN_DEV_RX_REDIRECTS`: a router believes redirects only if all its links do.
 */
export function isRoutableRedirect(stack: Stack, transit: Transit, quoted: Packet): boolean {
  const { packet, iif } = transit.skb;
  if (iif === undefined) return false;
  const { sysctls } = stack.fib;
  const isRouter = sysctls.ofLink(iif, "forwarding") !== 0;
  const accepts = isRouter
    ? sysctls.ofLink("all", "accept_redirects") !== 0 &&
      sysctls.ofLink(iif, "accept_redirects") !== 0
    : sysctls.either(iif, "accept_redirects");
  if (!accepts) return false;
  const path = routeOutgoing(stack, { dst: quoted.dst, src: quoted.src });
  return isPath(path) && path.gateway?.equals(packet.src) === true && path.link === iif;
}
