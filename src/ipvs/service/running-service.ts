/** A virtual server at work, with its real servers and its scheduler. */
import type { Addr } from "../../addr/index.js";
import { type Origin, RefusedError } from "../../base/index.js";
import type { ForwardingMethod, IpvsProtocol, RealServer, VirtualServer } from "../config.js";
import { openScheduler, SCHEDULERS } from "../schedule/open.js";
import type { Candidate, Client, Scheduler, SchedulerState } from "../schedule/scheduler.js";
import { Statistics } from "./statistics.js";

/** A real server at work (`struct ip_vs_dest`). */
export class RunningServer implements Candidate {
  readonly addr: Addr;
  readonly port: number;
  readonly forwarding: ForwardingMethod;
  readonly origin: Origin | undefined;
  #weight: number;
  #lastWeight: number;
  /** Connections in a state that counts. */
  active = 0;
  /** All connections, without templates. */
  total = 0;
  /** Templates of persistence. */
  persistent = 0;
  /** False once it was taken out of its virtual server (not IP_VS_DEST_F_AVAILABLE). */
  isAvailable = true;
  /** What went through it. */
  statistics = new Statistics();
  /** The virtual server it was last put into. */
  #service: RunningService | undefined;

  constructor({ addr, port, weight, forwarding, origin }: RealServer) {
    this.addr = addr;
    this.port = port;
    this.forwarding = forwarding ?? "masquerade";
    this.origin = origin;
    this.#weight = weight;
    this.#lastWeight = weight;
  }

  get weight(): number {
    return this.#weight;
  }

  /** A weight of 0 is remembered only if it was there from the start. */
  set weight(weight: number) {
    this.#weight = weight;
    if (weight !== 0) this.#lastWeight = weight;
  }

  get lastWeight(): number {
    return this.#lastWeight;
  }

  /** The virtual server that counts what goes through it, too. */
  get service(): RunningService | undefined {
    return this.#service;
  }

  /** In another virtual server than before it is counted anew (`__ip_vs_update_dest`). */
  set service(service: RunningService) {
    if (this.#service !== undefined && this.#service !== service)
      this.statistics = new Statistics();
    this.#service = service;
  }

  get inactive(): number {
    return this.total - this.active;
  }

  /** As plain data. */
  toConfig(): RealServer {
    const { addr, port, weight, forwarding, origin } = this;
    return {
      addr,
      port,
      weight,
      ...(forwarding === "masquerade" ? {} : { forwarding }),
      ...(origin === undefined ? {} : { origin }),
    };
  }
}

/** A virtual server at work (`struct ip_vs_service`). */
export class RunningService {
  readonly addr: Addr;
  readonly port: number;
  readonly protocol: IpvsProtocol;
  #config: VirtualServer;
  /** Undefined: it is none that is modelled. */
  #scheduler: Scheduler | undefined;
  /** The last added first, as the kernel's list. */
  readonly #servers: RunningServer[];
  /** What went through it. */
  readonly statistics = new Statistics();

  constructor(config: VirtualServer) {
    this.addr = config.addr;
    this.port = config.port;
    this.protocol = config.protocol;
    this.#config = config;
    this.#servers = config.realServers.map((server) => new RunningServer(server));
    for (const server of this.#servers) server.service = this;
    this.#scheduler = this.#openScheduler();
  }

  /** What it was told last; its real servers are in `servers`. */
  get config(): VirtualServer {
    return this.#config;
  }

  get servers(): readonly RunningServer[] {
    return this.#servers;
  }

  /** What keeps its packets from being judged: a scheduler or a way of forwarding not modelled. */
  get unmodelled(): string | undefined {
    if (this.#scheduler === undefined) return `scheduler ${this.#config.scheduler}`;
    const other = this.#servers.find((s) => s.forwarding !== "masquerade");
    return other === undefined ? undefined : `forwarding method ${other.forwarding}`;
  }

  /** The real server of a new connection; undefined: nobody takes it. */
  schedule(client: Client): RunningServer | undefined {
    const at = this.#scheduler?.choose(client);
    return at === undefined ? undefined : this.#servers[at];
  }

  /** As plain data, with its real servers and their weights as they are now. */
  toConfig(): VirtualServer {
    return { ...this.#config, realServers: this.#servers.map((server) => server.toConfig()) };
  }

  /** Finds one by address and port. */
  find({ addr, port }: Pick<RealServer, "addr" | "port">): RunningServer | undefined {
    return this.#servers.find((s) => s.port === port && s.addr.equals(addr));
  }

  /** Changes scheduler, flags and persistence (`ipvsadm -E`). */
  edit(config: VirtualServer): void {
    const before = this.#config;
    this.#config = config;
    if (before.scheduler !== config.scheduler || flagsOf(before) !== flagsOf(config)) {
      this.#scheduler = this.#openScheduler();
    }
  }

  /** Adds one at the head of the list. Errors: RefusedError `EEXIST`. */
  add(server: RunningServer): void {
    if (this.find(server) !== undefined) throw refused("EEXIST", this, server);
    server.isAvailable = true;
    server.service = this;
    this.#servers.unshift(server);
    this.#scheduler?.changed({ kind: "added" });
  }

  /** Gives one another weight. Errors: RefusedError `ENOENT`. */
  setWeight(name: Pick<RealServer, "addr" | "port">, weight: number): void {
    const server = this.find(name);
    if (server === undefined) throw refused("ENOENT", this, name);
    server.weight = weight;
    this.#scheduler?.changed({ kind: "weighted" });
  }

  /** Takes one out; its connections keep it. Errors: RefusedError `ENOENT`. */
  remove(name: Pick<RealServer, "addr" | "port">): RunningServer {
    const at = this.#servers.findIndex((s) => s.port === name.port && s.addr.equals(name.addr));
    const [server] = at < 0 ? [] : this.#servers.splice(at, 1);
    if (server === undefined) throw refused("ENOENT", this, name);
    server.isAvailable = false;
    this.#scheduler?.changed({ kind: "removed", at });
    return server;
  }

  /** Where its scheduler stands. */
  saveScheduler(): SchedulerState | undefined {
    return this.#scheduler?.save();
  }

  /** Has its scheduler go on from there. */
  restoreScheduler(state: SchedulerState): void {
    this.#scheduler?.restore(state);
  }

  #openScheduler(): Scheduler | undefined {
    const { scheduler, schedulerFlags = [] } = this.#config;
    if (!SCHEDULERS.includes(scheduler)) return undefined;
    return openScheduler(scheduler, schedulerFlags, this.#servers);
  }
}

function flagsOf({ schedulerFlags = [] }: VirtualServer): string {
  return schedulerFlags.join();
}

function refused(
  code: string,
  { addr, port, protocol }: RunningService,
  server: Pick<RealServer, "addr" | "port">,
): RefusedError {
  const virtual = `${addr}:${port}/${protocol}`;
  const real = `${server.addr}:${server.port}`;
  return new RefusedError(code, `${virtual} and real server ${real}`, { virtual, real });
}
