import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Judge, type Policy } from "../../../src/policy/index.js";
import { anyFlow, anyMembers, anyPolicies, NODES } from "../../support/policy/arbitrary.js";

const OPTIONS = { seed: 1, numRuns: 400 };
const world = fc.record({
  members: anyMembers,
  policies: anyPolicies,
  flows: fc.array(anyFlow, { minLength: 30, maxLength: 30 }),
  blocksMatchPods: fc.boolean(),
  ownNodeEgress: fc.boolean(),
  onNode: fc.boolean(),
});

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function judgesOf(given: World, policies: readonly Policy[] = given.policies) {
  const { blocksMatchPods, ownNodeEgress } = given;
  const members = given.members.map((m) => (given.onNode ? { ...m, node: "node-a" } : m));
  const options = { members, nodes: NODES, blocksMatchPods, ownNodeEgress };
  return {
    slow: new Judge({ ...options, policies: given.policies }),
    quick: new Judge({ ...options, policies }),
  };
}

test("the table answers what the judge answers", () => {
  const seen = { allowed: 0, denied: 0, classes: 0 };
  fc.assert(
    fc.property(world, (given) => {
      const { slow, quick } = judgesOf(given);
      for (const flow of given.flows) {
        const { allowed } = slow.judge(flow);
        expect(quick.isAllowed(flow)).toBe(allowed);
        const { protocol, port } = flow;
        const ends = { src: quick.endAt(flow.src), dst: quick.endAt(flow.dst), protocol, port };
        expect(quick.areEndsAllowed(ends)).toBe(allowed);
        if (allowed) seen.allowed++;
        else seen.denied++;
      }
      seen.classes = Math.max(seen.classes, quick.matrix.endClassCount);
    }),
    OPTIONS,
  );
  expect(Math.min(seen.allowed, seen.denied)).toBeGreaterThan(800);
  expect(seen.classes).toBeGreaterThan(5);
});

/** Variants that are wrong in one thing each; every one must be found out. */
const BROKEN: readonly (readonly [string, (policies: readonly Policy[]) => Policy[]])[] = [
  ["asks the rules of a policy in the wrong order", (all) => all.map(reverseRules)],
  ["forgets who isolates", (all) => all.filter((p) => p.tier !== "network")],
  ["takes a pass for an accept", (all) => all.map(passIsAccept)],
  ["does not know named ports", (all) => all.map(withoutNames)],
];

test.each(BROKEN)("a table that %s breaks the law", (_, breakThem) => {
  const law = fc.property(world, (given) => {
    const { slow, quick } = judgesOf(given, breakThem(given.policies));
    return given.flows.every((flow) => slow.judge(flow).allowed === quick.isAllowed(flow));
  });
  expect(fc.check(law, OPTIONS).failed).toBe(true);
});

function mapRules(policy: Policy, change: (rules: Policy["ingress"]) => Policy["ingress"]): Policy {
  const [ingress, egress] = [change(policy.ingress), change(policy.egress)];
  return { ...policy, ...(ingress && { ingress }), ...(egress && { egress }) };
}

function reverseRules(policy: Policy): Policy {
  return mapRules(policy, (rules) => rules && [...rules].reverse());
}

function passIsAccept(policy: Policy): Policy {
  return mapRules(policy, (rules) =>
    rules?.map((rule) => (rule.action === "pass" ? { ...rule, action: "accept" } : rule)),
  );
}

function withoutNames(policy: Policy): Policy {
  return mapRules(policy, (rules) =>
    rules?.map((rule) => ({
      ...rule,
      ...(rule.ports && { ports: rule.ports.filter((port) => port.kind !== "named") }),
    })),
  );
}

test("pods that policies cannot tell apart are one class", () => {
  const labels = Array.from({ length: 100 }, (_, i) => ({ app: "web", "pod-name": `web-${i}` }));
  const members = labels.map((own, i) => ({
    namespace: i % 2 === 0 ? "one" : "two",
    name: `web-${i}`,
    labels: own,
    namespaceLabels: {},
    addrs: [],
    ports: [],
    origin: { kind: "Pod" },
  }));
  const subject = { namespaces: { selector: {} }, pods: { matchLabels: { app: "web" } } };
  const policy = { tier: "network", priority: 0, subject, ingress: [], origin: { kind: "x" } };
  const judge = new Judge({ members, policies: [policy as Policy] });
  expect(judge.matrix.classes.examples.length).toBe(1);
});
