import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Connection,
  type Flow,
  Judge,
  type ListedEnd,
  listConnections,
  type Member,
  type Policy,
  type Workload,
} from "../../../src/policy/index.js";
import { anyFlow, anyMembers, anyPolicies, NODES } from "../../support/policy/arbitrary.js";

const OPTIONS = { seed: 1, numRuns: 300 };
const world = fc.record({
  members: anyMembers,
  policies: anyPolicies,
  flows: fc.array(anyFlow, { minLength: 20, maxLength: 20 }),
  blocksMatchPods: fc.boolean(),
  ranges: fc.constantFrom("joined" as const, "split" as const),
});

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

/** Each pod is a workload of its own. */
function workloadsOf(members: readonly Member[]): Workload[] {
  return members.map((member) => ({
    ...{ namespace: member.namespace, name: member.name, kind: "Pod" },
    members: [member],
    origin: member.origin,
  }));
}

function listOf(given: World, policies: readonly Policy[]): Connection[] {
  const { members, blocksMatchPods, ranges } = given;
  return listConnections({
    workloads: workloadsOf(members),
    ...{ policies, nodes: NODES, blocksMatchPods, ranges },
  });
}

const NAMES = new Map([
  [6, "TCP"],
  [17, "UDP"],
  [132, "SCTP"],
]);

function covers(end: ListedEnd, addr: Flow["src"], members: readonly Member[]): boolean {
  const owner = members.find((member) => member.addrs.some((own) => own.equals(addr)));
  if (end.kind === "outside") return owner === undefined && end.range.contains(addr);
  return end.workload.members.some((member) => member === owner);
}

/** Every connection says: for all pods and families of its ends. */
function isListed(list: readonly Connection[], flow: Flow, members: readonly Member[]): boolean {
  const named = list.filter(
    ({ src, dst }) => covers(src, flow.src, members) && covers(dst, flow.dst, members),
  );
  return named.some(({ ports }) =>
    ports.some(
      ({ protocol, ranges }) =>
        protocol === NAMES.get(flow.protocol) &&
        ranges.some(({ first, last }) => first <= flow.port && flow.port <= last),
    ),
  );
}

/** Pods have addresses of both families here; what only one family may do is said to vary. */
function isSure(list: readonly Connection[], flow: Flow, members: readonly Member[]): boolean {
  return !list.some(
    ({ src, dst, varies }) =>
      varies && covers(src, flow.src, members) && covers(dst, flow.dst, members),
  );
}

const isAsked = (flow: Flow, members: readonly Member[]) => {
  const [src, dst] = [flow.src, flow.dst].map((addr) =>
    members.findIndex((member) => member.addrs.some((own) => own.equals(addr))),
  );
  return NAMES.has(flow.protocol) && src !== dst;
};

test("what is listed is what the judge allows", () => {
  const seen = { listed: 0, missing: 0, varying: 0 };
  fc.assert(
    fc.property(world, (given) => {
      const { members, policies, blocksMatchPods } = given;
      const list = listOf(given, policies);
      const judge = new Judge({ members, policies, nodes: NODES, blocksMatchPods });
      for (const flow of given.flows.filter((each) => isAsked(each, members))) {
        const { allowed } = judge.judge(flow);
        const listed = isListed(list, flow, members);
        if (!isSure(list, flow, members)) {
          seen.varying++;
          if (allowed) expect(listed).toBe(true);
          continue;
        }
        expect(listed).toBe(allowed);
        if (allowed) seen.listed++;
        else seen.missing++;
      }
    }),
    OPTIONS,
  );
  expect(Math.min(seen.listed, seen.missing)).toBeGreaterThan(400);
  expect(seen.varying).toBeGreaterThan(5);
});

test("a list of one policy less breaks the law", () => {
  const law = fc.property(world, (given) => {
    const { members, policies, blocksMatchPods } = given;
    const list = listOf(given, policies.slice(1));
    const judge = new Judge({ members, policies, nodes: NODES, blocksMatchPods });
    return given.flows
      .filter((flow) => isAsked(flow, members) && isSure(list, flow, members))
      .every((flow) => isListed(list, flow, members) === judge.isAllowed(flow));
  });
  expect(fc.check(law, OPTIONS).failed).toBe(true);
});
