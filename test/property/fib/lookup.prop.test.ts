import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Fib,
  type Flow,
  hashFlow,
  type LookupAnswer,
  lookup,
  lookupSlow,
  openFib,
  routeOutput,
} from "../../../src/fib/index.js";
import { anyFibState, anyFlow } from "../../support/fib/arbitrary.js";
import { lookupWithoutBacktracking, lookupWithoutNot } from "../../support/fib/broken.js";

const OPTIONS = { seed: 7, numRuns: 4000 };
const questions = fc.array(anyFlow, { minLength: 1, maxLength: 8 });

function agree(fast: (fib: Fib, flow: Flow) => LookupAnswer) {
  return fc.property(anyFibState, questions, (state, flows) => {
    const fib = openFib(state);
    return flows.every(
      (flow) => JSON.stringify(fast(fib, flow)) === JSON.stringify(lookupSlow(fib, flow)),
    );
  });
}

test("the fast look-up gives what the slow one gives", () => {
  fc.assert(agree(lookup), OPTIONS);
});

test("the look-ups of the law are of every kind", () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(anyFibState, questions, (state, flows) => {
      const fib = openFib(state);
      for (const flow of flows) {
        const answer = lookup(fib, flow);
        const how = fib.merged === undefined ? "rules" : "merged";
        const kind = answer.kind === "found" ? answer.route.kind : answer.kind;
        const key = `${flow.dst.family} ${kind} ${flow.dst.family === "ip4" ? how : ""}`.trim();
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
    }),
    { ...OPTIONS, numRuns: 2000 },
  );
  for (const family of [
    "ip4 local rules",
    "ip4 unicast rules",
    "ip4 unicast merged",
    "ip6 unicast",
  ]) {
    expect(seen.get(family) ?? 0, family).toBeGreaterThan(30);
  }
  for (const key of [
    "ip4 refuse rules",
    "ip4 miss rules",
    "ip4 refuse merged",
    "ip6 refuse",
    "ip6 miss",
  ]) {
    expect(seen.get(key) ?? 0, key).toBeGreaterThan(30);
  }
});

test("a look-up that does not walk up to shorter prefixes breaks the law", () => {
  expect(fc.check(agree(lookupWithoutBacktracking), OPTIONS).failed).toBe(true);
});

test("a look-up that forgets `not` breaks the law", () => {
  expect(fc.check(agree(lookupWithoutNot), OPTIONS).failed).toBe(true);
});

test("one flow always takes the same next hop, and many flows take all of them", () => {
  const links = new Set<string>();
  fc.assert(
    fc.property(anyFibState, questions, (state, flows) => {
      const fib = openFib(state);
      for (const flow of flows) {
        const first = routeOutput(fib, flow);
        expect(JSON.stringify(routeOutput(openFib(state), flow))).toBe(JSON.stringify(first));
        expect(hashFlow(fib, flow)).toBeLessThan(2 ** 31);
        if (first.kind === "forward") links.add(first.link);
      }
    }),
    { ...OPTIONS, numRuns: 500 },
  );
  expect(links.size).toBe(3);
});
