/** Schedulers that hash the client: `sh` and `mh`. */
import type { Addr } from "../addr/index.js";
import type { RealServer } from "./config.js";
import { hsiphash32 } from "./siphash.js";

/** Who asks. */
export interface Client {
  readonly addr: Addr;
  /** 0 unless the scheduler looks at ports. */
  readonly port: number;
}

/** Bits of the table of `sh` (CONFIG_IP_VS_SH_TAB_BITS). */
const SOURCE_TABLE_BITS = 8;

/** include/linux/hash.h `GOLDEN_RATIO_32`. */
const GOLDEN_RATIO = 0x61c88647;

/**
 * The server of the client's place in a table of 256, which the servers fill in turn, each as often
 * as its weight.
 *
 * Returns: undefined when that server takes no connections; no other one is tried.
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_sh.c `ip_vs_sh_reassign`, `ip_vs_sh_get`.
 */
export function hashSource(
  servers: readonly RealServer[],
  { addr, port }: Client,
): number | undefined {
  if (servers.length === 0) return undefined;
  const folded = (port + fold(addr)) | 0;
  const place = Math.imul(folded, GOLDEN_RATIO) >>> (32 - SOURCE_TABLE_BITS);
  const turns = servers.map((s) => Math.max(s.weight, 1));
  const round = turns.reduce((sum, n) => sum + n, 0);
  let left = place % round;
  const at = turns.findIndex((n) => {
    left -= n;
    return left < 0;
  });
  return (servers[at] as RealServer).weight > 0 ? at : undefined;
}

/** Size of the table of `mh`: `primes[CONFIG_IP_VS_MH_TAB_INDEX - 8]`. */
const MAGLEV_TABLE_SIZE = 4093;

/** More bits of weight than this are shifted away (IP_VS_MH_TAB_BITS). */
const MAGLEV_WEIGHT_BITS = 6;

/** ip_vs_mh.c `generate_hash_secret`. */
const OFFSET_KEY = 2654435761n;
const SKIP_KEY = 2654446892n;

/**
 * Fills the table of Maglev hashing: every server walks the table by a step of its own and takes the
 * first free place, in turn, as often as its weight.
 *
 * Returns: for each place, the server's place in the list; empty when no server has weight.
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_mh.c `ip_vs_mh_permutate`, `ip_vs_mh_populate`.
 */
export function maglevTable(servers: readonly RealServer[]): Int32Array {
  const weights = servers.map((s) => s.weight).filter((w) => w > 0);
  if (weights.length === 0) return new Int32Array(0);
  const divisor = weights.reduce(greatestDivisor);
  const bits = 32 - Math.clz32(Math.floor(Math.max(...weights) / divisor));
  const shift = Math.max(bits - MAGLEV_WEIGHT_BITS, 0);
  const walks = servers.map(({ addr, port, weight }) => ({
    place: hashOf(addr, port, OFFSET_KEY) % MAGLEV_TABLE_SIZE,
    step: (hashOf(addr, port, SKIP_KEY) % (MAGLEV_TABLE_SIZE - 1)) + 1,
    turns: weight <= 0 ? 0 : Math.floor(weight / divisor) >> shift || 1,
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

/**
 * The server of the client's place in a table that `maglevTable` filled.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_mh.c `ip_vs_mh_get`.
 */
export function hashMaglev(table: Int32Array, { addr, port }: Client): number | undefined {
  return table[hashOf(addr, port, OFFSET_KEY) % MAGLEV_TABLE_SIZE];
}

function hashOf(addr: Addr, port: number, key: bigint): number {
  return hsiphash32((port + fold(addr)) | 0, key);
}

/** All words of an address in one. */
function fold({ s0, s1, s2, s3 }: Addr): number {
  return s0 ^ s1 ^ s2 ^ s3;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
