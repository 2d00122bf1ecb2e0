/**
 * Sets of points, as the bounds between inside and outside: `[80, 81, 443, 444]` holds 80 and 443.
 * A point is a protocol with a port (see `PortSpace`), or an address as a number.
 */

/**
 * A set of whole numbers from 0 on, as sorted bounds: the first point of each run, then the first
 * behind it. Nothing changes one once it is made.
 *
 * Laws: union, intersection and difference are those of sets; equal sets have equal bounds
 * (test/property/policy/point-set.prop.test.ts).
 * Cost: operations take one step per bound, `has` a halving search.
 *
 * @example
 * const web = PointSet.run(80, 80).or(PointSet.run(443, 443));
 * web.has(443); // true
 * web.without(PointSet.run(0, 99)).bounds; // [443, 444]
 */
export class PointSet {
  static readonly EMPTY = new PointSet([]);
  readonly bounds: readonly number[];

  private constructor(bounds: readonly number[]) {
    this.bounds = bounds;
  }

  /** The points from `first` to `last`, both included; empty when `last` is before `first`. */
  static run(first: number, last: number): PointSet {
    return last < first ? PointSet.EMPTY : new PointSet([first, last + 1]);
  }

  get isEmpty(): boolean {
    return this.bounds.length === 0;
  }

  /** Whether the set holds a point. */
  has(point: number): boolean {
    const { bounds } = this;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((bounds[middle] as number) <= point) low = middle + 1;
      else high = middle;
    }
    return (low & 1) === 1;
  }

  /** Points of either. */
  or(other: PointSet): PointSet {
    if (this.isEmpty || this === other) return other;
    return other.isEmpty ? this : this.#merge(other, (a, b) => a || b);
  }

  /** Points of both. */
  and(other: PointSet): PointSet {
    if (this.isEmpty || this === other) return this;
    return other.isEmpty ? other : this.#merge(other, (a, b) => a && b);
  }

  /** Points of this that the other has not. */
  without(other: PointSet): PointSet {
    if (this === other) return PointSet.EMPTY;
    return this.isEmpty || other.isEmpty ? this : this.#merge(other, (a, b) => a && !b);
  }

  /** Runs of points, each from its first to its last. */
  runs(): { readonly first: number; readonly last: number }[] {
    const runs: { first: number; last: number }[] = [];
    for (let i = 0; i < this.bounds.length; i += 2) {
      runs.push({ first: this.bounds[i] as number, last: (this.bounds[i + 1] as number) - 1 });
    }
    return runs;
  }

  /** A text that is equal for equal sets. */
  key(): string {
    return this.bounds.join();
  }

  #merge(other: PointSet, keeps: (inThis: boolean, inOther: boolean) => boolean): PointSet {
    const [a, b] = [this.bounds, other.bounds];
    const merged: number[] = [];
    let [i, j] = [0, 0];
    let isInside = false;
    while (i < a.length || j < b.length) {
      const at = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
      if (a[i] === at) i++;
      if (b[j] === at) j++;
      // An odd number of bounds passed is inside.
      const keep = keeps((i & 1) === 1, (j & 1) === 1);
      if (keep !== isInside) merged.push(at);
      isInside = keep;
    }
    return merged.length === 0 ? PointSet.EMPTY : new PointSet(merged);
  }
}
