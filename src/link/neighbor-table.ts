/**
 * The neighbour table of one namespace (ARP and neighbour discovery): which link-layer address an
 * address on a link has, and the packets that wait for the answer.
 *
 *   (none) ─ask─▶ incomplete ─answer─▶ reachable ─30 s─▶ stale ─use─▶ delay ─5 s─▶ probe
 *                     └─ three asked in vain ─▶ failed ◀── three asked in vain ──────┘
 *
 * The table only keeps the states; it tells its user when to ask and when to look again.
 */
import type { Addr, Mac } from "../addr/index.js";
import type { NeighborConfig } from "./config.js";
import type { Link } from "./link.js";

/** The states of an entry (include/uapi/linux/neighbour.h `NUD_*`). */
export type NeighborState = NeighborConfig["state"];

/** Times and limits of the kernel's `neigh/default` sysctls, which are rarely changed. */
export const NeighborTime = {
  /** `base_reachable_time_ms`. The kernel draws between half and one and a half of it. */
  reachableUs: 30_000_000,
  /** `delay_first_probe_time`. */
  delayUs: 5_000_000,
  /**
   * `retrans_time_ms`, 1 s, and what a timer of that length is late: it ends with the next 32 ms of
   * the kernel's clock (kernel/time/timer.c `calc_wheel_index`, HZ 250). Three in a row took 3.05 to
   * 3.09 s on Linux 6.18.
   */
  retransmitUs: 1_023_000,
  /** `mcast_solicit`. */
  multicastProbes: 3,
  /** `ucast_solicit`. */
  unicastProbes: 3,
  /** The kernel limits bytes (`unres_qlen_bytes`, about 100 full packets). */
  queueLength: 101,
} as const;

/** One entry. `waiting` is what its user wants to send when the answer comes. */
export interface Neighbor<T> {
  readonly link: string;
  readonly addr: Addr;
  mac: Mac | undefined;
  state: NeighborState;
  changedUs: number;
  probes: number;
  /** Counts state changes, so that an old timer knows that it is late. */
  generation: number;
  waiting: T[];
}

/** What a user of the table must do next. */
export type Resolution<T> =
  /** Send it there. `ask`: the entry was stale, so look again after `delayUs`. */
  | {
      readonly kind: "known";
      readonly mac: Mac;
      readonly neighbor: Neighbor<T>;
      readonly ask: boolean;
    }
  /** It waits. `ask`: send a request now and look again after `retransmitUs`. */
  | {
      readonly kind: "waiting";
      readonly neighbor: Neighbor<T>;
      readonly ask: boolean;
      readonly dropped: T | undefined;
    };

/** What a timer of an entry leads to. */
export type TimerResult<T> =
  | { readonly kind: "nothing" }
  | { readonly kind: "ask"; readonly unicast: Mac | undefined }
  | { readonly kind: "failed"; readonly waiting: readonly T[] };

/**
 * The neighbours of one namespace; `T` is a packet that waits.
 *
 * Follows: Linux 6.18 net/core/neighbour.c `__neigh_event_send`, `neigh_timer_handler`,
 * `__neigh_update`.
 * Not modelled: limits of the table's size (`gc_thresh`), confirmation of an entry by TCP.
 */
export class NeighborTable<T> {
  readonly #entries = new Map<string, Neighbor<T>>();
  /** The same entries by link, then by address: every packet asks, and joining texts takes time. */
  readonly #byLink = new Map<string, Map<string, Neighbor<T>>>();
  readonly #proxies = new Set<string>();

  constructor(configs: readonly NeighborConfig[]) {
    for (const config of configs) {
      const key = keyOf(config.link, config.addr);
      if (config.proxy) this.#proxies.add(key);
      else this.#put(fromConfig(config));
    }
  }

  /** All entries, in the order they came. */
  entries(): IterableIterator<Neighbor<T>> {
    return this.#entries.values();
  }

  /** The entry of an address on a link, if there is one. */
  find(link: string, addr: Addr): Neighbor<T> | undefined {
    return this.#byLink.get(link)?.get(addr.key());
  }

  /** Tells whether the namespace was told to answer for an address (`ip neigh add proxy`). */
  isProxy(link: string, addr: Addr): boolean {
    return this.#proxies.size > 0 && this.#proxies.has(keyOf(link, addr));
  }

  /** Looks a neighbour up for a packet; without an answer the packet waits in the entry. */
  resolve(link: Link, addr: Addr, nowUs: number, packet: T): Resolution<T> {
    const neighbor = this.#get(link.name, addr);
    age(neighbor, nowUs);
    switch (neighbor.state) {
      case "permanent":
      case "noarp":
      case "reachable":
      case "delay":
      case "probe":
        if (neighbor.mac !== undefined) return known(neighbor, neighbor.mac, false);
        break;
      case "stale":
        if (neighbor.mac !== undefined) {
          change(neighbor, "delay", nowUs);
          return known(neighbor, neighbor.mac, true);
        }
        break;
      case "incomplete":
        return { kind: "waiting", neighbor, ask: false, dropped: wait(neighbor, packet) };
      case "failed":
        break;
    }
    neighbor.mac = undefined;
    neighbor.probes = 1;
    change(neighbor, "incomplete", nowUs);
    return { kind: "waiting", neighbor, ask: true, dropped: wait(neighbor, packet) };
  }

  /**
   * Takes what a message told: an answer makes an entry reachable, anything else makes or keeps it
   * stale. Returns the packets that may leave now.
   */
  learn(
    link: string,
    addr: Addr,
    news: {
      readonly mac: Mac;
      readonly solicited: boolean;
      readonly create: boolean;
      readonly nowUs: number;
    },
  ): readonly T[] {
    const found = this.find(link, addr);
    if (found === undefined && !news.create) return [];
    const neighbor = found ?? this.#get(link, addr);
    if (neighbor.state === "permanent" || neighbor.state === "noarp") return [];
    const same = neighbor.mac?.equals(news.mac) === true;
    const valid = neighbor.mac !== undefined && neighbor.state !== "failed";
    if (!news.solicited && valid && same) return [];
    neighbor.mac = news.mac;
    neighbor.probes = 0;
    change(neighbor, news.solicited ? "reachable" : "stale", news.nowUs);
    const { waiting } = neighbor;
    neighbor.waiting = [];
    return waiting;
  }

  /** A timer that was set at `generation` ends: asks again, gives up, or is late. */
  onTimer(neighbor: Neighbor<T>, generation: number, nowUs: number): TimerResult<T> {
    if (neighbor.generation !== generation) return { kind: "nothing" };
    switch (neighbor.state) {
      case "delay":
        neighbor.probes = 1;
        change(neighbor, "probe", nowUs);
        return { kind: "ask", unicast: neighbor.mac };
      case "probe":
        if (neighbor.probes >= NeighborTime.unicastProbes) return this.#fail(neighbor, nowUs);
        neighbor.probes++;
        return { kind: "ask", unicast: neighbor.mac };
      case "incomplete":
        if (neighbor.probes >= NeighborTime.multicastProbes) return this.#fail(neighbor, nowUs);
        neighbor.probes++;
        return { kind: "ask", unicast: undefined };
      default:
        return { kind: "nothing" };
    }
  }

  /** Forgets an entry. Returns the packets that waited for it. */
  remove(neighbor: Neighbor<T>): readonly T[] {
    this.#entries.delete(keyOf(neighbor.link, neighbor.addr));
    this.#byLink.get(neighbor.link)?.delete(neighbor.addr.key());
    // A timer that still runs is late.
    neighbor.generation++;
    const { waiting } = neighbor;
    neighbor.waiting = [];
    return waiting;
  }

  /** Takes an entry that an operator set, unless it is as it was. */
  set(config: NeighborConfig): void {
    const { link, addr, mac, state } = config;
    if (config.proxy) {
      this.#proxies.add(keyOf(link, addr));
      return;
    }
    const found = this.find(link, addr);
    const isSame = found !== undefined && (found.mac === mac || mac?.equals(found.mac as Mac));
    if (isSame && (state !== "permanent" || found.state === "permanent")) return;
    this.#put(fromConfig(config));
  }

  #fail(neighbor: Neighbor<T>, nowUs: number): TimerResult<T> {
    neighbor.mac = undefined;
    change(neighbor, "failed", nowUs);
    const { waiting } = neighbor;
    neighbor.waiting = [];
    return { kind: "failed", waiting };
  }

  #get(link: string, addr: Addr): Neighbor<T> {
    let entry = this.find(link, addr);
    if (entry === undefined) {
      entry = {
        link,
        addr,
        mac: undefined,
        state: "incomplete",
        changedUs: 0,
        probes: 0,
        generation: 0,
        waiting: [],
      };
      entry.state = "failed";
      this.#put(entry);
    }
    return entry;
  }

  #put(entry: Neighbor<T>): void {
    const { link, addr } = entry;
    this.#entries.set(keyOf(link, addr), entry);
    let ofLink = this.#byLink.get(link);
    if (ofLink === undefined) {
      ofLink = new Map();
      this.#byLink.set(link, ofLink);
    }
    ofLink.set(addr.key(), entry);
  }
}

/** The state of an entry at a time: a reachable one becomes stale by itself. */
export function stateAt<T>(neighbor: Neighbor<T>, nowUs: number): NeighborState {
  const isOld = nowUs - neighbor.changedUs > NeighborTime.reachableUs;
  return neighbor.state === "reachable" && isOld ? "stale" : neighbor.state;
}

function age<T>(neighbor: Neighbor<T>, nowUs: number): void {
  if (stateAt(neighbor, nowUs) !== neighbor.state) change(neighbor, "stale", nowUs);
}

function known<T>(neighbor: Neighbor<T>, mac: Mac, ask: boolean): Resolution<T> {
  return { kind: "known", mac, neighbor, ask };
}

function wait<T>(neighbor: Neighbor<T>, packet: T): T | undefined {
  neighbor.waiting.push(packet);
  return neighbor.waiting.length > NeighborTime.queueLength ? neighbor.waiting.shift() : undefined;
}

function change<T>(neighbor: Neighbor<T>, state: NeighborState, nowUs: number): void {
  neighbor.state = state;
  neighbor.changedUs = nowUs;
  neighbor.generation++;
}

function keyOf(link: string, addr: Addr): string {
  return `${link} ${addr.key()}`;
}

function fromConfig<T>(config: NeighborConfig): Neighbor<T> {
  const { link, addr, mac, state } = config;
  const hasTimer = state === "delay" || state === "probe" || state === "incomplete";
  return {
    link,
    addr,
    mac,
    state: !hasTimer ? state : mac === undefined ? "failed" : "stale",
    changedUs: 0,
    probes: 0,
    generation: 0,
    waiting: [],
  };
}
