/** Choosing the real server of a new connection. */
import { UnsupportedError } from "../base/index.js";
import type { RealServer, VirtualServer } from "./config.js";
import { type Client, hashMaglev, hashSource, maglevTable } from "./hashing.js";
import { type LoadOf, leastLoaded, MEASURES, neverQueued } from "./least-load.js";
import { NO_TURN, type Turn, takeTurn, takeWeightedTurn } from "./round-robin.js";

/** What a scheduler remembers. */
export interface SchedulerState {
  readonly turn: Turn;
}

/** A scheduler that has chosen nobody yet. */
export const FRESH_SCHEDULER: SchedulerState = { turn: NO_TURN };

/** A choice, and what is remembered of it. */
export interface Scheduled {
  /** Undefined: nobody takes the connection. */
  readonly server: RealServer | undefined;
  readonly state: SchedulerState;
}

/** What a scheduler may look at. */
export interface ScheduleInput {
  readonly client: Client;
  readonly loadOf: LoadOf;
}

/**
 * Chooses the real server of a new connection.
 *
 * Shape: pure; the state goes from one choice to the next. A server of weight 0 is never chosen.
 * Errors: UnsupportedError for a scheduler that is not modelled.
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_core.c `ip_vs_schedule` and the schedulers' modules.
 * Not modelled: thresholds of overload (`ipvsadm -x -y`), fallback flags.
 */
export function schedule(
  { scheduler, schedulerFlags = [], realServers }: VirtualServer,
  { client, loadOf }: ScheduleInput,
  state: SchedulerState,
): Scheduled {
  const at = (chosen: number | undefined): Scheduled => ({
    server: chosen === undefined ? undefined : realServers[chosen],
    state,
  });
  const hashed = schedulerFlags.includes(2) ? client : { ...client, port: 0 };
  switch (scheduler) {
    case "rr":
    case "wrr": {
      const take = scheduler === "rr" ? takeTurn : takeWeightedTurn;
      const { chosen, turn } = take(realServers, state.turn);
      return { ...at(chosen), state: { turn } };
    }
    case "lc":
    case "wlc":
    case "sed":
      return at(leastLoaded(realServers, loadOf, MEASURES[scheduler]));
    case "nq":
      return at(neverQueued(realServers, loadOf));
    case "sh":
      return at(hashSource(realServers, hashed));
    case "mh":
      return at(hashMaglev(maglevTable(realServers), hashed));
    default:
      throw new UnsupportedError(`scheduler ${scheduler}`, "ipvs", "rr");
  }
}
