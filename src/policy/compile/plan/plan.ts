/** What one node has to enforce, worked out from nothing. */
import type { Member, NodeMember } from "../../model/members.js";
import type { Policy } from "../../model/policy.js";
import { PolicyIndex, type PolicyPlan } from "./policy-index.js";
import type { ResolvedNames } from "./set-book.js";

/** What a plan is made of. */
export interface PlanInput {
  readonly members: readonly Member[];
  /** In the order in which they are asked. */
  readonly policies: readonly Policy[];
  readonly nodes: readonly NodeMember[];
  /** The node that enforces; absent: every pod is here. */
  readonly node?: string;
  readonly resolved?: ResolvedNames;
}

/**
 * Makes the plan of a node. Profiles are in the order of their keys.
 *
 * Cost: one selector match per pod for each different selector that shares a label with it.
 */
export function planPolicies(input: PlanInput): PolicyPlan {
  const { members, policies, nodes, node, resolved = {} } = input;
  const index = new PolicyIndex({ isOneNode: node === undefined, resolved });
  const keyed = members.map((member, at) => [String(at), member] as const);
  index.update({ members: keyed, policies, nodes });
  return index.planOf(node ?? "");
}
