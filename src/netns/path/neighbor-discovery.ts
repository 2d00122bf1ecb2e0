/**
 * Neighbour discovery messages of IPv6 that were delivered here: who is asked for, do we answer, and
 * what do we learn. They are packets like any other: the hooks were asked about them before.
 */
import { type Addr, isMulticast, isUnspecified, parseAddr } from "../../addr/index.js";
import type { Link } from "../../link/index.js";
import type { Icmp, Packet } from "../../wire/index.js";
import { type Stack, sysctl } from "../stack.js";
import type { Transit } from "../transit.js";
import { NEIGHBOR_ADVERTISEMENT, NEIGHBOR_SOLICITATION, sendWaiting } from "./resolve.js";

/** Hop limit that proves that a message was not forwarded (RFC 4861 §7.1). */
const UNFORWARDED = 255;
/** All nodes of a link, which unsolicited advertisements go to. */
const ALL_NODES = parseAddr("ff02::1");

/**
 * Takes a message of neighbour discovery. Returns whether it was one.
 *
 * Follows: Linux 6.18 net/ipv6/ndisc.c `ndisc_recv_ns`, `ndisc_recv_na`; RFC 4861 §7.2.
 * Not modelled: router discovery and redirects; the override flag.
 */
export function receiveNeighborDiscovery(stack: Stack, link: Link, transit: Transit): boolean {
  const { packet } = transit.skb;
  const message = packet.payload;
  if (message.kind !== "icmp") return false;
  if (message.type < 133 || message.type > 137) return false;
  if (packet.ttl !== UNFORWARDED || message.target === undefined) return true;
  if (message.type === NEIGHBOR_SOLICITATION) {
    onSolicitation(stack, link, packet, message, message.target);
  } else if (message.type === NEIGHBOR_ADVERTISEMENT) {
    onAdvertisement(stack, link, packet, message, message.target);
  }
  return true;
}

function onSolicitation(
  stack: Stack,
  link: Link,
  packet: Packet,
  message: Icmp,
  target: Addr,
): void {
  if (!answersFor(stack, link, target)) return;
  const isProbe = isUnspecified(packet.src);
  if (!isProbe && message.linkAddr !== undefined) {
    const news = { mac: message.linkAddr, solicited: false, create: true };
    const nowUs = stack.world.nowUs();
    const ready = stack.neighbors.learn(link.name, packet.src, { ...news, nowUs });
    sendWaiting(link, packet.src, message.linkAddr, ready);
  }
  advertise(stack, link, target, isProbe ? ALL_NODES : packet.src);
}

function answersFor(stack: Stack, link: Link, target: Addr): boolean {
  if (link.addresses.some((a) => a.address.addr.equals(target) && !a.tentative)) return true;
  const isForwarding = sysctl(stack, "net.ipv6.conf.all.forwarding", 0) !== 0;
  if (!isForwarding || stack.fib.sysctls.ofLink6(link.name, "proxy_ndp") === 0) return false;
  return stack.neighbors.isProxy(link.name, target);
}

function advertise(stack: Stack, link: Link, target: Addr, dst: Addr): void {
  if (link.mac === undefined) return;
  stack.backlog.push({
    kind: "send",
    draft: {
      dst,
      src: target,
      oif: link.name,
      ttl: UNFORWARDED,
      payload: {
        kind: "icmp",
        type: NEIGHBOR_ADVERTISEMENT,
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

function onAdvertisement(
  stack: Stack,
  link: Link,
  packet: Packet,
  message: Icmp,
  target: Addr,
): void {
  if (message.linkAddr === undefined) return;
  const ready = stack.neighbors.learn(link.name, target, {
    mac: message.linkAddr,
    solicited: !isMulticast(packet.dst),
    create: false,
    nowUs: stack.world.nowUs(),
  });
  sendWaiting(link, target, message.linkAddr, ready);
}
