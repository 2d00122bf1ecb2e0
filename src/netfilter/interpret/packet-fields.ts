/** What rules look at in a packet: fragments, ports, names of links. */
import type { Packet } from "../../wire/index.js";

/** True for fragments that have no transport header. */
export function isLaterFragment(packet: Packet): boolean {
  return packet.fragment !== undefined && packet.fragment.offsetBytes > 0;
}

/** Source and destination port, of the protocols that have them. */
export interface Ports {
  readonly sport: number;
  readonly dport: number;
}

/** The ports of a packet; undefined in later fragments and protocols without ports. */
export function portsOf(packet: Packet): Ports | undefined {
  if (isLaterFragment(packet)) return undefined;
  const { payload } = packet;
  return payload.kind === "tcp" || payload.kind === "udp" || payload.kind === "sctp"
    ? payload
    : undefined;
}

/** Whether a link's name meets a pattern: `eth+` is every name that begins so. */
export function matchesLink(
  pattern: string,
  name: string | undefined,
  wildcard: "+" | "*",
): boolean {
  if (pattern.endsWith(wildcard)) return (name ?? "").startsWith(pattern.slice(0, -1));
  return name === pattern;
}
