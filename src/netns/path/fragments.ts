/**
 * Splitting packets that are too big for a link, and putting them together again.
 */
import {
  fillerPayload,
  headerLength,
  IP6_HEADER_BYTES,
  type Packet,
  packetProtocol,
  payloadLength,
  type Transport,
  transportLength,
} from "../../wire/index.js";
import type { Stack } from "../stack.js";
import type { Transit } from "../transit.js";

/** The fragment header of IPv6 (RFC 8200 §4.5). */
const IP6_FRAGMENT_BYTES = 8;
/** Offsets count units of eight bytes (RFC 791 §3.1). */
const UNIT = 8;

/**
 * Splits a packet into pieces of at most `mtu` bytes. The first keeps its transport header.
 *
 * Follows: Linux 6.18 net/ipv4/ip_output.c `ip_do_fragment`; net/ipv6/ip6_output.c `ip6_fragment`.
 */
export function fragmentPacket(packet: Packet, mtu: number): readonly Packet[] {
  const isIp4 = packet.family === "ip4";
  const header = isIp4 ? headerLength(packet) : IP6_HEADER_BYTES + IP6_FRAGMENT_BYTES;
  const whole = packet.fragment?.whole ?? packet.payload;
  const start = packet.fragment?.offsetBytes ?? 0;
  const total = transportLength(packet.payload, packet.family);
  const size = Math.max(UNIT, Math.floor((mtu - header) / UNIT) * UNIT);
  const protocol = packetProtocol(packet);
  const pieces: Packet[] = [];
  for (let at = 0; at < total; at += size) {
    const lengthBytes = Math.min(size, total - at);
    const isLast = at + lengthBytes === total;
    const more = !isLast || packet.fragment?.more === true;
    const isFirst = at === 0 && start === 0;
    const payload = isFirst
      ? truncate(packet, lengthBytes)
      : { kind: "other" as const, protocol, payload: fillerPayload(lengthBytes) };
    pieces.push({
      ...packet,
      df: !isIp4,
      payload,
      fragment: { offsetBytes: start + at, more, whole },
    });
  }
  return pieces;
}

/** The first part of a transport: its header, and as much of its payload as fits. */
function truncate(packet: Packet, lengthBytes: number): Transport {
  const { payload, family } = packet;
  const protocol = packetProtocol(packet);
  if (payload.kind === "ipip" || payload.kind === "other") {
    return { kind: "other", protocol, payload: fillerPayload(lengthBytes) };
  }
  const rest = lengthBytes - (transportLength(payload, family) - payloadLength(payload.payload));
  return { ...payload, payload: fillerPayload(Math.max(0, rest)) };
}

/**
 * Adds a fragment to what is known of its packet. When nothing is missing any more, the whole packet
 * takes its place in `transit`.
 *
 * Returns: whether the packet is whole; else it waits, or was dropped.
 * Follows: Linux 6.18 net/ipv4/ip_fragment.c `ip_defrag`; net/ipv6/reassembly.c.
 */
export function reassemble(stack: Stack, transit: Transit): boolean {
  const { skb } = transit;
  const whole = stack.fragments.add(skb.packet, stack.world.nowUs());
  if (whole === undefined) {
    transit.tell?.({ kind: "note", text: "waits for the other fragments of its packet" });
    return false;
  }
  transit.tell?.({ kind: "reassemble", count: whole.count });
  skb.packet = whole.packet;
  transit.fragmentMax = whole.largest;
  return true;
}

/**
 * Where connections are tracked, fragments are put together before any hook sees them.
 *
 * Returns: whether there is a whole packet to go on with.
 * Follows: Linux 6.18 net/ipv4/netfilter/nf_defrag_ipv4.c `ipv4_conntrack_defrag`.
 */
export function isWhole(stack: Stack, transit: Transit): boolean {
  const { packet } = transit.skb;
  if (packet.fragment === undefined) return true;
  const family = packet.family === "ip4" ? "ip" : "ip6";
  return !stack.netfilter.tracks(family) || reassemble(stack, transit);
}
