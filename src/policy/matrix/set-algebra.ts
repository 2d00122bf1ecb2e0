/**
 * Sets of points by number. Policies repeat themselves: a few sets are joined over and over, so each
 * set is held once and each result of an operation is remembered.
 */
import { PointSet } from "./point-set.js";

/** The number of a set; equal sets have equal numbers, and the empty set is 0. */
export type SetId = number;

/** The most results that are remembered per operation; when they are full, all are forgotten. */
const RESULTS_MAX = 1 << 20;

/** An operand's number must fit beside the other's into a double's 53 bits. */
const STRIDE = 2 ** 26;

/** Holds sets and remembers what their union, intersection and difference are. */
export class SetAlgebra {
  readonly #sets: PointSet[] = [];
  readonly #ids = new Map<string, SetId>();
  readonly #or = new Map<number, SetId>();
  readonly #and = new Map<number, SetId>();
  readonly #without = new Map<number, SetId>();

  constructor() {
    this.idOf(PointSet.EMPTY);
  }

  /** The number of a set. */
  idOf(set: PointSet): SetId {
    const key = set.key();
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#sets.push(set);
    this.#ids.set(key, this.#ids.size);
    return this.#ids.size - 1;
  }

  /** The set of a number. */
  at(id: SetId): PointSet {
    return this.#sets[id] as PointSet;
  }

  /** Points of either. */
  or(a: SetId, b: SetId): SetId {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    const known = this.#or.get(a * STRIDE + b);
    return known ?? this.#remember(this.#or, [a, b], this.at(a).or(this.at(b)));
  }

  /** Points of both. */
  and(a: SetId, b: SetId): SetId {
    if (a === b || a === 0) return a;
    if (b === 0) return b;
    const known = this.#and.get(a * STRIDE + b);
    return known ?? this.#remember(this.#and, [a, b], this.at(a).and(this.at(b)));
  }

  /** Points of the first that the second has not. */
  without(a: SetId, b: SetId): SetId {
    if (a === b) return 0;
    if (a === 0 || b === 0) return a;
    const known = this.#without.get(a * STRIDE + b);
    return known ?? this.#remember(this.#without, [a, b], this.at(a).without(this.at(b)));
  }

  #remember(memo: Map<number, SetId>, [a, b]: readonly [SetId, SetId], set: PointSet): SetId {
    if (memo.size >= RESULTS_MAX) memo.clear();
    const id = this.idOf(set);
    memo.set(a * STRIDE + b, id);
    return id;
  }
}
