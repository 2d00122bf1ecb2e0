/**
 * `Fabric`: namespaces joined by links, run on one virtual clock.
 *
 *   Netns ── veth ── Netns          Netns ─┐
 *     └── veth to itself            Netns ─┼─ segment: a switch that knows whose address is where
 *                                   Netns ─┘
 *
 * Everything that happens is a task in one queue, so a run is the same every time.
 */
import { InputError, openRandom, type Random, RefusedError } from "../base/index.js";
import type { Link } from "../link/index.js";
import {
  type CommandOutcome,
  type Journey,
  type Listener,
  Netns,
  type NetnsConfig,
  portLimit,
  runIpCommand,
  type Service,
} from "../netns/index.js";
import type { Trace, TraceLevel } from "../trace/index.js";
import { type Frame, packetLength } from "../wire/index.js";
import { Clock } from "./clock.js";
import { JourneyLog } from "./journey-log.js";
import { type Attachments, type Wiring, wire } from "./wiring.js";

/** How a fabric is run. */
export interface FabricOptions extends Wiring {
  readonly seed: string;
  /** What answers behind a listener. */
  readonly serve?: (netns: string, listener: Listener) => Service | undefined;
  /** How much is told of every packet's journey; everything by default. */
  readonly trace?: TraceLevel | "none";
  /** How many traces are kept; 10,000 by default. */
  readonly traceLimit?: number;
  /** How long a frame is on a wire; 1 by default. */
  readonly wireDelayUs?: number;
  readonly startUs?: number;
}

/** Events that one run may lead to: a loop in the network ends here. */
const EVENT_LIMIT = 2_000_000;

/**
 * A running network.
 *
 * Laws: same configurations, seed and calls, same traces.
 */
export class Fabric {
  readonly clock: Clock;
  readonly journeys: JourneyLog;
  readonly #netnses = new Map<string, Netns>();
  readonly #options: FabricOptions;
  readonly #randoms = new Map<string, Random>();
  #attachments: Attachments;

  constructor(configs: readonly NetnsConfig[], options: FabricOptions) {
    this.clock = new Clock(options.startUs ?? 0);
    this.journeys = new JourneyLog({
      level: options.trace ?? "everything",
      limit: options.traceLimit ?? 10_000,
    });
    this.#options = options;
    for (const config of configs) {
      if (this.#netnses.has(config.name)) throw duplicate(config.name);
      this.#netnses.set(config.name, this.#start(config));
    }
    this.#attachments = wire(configs, options);
  }

  /** A namespace by its name. */
  netns(name: string): Netns {
    const found = this.#netnses.get(name);
    if (found === undefined) throw new RefusedError("ENOENT", `no namespace ${name}`, { name });
    return found;
  }

  /** A namespace by its name, if there is one. */
  findNetns(name: string): Netns | undefined {
    return this.#netnses.get(name);
  }

  /** All namespaces, in the order they were given. */
  netnses(): IterableIterator<Netns> {
    return this.#netnses.values();
  }

  /** Runs what is due within a time, and moves the clock to its end. */
  advance(us: number): void {
    const untilUs = this.clock.nowUs + us;
    this.#run(untilUs, () => false);
    this.clock.moveTo(untilUs);
  }

  /** Runs until something is true, or a time has passed. Returns whether it became true. */
  runUntil(isDone: () => boolean, limitUs: number): boolean {
    const untilUs = this.clock.nowUs + limitUs;
    if (this.#run(untilUs, isDone)) return true;
    this.clock.moveTo(untilUs);
    return isDone();
  }

  /** The traces of packets from an id on, oldest first. */
  traces(fromId = 0): readonly Trace[] {
    return this.journeys.traces(fromId);
  }

  /**
   * Replaces configurations: namespaces that are named are started anew, with fresh connection
   * tables; the others run on. `gone` are taken away.
   */
  replace(configs: readonly NetnsConfig[], gone: readonly string[] = []): void {
    for (const name of gone) this.#netnses.delete(name);
    for (const config of configs) this.#netnses.set(config.name, this.#start(config));
    this.#attachments = wire(
      [...this.#netnses.values()].map((n) => n.stack.config),
      this.#options,
    );
  }

  /**
   * Runs an `ip` command in a namespace while everything runs: `["link", "set", "eth0", "down"]`. What
   * it does to other namespaces, by the far ends of veth pairs, happens there at once.
   *
   * Returns: the exit code and error text of ip(8); after a refusal nothing has changed.
   */
  ip(netns: string, words: readonly string[]): Pick<CommandOutcome, "exitCode" | "error"> {
    const configs = [...this.#netnses.values()].map((n) => n.configNow);
    const { exitCode, error, changed, gone, cameUp } = runIpCommand(configs, netns, words);
    for (const name of gone) this.#netnses.delete(name);
    for (const config of changed) this.#netnses.get(config.name)?.reconfigure(config);
    if (changed.length + gone.length > 0) {
      const now = [...this.#netnses.values()].map((n) => n.stack.config);
      this.#attachments = wire(now, this.#options);
    }
    for (const place of cameUp) this.#netnses.get(place.netns)?.announce(place.link);
    return { exitCode, error };
  }

  #run(untilUs: number, isDone: () => boolean): boolean {
    for (let events = 0; events < EVENT_LIMIT; events++) {
      if (isDone()) return true;
      if (!this.clock.runNext(untilUs)) return false;
    }
    throw new RefusedError("ELOOP", `more than ${EVENT_LIMIT} events at one time`, {
      nowUs: this.clock.nowUs,
    });
  }

  #start(config: NetnsConfig): Netns {
    const { serve } = this.#options;
    const netns: Netns = new Netns(config, {
      world: {
        nowUs: () => this.clock.nowUs,
        random: (purpose) => this.#random(`${config.name}/${purpose}`),
        transmit: (link, frame, journey) => this.#transmit(netns, link, frame, journey),
        schedule: (delayUs, task) => this.clock.schedule(delayUs, task),
        begin: (_name, _packet, cause) => this.journeys.begin(cause),
      },
      ...(serve === undefined ? {} : { serve: (listener) => serve(config.name, listener) }),
    });
    return netns;
  }

  #random(name: string): Random {
    let random = this.#randoms.get(name);
    if (random === undefined) {
      random = openRandom(this.#options.seed, name);
      this.#randoms.set(name, random);
    }
    return random;
  }

  #transmit(from: Netns, link: Link, frame: Frame, journey: Journey | undefined): boolean {
    const ends = this.#attachments.get(from.name)?.get(link.name)?.endsFor(frame) ?? [];
    if (ends.length === 0) {
      const detail = `nothing is at the other end of ${link.name}`;
      const fate = { kind: "link-down", netns: from.name, detail } as const;
      journey?.enter(from.name, this.clock.nowUs)?.({ kind: "fate", fate });
      return true;
    }
    let isTaken = true;
    for (const end of ends) {
      this.clock.schedule(this.#options.wireDelayUs ?? 1, () => {
        const to = this.#netnses.get(end.netns);
        const there = to?.stack.links.find(end.link);
        if (to !== undefined && there !== undefined) to.receive(there, frame, journey);
      });
      const there = this.#netnses.get(end.netns)?.stack.links.find(end.link);
      if (link.kind.kind === "veth" && there !== undefined && !fits(frame, there)) isTaken = false;
    }
    return isTaken;
  }
}

/** Whether the far end of a veth pair takes a frame; ARP is never too long. */
function fits({ payload }: Frame, there: Link): boolean {
  return "kind" in payload || packetLength(payload) <= portLimit(there);
}

function duplicate(name: string): InputError {
  return new InputError({
    code: "duplicate-name",
    path: "name",
    value: name,
    message: "two namespaces have this name",
  });
}
