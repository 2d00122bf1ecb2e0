/** Schedulers that hash the client: `sh` and `mh`. */
import type { Addr } from "../../addr/index.js";
import { greatestDivisor } from "./round-robin.js";
import type { Candidate, Client, Scheduler, SchedulerState } from "./scheduler.js";
import { hsiphash32 } from "./siphash.js";

/** What the flags of a virtual server ask for. */
export interface HashingOptions {
  /** The client's port counts, too. */
  readonly usesPort: boolean;
  /** Where the real server of a place takes no connections, another place is tried. */
  readonly fallsBack: boolean;
}

/** A table of places, each with a real server's place in its list. */
interface Places {
  readonly table: Int32Array;
  /** The place of a client; later tries move on by `offset`. */
  readonly placeOf: (key: number, offset: number) => number;
}

/** Whatever a scheduler's table is filled with, this is how it is asked. */
abstract class HashingScheduler implements Scheduler {
  readonly #servers: readonly Candidate[];
  readonly #options: HashingOptions;
  #places: Places | undefined;

  constructor(servers: readonly Candidate[], options: HashingOptions) {
    this.#servers = servers;
    this.#options = options;
  }

  /** Fills the table. */
  protected abstract fill(servers: readonly Candidate[]): Places;

  choose(client: Client): number | undefined {
    this.#places ??= this.fill(this.#servers);
    const { table, placeOf } = this.#places;
    if (table.length === 0) return undefined;
    const key = keyOf(client.addr, this.#options.usesPort ? client.port : 0);
    const first = placeOf(key, 0);
    const tries = this.#options.fallsBack ? table.length : 0;
    for (let at = -1; at < tries; at++) {
      // The first try again, then on from there: ip_vs_sh_get_fallback, ip_vs_mh_get_fallback.
      const place = at < 0 ? first : placeOf(key, (at + first) % table.length);
      const chosen = table[place] as number;
      if ((this.#servers[chosen]?.weight ?? 0) > 0) return chosen;
    }
    return undefined;
  }

  changed(): void {
    this.#places = undefined;
  }

  save(): SchedulerState {
    return { at: -1, needed: 0 };
  }

  restore(): void {}
}

/** Bits of the table of `sh` (CONFIG_IP_VS_SH_TAB_BITS). */
const SOURCE_TABLE_BITS = 8;
const SOURCE_TABLE_SIZE = 1 << SOURCE_TABLE_BITS;

/** include/linux/hash.h `GOLDEN_RATIO_32`. */
const GOLDEN_RATIO = 0x61c88647;

/**
 * A table of 256 places that the real servers fill in turn, each as often as its weight.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_sh.c `ip_vs_sh_reassign`, `ip_vs_sh_hashkey`.
 */
export class SourceHashing extends HashingScheduler {
  protected fill(servers: readonly Candidate[]): Places {
    const turns = servers.flatMap((s, at) => new Array<number>(turnsOf(s)).fill(at));
    const size = turns.length === 0 ? 0 : SOURCE_TABLE_SIZE;
    const table = Int32Array.from({ length: size }, (_, i) => turns[i % turns.length] as number);
    return {
      table,
      placeOf: (key, offset) =>
        (offset + (Math.imul(key, GOLDEN_RATIO) >>> (32 - SOURCE_TABLE_BITS))) % SOURCE_TABLE_SIZE,
    };
  }
}

/** A real server of weight 0 has its place all the same; more turns than places make no difference. */
function turnsOf({ weight }: Candidate): number {
  return Math.min(Math.max(weight, 1), SOURCE_TABLE_SIZE);
}

/** Size of the table of `mh`: `primes[CONFIG_IP_VS_MH_TAB_INDEX - 8]`, the index being 12. */
const MAGLEV_TABLE_SIZE = 4093;

/** More bits of weight than this are shifted away (IP_VS_MH_TAB_BITS). */
const MAGLEV_WEIGHT_BITS = 6;

/** ip_vs_mh.c `generate_hash_secret`. */
const OFFSET_KEY = 2654435761n;
const SKIP_KEY = 2654446892n;

/**
 * Maglev hashing: every real server walks the table by a step of its own and takes the first free
 * place, in turn, as often as its last weight above 0.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_mh.c `ip_vs_mh_permutate`, `ip_vs_mh_populate`,
 * `ip_vs_mh_hashkey`.
 */
export class MaglevHashing extends HashingScheduler {
  protected fill(servers: readonly Candidate[]): Places {
    return {
      table: maglevTable(servers),
      placeOf: (key, offset) => hsiphash32((offset + key) | 0, OFFSET_KEY) % MAGLEV_TABLE_SIZE,
    };
  }
}

/**
 * Fills the table of Maglev hashing.
 *
 * Returns: for each place, the real server's place in the list; empty when none ever had weight.
 */
export function maglevTable(servers: readonly Candidate[]): Int32Array {
  const weights = servers.map((s) => s.lastWeight).filter((w) => w > 0);
  if (weights.length === 0) return new Int32Array(0);
  const divisor = weights.reduce(greatestDivisor);
  const bits = 32 - Math.clz32(Math.floor(Math.max(...weights) / divisor));
  const shift = Math.max(bits - MAGLEV_WEIGHT_BITS, 0);
  const walks = servers.map(({ addr, port, lastWeight }) => ({
    place: hsiphash32(keyOf(addr, port), OFFSET_KEY) % MAGLEV_TABLE_SIZE,
    step: (hsiphash32(keyOf(addr, port), SKIP_KEY) % (MAGLEV_TABLE_SIZE - 1)) + 1,
    turns: lastWeight <= 0 ? 0 : Math.floor(lastWeight / divisor) >> shift || 1,
  }));
  const table = new Int32Array(MAGLEV_TABLE_SIZE).fill(-1);
  let filled = 0;
  for (;;) {
    for (const [at, walk] of walks.entries()) {
      for (let turn = 0; turn < walk.turns; turn++) {
        while (table[walk.place] !== -1) {
          walk.place = (walk.place + walk.step) % MAGLEV_TABLE_SIZE;
        }
        table[walk.place] = at;
        if (++filled === MAGLEV_TABLE_SIZE) return table;
      }
    }
  }
}

/** All words of an address in one, and the port. */
function keyOf({ s0, s1, s2, s3 }: Addr, port: number): number {
  return (port + (s0 ^ s1 ^ s2 ^ s3)) | 0;
}
