import { expect, test } from "vitest";
import { PointSet } from "../../../src/policy/index.js";

const SIZE = 7;

/** Every set of points below SIZE, as bits and as runs. */
const SETS = Array.from({ length: 1 << SIZE }, (_, bits) => {
  let set = PointSet.EMPTY;
  for (let point = 0; point < SIZE; point++) {
    if ((bits >> point) & 1) set = set.or(PointSet.run(point, point));
  }
  return { bits, set };
});

function bitsOf(set: PointSet): number {
  return Array.from({ length: SIZE }, (_, point) => (set.has(point) ? 1 << point : 0)).reduce(
    (sum, bit) => sum + bit,
    0,
  );
}

test("union, intersection and difference are those of sets, for all sets of seven points", () => {
  for (const a of SETS) {
    expect(bitsOf(a.set)).toBe(a.bits);
    for (const b of SETS) {
      const got = [a.set.or(b.set), a.set.and(b.set), a.set.without(b.set)].map(bitsOf);
      expect(got).toEqual([a.bits | b.bits, a.bits & b.bits, a.bits & ~b.bits]);
    }
  }
});

test("equal sets have equal keys, however they were made", () => {
  const keys = new Set(SETS.map(({ set }) => set.key()));
  expect(keys.size).toBe(SETS.length);
  for (const a of SETS) {
    for (const b of SETS) {
      expect(a.set.or(b.set).key()).toBe((SETS[a.bits | b.bits] as typeof a).set.key());
    }
  }
});

test("runs are the longest there are", () => {
  const set = PointSet.run(3, 5).or(PointSet.run(6, 6)).or(PointSet.run(9, 9));
  expect(set.runs()).toEqual([
    { first: 3, last: 6 },
    { first: 9, last: 9 },
  ]);
  expect(PointSet.run(5, 4).isEmpty).toBe(true);
});
