/** UDP has one state, and lives as long as datagrams come. */
import type { ProtocolStates } from "./states.js";

/** Seconds a connection lives after its last datagram (`udp_timeouts`). */
const TIMEOUT = 5 * 60;

/**
 * UDP.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_proto_udp.c `udp_state_transition`.
 */
export const udpStates: ProtocolStates = {
  first: "UDP",
  next: () => "UDP",
  timeoutSeconds: () => TIMEOUT,
  isActive: () => false,
  assures: (_state, direction) => direction === "output",
  isOver: () => false,
};
