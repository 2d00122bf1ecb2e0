/** The state of IPVS as plain data: virtual servers, where schedulers stand, connections. */
import { realServerKey, type VirtualServer, virtualServerKey } from "./config.js";
import type { Connection } from "./connection/connection.js";
import type { ConnectionTable } from "./connection/connection-table.js";
import type { SchedulerState } from "./schedule/scheduler.js";
import { RunningServer, type RunningService } from "./service/running-service.js";
import type { ServerName, ServiceName, ServiceTable } from "./service/service-table.js";
import type { SavedStatistics } from "./service/statistics.js";

/** A connection, with the names of what it belongs to. */
export type SavedConnection = Omit<Connection, "service" | "server" | "control" | "controlled"> & {
  readonly service: ServiceName;
  readonly server: ServerName;
  /** Place of its template among the connections. */
  readonly control?: number;
};

/** IPVS of one namespace as plain data. */
export interface IpvsSnapshot {
  readonly services: readonly {
    readonly config: VirtualServer;
    readonly scheduler: SchedulerState | undefined;
    /** Last weights above 0, in the order of the real servers. */
    readonly lastWeights: readonly number[];
    readonly statistics: SavedStatistics;
    /** In the order of the real servers. */
    readonly serverStatistics: readonly SavedStatistics[];
  }[];
  /** Oldest first. */
  readonly connections: readonly SavedConnection[];
}

/** Takes the state down; nothing is shared with it. */
export function saveIpvs(services: ServiceTable, connections: ConnectionTable): IpvsSnapshot {
  const all = connections.all();
  const places = new Map(all.map((connection, at) => [connection, at]));
  return {
    services: services.all().map((service) => ({
      config: service.toConfig(),
      scheduler: service.saveScheduler(),
      lastWeights: service.servers.map((server) => server.lastWeight),
      statistics: service.statistics.save(),
      serverStatistics: service.servers.map((server) => server.statistics.save()),
    })),
    connections: all.map(({ service, server, control, controlled: _, ...rest }) => {
      const place = control === undefined ? undefined : places.get(control);
      return {
        ...rest,
        service: { addr: service.addr, port: service.port, protocol: service.protocol },
        server: { addr: server.addr, port: server.port },
        ...(place === undefined ? {} : { control: place }),
      };
    }),
  };
}

/** Fills tables that are empty. */
export function restoreIpvs(
  { services: saved, connections }: IpvsSnapshot,
  services: ServiceTable,
  table: ConnectionTable,
): void {
  for (const { config, scheduler, lastWeights, statistics, serverStatistics } of saved) {
    services.add(config);
    const service = services.find(config);
    if (service === undefined) continue;
    service.statistics.restore(statistics);
    for (const [at, server] of service.servers.entries()) {
      const { weight } = server;
      server.weight = lastWeights[at] ?? weight;
      server.weight = weight;
      const counted = serverStatistics[at];
      if (counted !== undefined) server.statistics.restore(counted);
    }
    if (scheduler !== undefined) service.restoreScheduler(scheduler);
  }
  const gone = new Map<string, RunningServer>();
  const restored: Connection[] = [];
  for (const { service: name, server, control, ...rest } of connections) {
    const service = services.find(name);
    if (service === undefined) continue;
    const connection: Connection = {
      ...rest,
      service,
      server: service.find(server) ?? goneServer(gone, service, server),
      control: undefined,
      controlled: 0,
    };
    restored.push(connection);
    adopt(connection, control === undefined ? undefined : restored[control]);
    table.insert(connection);
    table.restore(connection);
  }
}

/** One that was taken out, and that connections still hold. */
function goneServer(
  gone: Map<string, RunningServer>,
  service: RunningService,
  name: ServerName,
): RunningServer {
  const key = `${virtualServerKey(service)}>${realServerKey(name)}`;
  const known = gone.get(key) ?? new RunningServer({ ...name, weight: 0 });
  known.isAvailable = false;
  gone.set(key, known);
  return known;
}

function adopt(connection: Connection, control: Connection | undefined): void {
  const { server, isTemplate, isActive } = connection;
  if (isTemplate) server.persistent++;
  else {
    server.total++;
    if (isActive) server.active++;
  }
  if (control === undefined) return;
  connection.control = control;
  control.controlled++;
}
