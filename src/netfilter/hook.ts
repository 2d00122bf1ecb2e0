/**
 * The places where netfilter is asked about a packet, and the order in which base chains on one
 * place are asked.
 *
 *   ──▶ prerouting ──▶ (route) ──▶ forward ──▶ postrouting ──▶
 *                        │                        ▲
 *                        ▼                        │
 *                      input ──▶ process ──▶ output (re-route)
 */

/** Address family of a table. `inet` sees IPv4 and IPv6; `bridge`, `arp`, `netdev` their own layer. */
export type NfFamily = "ip" | "ip6" | "inet" | "bridge" | "arp" | "netdev";

/** A place on a packet's way (include/uapi/linux/netfilter.h `nf_inet_hooks`). */
export type Hook =
  | "prerouting"
  | "input"
  | "forward"
  | "output"
  | "postrouting"
  | "ingress"
  | "egress";

/** Priorities of the IP families (include/uapi/linux/netfilter_ipv4.h `nf_ip_hook_priorities`). */
export const HookPriority = {
  rawBeforeDefrag: -450,
  defrag: -400,
  raw: -300,
  conntrack: -200,
  mangle: -150,
  natDst: -100,
  filter: 0,
  security: 50,
  natSrc: 100,
  conntrackHelper: 300,
  conntrackConfirm: 2147483647,
} as const;
