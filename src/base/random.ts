/**
 * Seeded random numbers. One seed is split into named streams, one per purpose, so that a new
 * consumer never disturbs an old one. The state of every stream can be saved and restored.
 */
import seedrandom from "seedrandom";

/** The saved state of one stream: plain data. */
export type RandomState = seedrandom.State.Alea;

/** One stream of random numbers for one purpose. */
export interface Random {
  /** A whole number from 0 to 2^32 - 1. */
  nextU32(): number;
  /** A whole number from 0 to `count` - 1. `count` is from 1 to 2^32. */
  nextBelow(count: number): number;
  /** How many numbers were drawn so far: two engines that agree draw equally often. */
  readonly draws: number;
  /** The state, as plain data. */
  save(): SavedRandom;
}

/** A stream's state and count, as plain data. */
export interface SavedRandom {
  readonly draws: number;
  readonly state: RandomState;
}

/**
 * Opens the stream of a purpose under a seed. Same seed and purpose, same numbers, on any machine.
 *
 * @example
 * openRandom("lesson-1", "nat/ports").nextBelow(10)
 */
export function openRandom(seed: string, purpose: string): Random {
  return new AleaStream(seedrandom.alea(`${seed}\u0000${purpose}`, { state: true }), 0);
}

/** Continues a stream where `save` left it. */
export function restoreRandom(saved: SavedRandom): Random {
  return new AleaStream(seedrandom.alea("", { state: saved.state }), saved.draws);
}

class AleaStream implements Random {
  readonly #next: seedrandom.StatefulPRNG<seedrandom.State.Alea>;
  #draws: number;

  constructor(next: seedrandom.StatefulPRNG<seedrandom.State.Alea>, draws: number) {
    this.#next = next;
    this.#draws = draws;
  }

  get draws(): number {
    return this.#draws;
  }

  nextU32(): number {
    this.#draws++;
    return this.#next.int32() >>> 0;
  }

  nextBelow(count: number): number {
    this.#draws++;
    return Math.floor(this.#next() * count);
  }

  save(): SavedRandom {
    return { draws: this.#draws, state: this.#next.state() };
  }
}
