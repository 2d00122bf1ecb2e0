/** The door of `ipvs`. */
export * from "./config.js";
export type { Connection, ConnectionName } from "./connection/connection.js";
export type { ConnectionTable } from "./connection/connection-table.js";
export { type IpvsFlow, readFlow, turnRound } from "./flow.js";
export { Ipvs, type IpvsOptions, type PacketFacts, type RequestAnswer } from "./ipvs.js";
export { openScheduler, SCHEDULERS } from "./schedule/open.js";
export type {
  Candidate,
  Client,
  ListChange,
  Scheduler,
  SchedulerState,
} from "./schedule/scheduler.js";
export type { Scheduled } from "./schedule-flow.js";
export type { RunningServer, RunningService } from "./service/running-service.js";
export type { ServerName, ServiceName, ServiceTable } from "./service/service-table.js";
export type { Counted, Counts, SavedStatistics, Statistics } from "./service/statistics.js";
export { type IpvsSettings, readIpvsSettings } from "./settings.js";
export type { IpvsSnapshot, SavedConnection } from "./snapshot.js";
export {
  CONNECTIONS_HEADING,
  listConnections,
  listServices,
  SERVICES_HEADING,
} from "./text/list.js";
export {
  listStatistics,
  type StatisticsOptions,
  statisticsHeading,
} from "./text/list-statistics.js";
export { parseIpvsSave } from "./text/parse-save.js";
export { printIpvsSave } from "./text/print-save.js";
