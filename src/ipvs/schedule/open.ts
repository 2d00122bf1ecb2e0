/** The schedulers by their names. */
import { UnsupportedError } from "../../base/index.js";
import { MaglevHashing, SourceHashing } from "./hashing.js";
import { LeastLoaded, MEASURES, NeverQueued } from "./least-load.js";
import { RoundRobin, WeightedRoundRobin } from "./round-robin.js";
import type { Candidate, Scheduler } from "./scheduler.js";

/** Bits of scheduler flags (`IP_VS_SVC_F_SCHED1`, `IP_VS_SVC_F_SCHED2`). */
const FALLBACK_FLAG = 1;
const PORT_FLAG = 2;

/** The schedulers that are modelled. */
export const SCHEDULERS: readonly string[] = ["rr", "wrr", "lc", "wlc", "sed", "nq", "sh", "mh"];

/**
 * Makes the scheduler of a virtual server.
 *
 * Errors: UnsupportedError for one that is not modelled.
 * Laws: each chooses as its slow twin does (test/property/ipvs/schedule.prop.test.ts).
 * Follows: Linux 6.1 net/netfilter/ipvs, the modules ip_vs_rr.c, ip_vs_wrr.c, ip_vs_lc.c,
 * ip_vs_wlc.c, ip_vs_sed.c, ip_vs_nq.c, ip_vs_sh.c, ip_vs_mh.c.
 * Not modelled: thresholds of overload (`ipvsadm -x -y`), which no real server here ever meets.
 *
 * @example
 * const addr = parseAddr("10.244.0.2");
 * const servers = [{ addr, port: 80, weight: 1, lastWeight: 1, active: 0, inactive: 0 }];
 * openScheduler("rr", [], servers).choose({ addr, port: 40000 }) // => 0
 */
export function openScheduler(
  name: string,
  flags: readonly number[],
  servers: readonly Candidate[],
): Scheduler {
  const hashing = {
    usesPort: flags.includes(PORT_FLAG),
    fallsBack: flags.includes(FALLBACK_FLAG),
  };
  switch (name) {
    case "rr":
      return new RoundRobin(servers);
    case "wrr":
      return new WeightedRoundRobin(servers);
    case "lc":
    case "wlc":
    case "sed":
      return new LeastLoaded(servers, MEASURES[name]);
    case "nq":
      return new NeverQueued(servers);
    case "sh":
      return new SourceHashing(servers, hashing);
    case "mh":
      return new MaglevHashing(servers, hashing);
    default:
      throw new UnsupportedError(`scheduler ${name}`, "ipvs", "rr");
  }
}
