import { describe, expect, it } from "vitest";
import { openRandom, type Random, restoreRandom } from "../../../src/base/index.js";

const take = (random: Random, count: number) =>
  Array.from({ length: count }, () => random.nextU32());

describe("a random stream", () => {
  it("is the same for the same seed and purpose, on any machine", () => {
    expect(take(openRandom("lesson-1", "nat/ports"), 3)).toEqual([
      337894559, 733465472, 2533447771,
    ]);
  });

  it("differs by purpose and by seed", () => {
    const first = take(openRandom("s", "a"), 4);
    expect(take(openRandom("s", "b"), 4)).not.toEqual(first);
    expect(take(openRandom("t", "a"), 4)).not.toEqual(first);
    expect(take(openRandom("s\u0000a", ""), 4)).not.toEqual(take(openRandom("s", "\u0000a"), 3));
  });

  it("goes on where it was saved", () => {
    const random = openRandom("s", "a");
    take(random, 5);
    const copy = restoreRandom(random.save());
    expect(copy.draws).toBe(5);
    expect(take(copy, 5)).toEqual(take(random, 5));
    expect(copy.draws).toBe(10);
  });

  it("stays below its bound and reaches all of it", () => {
    const random = openRandom("s", "bound");
    const seen = new Set(Array.from({ length: 200 }, () => random.nextBelow(6)));
    expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
