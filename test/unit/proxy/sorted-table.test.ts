import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SortedTable } from "../../../src/proxy/sorted-table.js";

const anyKey = fc.integer({ min: 0, max: 20 }).map((n) => `k${n}`);
const anyChanges = fc.array(fc.tuple(anyKey, fc.option(fc.integer(), { nil: undefined })), {
  maxLength: 6,
});

test("a changed table holds what a Map would, in order of keys", () => {
  fc.assert(
    fc.property(fc.array(anyChanges, { maxLength: 6 }), (steps) => {
      const twin = new Map<string, number>();
      let table = SortedTable.of<number>(new Map());
      for (const changes of steps) {
        table = table.with(new Map(changes));
        for (const [key, value] of new Map(changes)) {
          if (value === undefined) twin.delete(key);
          else twin.set(key, value);
        }
        const sorted = [...twin].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(table.keys.map((key, i) => [key, table.values[i]])).toEqual(sorted);
        for (const [key, value] of twin) expect(table.get(key)).toBe(value);
        expect(table.get("nobody")).toBeUndefined();
      }
    }),
    { seed: 1, numRuns: 2000 },
  );
});
