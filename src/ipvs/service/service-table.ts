/**
 * The virtual servers of one namespace, as `ipvsadm` and kube-proxy edit them. A real server that was
 * taken out while connections hold it is kept aside, and is the same one again when it comes back.
 */
import type { Addr, Family } from "../../addr/index.js";
import { RefusedError } from "../../base/index.js";
import {
  type IpvsProtocol,
  type RealServer,
  realServerKey,
  type VirtualServer,
  virtualServerKey,
} from "../config.js";
import { RunningServer, RunningService } from "./running-service.js";

/** What names a virtual server. */
export type ServiceName = Pick<VirtualServer, "addr" | "port" | "protocol">;

/** What names a real server of a virtual server. */
export type ServerName = Pick<RealServer, "addr" | "port">;

/** The virtual servers of one namespace. */
export class ServiceTable {
  readonly #services = new Map<string, RunningService>();
  /** Real servers that were taken out, by virtual server and real server (`dest_trash`). */
  readonly #trash = new Map<string, RunningServer>();
  /** Families that have a virtual server: only theirs are the hooks asked about. */
  #families: ReadonlySet<Family> = new Set();

  constructor(configs: readonly VirtualServer[]) {
    for (const config of configs) this.add(config);
  }

  /** All of them, in the order they were added. */
  all(): readonly RunningService[] {
    return [...this.#services.values()];
  }

  /** Whether packets of a family are asked about at all. */
  serves(family: Family): boolean {
    return this.#families.has(family);
  }

  /** Finds one by its name. */
  find(name: ServiceName): RunningService | undefined {
    return this.#services.get(virtualServerKey(name));
  }

  /**
   * The one a packet asks for: of its port, or of port 0, which stands for all.
   *
   * Follows: Linux 6.1 ip_vs_ctl.c `ip_vs_service_find`.
   * Not modelled: firewall marks, FTP data connections.
   */
  lookup(addr: Addr, port: number, protocol: IpvsProtocol): RunningService | undefined {
    return this.find({ addr, port, protocol }) ?? this.find({ addr, port: 0, protocol });
  }

  /** Adds one with its real servers. Errors: RefusedError `EEXIST`. */
  add(config: VirtualServer): void {
    const key = virtualServerKey(config);
    if (this.#services.has(key)) {
      throw new RefusedError("EEXIST", `there is a virtual server ${key}`, { key });
    }
    const service = new RunningService({ ...config, realServers: [] });
    this.#services.set(key, service);
    for (const server of config.realServers.toReversed()) this.addServer(config, server);
    this.#noteFamilies();
  }

  /** Takes one out with its real servers. Errors: RefusedError `ENOENT`. */
  remove(name: ServiceName): void {
    const service = this.#get(name);
    for (const server of [...service.servers]) this.removeServer(name, server);
    this.#services.delete(virtualServerKey(name));
    this.#noteFamilies();
  }

  /** Changes scheduler, flags and persistence of one. Errors: RefusedError `ENOENT`. */
  edit(config: VirtualServer): void {
    this.#get(config).edit(config);
  }

  /** Adds a real server to one. Errors: RefusedError `ENOENT`, `EEXIST`. */
  addServer(name: ServiceName, server: RealServer): void {
    const key = `${virtualServerKey(name)}>${realServerKey(server)}`;
    const kept = this.#trash.get(key);
    const service = this.#get(name);
    if (kept !== undefined && kept.total + kept.persistent > 0) {
      kept.weight = server.weight;
      service.add(kept);
    } else {
      service.add(new RunningServer(server));
    }
    this.#trash.delete(key);
  }

  /** Gives a real server another weight. Errors: RefusedError `ENOENT`. */
  setWeight(name: ServiceName, server: ServerName, weight: number): void {
    this.#get(name).setWeight(server, weight);
  }

  /** Takes a real server out of one. Errors: RefusedError `ENOENT`. */
  removeServer(name: ServiceName, server: ServerName): void {
    const removed = this.#get(name).remove(server);
    this.#trash.set(`${virtualServerKey(name)}>${realServerKey(server)}`, removed);
  }

  #get(name: ServiceName): RunningService {
    const service = this.find(name);
    if (service !== undefined) return service;
    const key = virtualServerKey(name);
    throw new RefusedError("ENOENT", `there is no virtual server ${key}`, { key });
  }

  #noteFamilies(): void {
    this.#families = new Set([...this.#services.values()].map((s) => s.addr.family));
  }
}
