import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Heap } from "../../../src/base/index.js";

describe("an ordered queue", () => {
  it("gives values by key, equal keys in the order they came", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }), (keys) => {
        const heap = new Heap<number>();
        keys.forEach((key, index) => {
          heap.push(key, index);
        });
        const out = keys.map(() => heap.pop() as number);
        const expected = keys
          .map((key, index) => ({ key, index }))
          .sort((a, b) => a.key - b.key || a.index - b.index)
          .map(({ index }) => index);
        expect(out).toEqual(expected);
        expect(heap.pop()).toBeUndefined();
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("tells its smallest key without taking it", () => {
    const heap = new Heap<string>();
    expect(heap.peekKey()).toBeUndefined();
    heap.push(3, "c");
    heap.push(1, "a");
    expect([heap.peekKey(), heap.count, heap.pop(), heap.peekKey()]).toEqual([1, 2, "a", 3]);
  });
});
