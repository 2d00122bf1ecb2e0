/** The index of selectors gives what comparing each of them gives. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesSelector } from "../../../src/objects/index.js";
import { SelectorIndex } from "../../../src/policy/compile/plan/selector-index.js";
import { anyLabels, anySelector } from "../../support/policy/arbitrary.js";

test("an index of selectors finds what comparing every selector finds", () => {
  let found = 0;
  let missed = 0;
  fc.assert(
    fc.property(fc.array(anySelector, { maxLength: 20 }), anyLabels, (selectors, labels) => {
      const index = new SelectorIndex<number>();
      selectors.forEach((selector, i) => {
        index.add(selector, i);
      });
      const expected = selectors.flatMap((s, i) => (matchesSelector(s, labels) ? [i] : []));
      expect(index.match(labels).sort((a, b) => a - b)).toEqual(expected);
      found += expected.length;
      missed += selectors.length - expected.length;
    }),
    { seed: 7, numRuns: 500 },
  );
  expect(Math.min(found, missed)).toBeGreaterThan(500);
});
