import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { expect, test } from "vitest";
import {
  type Addr,
  addOffset,
  addrFromBigInt,
  addrToBigInt,
  makePrefix,
  type Prefix,
  PrefixMap,
  PrefixMapSlow,
} from "../../../src/addr/index.js";
import { anyAddr, anyPrefix } from "../../support/addr/arbitrary.js";
import { containsLastWord, PrefixMapShortest } from "../../support/addr/broken.js";

const OPTIONS = { seed: 1, numRuns: 1_500 };

interface Operation {
  readonly kind: "set" | "delete";
  readonly prefix: Prefix;
}

const operations = fc.array(
  fc.record<Operation>({
    kind: fc.constantFrom("set", "set", "set", "delete"),
    prefix: anyPrefix,
  }),
  { maxLength: 40 },
);

/** Deletes meet their prefixes: half of them take one that was set before. */
function play(map: PrefixMap<number> | PrefixMapSlow<number>, list: readonly Operation[]): string {
  const told: string[] = [];
  const known: Prefix[] = [];
  list.forEach(({ kind, prefix }, i) => {
    const earlier = known[(i * 7) % Math.max(1, known.length)];
    if (kind === "set") {
      known.push(prefix);
      map.set(prefix, i);
    } else {
      told.push(String(map.delete(i % 2 === 0 ? prefix : (earlier ?? prefix))));
    }
    told.push(...known.map((p) => ask(map, p.last())), ask(map, prefix.addr));
  });
  told.push(...map.entries().map((e) => `${e.prefix}=${e.value}`), String(map.size));
  return told.join("\n");
}

function ask(map: PrefixMap<number> | PrefixMapSlow<number>, addr: Addr): string {
  const found = map.lookup(addr);
  const all = map.lookupAll(addr).map((e) => `${e.prefix}=${e.value}`);
  return `${addr}: ${found?.prefix}=${found?.value} of ${all.join(" ")}`;
}

test("the trie answers as the list does, after any sequence of sets and deletes", () => {
  let nested = 0;
  fc.assert(
    fc.property(operations, (list) => {
      const told = play(new PrefixMap(), list);
      expect(told).toBe(play(new PrefixMapSlow(), list));
      if (/of \S+ \S+ \S+/.test(told)) nested++;
    }),
    OPTIONS,
  );
  expect(nested).toBeGreaterThan(50);
});

test("a map that finds the shortest prefix breaks the law", () => {
  const law = fc.property(
    operations,
    (list) => play(new PrefixMapShortest(), list) === play(new PrefixMapSlow(), list),
  );
  expect(fc.check(law, OPTIONS).failed).toBe(true);
});

function containsTheirs(prefix: Prefix, addr: Addr): boolean {
  const theirs = ipaddr.parse(addr.toString());
  const base = ipaddr.parse(prefix.addr.toString());
  return theirs.kind() === base.kind() && theirs.match(base as never, prefix.bits);
}

test("a prefix contains what ipaddr.js says it contains", () => {
  const seen = { true: 0, false: 0 };
  const near = fc
    .tuple(anyPrefix, anyAddr, fc.boolean())
    .map(([p, x, inside]) => [p, inside ? makePrefix(x, 0) && p.last() : x] as const);
  const law = fc.property(near, ([prefix, addr]) => {
    seen[`${prefix.contains(addr)}`]++;
    expect(prefix.contains(addr)).toBe(containsTheirs(prefix, addr));
  });
  fc.assert(law, { seed: 1, numRuns: 5_000 });
  expect(Math.min(seen.true, seen.false)).toBeGreaterThan(500);
  const broken = fc.property(near, ([p, x]) => containsLastWord(p, x) === containsTheirs(p, x));
  expect(fc.check(broken, { seed: 1, numRuns: 5_000 }).failed).toBe(true);
});

test("adding in words is adding in numbers", () => {
  fc.assert(
    fc.property(anyAddr, fc.integer({ min: -70_000, max: 70_000 }), (addr, n) => {
      const sum = addrToBigInt(addr) + BigInt(n);
      fc.pre(sum >= 0n && sum < 1n << (addr.family === "ip4" ? 32n : 128n));
      expect(addOffset(addr, n).equals(addrFromBigInt(addr.family, sum))).toBe(true);
    }),
    OPTIONS,
  );
});
