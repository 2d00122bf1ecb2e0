/** What the trackers of the protocols share: the question they answer and what they may do. */
import { packetLength } from "../../wire/index.js";
import type { Skb } from "../skb.js";
import type { Entry } from "./entry.js";
import type { ConntrackKnobs } from "./timeouts.js";
import type { Direction } from "./tuple.js";

/**
 * A tracker's answer about one packet. `repeat`: the entry was a closed connection and is gone now,
 * look again.
 */
export type TrackerVerdict = "accept" | "invalid" | "repeat";

/** What a tracker sees besides the entry and the packet. */
export interface TrackerContext {
  readonly knobs: ConntrackKnobs;
  readonly nowUs: number;
  /** Removes the entry at once. */
  readonly kill: (entry: Entry) => void;
}

/** Follows one protocol: judges a packet of an entry and moves the entry's state. */
export type Tracker = (entry: Entry, skb: Skb, context: TrackerContext) => TrackerVerdict;

/** Counts a packet, where packets are counted (`nf_ct_acct_update`). */
export function count({ counters }: Entry, { packet, ctDirection }: Skb): void {
  if (counters === undefined) return;
  const counter = counters[ctDirection];
  counter.packets++;
  counter.bytes += packetLength(packet);
}

/** Gives an entry a new time to live (`nf_ct_refresh`). */
export function refresh(entry: Entry, timeoutUs: number, nowUs: number): void {
  entry.timeoutUs = timeoutUs;
  if (!entry.status.fixedTimeout) entry.expiresUs = nowUs + timeoutUs;
}

/** The other direction. */
export function opposite(direction: Direction): Direction {
  return direction === "original" ? "reply" : "original";
}
