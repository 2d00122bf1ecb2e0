/**
 * One number for all packets of a flow, both for the outer source port of tunnels and for choosing
 * among equal routes. The kernel seeds its own at boot; ours is the same on every machine.
 */
import type { Addr } from "../addr/index.js";
import type { Packet } from "../wire/index.js";

/** `net.ipv4.ip_local_port_range`, from which `udp_flow_src_port` takes an outer source port. */
const LOCAL_PORTS = { first: 32768, last: 60999 } as const;

/** Hashes addresses, protocol and ports: the same whichever fragment or retransmission it is. */
export function hashFlow(packet: Packet): number {
  let hash = mixAddr(0x811c9dc5, packet.src);
  hash = mixAddr(hash, packet.dst);
  const transport = packet.payload;
  if (transport.kind === "tcp" || transport.kind === "udp" || transport.kind === "sctp") {
    hash = mix(hash, (transport.sport << 16) | transport.dport);
  } else if (transport.kind === "icmp") {
    hash = mix(hash, transport.id ?? 0);
  }
  return hash;
}

/**
 * The outer source port of a tunnelled packet.
 *
 * Follows: Linux include/net/udp.h `udp_flow_src_port` with the default port range.
 */
export function outerSourcePort(packet: Packet): number {
  const count = LOCAL_PORTS.last - LOCAL_PORTS.first;
  return LOCAL_PORTS.first + (hashFlow(packet) % count);
}

function mixAddr(hash: number, addr: Addr): number {
  return mix(mix(mix(mix(hash, addr.w0), addr.w1), addr.w2), addr.w3);
}

/** One round of MurmurHash3's 32-bit finalizer over the running value. */
function mix(hash: number, word: number): number {
  let h = (hash ^ word) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
