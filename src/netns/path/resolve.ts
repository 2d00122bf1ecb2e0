/**
 * From next hop to link-layer address: the neighbour table, the questions that fill it (ARP and
 * neighbour discovery), and what becomes of packets that wait in vain.
 */
import {
  type Addr,
  BROADCAST_MAC,
  isMulticast,
  isUnspecified,
  type Mac,
  multicastMac,
  solicitedNodeAddr,
  ZERO_MAC,
} from "../../addr/index.js";
import { selectAddr4 } from "../../fib/index.js";
import { type Link, type Neighbor, NeighborTime, usesNeighbors } from "../../link/index.js";
import type { Arp, Frame } from "../../wire/index.js";
import type { Stack } from "../stack.js";
import type { Transit, Waiting } from "../transit.js";
import { endPacket } from "./fate.js";
import { IcmpError, sendError } from "./icmp/icmp-error.js";
import { transmit } from "./transmit.js";

/** ICMPv6 type of a neighbour solicitation (RFC 4861 §4.3). */
export const NEIGHBOR_SOLICITATION = 135;
/** ICMPv6 type of a neighbour advertisement (RFC 4861 §4.4). */
export const NEIGHBOR_ADVERTISEMENT = 136;

/**
 * Sends a routed packet to its next hop, or lets it wait until the next hop has answered.
 *
 * Returns: whether it was taken, by the link or to wait for the neighbour's answer.
 * Follows: Linux 6.18 net/ipv4/ip_output.c `ip_finish_output2`, net/core/neighbour.c
 * `neigh_resolve_output`.
 */
export function sendToNextHop(stack: Stack, link: Link, nextHop: Addr, transit: Transit): boolean {
  if (!usesNeighbors(link)) return sendFramed(stack, link, ZERO_MAC, transit);
  const group = groupMac(nextHop, transit);
  if (group !== undefined) return sendFramed(stack, link, group, transit);
  const send = (mac: Mac) => sendFramed(stack, link, mac, transit);
  return resolve(stack, link, nextHop, { transit, send });
}

/**
 * Looks a neighbour up for a packet that is sent now, or when the neighbour has answered.
 *
 * Returns: whether the packet was taken, by the link or to wait.
 */
export function resolve(stack: Stack, link: Link, addr: Addr, waiting: Waiting): boolean {
  const { transit } = waiting;
  const result = stack.neighbors.resolve(link, addr, stack.world.nowUs(), waiting);
  if (result.kind === "known") {
    const { mac } = result;
    if (result.ask) setTimer(stack, link, result.neighbor, NeighborTime.delayUs);
    transit.tell?.({ kind: "neighbor", addr, link: link.name, mac, outcome: "known" });
    return waiting.send(mac);
  }
  if (result.dropped !== undefined) {
    endPacket(stack, result.dropped.transit, "no-neighbor", { detail: "too many packets wait" });
  }
  if (result.ask) {
    solicit(stack, link, addr, transit);
    setTimer(stack, link, result.neighbor, NeighborTime.retransmitUs);
  }
  return true;
}

/** Sends the packets that waited for an answer which came. */
export function sendWaiting(link: Link, addr: Addr, mac: Mac, waiting: readonly Waiting[]): void {
  for (const { transit, send } of waiting) {
    transit.tell?.({ kind: "neighbor", addr, link: link.name, mac, outcome: "resolved" });
    send(mac);
  }
}

function sendFramed(stack: Stack, link: Link, dst: Mac, transit: Transit): boolean {
  const frame: Frame = { src: link.mac ?? ZERO_MAC, dst, payload: transit.skb.packet };
  transit.skb.macSrc = frame.src;
  transit.skb.macDst = dst;
  return transmit(stack, link, frame, transit);
}

function groupMac(nextHop: Addr, transit: Transit): Mac | undefined {
  if (transit.path?.kind === "broadcast") return BROADCAST_MAC;
  return isMulticast(nextHop) ? multicastMac(nextHop) : undefined;
}

function setTimer(stack: Stack, link: Link, neighbor: Neighbor<Waiting>, delayUs: number): void {
  const { generation } = neighbor;
  stack.world.schedule(delayUs, () => onTimer(stack, link, neighbor, generation));
}

function onTimer(stack: Stack, link: Link, neighbor: Neighbor<Waiting>, generation: number): void {
  const result = stack.neighbors.onTimer(neighbor, generation, stack.world.nowUs());
  if (result.kind === "nothing") return;
  if (result.kind === "failed") {
    for (const { transit } of result.waiting) giveUp(stack, link, neighbor.addr, transit);
    return;
  }
  solicit(stack, link, neighbor.addr, neighbor.waiting.at(-1)?.transit, result.unicast);
  setTimer(stack, link, neighbor, NeighborTime.retransmitUs);
}

/** Nobody answered: the sender is told (`ipv4_link_failure`, `ndisc_error_report`). */
function giveUp(stack: Stack, link: Link, addr: Addr, transit: Transit): void {
  transit.tell?.({ kind: "neighbor", addr, link: link.name, outcome: "failed" });
  endPacket(stack, transit, "no-neighbor", { detail: `${addr} on ${link.name}` });
  const { family } = transit.skb.packet;
  const error = family === "ip4" ? IcmpError.ip4.hostUnreachable : IcmpError.ip6.addrUnreachable;
  sendError(stack, transit, error);
}

function solicit(stack: Stack, link: Link, addr: Addr, first?: Transit, unicast?: Mac): void {
  if (addr.family === "ip4") requestArp(stack, link, addr, first, unicast);
  else solicitNeighbor(stack, link, addr, first, unicast !== undefined);
}

/** Asks who has an address (Linux net/ipv4/arp.c `arp_solicit`). */
function requestArp(stack: Stack, link: Link, target: Addr, first?: Transit, unicast?: Mac): void {
  const sender = arpSender(stack, link, target, first);
  if (sender === undefined || link.mac === undefined) return;
  const request: Arp = {
    kind: "arp",
    operation: "request",
    senderMac: link.mac,
    sender,
    targetMac: unicast ?? ZERO_MAC,
    target,
  };
  sendArp(stack, link, { src: link.mac, dst: unicast ?? BROADCAST_MAC, payload: request });
}

/** The address an ARP request is asked from: `arp_announce` decides how freely it is chosen. */
function arpSender(stack: Stack, link: Link, target: Addr, first?: Transit): Addr | undefined {
  const announce = stack.fib.sysctls.greater(link.name, "arp_announce");
  const own = first?.skb.packet.src;
  const isOwn = own !== undefined && own.family === "ip4" && stack.links.owner(own) !== undefined;
  if (announce === 0 && isOwn) return own;
  if (announce === 1 && isOwn && isOnSubnetOf(link, own, target)) return own;
  return selectAddr4(stack.fib, { link: link.name, dst: target, scope: "link" });
}

function isOnSubnetOf(link: Link, source: Addr, target: Addr): boolean {
  return link.addresses.some(({ address }) => {
    const subnet = address.prefix();
    return address.addr.family === "ip4" && subnet.contains(target) && subnet.contains(source);
  });
}

/** Sends an ARP message out by a link: no hook of the IP families sees it. */
export function sendArp(stack: Stack, link: Link, frame: Frame & { readonly payload: Arp }): void {
  transmit(stack, link, frame, undefined);
}

/** Asks who has an IPv6 address (Linux net/ipv6/ndisc.c `ndisc_solicit`, `ndisc_send_ns`). */
function solicitNeighbor(
  stack: Stack,
  link: Link,
  target: Addr,
  first?: Transit,
  unicast = false,
): void {
  const own = first?.skb.packet.src;
  const isOwn = own !== undefined && link.addresses.some((a) => a.address.addr.equals(own));
  const src = isOwn ? own : linkLocalOf(link);
  if (src === undefined || isUnspecified(src) || link.mac === undefined) return;
  stack.backlog.push({
    kind: "send",
    draft: {
      dst: unicast ? target : solicitedNodeAddr(target),
      src,
      oif: link.name,
      ttl: 255,
      payload: {
        kind: "icmp",
        type: NEIGHBOR_SOLICITATION,
        code: 0,
        target,
        linkAddr: link.mac,
        payload: { kind: "filler", lengthBytes: 0 },
      },
      direct: true,
      silent: true,
    },
  });
}

function linkLocalOf(link: Link): Addr | undefined {
  return link.addresses.find((a) => a.scope === "link" && a.address.addr.family === "ip6")?.address
    .addr;
}
