/** Schedulers that take turns: `rr` and `wrr`. */
import type { Candidate, ListChange, Scheduler, SchedulerState } from "./scheduler.js";

/** Before the first real server of the list. */
const HEAD = -1;

/**
 * The next real server that takes connections.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_rr.c `ip_vs_rr_schedule`, `ip_vs_rr_del_dest`.
 */
export class RoundRobin implements Scheduler {
  readonly #servers: readonly Candidate[];
  #at = HEAD;

  constructor(servers: readonly Candidate[]) {
    this.#servers = servers;
  }

  choose(): number | undefined {
    const count = this.#servers.length;
    for (let step = 1; step <= count; step++) {
      const at = (this.#at + step) % count;
      if ((this.#servers[at] as Candidate).weight <= 0) continue;
      this.#at = at;
      return at;
    }
    return undefined;
  }

  changed(change: ListChange): void {
    // The kernel points at a real server, not at a place: the place moves with it.
    if (change.kind === "added" && this.#at !== HEAD) this.#at++;
    if (change.kind === "removed" && change.at <= this.#at) this.#at--;
  }

  save(): SchedulerState {
    return { at: this.#at, needed: 0 };
  }

  restore({ at }: SchedulerState): void {
    this.#at = at;
  }
}

/**
 * The next real server with enough weight; the weight needed falls from the largest to the smallest
 * in steps of what divides all of them, so one of weight 3 comes three times as often as one of 1.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_wrr.c `ip_vs_wrr_schedule`, `ip_vs_wrr_dest_changed`.
 */
export class WeightedRoundRobin implements Scheduler {
  readonly #servers: readonly Candidate[];
  #at = HEAD;
  #needed: number;
  #most = 0;
  #step = 1;

  constructor(servers: readonly Candidate[]) {
    this.#servers = servers;
    this.#measure();
    this.#needed = this.#most;
  }

  choose(): number | undefined {
    if (this.#most === 0) return undefined;
    const last = this.#at;
    let isLastPass = false;
    let isRestarted = false;
    let stop: number | undefined;
    for (let from = last + 1; ; from = 0) {
      for (let at = from; at < this.#servers.length; at++) {
        if ((this.#servers[at] as Candidate).weight >= this.#needed) return this.#stay(at, at);
        if (at === stop) return this.#stay(at, undefined);
      }
      this.#needed -= this.#step;
      if (this.#needed <= 0) {
        this.#needed = this.#most;
        if (isLastPass || last === HEAD) return this.#stay(HEAD, undefined);
        isRestarted = true;
      }
      isLastPass = this.#needed <= this.#step;
      if (isLastPass && isRestarted && last !== HEAD) stop = last;
    }
  }

  #stay(at: number, chosen: number | undefined): number | undefined {
    this.#at = at;
    return chosen;
  }

  changed(_change: ListChange): void {
    this.#at = HEAD;
    this.#measure();
    if (this.#needed > this.#most || this.#needed === 0) this.#needed = this.#most;
    else if (this.#step > 1) {
      this.#needed = Math.floor(this.#needed / this.#step) * this.#step + 1;
    }
  }

  #measure(): void {
    const weights = this.#servers.map((s) => s.weight).filter((w) => w > 0);
    this.#step = weights.length === 0 ? 1 : weights.reduce(greatestDivisor);
    this.#most = Math.max(0, ...weights) - (this.#step - 1);
  }

  save(): SchedulerState {
    return { at: this.#at, needed: this.#needed };
  }

  restore({ at, needed }: SchedulerState): void {
    this.#at = at;
    this.#needed = needed;
  }
}

/** The largest number that divides both. */
export function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
