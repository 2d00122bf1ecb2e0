/** All sockets of one namespace, as the stack below them sees them. */

import type { Datagram, Icmp, Packet, Segment } from "../../wire/index.js";
import { takeRedirect } from "../path/redirect.js";
import type { Stack, Transit } from "../stack.js";
import { isRedirect, socketErrorOf, toldMtu } from "./icmp-errno.js";
import { PingSockets } from "./ping.js";
import type { SocketHost } from "./socket.js";
import { TcpSockets } from "./tcp.js";
import { UdpSockets } from "./udp.js";

/** The sockets of one namespace. */
export class SocketTable {
  readonly udp: UdpSockets;
  readonly tcp: TcpSockets;
  readonly ping: PingSockets;

  constructor(host: SocketHost) {
    this.udp = new UdpSockets(host);
    this.tcp = new TcpSockets(host);
    this.ping = new PingSockets(host);
  }

  /** A datagram for a port of ours. Returns whether a socket takes it. */
  onDatagram(transit: Transit, datagram: Datagram): boolean {
    return this.udp.receive(transit, datagram);
  }

  /** A segment for a port of ours. Returns whether a socket takes it. */
  onSegment(transit: Transit, segment: Segment): boolean {
    return this.tcp.receive(transit, segment);
  }

  /** An echo reply. Returns whether a process waits for it. */
  onEchoReply(transit: Transit): boolean {
    return this.ping.receive(transit);
  }

  /**
   * An ICMP error about a packet of ours: routing learns from it, and its socket is told.
   *
   * Follows: Linux 6.18 net/ipv4/icmp.c `icmp_unreach`, `icmp_redirect`.
   */
  onIcmpError(stack: Stack, transit: Transit, message: Icmp, quoted: Packet): boolean {
    const { packet } = transit.skb;
    const { family } = packet;
    const nowUs = stack.world.nowUs();
    if (isRedirect(family, message)) {
      if (message.target !== undefined) takeRedirect(stack, transit, quoted, message.target);
      return false;
    }
    const mtu = toldMtu(family, message);
    if (mtu !== undefined) stack.exceptions.learnMtu(quoted.dst, mtu, nowUs);
    const error = socketErrorOf(family, message);
    const { type, code } = message;
    const report = { type, code, from: packet.src, info: mtu ?? 0 };
    return (
      this.tcp.onError(quoted, error, { ...report, isTooBig: mtu !== undefined }) ||
      this.udp.onError(quoted, error, report) ||
      this.ping.onError(quoted, error, report)
    );
  }
}
