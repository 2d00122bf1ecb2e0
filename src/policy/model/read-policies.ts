/** Any objects in, the policies among them out, in the order in which they are asked. */
import type { Origin } from "../../base/index.js";
import type { KubeObject } from "../../objects/index.js";
import type { Policy, Tier } from "./policy.js";
import { readNetworkPolicy } from "./read-network-policy.js";
import { readAdminPolicy, readBaselinePolicy, readClusterPolicy } from "./read-tiers.js";
import { READINGS, type Semantics, withReadings } from "./semantics.js";

/** An object, and where it was written. */
export interface SourcedObject {
  readonly object: KubeObject;
  readonly origin?: Origin;
}

const TIERS: Readonly<Record<Tier, number>> = { admin: 0, network: 1, baseline: 2 };

/**
 * Reads the policies among some objects.
 *
 * Returns: policies by tier, priority, namespace and name. Policies of one priority are asked in the
 * order of their names; the API leaves it open (see `findTies`). `semantics` is whose reading is meant.
 */
export function readPolicies(
  objects: readonly SourcedObject[],
  semantics: Semantics = "api",
): Policy[] {
  const policies = objects.flatMap(({ object, origin }) => {
    const { namespace, name } = object.metadata;
    const named = { kind: object.kind, name: name ?? "", ...(namespace ? { namespace } : {}) };
    return readPolicy(object, { ...named, ...origin });
  });
  return withReadings(policies.sort(comparePolicies), READINGS[semantics]);
}

function readPolicy(object: KubeObject, origin: Origin): Policy[] {
  switch (object.kind) {
    case "NetworkPolicy":
      return [readNetworkPolicy(object, origin)];
    case "AdminNetworkPolicy":
      return readAdminPolicy(object, origin);
    case "BaselineAdminNetworkPolicy":
      return readBaselinePolicy(object, origin);
    case "ClusterNetworkPolicy":
      return readClusterPolicy(object, origin);
    default:
      return [];
  }
}

/** The order in which policies are asked. */
export function comparePolicies(a: Policy, b: Policy): number {
  return (
    TIERS[a.tier] - TIERS[b.tier] ||
    a.priority - b.priority ||
    compareText(a.origin.namespace ?? "", b.origin.namespace ?? "") ||
    compareText(a.origin.name ?? "", b.origin.name ?? "")
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Pairs of policies of one tier and priority: which of them is asked first is undefined. */
export function findTies(policies: readonly Policy[]): readonly (readonly [Policy, Policy])[] {
  const ties: (readonly [Policy, Policy])[] = [];
  policies.forEach((policy, i) => {
    const before = policies[i - 1];
    if (before === undefined || policy.tier === "network" || policy.tier !== before.tier) return;
    if (policy.priority === before.priority) ties.push([before, policy]);
  });
  return ties;
}
