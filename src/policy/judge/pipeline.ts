/**
 * The order in which policies are asked about one pod and one direction:
 *
 *   admin, by priority ──▶ network (isolated?) ──▶ baseline, by priority ──▶ allowed
 *     accept, deny: final    rule or denial: final    accept, deny: final
 *     pass: leave the tier   not isolated: go on      pass: allowed
 */
import type { Origin } from "../../base/index.js";
import type { Direction, Policy } from "../model/policy.js";
import {
  type Binding,
  type BoundRule,
  bindRule,
  matchesRule,
  type Question,
} from "./bound-rule.js";
import { hasMember } from "./membership.js";
import type { Reason } from "./verdict.js";

/** Everything that can decide about one pod in one direction. */
export interface Pipeline {
  readonly admin: readonly BoundRule[];
  /** The policies that isolate the pod; empty when it is not isolated. */
  readonly isolating: readonly Origin[];
  readonly network: readonly BoundRule[];
  readonly baseline: readonly BoundRule[];
}

/** Rules of a policy in one direction, bound once for all the pods it selects. */
export class PolicyBinder {
  readonly binding: Binding;
  readonly #policies: readonly Policy[];
  readonly #rules = new Map<Policy, Partial<Record<Direction, readonly BoundRule[]>>>();

  constructor(policies: readonly Policy[], binding: Binding) {
    this.#policies = policies;
    this.binding = binding;
  }

  /** The pipeline of the member at a place. */
  pipelineOf(index: number, direction: Direction): Pipeline {
    const of = {
      admin: [] as BoundRule[],
      network: [] as BoundRule[],
      baseline: [] as BoundRule[],
    };
    const isolating: Origin[] = [];
    let isSettled = false;
    for (const policy of this.#policies) {
      if (!hasMember(this.binding.membership.of(policy.subject), index)) continue;
      if (policy.settlesBoth) isSettled = true;
      if (policy[direction] === undefined) continue;
      if (policy.tier === "network") isolating.push(policy.origin);
      of[policy.tier].push(...this.#rulesOf(policy, direction));
    }
    return { ...of, isolating, ...(isSettled ? { baseline: [] } : {}) };
  }

  #rulesOf(policy: Policy, direction: Direction): readonly BoundRule[] {
    const known = this.#rules.get(policy) ?? {};
    const rules =
      known[direction] ?? (policy[direction] ?? []).map((rule) => bindRule(rule, this.binding));
    this.#rules.set(policy, { ...known, [direction]: rules });
    return rules;
  }
}

/** The answer of a pipeline with its reason. */
export interface Explanation {
  readonly allowed: boolean;
  readonly reason: Reason;
  readonly passed: readonly Origin[];
  readonly unresolved: readonly string[];
}

/**
 * Asks the tiers in order.
 *
 * Follows: network-policy-api v0.2 apis/v1alpha2/clusternetworkpolicy_types.go; Kubernetes v1.35
 * staging/src/k8s.io/api/networking/v1/types.go.
 */
export function explain(pipeline: Pipeline, question: Question, binding: Binding): Explanation {
  const passed: Origin[] = [];
  const unresolved: string[] = [];
  const find = (rules: readonly BoundRule[]) => {
    for (const rule of rules) {
      if (matchesRule(rule, question, binding)) return rule;
      unresolved.push(...unresolvedIn(rule, question, binding));
    }
    return undefined;
  };
  const answer = (allowed: boolean, reason: Reason) => ({ allowed, reason, passed, unresolved });
  const byRule = (rule: BoundRule) => ({ kind: "rule", origin: rule.origin }) as const;
  const admin = find(pipeline.admin);
  if (admin?.action === "pass") passed.push(admin.origin);
  else if (admin !== undefined) return answer(admin.action === "accept", byRule(admin));
  if (pipeline.isolating.length > 0) {
    const rule = find(pipeline.network);
    if (rule !== undefined) return answer(true, byRule(rule));
    return answer(false, { kind: "isolation", policies: pipeline.isolating });
  }
  const baseline = find(pipeline.baseline);
  if (baseline?.action === "pass") passed.push(baseline.origin);
  else if (baseline !== undefined) return answer(baseline.action === "accept", byRule(baseline));
  return answer(true, { kind: "default" });
}

function unresolvedIn(rule: BoundRule, { peer }: Question, binding: Binding): string[] {
  const { addr } = peer;
  if (addr === undefined || peer.index >= 0) return [];
  return rule.domains.filter((name) => binding.resolveDomain(name, addr) === undefined);
}
