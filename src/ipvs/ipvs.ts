/**
 * IPVS of one namespace at work: which connection a packet belongs to, which real server a new one
 * gets, and what becomes of connections over time. It rewrites and routes nothing; the namespace
 * does, by what it is answered here.
 *
 *   request ─▶ known connection? ─▶ its real server still there? ─▶ state ─▶ forward
 *                 │ no                                                ▲
 *                 └▶ virtual server? ─▶ persistence ─▶ scheduler ─────┘
 *   reply   ─▶ known connection? ─▶ state ─▶ back in the virtual server's name
 */
import { TcpFlag } from "../wire/index.js";
import type { IpvsConfig, RealServer, VirtualServer } from "./config.js";
import { type Connection, type ConnectionName, TemplateState } from "./connection/connection.js";
import { ConnectionTable } from "./connection/connection-table.js";
import { beginsConnection, type IpvsFlow, SctpChunk, turnRound } from "./flow.js";
import { type Scheduled, scheduleFlow } from "./schedule-flow.js";
import type { RunningService } from "./service/running-service.js";
import { type ServerName, type ServiceName, ServiceTable } from "./service/service-table.js";
import type { Counted } from "./service/statistics.js";
import { type IpvsSettings, readIpvsSettings } from "./settings.js";
import { type IpvsSnapshot, restoreIpvs, saveIpvs } from "./snapshot.js";
import { statesOf } from "./state/of.js";
import type { IpvsDirection } from "./state/states.js";

/** What IPVS is made with besides its virtual servers. */
export interface IpvsOptions {
  /** Simulated microseconds. */
  readonly nowUs: () => number;
  /** A sysctl of the namespace; undefined where it has the default of the kernel. */
  readonly sysctl: (name: string) => string | undefined;
  /** A connection ended whose entry of conntrack goes with it. */
  readonly dropConntrack: (name: ConnectionName) => void;
}

/** What else is known of a packet. */
export interface PacketFacts {
  /** It belongs to an entry that conntrack has confirmed (`ip_vs_conn_uses_old_conntrack`). */
  readonly isTracked: boolean;
  /** A socket of this namespace sent it: it came by no link, or by the loopback one. */
  readonly isOwn: boolean;
}

/** What a request leads to. */
export type RequestAnswer =
  /** None of IPVS' business. */
  | { readonly kind: "pass" }
  | { readonly kind: "drop"; readonly reason: string }
  /** The virtual server has nobody to give it to: the sender is told that the port is closed. */
  | { readonly kind: "refuse"; readonly service: RunningService }
  /** It would take something that is not modelled. */
  | { readonly kind: "unknown"; readonly feature: string }
  /** It goes to the connection's real server. */
  | { readonly kind: "forward"; readonly connection: Connection; readonly how: Scheduled["how"] };

const PASS: RequestAnswer = { kind: "pass" };

/** IPVS of one namespace. */
export class Ipvs {
  readonly connections: ConnectionTable;
  readonly settings: IpvsSettings;
  readonly #config: IpvsConfig;
  readonly #nowUs: () => number;
  #services: ServiceTable;

  constructor(config: IpvsConfig, options: IpvsOptions) {
    this.settings = readIpvsSettings(options.sysctl);
    this.#config = config;
    this.#nowUs = options.nowUs;
    this.#services = new ServiceTable(config.virtualServers);
    this.connections = new ConnectionTable((ended) => {
      release(ended);
      if (ended.keepsConntrack && !ended.isTemplate) options.dropConntrack(ended);
    });
  }

  /** The virtual servers there are now. */
  get services(): ServiceTable {
    return this.#services;
  }

  /** What `ipvsadm -Sn` would tell: the virtual servers as they are now. */
  get config(): IpvsConfig {
    const virtualServers = this.#services.all().map((service) => service.toConfig());
    const { marked } = this.#config;
    return { virtualServers, ...(marked === undefined ? {} : { marked }) };
  }

  /** Ends all connections and sets the virtual servers up anew, as they were configured. */
  reset(): void {
    for (const connection of this.connections.all()) this.connections.end(connection);
    this.#services = new ServiceTable(this.#config.virtualServers);
  }

  /** The state as plain data. */
  save(): IpvsSnapshot {
    this.expire();
    return saveIpvs(this.#services, this.connections);
  }

  /** Brings everything to what it was when saved; conntrack is not told. */
  restore(snapshot: IpvsSnapshot): void {
    this.connections.clear();
    this.#services = new ServiceTable([]);
    restoreIpvs(snapshot, this.#services, this.connections);
  }

  /** Ends the connections whose time has come: to be asked before anything else is done. */
  expire(): void {
    this.connections.expire(this.#nowUs());
  }

  /**
   * What becomes of a packet from a client.
   *
   * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_core.c `ip_vs_in_hook`.
   */
  request(flow: IpvsFlow, facts: PacketFacts): RequestAnswer {
    const found = this.connections.findRequest(flow);
    const kept = found === undefined ? undefined : this.#keep(found, flow, facts);
    if (kept?.kind === "drop") return kept;
    const answer = kept ?? this.#begin(flow, facts);
    if (answer.kind !== "forward") return answer;
    const { connection } = answer;
    this.#advance(connection, "input", flow);
    return answer;
  }

  /**
   * The connection that a packet from a real server belongs to, if there is one.
   *
   * Follows: Linux 6.1 ip_vs_core.c `ip_vs_out_hook`, `handle_response`.
   */
  reply(flow: IpvsFlow): Connection | undefined {
    const connection = this.connections.findReply(flow);
    if (connection !== undefined) this.#advance(connection, "output", flow);
    return connection;
  }

  /**
   * Counts a packet that goes to the real server of a connection, or comes back from it: not once
   * that was taken out.
   *
   * Follows: Linux 6.1 ip_vs_core.c `ip_vs_in_stats`, `ip_vs_out_stats`.
   */
  count({ server }: Connection, direction: "in" | "out", lengthBytes: number): void {
    if (!server.isAvailable) return;
    const [packets, bytes]: readonly [Counted, Counted] =
      direction === "in" ? ["inPackets", "inBytes"] : ["outPackets", "outBytes"];
    const nowUs = this.#nowUs();
    for (const one of [server, server.service]) {
      one?.statistics.add(packets, 1, nowUs);
      one?.statistics.add(bytes, lengthBytes, nowUs);
    }
  }

  /** The connection of a packet that a real server sent or would send; nothing changes by it. */
  peekReply(flow: IpvsFlow): Connection | undefined {
    return this.connections.findReply(flow);
  }

  /**
   * What becomes of an ICMP error from a client's side about the answer that it quotes.
   *
   * Follows: Linux 6.1 ip_vs_core.c `ip_vs_in_icmp`, `ip_vs_in_icmp_v6`.
   */
  requestError(quoted: IpvsFlow, facts: PacketFacts): RequestAnswer {
    const flow = turnRound(quoted);
    const found = this.connections.findRequest(flow);
    if (found !== undefined) return { kind: "forward", connection: found, how: "known" };
    if (!this.settings.schedulesIcmp) return PASS;
    const service = this.services.lookup(flow.dst, flow.dport, flow.protocol);
    if (service === undefined) return PASS;
    const answer = this.#schedule(service, flow, facts);
    return answer.kind === "refuse" ? { kind: "drop", reason: "no real server" } : answer;
  }

  /** Whether an address and port are some virtual server's real server (`ip_vs_has_real_service`). */
  hasRealServer({ protocol, src, sport }: IpvsFlow): boolean {
    return this.services.all().some((s) => {
      return (
        s.protocol === protocol && s.servers.some((r) => r.port === sport && r.addr.equals(src))
      );
    });
  }

  /** Adds a virtual server. Errors: RefusedError `EEXIST`. */
  addService(config: VirtualServer): void {
    this.services.add(config);
  }

  /** Changes scheduler, flags or persistence of one. Errors: RefusedError `ENOENT`. */
  editService(config: VirtualServer): void {
    this.services.edit(config);
  }

  /** Takes a virtual server out. Errors: RefusedError `ENOENT`. */
  removeService(name: ServiceName): void {
    this.services.remove(name);
    this.#expireWithoutServer();
  }

  /** Adds a real server. Errors: RefusedError `ENOENT`, `EEXIST`. */
  addServer(name: ServiceName, server: RealServer): void {
    this.services.addServer(name, server);
  }

  /** Gives a real server another weight. Errors: RefusedError `ENOENT`. */
  setWeight(name: ServiceName, server: ServerName, weight: number): void {
    this.services.setWeight(name, server, weight);
  }

  /** Takes a real server out; its connections end at once if so set. Errors: RefusedError `ENOENT`. */
  removeServer(name: ServiceName, server: ServerName): void {
    this.services.removeServer(name, server);
    this.#expireWithoutServer();
  }

  /** Linux 6.1 ip_vs_conn.c `ip_vs_expire_nodest_conn_flush`. */
  #expireWithoutServer(): void {
    if (!this.settings.expireWithoutServer) return;
    for (const connection of this.connections.all()) {
      if (connection.server.isAvailable || connection.controlled > 0) continue;
      const { control } = connection;
      this.connections.end(connection);
      if (control !== undefined && control.controlled === 0) this.connections.end(control);
    }
    // Templates that came before what they controlled are free now.
    for (const connection of this.connections.all()) {
      if (!connection.server.isAvailable && connection.controlled === 0) {
        this.connections.end(connection);
      }
    }
  }

  /** Whether a packet goes on with the connection it was found to belong to; undefined: anew. */
  #keep(found: Connection, flow: IpvsFlow, { isTracked }: PacketFacts): RequestAnswer | undefined {
    const { reuseMode, expireWithoutServer } = this.settings;
    const { server } = found;
    let isOver = false;
    if (beginsConnection(flow)) {
      if (expireWithoutServer && server.weight === 0) isOver = true;
      else if (reuseMode !== 0 && found.control === undefined) {
        isOver = statesOf(found.protocol).isOver(found.state);
      }
    }
    if (isOver) return this.#giveUp(found, isTracked, "its port is used anew");
    if (server.isAvailable) return { kind: "forward", connection: found, how: "known" };
    const reason = "its real server is gone";
    if (!expireWithoutServer) return { kind: "drop", reason };
    return this.#giveUp(found, isTracked, reason);
  }

  /** Ends a connection; a packet that conntrack knows is lost with it, so that the next is new. */
  #giveUp(found: Connection, isTracked: boolean, reason: string): RequestAnswer | undefined {
    if (!isTracked) found.keepsConntrack = false;
    this.connections.end(found);
    return isTracked ? { kind: "drop", reason } : undefined;
  }

  /** Linux 6.1 ip_vs_proto_tcp.c `tcp_conn_schedule`, and its like of other protocols. */
  #begin(flow: IpvsFlow, facts: PacketFacts): RequestAnswer {
    if (!this.#mayBegin(flow)) return PASS;
    const service = this.services.lookup(flow.dst, flow.dport, flow.protocol);
    return service === undefined ? PASS : this.#schedule(service, flow, facts);
  }

  #mayBegin({ protocol, tcpFlags, chunks }: IpvsFlow): boolean {
    if (protocol === "udp") return true;
    if (protocol === "sctp") {
      const [first] = chunks;
      if (first === undefined || first === SctpChunk.abort) return false;
      return this.settings.sloppySctp || first === SctpChunk.init;
    }
    if ((tcpFlags & TcpFlag.rst) !== 0) return false;
    return this.settings.sloppyTcp || (tcpFlags & TcpFlag.syn) !== 0;
  }

  #schedule(service: RunningService, flow: IpvsFlow, { isOwn }: PacketFacts): RequestAnswer {
    // A real server in this namespace answers somebody here: that is a reply, not a request.
    if (isOwn && this.connections.findRequest(turnRound(flow)) !== undefined) return PASS;
    if (flow.sport === FTP_DATA_PORT) return PASS;
    if (service.unmodelled !== undefined) return { kind: "unknown", feature: service.unmodelled };
    const scheduled = scheduleFlow(service, flow, {
      connections: this.connections,
      settings: this.settings,
      nowUs: this.#nowUs(),
    });
    if (scheduled === undefined) return { kind: "refuse", service };
    // Linux 6.1 ip_vs_core.c `ip_vs_conn_stats`.
    for (const { statistics } of [scheduled.connection.server, service]) {
      statistics.add("connections", 1, this.#nowUs());
    }
    return { kind: "forward", ...scheduled };
  }

  /** Takes a packet into account: the state, whether it counts as active, how long it lives. */
  #advance(connection: Connection, direction: IpvsDirection, flow: IpvsFlow): void {
    const states = statesOf(connection.protocol);
    connection.state = states.next(connection.state, direction, flow);
    const isActive = states.isActive(connection.state);
    if (isActive !== connection.isActive) {
      connection.isActive = isActive;
      if (!connection.isOnePacket) connection.server.active += isActive ? 1 : -1;
    }
    connection.timeoutUs = states.timeoutSeconds(connection.state) * 1_000_000;
    if (connection.control !== undefined && states.assures(connection.state, direction)) {
      connection.control.state = TemplateState.assured;
    }
    if (!connection.isOnePacket) this.connections.restart(connection, this.#nowUs());
  }
}

/** Nothing that comes from this port is given to a real server anew (`FTPDATA`). */
const FTP_DATA_PORT = 20;

/** A connection no longer counts for its real server (`ip_vs_unbind_dest`). */
function release({ server, isTemplate, isActive }: Connection): void {
  if (isTemplate) {
    server.persistent--;
    return;
  }
  server.total--;
  if (isActive) server.active--;
}
