/** The door of `ipvs`. */
export * from "./config.js";
export type { Client } from "./hashing.js";
export type { LoadOf, ServerLoad } from "./least-load.js";
export {
  FRESH_SCHEDULER,
  type Scheduled,
  type ScheduleInput,
  type SchedulerState,
  schedule,
} from "./schedule.js";
