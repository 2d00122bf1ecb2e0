/** Packets and frames as one line of text, in tcpdump's manner. */
import { unreachable } from "../base/index.js";
import { icmpName } from "./icmp-name.js";
import { packetLength, payloadLength } from "./length.js";
import { type Arp, type Frame, type Packet, TcpFlag } from "./packet.js";
import { packetProtocol, protocolName } from "./protocol.js";

/** The letters tcpdump uses, in its order. */
const FLAG_LETTERS: readonly (readonly [number, string])[] = [
  [TcpFlag.fin, "F"],
  [TcpFlag.syn, "S"],
  [TcpFlag.rst, "R"],
  [TcpFlag.psh, "P"],
  [TcpFlag.ack, "."],
  [TcpFlag.urg, "U"],
  [TcpFlag.ece, "E"],
  [TcpFlag.cwr, "W"],
];

/** TCP flags as tcpdump prints them: `S.` is SYN and ACK; none is `none`. */
export function printTcpFlags(flags: number): string {
  const letters = FLAG_LETTERS.filter(([bit]) => (flags & bit) !== 0).map(([, letter]) => letter);
  return letters.length === 0 ? "none" : letters.join("");
}

/** Both ends of a packet: `10.244.1.2:40000 > 10.96.0.10:53`, without ports where there are none. */
export function printEnds(packet: Packet): string {
  return `${printEnd(packet, "src")} > ${printEnd(packet, "dst")}`;
}

/** One end of a packet: an address, with its port if there is one. */
export function printEnd(packet: Packet, side: "src" | "dst"): string {
  const { payload } = packet;
  const addr = packet[side];
  if (!("sport" in payload)) return addr.toString();
  const port = side === "src" ? payload.sport : payload.dport;
  return addr.family === "ip4" ? `${addr}:${port}` : `[${addr}]:${port}`;
}

/**
 * One packet as a line: ends, protocol and what matters of it.
 *
 * @example
 * // 10.244.1.2:40000 > 10.96.0.10:80 tcp S
 */
export function printPacket(packet: Packet): string {
  const part = packet.fragment;
  const place = part === undefined ? "" : ` fragment at ${part.offsetBytes}${part.more ? "+" : ""}`;
  return `${printEnds(packet)} ${printTransport(packet)}${place}`;
}

function printTransport(packet: Packet): string {
  const { payload } = packet;
  switch (payload.kind) {
    case "tcp":
      return `tcp ${printTcpFlags(payload.flags)}${printLength(payloadLength(payload.payload))}`;
    case "udp":
      if (payload.payload.kind === "vxlan") {
        return `vxlan ${payload.payload.vni} [${printFrame(payload.payload.frame)}]`;
      }
      return `udp${printLength(payloadLength(payload.payload))}`;
    case "sctp":
      return `sctp chunks ${payload.chunks.join(",")}`;
    case "icmp":
      return icmpName(packet.family, payload);
    case "ipip":
      return `ipip [${printPacket(payload.packet)}]`;
    case "other":
      return `${protocolName(packetProtocol(packet))}${printLength(payloadLength(payload.payload))}`;
    default:
      return unreachable(payload);
  }
}

function printLength(lengthBytes: number): string {
  return lengthBytes === 0 ? "" : ` ${lengthBytes} bytes`;
}

/** One frame as a line: what it carries, without its link-layer addresses. */
export function printFrame(frame: Frame): string {
  return "kind" in frame.payload ? printArp(frame.payload) : printPacket(frame.payload);
}

function printArp(arp: Arp): string {
  return arp.operation === "request"
    ? `arp who-has ${arp.target} tell ${arp.sender}`
    : `arp ${arp.sender} is-at ${arp.senderMac}`;
}

/** A packet's length as tools say it: `60 bytes`. */
export function printPacketLength(packet: Packet): string {
  return `${packetLength(packet)} bytes`;
}
