/** Draws from one seeded stream. */
import { openRandom, type Random } from "../../../../src/base/index.js";

/** What a scenario is drawn with: the same seed draws the same scenario. */
export class Dice {
  readonly #random: Random;

  constructor(seed: string) {
    this.#random = openRandom(seed, "differential");
  }

  /** A whole number from `first` to `last`. */
  int(first: number, last: number): number {
    return first + this.#random.nextBelow(last - first + 1);
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.#random.nextBelow(1_000_000) < probability * 1_000_000;
  }

  /** One of a list. */
  pick<T>(list: readonly T[]): T {
    return list[this.#random.nextBelow(list.length)] as T;
  }

  /** What a thunk draws, with a probability; otherwise nothing. */
  maybe(probability: number, draw: () => string): string[] {
    return this.chance(probability) ? [draw()] : [];
  }

  /** So many draws. */
  times<T>(count: number, draw: (i: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => draw(i));
  }

  /** Some members, each with a probability, in their order. */
  some<T>(list: readonly T[], probability: number): T[] {
    return list.filter(() => this.chance(probability));
  }

  /** One to `most` members, none twice, in any order. */
  few<T>(list: readonly T[], most: number): T[] {
    const rest = [...list];
    return this.times(Math.min(this.int(1, most), rest.length), () => {
      const at = this.#random.nextBelow(rest.length);
      return rest.splice(at, 1)[0] as T;
    });
  }

  /** Lower-case hexadecimal digits. */
  hex(digits: number): string {
    return this.times(digits, () => this.int(0, 15).toString(16)).join("");
  }
}
