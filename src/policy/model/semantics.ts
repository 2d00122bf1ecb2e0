/**
 * Whose reading of the policies is meant. The default is the API's own text; another is chosen only to
 * compare with what an engine answered. A reading is applied to policies once, as data, so that the
 * judge and both compilers need not know of it.
 */
import type { Policy, PortRange, Rule } from "./policy.js";

/**
 * One thing that an engine reads otherwise than the API:
 *
 * | reading | the API | the engine |
 * |---|---|---|
 * | `network-policy-settles-both` | a NetworkPolicy for one direction leaves the other to the baseline | the baseline is asked about neither |
 * | `named-port-any-number` | `namedPort` (v1alpha1) is the port of that name | any port of a pod that has the name |
 * | `nodes-mean-hosted-pods` | `nodes` (v1alpha1) are the nodes' addresses | the pods on these nodes |
 */
export type Reading =
  | "network-policy-settles-both"
  | "named-port-any-number"
  | "nodes-mean-hosted-pods";

/** Whose reading: the API's, or an engine's. */
export type Semantics = "api" | "kube-network-policies";

/** How each of them differs from the API. */
export const READINGS: Readonly<Record<Semantics, readonly Reading[]>> = {
  api: [],
  "kube-network-policies": [
    "network-policy-settles-both",
    "named-port-any-number",
    "nodes-mean-hosted-pods",
  ],
};

/**
 * Reads policies as somebody else does.
 *
 * Shape: the policies in the same order; `readings` are those of `READINGS`, or some of them.
 * Laws: without readings nothing changes.
 * Follows: kube-network-policies v1.1 (5f81cc37) pkg/networkpolicy/networkpolicy.go
 * `EvaluateEgress`; plugins/npa-v1alpha1 `evaluateAdminNetworkPolicyPort`, `evaluateAdminEgress`.
 * Not modelled: what that engine's data plane exempts before its policies are asked; that it takes
 * `ingress: []` for everything, since an API server hands over an empty list as a missing one.
 *
 * @example
 * const policies = readPolicies([]);
 * withReadings(policies, READINGS["kube-network-policies"]).length; // 0
 */
export function withReadings(policies: readonly Policy[], readings: readonly Reading[]): Policy[] {
  const chosen = new Set(readings);
  return policies.map((policy) =>
    policy.tier === "network" ? readNetwork(policy, chosen) : readTier(policy, chosen),
  );
}

type Chosen = ReadonlySet<Reading>;

function readNetwork(policy: Policy, chosen: Chosen): Policy {
  return chosen.has("network-policy-settles-both") ? { ...policy, settlesBoth: true } : policy;
}

const V1ALPHA1: ReadonlySet<string> = new Set(["AdminNetworkPolicy", "BaselineAdminNetworkPolicy"]);

function readTier(policy: Policy, chosen: Chosen): Policy {
  if (!V1ALPHA1.has(policy.origin.kind)) return policy;
  const { ingress, egress } = policy;
  const read = (rules: readonly Rule[]) => rules.map((rule) => readRule(rule, chosen));
  return {
    ...policy,
    ...(ingress && { ingress: read(ingress) }),
    ...(egress && { egress: read(egress) }),
  };
}

function readRule(rule: Rule, chosen: Chosen): Rule {
  const hostedPods = chosen.has("nodes-mean-hosted-pods");
  const anyNumber = chosen.has("named-port-any-number");
  const peers = rule.peers?.map((peer) =>
    peer.kind === "nodes" && hostedPods ? { ...peer, hostedPods } : peer,
  );
  const ports = rule.ports?.map(
    (range): PortRange => (range.kind === "named" && anyNumber ? { ...range, anyNumber } : range),
  );
  return { ...rule, ...(peers && { peers }), ...(ports && { ports }) };
}
