/** The schedulers against slow twins, and what holds for all of them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ip4Addr } from "../../../src/addr/index.js";
import { type Candidate, openScheduler, SCHEDULERS } from "../../../src/ipvs/index.js";
import { SLOW, SlowRing, slowWeighted } from "../../support/ipvs/slow-schedulers.js";

const CLIENT = { addr: ip4Addr(0xc0000207), port: 40000 };

/** Real servers with small weights and loads, so that equal ones meet. */
const servers = fc
  .array(
    fc.record({
      weight: fc.nat(4),
      active: fc.nat(3),
      inactive: fc.constantFrom(0, 1, 255, 256, 300),
    }),
    { maxLength: 5 },
  )
  .map((list) =>
    list.map((one, at): Candidate => {
      return { addr: ip4Addr(0x0af40002 + at), port: 8080, lastWeight: one.weight, ...one };
    }),
  );

const clients = fc.array(fc.record({ addr: fc.nat(0xffff), port: fc.nat(0xffff) }), {
  minLength: 1,
  maxLength: 12,
});

/** `rr` that forgets to step over those without weight. */
class BrokenRing extends SlowRing {
  override roundRobin(): Candidate | undefined {
    const chosen = super.roundRobin();
    return chosen === undefined ? undefined : { ...chosen, weight: -1 };
  }
}

/** One step of a life of a list of real servers. */
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant({ kind: "choose" as const }) },
    fc.record({ kind: fc.constant("add" as const), weight: fc.nat(2) }),
    fc.record({ kind: fc.constant("remove" as const), at: fc.nat(4) }),
  ),
  { maxLength: 30 },
);

function livesAlike(Ring: typeof SlowRing): boolean {
  let chosen = 0;
  fc.assert(
    fc.property(servers, steps, (list, life) => {
      const own = [...list];
      const scheduler = openScheduler("rr", [], own);
      const ring = new Ring(list);
      let added = 100;
      for (const step of life) {
        if (step.kind === "add") {
          const weight = step.weight;
          const server = {
            ...{ addr: ip4Addr(0x0af40000 + added++), port: 8080 },
            ...{ weight, lastWeight: weight, active: 0, inactive: 0 },
          };
          own.unshift(server);
          scheduler.changed({ kind: "added" });
          ring.add(server);
        } else if (step.kind === "remove") {
          const [gone] = own.splice(step.at, 1);
          if (gone === undefined) continue;
          scheduler.changed({ kind: "removed", at: step.at });
          ring.remove(gone);
        } else {
          const at = scheduler.choose(CLIENT);
          if (at !== undefined) chosen++;
          if ((at === undefined ? undefined : own[at]) !== ring.roundRobin()) return false;
        }
      }
      return true;
    }),
    { seed: 6, numRuns: 300 },
  );
  expect(chosen).toBeGreaterThan(500);
  return true;
}

describe("schedulers", () => {
  test("rr walks as the kernel walks its list, whoever comes and goes", () => {
    expect(livesAlike(SlowRing)).toBe(true);
    expect(() => livesAlike(BrokenRing)).toThrow();
  });

  test("wrr gives what the rounds give", () => {
    fc.assert(
      fc.property(servers, (list) => {
        const scheduler = openScheduler("wrr", [], list);
        const slow = slowWeighted(list);
        for (let i = 0; i < 40; i++) {
          const at = scheduler.choose(CLIENT);
          const { value } = slow.next();
          if ((at === undefined ? undefined : list[at]) !== value) return false;
        }
        return true;
      }),
      { seed: 6, numRuns: 300 },
    );
  });

  test.each(Object.keys(SLOW))("%s takes the first of the best", (name) => {
    let ties = 0;
    fc.assert(
      fc.property(servers, (list) => {
        const at = openScheduler(name, [], list).choose(CLIENT);
        if (new Set(list.map((s) => `${s.active} ${s.inactive} ${s.weight}`)).size < list.length) {
          ties++;
        }
        return (at === undefined ? undefined : list[at]) === SLOW[name]?.(list);
      }),
      { seed: 6, numRuns: 500 },
    );
    expect(ties).toBeGreaterThan(10);
  });

  test("nobody without weight is chosen, and with weight somebody, save where hashes say so", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(fc.constantFrom(...SCHEDULERS), servers, clients, (name, list, asking) => {
        const scheduler = openScheduler(name, [1], list);
        for (const { addr, port } of asking) {
          const at = scheduler.choose({ addr: ip4Addr(addr), port });
          if (at !== undefined) seen.set(name, (seen.get(name) ?? 0) + 1);
          const hasOpen = list.some((s) => s.weight > 0);
          if (hasOpen ? at === undefined : at !== undefined) return false;
          if (at !== undefined && (list[at]?.weight ?? 0) <= 0) return false;
        }
        return true;
      }),
      { seed: 6, numRuns: 400 },
    );
    expect([...seen.keys()].length).toBe(SCHEDULERS.length);
  });

  test("hashes look at the client alone: asked again, they answer alike", () => {
    fc.assert(
      fc.property(fc.constantFrom("sh", "mh"), servers, clients, (name, list, asking) => {
        const scheduler = openScheduler(name, [2], list);
        const all = () =>
          asking.map(({ addr, port }) => scheduler.choose({ addr: ip4Addr(addr), port }));
        const first = JSON.stringify(all());
        return JSON.stringify(all()) === first;
      }),
      { seed: 6, numRuns: 60 },
    );
  });
});
