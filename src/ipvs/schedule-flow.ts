/** A new connection: persistence first, then the scheduler. */
import { type Addr, addrBits, makePrefix } from "../addr/index.js";
import {
  type Connection,
  type ConnectionName,
  INVALID_PORT,
  TemplateState,
} from "./connection/connection.js";
import type { ConnectionTable } from "./connection/connection-table.js";
import type { IpvsFlow } from "./flow.js";
import type { RunningServer, RunningService } from "./service/running-service.js";
import type { IpvsSettings } from "./settings.js";
import { statesOf } from "./state/of.js";

/** A connection that a packet began or goes on with, and how it got its real server. */
export interface Scheduled {
  readonly connection: Connection;
  /** `known`: it had one; `persistent`: its client had one; `scheduled`: it was chosen. */
  readonly how: "known" | "persistent" | "scheduled";
}

/** What a new connection is put into. */
interface Place {
  readonly connections: ConnectionTable;
  readonly settings: IpvsSettings;
  readonly nowUs: number;
}

/** Seconds a connection has before its protocol gives it more (`ip_vs_conn_new`). */
const FIRST_TIMEOUT_US = 3_000_000;

/**
 * Gives a packet's connection a real server, and puts it into the table.
 *
 * Returns: undefined when the virtual server has nobody to give it to.
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_core.c `ip_vs_schedule`, `ip_vs_sched_persist`.
 * Not modelled: persistence engines (SIP), FTP.
 */
export function scheduleFlow(
  service: RunningService,
  flow: IpvsFlow,
  place: Place,
): Scheduled | undefined {
  const { persistentSeconds } = service.config;
  if (persistentSeconds !== undefined) return schedulePersistent(service, flow, place);
  // Port 0 stands for all ports with persistence only.
  if (flow.dport !== service.port) return undefined;
  const server = service.schedule({ addr: flow.src, port: flow.sport });
  if (server === undefined) return undefined;
  const connection = connect(service, server, flow, place);
  return { connection, how: "scheduled" };
}

function schedulePersistent(
  service: RunningService,
  flow: IpvsFlow,
  place: Place,
): Scheduled | undefined {
  const { connections, settings, nowUs } = place;
  const { persistentBits, persistentSeconds = 0 } = service.config;
  const { family, protocol } = flow;
  const name: ConnectionName = {
    family,
    protocol,
    client: maskAddr(flow.src, persistentBits),
    clientPort: 0,
    virtual: flow.dst,
    virtualPort: flow.dport === service.port ? flow.dport : 0,
  };
  let template = connections.findTemplate(name);
  const isKnown = template !== undefined && isUsable(template, settings);
  if (template === undefined || !isKnown) {
    const server = service.schedule({ addr: flow.src, port: flow.sport });
    if (server === undefined) return undefined;
    const realPort = flow.dport === service.port ? server.port : 0;
    template = open(service, server, { ...name, realPort, isTemplate: true }, place);
    template.timeoutUs = persistentSeconds * 1_000_000;
  }
  const connection = connect(service, template.server, flow, place);
  if (!connection.isOnePacket) template.controlled++;
  connection.control = template;
  connections.restart(template, nowUs);
  return { connection, how: isKnown ? "persistent" : "scheduled" };
}

/**
 * Whether a template still holds. One whose real server is gone holds no longer: it is left to
 * expire under a port that nobody asks for.
 *
 * Follows: Linux 6.1 ip_vs_conn.c `ip_vs_check_template`.
 */
function isUsable(template: Connection, { expireQuiescentTemplate }: IpvsSettings): boolean {
  const { server } = template;
  if (server.isAvailable && !(expireQuiescentTemplate && server.weight === 0)) return true;
  template.virtualPort = INVALID_PORT;
  template.realPort = INVALID_PORT;
  return false;
}

/** The connection of a packet itself. */
function connect(
  service: RunningService,
  server: RunningServer,
  { family, protocol, src, sport, dst, dport }: IpvsFlow,
  place: Place,
): Connection {
  const usesOwnPort = service.config.persistentSeconds !== undefined && dport !== service.port;
  const realPort = usesOwnPort || server.port === 0 ? dport : server.port;
  const name = {
    family,
    protocol,
    client: src,
    clientPort: sport,
    virtual: dst,
    virtualPort: dport,
  };
  return open(service, server, { ...name, realPort, isTemplate: false }, place);
}

/** Linux 6.1 ip_vs_conn.c `ip_vs_conn_new`, `ip_vs_bind_dest`. */
function open(
  service: RunningService,
  server: RunningServer,
  what: ConnectionName & Pick<Connection, "realPort" | "isTemplate">,
  { connections, settings, nowUs }: Place,
): Connection {
  const { isTemplate, protocol } = what;
  const connection: Connection = {
    ...what,
    real: server.addr,
    service,
    server,
    isOnePacket: !isTemplate && protocol === "udp" && service.config.onePacket === true,
    state: isTemplate ? TemplateState.none : statesOf(protocol).first,
    isActive: false,
    keepsConntrack: settings.conntrack,
    timeoutUs: FIRST_TIMEOUT_US,
    expiresUs: nowUs + FIRST_TIMEOUT_US,
    control: undefined,
    controlled: 0,
  };
  if (connection.isOnePacket) return connection;
  if (isTemplate) server.persistent++;
  else server.total++;
  connections.insert(connection);
  connections.restart(connection, nowUs);
  return connection;
}

function maskAddr(addr: Addr, bits: number | undefined): Addr {
  return bits === undefined || bits >= addrBits(addr.family) ? addr : makePrefix(addr, bits).addr;
}
