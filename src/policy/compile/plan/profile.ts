/**
 * Profiles: pods with the same policies share one. A profile is a list of rules in the order of the
 * tiers, and is the same for all nodes.
 */
import type { Origin } from "../../../base/index.js";
import type { Direction, Policy, Rule } from "../../model/policy.js";
import { shortHash } from "../short-hash.js";
import { type SetSpec, specOfPeer, specOfPort } from "./set-spec.js";

/** What the policies that hold for some pods say in one direction. */
export interface Profile {
  /** Made of the names of its policies: stable while pods come and go. */
  readonly key: string;
  /** A short form of the key, for names. */
  readonly id: string;
  readonly direction: Direction;
  readonly policies: readonly Policy[];
  readonly admin: readonly Rule[];
  /** The policies that isolate the pods; empty when they are not isolated. */
  readonly isolating: readonly Origin[];
  readonly network: readonly Rule[];
  readonly baseline: readonly Rule[];
  /** The sets that its rules speak of, by key. */
  readonly specs: ReadonlyMap<string, SetSpec>;
}

/** Makes the profile of pods that these policies select; undefined if nothing is said. */
export function makeProfile(
  policies: readonly Policy[],
  direction: Direction,
  known: ReadonlyMap<string, Profile>,
): Profile | undefined {
  const isSettled = policies.some((policy) => policy.settlesBoth === true);
  const chosen = policies.filter(
    (policy) => policy[direction] !== undefined && !(isSettled && policy.tier === "baseline"),
  );
  if (chosen.every((policy) => policy.tier !== "network" && hasNoRules(policy, direction))) {
    return undefined;
  }
  const key = chosen.map(nameOf).join("|");
  const old = known.get(`${direction} ${key}`);
  const isSame = old?.policies.length === chosen.length;
  if (isSame && chosen.every((policy, i) => policy === old.policies[i])) return old;
  const of = (tier: Policy["tier"]) => chosen.filter((policy) => policy.tier === tier);
  const rules = (tier: Policy["tier"]) => of(tier).flatMap((policy) => policy[direction] ?? []);
  return {
    key,
    id: shortHash(key),
    direction,
    policies: chosen,
    admin: rules("admin"),
    isolating: of("network").map((policy) => policy.origin),
    network: rules("network"),
    baseline: rules("baseline"),
    specs: specsOf(chosen.flatMap((policy) => policy[direction] ?? [])),
  };
}

/** The sets that rules speak of, by key. */
export function specsOf(rules: readonly Rule[]): Map<string, SetSpec> {
  const specs = new Map<string, SetSpec>();
  const add = (spec: SetSpec | undefined) => {
    if (spec !== undefined) specs.set(spec.key, spec);
  };
  for (const rule of rules) {
    for (const peer of rule.peers ?? []) add(specOfPeer(peer));
    for (const port of rule.ports ?? []) add(specOfPort(port));
  }
  return specs;
}

function hasNoRules(policy: Policy, direction: Direction): boolean {
  return (policy[direction] ?? []).length === 0;
}

function nameOf({ origin }: Policy): string {
  return `${origin.kind}/${origin.namespace ?? ""}/${origin.name ?? ""}`;
}
