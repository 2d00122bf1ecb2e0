/** Writing the real server's address into a packet, or the virtual server's back. */
import type { Connection } from "../../../ipvs/index.js";
import type { Packet, Transport } from "../../../wire/index.js";

/** A packet to the virtual server becomes one to the real server. */
export function toReal(packet: Packet, { real, realPort }: Connection): Packet {
  return { ...packet, dst: real, payload: withPort(packet.payload, "dport", realPort) };
}

/** A packet of the real server becomes one of the virtual server. */
export function toVirtual(packet: Packet, { virtual, virtualPort }: Connection): Packet {
  return { ...packet, src: virtual, payload: withPort(packet.payload, "sport", virtualPort) };
}

/**
 * An error of a client about an answer: it goes to the real server, which knows the answer as its own.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_core.c `ip_vs_nat_icmp`, `ip_vs_nat_icmp_v6`.
 */
export function errorToReal(packet: Packet, { real, realPort }: Connection): Packet {
  return withQuoted({ ...packet, dst: real }, (quoted) => ({
    ...quoted,
    src: real,
    payload: withPort(quoted.payload, "sport", realPort),
  }));
}

/** An error about a request: it comes from the virtual server, about what was sent to that. */
export function errorToVirtual(packet: Packet, { virtual, virtualPort }: Connection): Packet {
  return withQuoted({ ...packet, src: virtual }, (quoted) => ({
    ...quoted,
    dst: virtual,
    payload: withPort(quoted.payload, "dport", virtualPort),
  }));
}

function withPort(payload: Transport, end: "sport" | "dport", port: number): Transport {
  switch (payload.kind) {
    case "tcp":
    case "udp":
    case "sctp":
      return { ...payload, [end]: port };
    default:
      return payload;
  }
}

function withQuoted(packet: Packet, change: (quoted: Packet) => Packet): Packet {
  const { payload } = packet;
  if (payload.kind !== "icmp" || payload.quoted === undefined) return packet;
  return { ...packet, payload: { ...payload, quoted: change(payload.quoted) } };
}
