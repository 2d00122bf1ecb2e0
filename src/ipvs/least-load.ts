/** Schedulers that look at connections: `lc`, `wlc`, `sed` and `nq`. */
import type { RealServer } from "./config.js";

/** Connections of a real server. */
export interface ServerLoad {
  /** Established. */
  readonly active: number;
  /** Ending, or without a state that counts. */
  readonly inactive: number;
}

/** Tells the connections of a real server. */
export type LoadOf = (server: RealServer) => ServerLoad;

/** What a scheduler compares, and whether weights count. */
interface Measure {
  readonly cost: (load: ServerLoad) => number;
  readonly weighted: boolean;
}

/** An active connection counts for so many inactive ones (ip_vs_dest_conn_overhead). */
const ACTIVE_COST = 256;

const overhead = ({ active, inactive }: ServerLoad) => active * ACTIVE_COST + inactive;

/** As if the new connection were there already. */
const expected = ({ active }: ServerLoad) => active + 1;

/** Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_lc.c, ip_vs_wlc.c, ip_vs_sed.c. */
export const MEASURES = {
  lc: { cost: overhead, weighted: false },
  wlc: { cost: overhead, weighted: true },
  sed: { cost: expected, weighted: true },
} as const satisfies Record<string, Measure>;

/**
 * The server with the least cost, in relation to its weight where weights count. Of equal ones the
 * first in the list.
 */
export function leastLoaded(
  servers: readonly RealServer[],
  loadOf: LoadOf,
  { cost, weighted }: Measure,
): number | undefined {
  let best: number | undefined;
  let bestCost = 0;
  let bestWeight = 1;
  servers.forEach((server, at) => {
    if (server.weight <= 0) return;
    const own = cost(loadOf(server));
    const weight = weighted ? server.weight : 1;
    if (best !== undefined && bestCost * weight <= own * bestWeight) return;
    best = at;
    bestCost = own;
    bestWeight = weight;
  });
  return best;
}

/**
 * The first idle server, else the one with the shortest delay to expect.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_nq.c `ip_vs_nq_schedule`.
 */
export function neverQueued(servers: readonly RealServer[], loadOf: LoadOf): number | undefined {
  const idle = servers.findIndex((s) => s.weight > 0 && loadOf(s).active === 0);
  return idle >= 0 ? idle : leastLoaded(servers, loadOf, MEASURES.sed);
}
