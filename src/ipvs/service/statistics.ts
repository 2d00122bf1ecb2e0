/**
 * What went through a virtual server or a real server: counts since it was made, and rates. The
 * kernel looks at the counts every two seconds and moves each rate a quarter of the way to what it
 * saw; here the looks that have passed are made up for when somebody counts or asks.
 */

/** What is counted, in the order in which `ipvsadm --stats` shows it. */
export const COUNTED = ["connections", "inPackets", "outPackets", "inBytes", "outBytes"] as const;

/** One of the things that are counted. */
export type Counted = (typeof COUNTED)[number];

/** A number of each thing: of all so far, or per second. */
export type Counts = Readonly<Record<Counted, number>>;

/** Statistics as plain data. */
export interface SavedStatistics {
  readonly counts: Counts;
  readonly seen: Counts;
  readonly rates: Counts;
  readonly looks: number;
}

/** Microseconds from look to look (`estimation_timer`, 2 HZ). */
const LOOK_US = 2_000_000;

/** Rates are kept as multiples of a fraction: 2^-10 of connections and packets, 2^-5 of bytes. */
const SCALES: Readonly<Record<Counted, { readonly parts: number; readonly rounding: number }>> = {
  connections: { parts: 1 << 10, rounding: 0x1ff },
  inPackets: { parts: 1 << 10, rounding: 0x1ff },
  outPackets: { parts: 1 << 10, rounding: 0x1ff },
  inBytes: { parts: 1 << 5, rounding: 0xf },
  outBytes: { parts: 1 << 5, rounding: 0xf },
};

/** The part of the way that a rate moves at each look is one of so many (`>> 2`). */
const QUARTER = 4;

/**
 * Statistics of one virtual server or real server (`struct ip_vs_stats`).
 *
 * Units: bytes are those of whole IP packets; rates are per second, times given are simulated
 * microseconds.
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_est.c `estimation_timer`, `ip_vs_read_estimator`.
 * Not modelled: when the kernel's timer started; looks are at even simulated seconds.
 */
export class Statistics {
  #counts: Record<Counted, number> = zeroes();
  /** What the counts were at the last look. */
  #seen: Record<Counted, number> = zeroes();
  #rates: Record<Counted, number> = zeroes();
  /** How many looks there were since time 0. */
  #looks = 0;

  /** All so far. */
  get counts(): Counts {
    return { ...this.#counts };
  }

  /** Adds to one count. */
  add(what: Counted, number: number, nowUs: number): void {
    this.#look(nowUs);
    this.#counts[what] += number;
  }

  /** How many per second there are now. */
  ratesAt(nowUs: number): Counts {
    this.#look(nowUs);
    const rates = zeroes();
    for (const what of COUNTED) {
      const { parts, rounding } = SCALES[what];
      rates[what] = Math.floor((this.#rates[what] + rounding) / parts);
    }
    return rates;
  }

  /** As plain data. */
  save(): SavedStatistics {
    const [counts, seen, rates] = [this.#counts, this.#seen, this.#rates];
    return { counts: { ...counts }, seen: { ...seen }, rates: { ...rates }, looks: this.#looks };
  }

  /** Goes on from what was saved. */
  restore({ counts, seen, rates, looks }: SavedStatistics): void {
    this.#counts = { ...counts };
    this.#seen = { ...seen };
    this.#rates = { ...rates };
    this.#looks = looks;
  }

  /** Makes up for the looks that have passed; once all is quiet nothing changes any more. */
  #look(nowUs: number): void {
    const looks = Math.floor(nowUs / LOOK_US);
    while (this.#looks < looks) {
      this.#looks++;
      if (!this.#lookOnce()) this.#looks = looks;
    }
  }

  /** Returns: whether there was anything to see, or a rate to bring down. */
  #lookOnce(): boolean {
    let isLive = false;
    for (const what of COUNTED) {
      const difference = this.#counts[what] - this.#seen[what];
      const rate = this.#rates[what];
      if (difference === 0 && rate === 0) continue;
      isLive = true;
      const seen = (difference * SCALES[what].parts) / 2;
      this.#rates[what] += Math.floor((seen - rate) / QUARTER);
      this.#seen[what] = this.#counts[what];
    }
    return isLive;
  }
}

function zeroes(): Record<Counted, number> {
  return { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };
}
