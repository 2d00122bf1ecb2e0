/** What `ipvsadm -Ln` and `ipvsadm -Lnc` print of IPVS at work. */
import type { IpvsProtocol, VirtualServer } from "../config.js";
import type { Connection } from "../connection/connection.js";
import type { Ipvs } from "../ipvs.js";
import type { RunningServer, RunningService } from "../service/running-service.js";
import { FORWARDING, printEnd, printFlags, printMask } from "./options.js";
import { sortServers, sortServices } from "./sort.js";

/** IP_VS_VERSION_CODE 1.2.1, and a connection table of 2^CONFIG_IP_VS_TAB_BITS buckets (Debian's). */
export const VERSION = "IP Virtual Server version 1.2.1 (size=4096)";

const TITLE = `${VERSION}
Prot LocalAddress:Port Scheduler Flags
`;

/** What stands over a list of connections. */
export const CONNECTIONS_HEADING = `IPVS connection entries
pro expire state       source             virtual            destination
`;

/** Column widths of ipvsadm.c `print_service_entry`, `print_conn`. */
export const WIDTHS = { server: 28, forwarding: 7, weight: 6, count: 10 } as const;
const CONNECTION_WIDTHS = { protocol: 3, expires: 6, state: 11, end: 18 } as const;

/** Protocols as ipvsadm calls them. */
export const PROTOCOLS: Readonly<Record<IpvsProtocol, string>> = {
  tcp: "TCP",
  udp: "UDP",
  sctp: "SCTP",
};

const COLUMNS = [
  "RemoteAddress:Port".padEnd(WIDTHS.server),
  "Forward".padEnd(WIDTHS.forwarding),
  "Weight".padEnd(WIDTHS.weight),
  "ActiveConn",
  "InActConn",
];

/** What stands over a list of virtual servers. */
export const SERVICES_HEADING = `${TITLE}  -> ${COLUMNS.join(" ")}\n`;

/**
 * Prints virtual servers with their real servers and how many connections these have.
 *
 * Follows: ipvsadm 1.31 ipvsadm.c `list_all` (`-Ln`).
 */
export function listServices(ipvs: Ipvs): string {
  ipvs.expire();
  const services = sortServices(ipvs.services.all());
  return `${SERVICES_HEADING}${services.map(listService).join("")}`;
}

function listService(service: RunningService): string {
  const { config, protocol } = service;
  const { scheduler, persistentSeconds, onePacket } = config;
  const flags = printFlags(config);
  const mask = printMask(config);
  const words = [
    `${PROTOCOLS[protocol].padEnd(4)} ${printEnd(service)} ${scheduler}`,
    ...(flags === "" ? [] : [`(${flags})`]),
    ...(persistentSeconds === undefined ? [] : [`persistent ${persistentSeconds}`]),
    ...(mask === undefined ? [] : [`mask ${mask}`]),
    ...(onePacket ? ["ops"] : []),
  ];
  return `${words.join(" ")}\n${sortServers(service.servers).map(listServer).join("")}`;
}

function listServer(server: RunningServer): string {
  const [, forwarding] = FORWARDING[server.forwarding];
  const columns = [
    printEnd(server).padEnd(WIDTHS.server),
    forwarding.padEnd(WIDTHS.forwarding),
    String(server.weight).padEnd(WIDTHS.weight),
    String(server.active).padEnd(WIDTHS.count),
    String(server.inactive).padEnd(WIDTHS.count),
  ];
  return `  -> ${columns.join(" ")}\n`;
}

/**
 * The lines of connections, in the order in which they were made.
 *
 * Follows: Linux 6.1 ip_vs_conn.c `ip_vs_conn_seq_show`; ipvsadm 1.31 ipvsadm.c `print_conn`.
 */
export function listConnections(ipvs: Ipvs, nowUs: number): readonly string[] {
  ipvs.expire();
  return ipvs.connections.all().map((connection) => listConnection(connection, nowUs));
}

function listConnection(connection: Connection, nowUs: number): string {
  const { client, clientPort, virtual, virtualPort, real, realPort } = connection;
  const seconds = Math.floor(Math.max(connection.expiresUs - nowUs, 0) / 1_000_000);
  const end = (addr: VirtualServer["addr"], port: number) => printEnd({ addr, port });
  const columns = [
    PROTOCOLS[connection.protocol].padEnd(CONNECTION_WIDTHS.protocol),
    `${twoDigits(Math.floor(seconds / 60))}:${twoDigits(seconds % 60)}`.padEnd(
      CONNECTION_WIDTHS.expires,
    ),
    connection.state.padEnd(CONNECTION_WIDTHS.state),
    end(client, clientPort).padEnd(CONNECTION_WIDTHS.end),
    end(virtual, virtualPort).padEnd(CONNECTION_WIDTHS.end),
    end(real, realPort),
  ];
  return columns.join(" ");
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
