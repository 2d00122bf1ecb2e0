/**
 * The schedulers once more, slowly: `rr` and `wrr` walk a ring of nodes as the kernel walks its list,
 * the others compute everything in fractions and take the first of the best. They follow the modules'
 * descriptions, not our code.
 */
import type { Candidate } from "../../../src/ipvs/index.js";

/** A place in the ring; `server` is undefined at the head. */
interface RingNode {
  server: Candidate | undefined;
  next: RingNode;
}

/** A ring of real servers that a pointer walks. */
export class SlowRing {
  readonly #head: RingNode;
  #at: RingNode;

  constructor(servers: readonly Candidate[]) {
    this.#head = { server: undefined, next: undefined as unknown as RingNode };
    this.#head.next = this.#head;
    this.#at = this.#head;
    for (const server of servers.toReversed()) this.add(server);
  }

  add(server: Candidate): void {
    this.#head.next = { server, next: this.#head.next };
  }

  remove(server: Candidate): void {
    let before = this.#head;
    while (before.next.server !== server) before = before.next;
    if (this.#at === before.next) this.#at = before;
    before.next = before.next.next;
  }

  /** `rr`: the next one with weight, once round at most. */
  roundRobin(): Candidate | undefined {
    const last = this.#at;
    let node = last;
    do {
      node = node.next;
      if ((node.server?.weight ?? 0) > 0) {
        this.#at = node;
        return node.server;
      }
    } while (node !== last);
    return undefined;
  }
}

/**
 * `wrr` from the beginning: in every round the weight needed falls from the largest to the smallest
 * in steps of the greatest common divisor, and each with that much weight is taken.
 */
export function* slowWeighted(servers: readonly Candidate[]): Generator<Candidate | undefined> {
  const weights = servers.map((s) => s.weight).filter((w) => w > 0);
  const most = Math.max(0, ...weights);
  let step = most;
  while (step > 1 && !weights.every((w) => w % step === 0)) step--;
  for (;;) {
    if (most === 0) yield undefined;
    for (let needed = most; needed > 0; needed -= step) {
      for (const server of servers) if (server.weight >= needed) yield server;
    }
  }
}

/** The first with the least cost; a fraction of two whole numbers is exact enough here. */
function leastBy(
  servers: readonly Candidate[],
  cost: (server: Candidate) => number,
): Candidate | undefined {
  const open = servers.filter((s) => s.weight > 0);
  const least = Math.min(...open.map(cost));
  return open.find((s) => cost(s) === least);
}

const load = ({ active, inactive }: Candidate) => 256 * active + inactive;

/** The schedulers that remember nothing. */
export const SLOW: Readonly<
  Record<string, (servers: readonly Candidate[]) => Candidate | undefined>
> = {
  lc: (servers) => leastBy(servers, load),
  wlc: (servers) => leastBy(servers, (s) => load(s) / s.weight),
  sed: (servers) => leastBy(servers, (s) => (s.active + 1) / s.weight),
  nq: (servers) =>
    servers.find((s) => s.weight > 0 && s.active === 0) ??
    leastBy(servers, (s) => (s.active + 1) / s.weight),
};
