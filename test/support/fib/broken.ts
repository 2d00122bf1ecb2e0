/** Broken look-ups: each forgets one thing, and the law must notice. */
import { type Fib, type Flow, type LookupAnswer, lookup, openFib } from "../../../src/fib/index.js";

/** Stops at the longest prefix, whether or not a route of it can be taken. */
export function lookupWithoutBacktracking(fib: Fib, flow: Flow): LookupAnswer {
  const answer = lookup(fib, flow);
  if (answer.kind !== "found") return answer;
  const { route } = answer;
  const longest = fib.table(route.family, route.table)?.lookup(flow.dst)?.prefix;
  return longest?.bits === route.dst.bits ? answer : { kind: "miss" };
}

/** Forgets what `not` means. */
export function lookupWithoutNot(fib: Fib, flow: Flow): LookupAnswer {
  const family = flow.dst.family;
  const rules = fib.rules(family).map(({ not, ...rule }) => rule);
  const numbers = [...new Set([7, 100, 253, 254, 255])];
  const routes = numbers.flatMap((n) => fib.table(family, n)?.routes ?? []);
  return lookup(openFib({ routes, rules, links: fib.links }), flow);
}
