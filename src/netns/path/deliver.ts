/**
 * A packet that is for this namespace: put together from its fragments, asked about once more, and
 * given to what speaks its protocol.
 */
import { type Addr, isLoopback, isMulticast, isUnspecified, ZERO_MAC } from "../../addr/index.js";
import type { Link, VxlanDevice } from "../../link/index.js";
import { type Datagram, type Icmp, isIcmpError, type Packet } from "../../wire/index.js";
import { type Stack, sysctl } from "../stack.js";
import type { Transit } from "../transit.js";
import { endPacket } from "./fate.js";
import { reassemble } from "./fragments.js";
import { askHook } from "./hooks.js";
import { IcmpError, sendError, sendReset } from "./icmp/icmp-error.js";
import { learnFromError } from "./icmp/learn-from-error.js";
import { receiveNeighborDiscovery } from "./neighbor-discovery.js";

/**
 * Delivers a packet here.
 *
 * Follows: Linux 6.18 net/ipv4/ip_input.c `ip_local_deliver`; net/ipv6/ip6_input.c `ip6_input`,
 * `ip6_mc_input`.
 * Not modelled: raw sockets, and other protocols than ICMP, UDP, TCP and tunnels.
 */
export function deliver(stack: Stack, link: Link, transit: Transit): void {
  const { skb } = transit;
  if (!isMember(stack, link, skb.packet.dst)) {
    endPacket(stack, transit, "not-for-us", {
      detail: `nobody here joined ${skb.packet.dst}`,
    });
    return;
  }
  if (skb.packet.fragment !== undefined && !reassemble(stack, transit)) return;
  if (askHook(stack, transit, "input") !== undefined) return;
  const { cause } = stack;
  stack.cause = transit.journey?.id;
  handOver(stack, link, transit);
  stack.cause = cause;
}

function handOver(stack: Stack, link: Link, transit: Transit): void {
  const { payload, family } = transit.skb.packet;
  switch (payload.kind) {
    case "icmp":
      receiveIcmp(stack, link, transit, payload);
      break;
    case "udp":
      receiveDatagram(stack, transit, payload);
      break;
    case "tcp":
      receiveSegment(stack, transit);
      break;
    case "ipip":
      leaveIpTunnel(stack, transit, payload.packet);
      return;
    case "sctp":
    case "other": {
      endPacket(stack, transit, "no-listener", { detail: payload.kind });
      const { ip4, ip6 } = IcmpError;
      sendError(stack, transit, family === "ip4" ? ip4.protocolUnreachable : ip6.unknownNextHeader);
    }
  }
}

/** IPv6 groups a link has joined: all nodes, all routers, and those of its addresses' solicitations. */
function isMember(stack: Stack, link: Link, dst: Addr): boolean {
  if (dst.family === "ip4" || !isMulticast(dst)) return true;
  if (dst.s0 >>> 0 !== 0xff020000 || (dst.s1 | 0) !== 0) return false;
  if (dst.s2 === 0 && dst.s3 === 1) return true;
  if (dst.s2 === 0 && dst.s3 === 2) return sysctl(stack, "net.ipv6.conf.all.forwarding", 0) !== 0;
  if (dst.s2 !== 1 || dst.s3 >>> 24 !== 0xff) return false;
  const low = dst.s3 & 0xffffff;
  return link.addresses.some(
    ({ address: { addr } }) => addr.family === "ip6" && (addr.s3 & 0xffffff) === low,
  );
}

const ECHO_REQUEST = { ip4: 8, ip6: 128 } as const;
const ECHO_REPLY = { ip4: 0, ip6: 129 } as const;

/** ICMP: echo is answered, errors are told to sockets (`icmp_rcv`, `icmpv6_rcv`). */
function receiveIcmp(stack: Stack, link: Link, transit: Transit, message: Icmp): void {
  const { packet } = transit.skb;
  if (packet.family === "ip6" && receiveNeighborDiscovery(stack, link, transit)) {
    endPacket(stack, transit, "consumed", { detail: "neighbour discovery" });
    return;
  }
  if (message.type === ECHO_REQUEST[packet.family]) {
    answerEcho(stack, transit, message);
    return;
  }
  if (message.type === ECHO_REPLY[packet.family]) {
    const isTaken = stack.sockets.onEchoReply(transit);
    endDelivery(stack, transit, isTaken, "icmp");
    return;
  }
  if (isIcmpError(packet.family, message.type) && message.quoted !== undefined) {
    learnFromError(stack, transit, message, message.quoted);
    const isTaken = stack.sockets.onIcmpError(transit, message, message.quoted);
    endPacket(stack, transit, "consumed", {
      detail: isTaken ? "told to a socket" : "no socket asked",
    });
    return;
  }
  endPacket(stack, transit, "consumed", { detail: `icmp type ${message.type}` });
}

function answerEcho(stack: Stack, transit: Transit, message: Icmp): void {
  const { packet, iif, pktType } = transit.skb;
  const isGroup = pktType !== "host" || isMulticast(packet.dst);
  const ignores =
    packet.family === "ip4" ? "net.ipv4.icmp_echo_ignore_all" : "net.ipv6.icmp.echo_ignore_all";
  if (sysctl(stack, ignores, 0) !== 0 || (isGroup && packet.family === "ip4")) {
    endPacket(stack, transit, "consumed", { detail: "echo ignored" });
    return;
  }
  endPacket(stack, transit, "consumed", { detail: "echo request" });
  stack.backlog.push({
    kind: "send",
    draft: {
      dst: packet.src,
      ...(isGroup ? {} : { src: packet.dst }),
      payload: { ...message, type: ECHO_REPLY[packet.family] },
      tos: packet.family === "ip4" ? packet.tos : 0,
      ignoreDf: true,
      ...(packet.src.family === "ip6" && packet.src.s0 >>> 22 === 0x3fa && iif ? { oif: iif } : {}),
      cause: transit.journey?.id,
    },
  });
}

/** UDP: a tunnel's frame, a socket's datagram, or nobody's (`__udp4_lib_rcv`). */
function receiveDatagram(stack: Stack, transit: Transit, datagram: Datagram): void {
  const { skb } = transit;
  if (datagram.payload.kind === "vxlan") {
    leaveTunnel(stack, transit, datagram);
    return;
  }
  if (stack.sockets.onDatagram(transit, datagram)) {
    endDelivery(stack, transit, true, "udp", datagram.dport);
    return;
  }
  endPacket(stack, transit, "no-listener", { detail: `udp ${datagram.dport}` });
  const { ip4, ip6 } = IcmpError;
  sendError(
    stack,
    transit,
    skb.packet.family === "ip4" ? ip4.portUnreachable : ip6.portUnreachable,
  );
}

/**
 * A frame comes out of a VXLAN tunnel (`vxlan_rcv`). A device has a socket of its own addresses'
 * family (`vxlan_open`), so that two may share a number.
 */
function leaveTunnel(stack: Stack, transit: Transit, datagram: Datagram): void {
  const { payload, dport } = datagram;
  if (payload.kind !== "vxlan") return;
  const { packet, mark } = transit.skb;
  let isTunnelPort = false;
  let device: VxlanDevice | undefined;
  for (const end of stack.vxlans.values()) {
    if (end.kind.port !== dport || end.family !== packet.family) continue;
    isTunnelPort = true;
    if (end.kind.vni === payload.vni && end.link.up) device ??= end;
  }
  if (!isTunnelPort) {
    endPacket(stack, transit, "no-listener", { detail: `udp ${dport}` });
    sendError(stack, transit, IcmpError[packet.family].portUnreachable);
    return;
  }
  if (device === undefined) {
    endPacket(stack, transit, "tunnel-drop", { detail: `no device for vni ${payload.vni}` });
    return;
  }
  const { link } = device;
  if (link.mac?.equals(payload.frame.src)) {
    endPacket(stack, transit, "tunnel-drop", { detail: "our own frame came back" });
    return;
  }
  device.learn(payload.frame.src, packet.src, stack.world.nowUs());
  transit.tell?.({ kind: "decapsulate", link: link.name, how: "vxlan", vni: payload.vni, packet });
  const { frame } = payload;
  stack.backlog.push({ kind: "frame", link, frame, journey: transit.journey, mark });
}

/** TCP: a socket's segment, or a reset (`tcp_v4_rcv`, `tcp_v6_rcv`). */
function receiveSegment(stack: Stack, transit: Transit): void {
  const { payload } = transit.skb.packet;
  if (payload.kind !== "tcp") return;
  if (transit.skb.pktType !== "host" || isUnspecified(transit.skb.packet.src)) {
    endPacket(stack, transit, "not-for-us", { detail: "tcp to a group" });
    return;
  }
  if (!isForOne(transit)) {
    endPacket(stack, transit, "not-for-us", { detail: "tcp to all" });
    return;
  }
  if (stack.sockets.onSegment(transit, payload)) {
    endDelivery(stack, transit, true, "tcp", payload.dport);
    return;
  }
  endPacket(stack, transit, "no-listener", { detail: `tcp ${payload.dport}` });
  sendReset(stack, transit, false);
}

/**
 * Whether a packet is for one host: nobody connects to all, and nobody refuses it.
 *
 * Follows: Linux 6.18 net/ipv4/tcp_ipv4.c `tcp_v4_conn_request`, `tcp_v4_send_reset`;
 * net/ipv6/tcp_ipv6.c, include/net/ip6_route.h `ipv6_unicast_destination`.
 */
function isForOne({ path }: Transit): boolean {
  if (path?.kind === "broadcast") return false;
  return path?.route?.kind !== "anycast";
}

function endDelivery(
  stack: Stack,
  transit: Transit,
  isTaken: boolean,
  protocol: string,
  port?: number,
): void {
  if (!isTaken) {
    endPacket(stack, transit, "consumed", { detail: "no socket asked" });
    return;
  }
  transit.tell?.({ kind: "deliver", protocol, ...(port === undefined ? {} : { port }) });
  endPacket(stack, transit, "delivered", {
    detail: port === undefined ? protocol : `${protocol} ${port}`,
  });
}

/**
 * A packet comes out of IP in IP: of the tunnel between these two ends, or of the one for any.
 *
 * Follows: Linux 6.18 net/ipv4/ip_tunnel.c `ip_tunnel_lookup`, `ip_tunnel_rcv`.
 */
function leaveIpTunnel(stack: Stack, transit: Transit, inner: Packet): void {
  const { packet, mark } = transit.skb;
  const link = findIpTunnel(stack, packet);
  if (link === undefined) {
    endPacket(stack, transit, "no-listener", { detail: "no tunnel between these ends" });
    sendError(stack, transit, IcmpError.ip4.protocolUnreachable);
    return;
  }
  transit.tell?.({ kind: "decapsulate", link: link.name, how: "ipip", packet });
  const frame = { src: ZERO_MAC, dst: ZERO_MAC, payload: inner };
  stack.backlog.push({ kind: "frame", link, frame, journey: transit.journey, mark });
}

function findIpTunnel(stack: Stack, { src, dst }: Packet): Link | undefined {
  let best: Link | undefined;
  let bestScore = -1;
  for (const link of stack.links.all()) {
    if (link.kind.kind !== "ipip" || !link.up) continue;
    const { local, remote } = link.kind;
    if (local !== undefined && !local.equals(dst)) continue;
    if (remote !== undefined && !remote.equals(src)) continue;
    const score = (remote === undefined ? 0 : 2) + (local === undefined ? 0 : 1);
    if (score > bestScore) [best, bestScore] = [link, score];
  }
  return best;
}

/** Of IPv4's groups only 224.0.0.1 has members here; IPv6's are looked at when it is delivered. */
export function isJoined4(dst: Addr): boolean {
  return dst.family === "ip6" || !isMulticast(dst) || dst.s3 >>> 0 === 0xe0000001;
}

/** IPv6 refuses loopback addresses from a wire before anybody is asked (`ip6_rcv_core`). */
export function isForeignLoopback(link: Link, { family, src, dst }: Packet): boolean {
  if (family === "ip4" || link.kind.kind === "loopback") return false;
  return isLoopback(src) || isLoopback(dst) || isMulticast(src);
}
