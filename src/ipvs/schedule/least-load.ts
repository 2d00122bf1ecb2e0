/** Schedulers that look at connections: `lc`, `wlc`, `sed` and `nq`. */
import type { Candidate, Scheduler, SchedulerState } from "./scheduler.js";

/** What a scheduler compares, and whether weights count. */
interface Measure {
  readonly cost: (load: Pick<Candidate, "active" | "inactive">) => number;
  readonly weighted: boolean;
}

/** An active connection counts for so many inactive ones (`ip_vs_dest_conn_overhead`). */
const ACTIVE_COST = 256;

const overhead: Measure["cost"] = ({ active, inactive }) => active * ACTIVE_COST + inactive;

/** As if the new connection were there already. */
const expected: Measure["cost"] = ({ active }) => active + 1;

/** What the schedulers compare. */
export const MEASURES = {
  lc: { cost: overhead, weighted: false },
  wlc: { cost: overhead, weighted: true },
  sed: { cost: expected, weighted: true },
} as const satisfies Record<string, Measure>;

/** These schedulers remember nothing of their own. */
const NOTHING: SchedulerState = { at: -1, needed: 0 };

/**
 * The real server with the least cost, in relation to its weight where weights count; of equal ones
 * the first in the list.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_lc.c, ip_vs_wlc.c, ip_vs_sed.c.
 */
export class LeastLoaded implements Scheduler {
  readonly #servers: readonly Candidate[];
  readonly #measure: Measure;

  constructor(servers: readonly Candidate[], measure: Measure) {
    this.#servers = servers;
    this.#measure = measure;
  }

  choose(): number | undefined {
    const { cost, weighted } = this.#measure;
    let best: number | undefined;
    let bestCost = 0;
    let bestWeight = 1;
    for (const [at, server] of this.#servers.entries()) {
      if (server.weight <= 0) continue;
      const own = cost(server);
      const weight = weighted ? server.weight : 1;
      if (best !== undefined && bestCost * weight <= own * bestWeight) continue;
      best = at;
      bestCost = own;
      bestWeight = weight;
    }
    return best;
  }

  changed(): void {}

  save(): SchedulerState {
    return NOTHING;
  }

  restore(): void {}
}

/**
 * The first idle real server, else the one with the shortest delay to expect.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_nq.c `ip_vs_nq_schedule`.
 */
export class NeverQueued implements Scheduler {
  readonly #servers: readonly Candidate[];
  readonly #shortest: LeastLoaded;

  constructor(servers: readonly Candidate[]) {
    this.#servers = servers;
    this.#shortest = new LeastLoaded(servers, MEASURES.sed);
  }

  choose(): number | undefined {
    const idle = this.#servers.findIndex((s) => s.weight > 0 && s.active === 0);
    return idle >= 0 ? idle : this.#shortest.choose();
  }

  changed(): void {}

  save(): SchedulerState {
    return NOTHING;
  }

  restore(): void {}
}
