/** Laws of what nodes have to enforce while pods and policies come and go. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAddr } from "../../../src/addr/index.js";
import {
  compileIptables,
  compileNftables,
  type Member,
  type NodeMember,
  type Policy,
  type PolicyChange,
  PolicyIndex,
  type PolicyPlan,
} from "../../../src/policy/index.js";
import { anyLabels, anyMembers, anyPolicies, NODES } from "../../support/policy/arbitrary.js";

const HOSTS = ["node-a", "node-b"];

/** One step: some pods change, and perhaps the policies or the nodes. */
interface Step {
  readonly members: readonly (readonly [string, Member | undefined])[];
  readonly policies: readonly Policy[] | null;
  readonly nodes: readonly NodeMember[] | null;
}

const anyMember = fc
  .record({
    pods: anyMembers,
    host: fc.constantFrom(...HOSTS),
    at: fc.nat(9),
    isDual: fc.boolean(),
    isGone: fc.boolean(),
  })
  .map(({ pods, host, at, isDual, isGone }): readonly [string, Member | undefined] => {
    const addrs = [parseAddr(`10.0.0.${at + 1}`), parseAddr(`fd00::${at + 1}`)];
    const [pod] = pods;
    const member = { ...(pod as Member), node: host, addrs: isDual ? addrs : addrs.slice(0, 1) };
    return [`pod${at}`, isGone ? undefined : member];
  });

const rarely = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 2 });
const anyNodes = anyLabels.map((labels) => NODES.map((node) => ({ ...node, labels })));
const anyStep: fc.Arbitrary<Step> = fc.record({
  members: fc.array(anyMember, { maxLength: 4 }),
  policies: rarely(anyPolicies),
  nodes: rarely(anyNodes),
});

function print(plan: PolicyPlan): string {
  return JSON.stringify([
    compileIptables(plan, "ip4"),
    compileIptables(plan, "ip6"),
    compileNftables(plan),
  ]);
}

/** Runs the steps; says after which one a plan differs from that of a new index. */
function findDifference(steps: readonly Step[], along: Pick<PolicyIndex, "update" | "planOf">) {
  const members = new Map<string, Member>();
  let [policies, nodes]: [readonly Policy[], readonly NodeMember[]] = [[], NODES];
  for (const [at, step] of steps.entries()) {
    for (const [key, member] of step.members) {
      if (member === undefined) members.delete(key);
      else members.set(key, member);
    }
    policies = step.policies ?? policies;
    nodes = step.nodes ?? nodes;
    along.update({ members: step.members, policies, nodes });
    const fresh = new PolicyIndex();
    fresh.update({ members, policies, nodes });
    for (const host of HOSTS) {
      if (print(along.planOf(host)) !== print(fresh.planOf(host))) return at;
    }
  }
  return -1;
}

const steps = fc.array(anyStep, { minLength: 2, maxLength: 10 });
const OPTIONS = { seed: 11, numRuns: 120 };

test("an index that goes along makes the plans of one that starts anew", () => {
  let enforced = 0;
  fc.assert(
    fc.property(steps, (list) => {
      const along = new PolicyIndex();
      expect(findDifference(list, along)).toBe(-1);
      const { egress, ingress, sets } = along.planOf("node-a");
      if (egress.length > 0 && ingress.length > 0 && sets.size > 1) enforced++;
    }),
    OPTIONS,
  );
  expect(enforced).toBeGreaterThan(30);
});

/** Takes no notice of labels that change on a pod that it knows. */
class LabelBlindIndex extends PolicyIndex {
  readonly #known = new Map<string, Member>();

  override update({ members, ...rest }: PolicyChange): void {
    const seen = [...members].map(([key, member]) => {
      const old = this.#known.get(key);
      const now = member && old ? { ...member, labels: old.labels } : member;
      if (now === undefined) this.#known.delete(key);
      else this.#known.set(key, now);
      return [key, now] as const;
    });
    super.update({ members: seen, ...rest });
  }
}

test("the law notices an index that does not see labels change", () => {
  const law = fc.property(steps, (list) => findDifference(list, new LabelBlindIndex()) === -1);
  expect(fc.check(law, OPTIONS).failed).toBe(true);
});

const distinct = fc.uniqueArray(anyMember, { minLength: 3, selector: ([key]) => key });

test("what no change touches stays the same object", () => {
  let kept = 0;
  fc.assert(
    fc.property(anyPolicies, distinct, (policies, members) => {
      const index = new PolicyIndex();
      index.update({ members, policies, nodes: NODES });
      const before = index.planOf("node-a");
      const again = members.map(
        ([key, m]) => [key, m && { ...m, labels: { ...m.labels } }] as const,
      );
      index.update({ members: again, policies, nodes: NODES });
      expect(index.planOf("node-a")).toBe(before);
      kept += before.ingress.length;
    }),
    { seed: 3, numRuns: 100 },
  );
  expect(kept).toBeGreaterThan(20);
});
