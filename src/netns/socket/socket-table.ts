/** All sockets of one namespace, as the stack below them sees them. */

import type { Datagram, Icmp, Packet, Segment } from "../../wire/index.js";
import { toldMtu } from "../path/icmp/learn-from-error.js";
import type { SocketLayer } from "../stack.js";
import type { Transit } from "../transit.js";
import { socketErrorOf } from "./icmp-errno.js";
import { PingSockets } from "./ping.js";
import type { SocketHost } from "./socket.js";
import { TcpSockets } from "./tcp.js";
import { UdpSockets } from "./udp.js";

/** The sockets of one namespace. */
export class SocketTable implements SocketLayer {
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
   * An ICMP error about a packet of ours: its socket is told. Returns whether there is one.
   *
   * Follows: Linux 6.18 net/ipv4/icmp.c `icmp_socket_deliver`.
   */
  onIcmpError(transit: Transit, message: Icmp, quoted: Packet): boolean {
    const { src, family } = transit.skb.packet;
    const error = socketErrorOf(family, message);
    const mtu = toldMtu(family, message);
    const { type, code } = message;
    const report = { type, code, from: src, info: mtu ?? 0 };
    return (
      this.tcp.onError(quoted, error, { ...report, isTooBig: mtu !== undefined }) ||
      this.udp.onError(quoted, error, report) ||
      this.ping.onError(quoted, error, report)
    );
  }
}
