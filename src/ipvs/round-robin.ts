/** Schedulers that take turns: `rr` and `wrr`. */
import type { RealServer } from "./config.js";

/** Where a scheduler stands. Begins as `NO_TURN`. */
export interface Turn {
  /** Place of the real server chosen last; -1: at the head of the list. */
  readonly at: number;
  /** `wrr`: weight a server needs now; 0: not begun. */
  readonly needed: number;
}

/** Before the first choice. */
export const NO_TURN: Turn = { at: -1, needed: 0 };

/** A choice, by place in the list, and where the scheduler stands then. */
export interface Turned {
  readonly chosen: number | undefined;
  readonly turn: Turn;
}

/**
 * The next server that takes connections.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_rr.c `ip_vs_rr_schedule`.
 */
export function takeTurn(servers: readonly RealServer[], turn: Turn): Turned {
  const count = servers.length;
  for (let step = 1; step <= count; step++) {
    const at = turn.at < 0 ? step - 1 : (turn.at + step) % count;
    if ((servers[at] as RealServer).weight > 0) return { chosen: at, turn: { ...turn, at } };
  }
  return { chosen: undefined, turn };
}

/**
 * The next server with enough weight; the weight needed falls from the largest to the smallest in
 * steps of what divides all of them, so a server of weight 3 comes three times as often as one of 1.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_wrr.c `ip_vs_wrr_schedule`.
 */
export function takeWeightedTurn(servers: readonly RealServer[], turn: Turn): Turned {
  const weights = servers.map((s) => s.weight).filter((w) => w > 0);
  if (weights.length === 0) return { chosen: undefined, turn };
  const step = weights.reduce(greatestDivisor);
  const most = Math.max(...weights) - (step - 1);
  let needed = turn.needed === 0 || turn.needed > most ? most : turn.needed;
  let from = turn.at + 1;
  for (;;) {
    for (let at = from; at < servers.length; at++) {
      if ((servers[at] as RealServer).weight >= needed) {
        return { chosen: at, turn: { at, needed } };
      }
    }
    from = 0;
    needed -= step;
    if (needed <= 0) needed = most;
  }
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
