import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseAddr } from "../../../src/addr/index.js";
import {
  type Flow,
  Judge,
  type Member,
  type Policy,
  planPolicies,
} from "../../../src/policy/index.js";
import { anyFlow, anyMembers, anyPolicies, NODES } from "../../support/policy/arbitrary.js";
import {
  iptablesConfig,
  nftablesConfig,
  passesForward,
  startKernel,
} from "../../support/policy/kernel.js";

const OPTIONS = { seed: 1, numRuns: 120 };
const world = fc.tuple(
  anyMembers,
  anyPolicies,
  fc.array(anyFlow, { minLength: 20, maxLength: 20 }),
);
type World = readonly [readonly Member[], readonly Policy[], readonly Flow[]];

function courtOf([members, policies]: World) {
  const judge = new Judge({ members, policies, nodes: NODES });
  const plan = planPolicies({ members, policies, nodes: NODES });
  const kernels = [
    startKernel(iptablesConfig(plan)),
    startKernel(iptablesConfig(plan, { hairpin: "rules", established: "recheck" })),
    startKernel(nftablesConfig(plan)),
    startKernel(nftablesConfig(plan, { established: "recheck" })),
  ];
  return { judge, kernels };
}

test("judge, iptables and nftables give the same answer for every flow", () => {
  const reasons = new Map<string, number>();
  fc.assert(
    fc.property(world, (given) => {
      const { judge, kernels } = courtOf(given);
      for (const flow of given[2]) {
        const verdict = judge.judge(flow);
        const answers = kernels.map((kernel) => passesForward(kernel, flow));
        expect(new Set([verdict.allowed, judge.isAllowed(flow), ...answers]).size).toBe(1);
        for (const side of [verdict.egress, verdict.ingress]) {
          const kind = side === undefined ? "outside" : `${side.reason.kind} ${side.allowed}`;
          reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
        }
      }
    }),
    OPTIONS,
  );
  for (const kind of [
    "rule true",
    "rule false",
    "isolation false",
    "default true",
    "exempt true",
  ]) {
    expect([kind, (reasons.get(kind) ?? 0) > 30]).toEqual([kind, true]);
  }
});

test("rules of which one is left out break the law", () => {
  const law = fc.property(world, ([members, policies, flows]) => {
    const broken = policies.map((p) => ({
      ...p,
      ...(p.ingress && { ingress: p.ingress.slice(1) }),
    }));
    const { judge } = courtOf([members, policies, flows]);
    const plan = planPolicies({ members, policies: broken, nodes: NODES });
    const kernel = startKernel(nftablesConfig(plan));
    return flows.every((flow) => judge.isAllowed(flow) === passesForward(kernel, flow));
  });
  expect(fc.check(law, OPTIONS).failed).toBe(true);
});

test("one more NetworkPolicy takes nothing away from pods that are isolated already", () => {
  let isolated = 0;
  fc.assert(
    fc.property(world, anyPolicies, ([members, policies, flows], more) => {
      const extra = more.filter((p) => p.tier === "network");
      const before = new Judge({ members, policies, nodes: NODES });
      const after = new Judge({ members, policies: merge(policies, extra), nodes: NODES });
      for (const flow of flows) {
        const { ingress, egress } = before.judge(flow);
        const sides = [ingress, egress].filter((side) => side !== undefined);
        if (sides.some((side) => side.reason.kind === "default")) continue;
        if (sides.some((side) => side.allowed && isBaseline(side.reason))) continue;
        isolated++;
        if (before.isAllowed(flow)) expect(after.isAllowed(flow)).toBe(true);
      }
    }),
    OPTIONS,
  );
  expect(isolated).toBeGreaterThan(200);
});

/** Policies stay in the order of their tiers. */
function merge(policies: readonly Policy[], extra: readonly Policy[]): Policy[] {
  const baseline = policies.findIndex((p) => p.tier === "baseline");
  const at = baseline < 0 ? policies.length : baseline;
  return [...policies.slice(0, at), ...extra, ...policies.slice(at)];
}

function isBaseline(reason: { kind: string; origin?: { kind: string } }): boolean {
  return reason.kind === "rule" && reason.origin?.kind === "baseline";
}

test("a pod that joins a profile changes elements, not rules", () => {
  let joined = 0;
  fc.assert(
    fc.property(anyMembers, anyPolicies, (members, policies) => {
      const addrs = (i: number) => [`10.0.0.${i + 11}`, `fd00::${i + 11}`].map(parseAddr);
      const twin = members.map((m, i) => ({ ...m, name: `twin${i}`, addrs: addrs(i) }));
      const chainsOf = (list: readonly Member[]) => {
        const plan = planPolicies({ members: list, policies, nodes: NODES });
        const { nftables } = nftablesConfig(plan);
        const { iptables } = iptablesConfig(plan);
        return JSON.stringify([nftables.tables.map((table) => table.chains), iptables]);
      };
      expect(chainsOf([...members, ...twin])).toBe(chainsOf(members));
      joined++;
    }),
    { seed: 1, numRuns: 100 },
  );
  expect(joined).toBe(100);
});
