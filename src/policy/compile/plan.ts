/**
 * What one node has to enforce, before it is written for a kernel: pods with the same policies share a
 * profile, and a profile is a list of rules in the order of the tiers. Both compilers read this.
 */
import type { Origin } from "../../base/index.js";
import { hasMember, type MemberSet, Membership } from "../judge/membership.js";
import type { Member, NodeMember } from "../model/members.js";
import type { Direction, Policy, Rule } from "../model/policy.js";

/** What a plan is made of. */
export interface PlanInput {
  readonly members: readonly Member[];
  readonly policies: readonly Policy[];
  readonly nodes: readonly NodeMember[];
  /** The node that enforces; absent: every pod is here. */
  readonly node?: string;
}

/** Pods of this node for which the same policies hold in one direction, and what these say. */
export interface Profile {
  /** Made of the names of its policies: stable while pods come and go. */
  readonly key: string;
  readonly direction: Direction;
  readonly members: readonly Member[];
  readonly admin: readonly Rule[];
  /** The policies that isolate the pods; empty when they are not isolated. */
  readonly isolating: readonly Origin[];
  readonly network: readonly Rule[];
  readonly baseline: readonly Rule[];
}

/** What one node has to enforce. */
export interface PolicyPlan {
  readonly egress: readonly Profile[];
  readonly ingress: readonly Profile[];
  /** All pods of this node, whether selected or not. */
  readonly local: readonly Member[];
  readonly membership: Membership;
  readonly nodes: readonly NodeMember[];
}

/**
 * Makes the plan of a node. Profiles are in the order of their keys.
 *
 * Cost: one selector match per pod for each different selector, one bit test per policy and pod.
 */
export function planPolicies(input: PlanInput): PolicyPlan {
  const membership = new Membership(input.members);
  const local = input.members
    .map((member, index) => ({ member, index }))
    .filter(({ member }) => input.node === undefined || member.node === input.node);
  const subjects = input.policies.map((policy) => membership.of(policy.subject));
  const profilesOf = (direction: Direction) => {
    const groups = new Map<string, { policies: readonly Policy[]; members: Member[] }>();
    for (const { member, index } of local) {
      const selecting = input.policies.filter((_, i) => hasMember(subjects[i] as MemberSet, index));
      const isSettled = selecting.some((policy) => policy.settlesBoth === true);
      const policies = selecting.filter(
        (policy) => policy[direction] !== undefined && !(isSettled && policy.tier === "baseline"),
      );
      if (policies.every((policy) => policy.tier !== "network" && hasNoRules(policy, direction))) {
        continue;
      }
      const key = policies.map(nameOf).join("|");
      const group = groups.get(key) ?? { policies, members: [] };
      group.members.push(member);
      groups.set(key, group);
    }
    const entries = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
    return entries.map(([key, group]) => makeProfile(key, direction, group));
  };
  return {
    egress: profilesOf("egress"),
    ingress: profilesOf("ingress"),
    local: local.map(({ member }) => member),
    membership,
    nodes: input.nodes,
  };
}

function hasNoRules(policy: Policy, direction: Direction): boolean {
  return (policy[direction] ?? []).length === 0;
}

function nameOf({ origin }: Policy): string {
  return `${origin.kind}/${origin.namespace ?? ""}/${origin.name ?? ""}`;
}

function makeProfile(
  key: string,
  direction: Direction,
  group: { readonly policies: readonly Policy[]; readonly members: readonly Member[] },
): Profile {
  const of = (tier: Policy["tier"]) => group.policies.filter((policy) => policy.tier === tier);
  const rules = (tier: Policy["tier"]) => of(tier).flatMap((policy) => policy[direction] ?? []);
  return {
    key,
    direction,
    members: group.members,
    admin: rules("admin"),
    isolating: of("network").map((policy) => policy.origin),
    network: rules("network"),
    baseline: rules("baseline"),
  };
}
