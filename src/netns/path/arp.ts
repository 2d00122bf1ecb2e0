/**
 * An ARP message comes in: who is asked for, do we answer, and what do we learn.
 */
import { type Addr, isLoopback, isMulticast, isUnspecified } from "../../addr/index.js";
import { isPath, routeInput } from "../../fib/index.js";
import type { Link } from "../../link/index.js";
import type { Arp, Frame } from "../../wire/index.js";
import type { Stack } from "../stack.js";
import { sendArp, sendWaiting } from "./resolve.js";

/**
 * Takes an ARP message that came in by a link.
 *
 * Follows: Linux 6.18 net/ipv4/arp.c `arp_process`, `arp_ignore`, `arp_fwd_proxy`; RFC 826.
 * Not modelled: `proxy_delay` (proxies answer at once), `arp_filter`, `arp_accept`,
 * `proxy_arp_pvlan`.
 */
export function receiveArp(stack: Stack, link: Link, frame: Frame, arp: Arp): void {
  const { target, sender, operation } = arp;
  const { sysctls } = stack.fib;
  if (isMulticast(target)) return;
  if (isLoopback(target) && !sysctls.either(link.name, "route_localnet")) return;
  const isRequest = operation === "request";
  if (isRequest && answersFor(stack, link, arp)) {
    if (!isUnspecified(sender)) learn(stack, link, arp, { solicited: false, create: true });
    reply(stack, link, arp);
    return;
  }
  if (isUnspecified(sender)) return;
  const isAnswerToUs = !isRequest && link.mac?.equals(frame.dst) === true;
  learn(stack, link, arp, { solicited: isAnswerToUs, create: false });
}

function learn(
  stack: Stack,
  link: Link,
  { sender, senderMac }: Arp,
  how: { readonly solicited: boolean; readonly create: boolean },
): void {
  const nowUs = stack.world.nowUs();
  const ready = stack.neighbors.learn(link.name, sender, { mac: senderMac, nowUs, ...how });
  sendWaiting(link, sender, senderMac, ready);
}

function answersFor(stack: Stack, link: Link, { target, sender }: Arp): boolean {
  if (isUnspecified(sender)) {
    return isOwn(stack, target) && mayAnswer(stack, link, target, sender);
  }
  const path = routeInput(stack.fib, { dst: target, src: sender, iif: link.name });
  if (!isPath(path)) return false;
  if (path.kind === "local") return mayAnswer(stack, link, target, sender);
  if (path.kind !== "forward" || path.link === link.name) return false;
  const isProxy = stack.fib.sysctls.either(link.name, "proxy_arp");
  return isProxy || stack.neighbors.isProxy(link.name, target);
}

function isOwn(stack: Stack, addr: Addr): boolean {
  return stack.links.owner(addr) !== undefined;
}

/** `arp_ignore`: for which of our addresses a link answers. */
function mayAnswer(stack: Stack, link: Link, target: Addr, sender: Addr): boolean {
  const mode = stack.fib.sysctls.greater(link.name, "arp_ignore");
  const here = link.addresses.find((a) => a.address.addr.equals(target));
  switch (mode) {
    case 0:
      return true;
    case 1:
      return here !== undefined;
    case 2:
      return here?.address.prefix().contains(sender) === true;
    case 3:
      return stack.fib.own(target)?.address.scope !== "host";
    case 8:
      return false;
    default:
      return true;
  }
}

function reply(stack: Stack, link: Link, request: Arp): void {
  if (link.mac === undefined) return;
  const answer: Arp = {
    kind: "arp",
    operation: "reply",
    senderMac: link.mac,
    sender: request.target,
    targetMac: request.senderMac,
    target: request.sender,
  };
  sendArp(stack, link, { src: link.mac, dst: request.senderMac, payload: answer });
}
