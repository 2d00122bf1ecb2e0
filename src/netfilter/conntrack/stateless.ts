/**
 * The trackers of protocols that have no states of their own: UDP, ICMP of both families, and any
 * other protocol.
 *
 * Follows: Linux 6.18 net/netfilter/nf_conntrack_proto_udp.c, _icmp.c, _icmpv6.c and
 * nf_conntrack_core.c `generic_packet`.
 */
import { assert } from "../../base/index.js";
import type { Icmp } from "../../wire/index.js";
import type { Skb } from "../skb.js";
import type { Entry } from "./entry.js";
import { count, refresh, type TrackerContext, type TrackerVerdict } from "./tracker.js";

/** UDP traffic both ways that still goes on after this time is a stream (`2 * HZ`). */
const streamAfterUs = 2_000_000;

/** Messages that may begin an exchange (`valid_new`): echo, timestamp, information, address mask. */
const askingTypes4 = new Set([8, 13, 15, 17]);
/** Echo and node information (`valid_new` of nf_conntrack_proto_icmpv6.c). */
const askingTypes6 = new Set([128, 139]);

/** Multicast listener and neighbour discovery messages, which conntrack leaves alone. */
const untrackedTypes6 = new Set([130, 131, 132, 133, 134, 135, 136, 143]);

/** Judges a UDP datagram of an entry. */
export function trackUdp(entry: Entry, skb: Skb, context: TrackerContext): TrackerVerdict {
  const { knobs, nowUs } = context;
  if (!entry.status.confirmed) entry.memory = { kind: "udp", streamAfterUs: nowUs + streamAfterUs };
  const memory = entry.memory;
  assert(memory?.kind === "udp", "a UDP entry remembers UDP");
  count(entry, skb);
  if (!entry.status.seenReply) {
    refresh(entry, knobs.udpUs, nowUs);
    return "accept";
  }
  refresh(entry, nowUs > memory.streamAfterUs ? knobs.udpStreamUs : knobs.udpUs, nowUs);
  if (!entry.status.natClash) entry.status.assured = true;
  return "accept";
}

/** Judges an ICMP message that is no error. */
export function trackIcmp(entry: Entry, skb: Skb, context: TrackerContext): TrackerVerdict {
  const { family, icmp } = entry.original;
  const asking = family === "ip4" ? askingTypes4 : askingTypes6;
  if (icmp === undefined || !asking.has(icmp.type)) return "invalid";
  const { icmpUs, icmpv6Us } = context.knobs;
  count(entry, skb);
  refresh(entry, family === "ip4" ? icmpUs : icmpv6Us, context.nowUs);
  return "accept";
}

/** Judges a packet of a protocol without a tracker. */
export function trackGeneric(entry: Entry, skb: Skb, context: TrackerContext): TrackerVerdict {
  count(entry, skb);
  refresh(entry, context.knobs.genericUs, context.nowUs);
  return "accept";
}

/** Whether conntrack leaves an ICMPv6 message alone (`noct_valid_new`). */
export function isUntrackedIcmpv6(message: Icmp): boolean {
  return untrackedTypes6.has(message.type);
}

/** Highest ICMP type that is known (`NR_ICMP_TYPES`); higher ones are invalid. */
export const lastIcmpType = 18;
