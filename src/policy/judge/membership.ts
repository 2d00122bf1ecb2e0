/** Which members a group of pods has; each group is resolved once. */
import { type LabelSelector, matchesSelector } from "../../objects/index.js";
import type { Member, NodeMember } from "../model/members.js";
import { groupKey, type PodGroup } from "../model/policy.js";

/** One bit per member, by its place in the list of members. */
export type MemberSet = Uint32Array;

/** Whether the group has the member. */
export function isMember(group: PodGroup, member: Member): boolean {
  const { namespaces, pods } = group;
  const isIn =
    "name" in namespaces
      ? member.namespace === namespaces.name
      : matchesSelector(namespaces.selector, member.namespaceLabels);
  return isIn && matchesSelector(pods, member.labels);
}

/** Whether the set has the member at this place. */
export function hasMember(set: MemberSet, index: number): boolean {
  return (((set[index >>> 5] as number) >>> (index & 31)) & 1) === 1;
}

/**
 * The members of groups, resolved once per group.
 *
 * Cost: one selector match per member for each group; namespaces are matched once each.
 */
export class Membership {
  readonly members: readonly Member[];
  readonly #sets = new Map<string, MemberSet>();
  /** Groups that were asked about before, as the very same values: their texts need not be made. */
  readonly #known = new Map<PodGroup, MemberSet>();

  constructor(members: readonly Member[]) {
    this.members = members;
  }

  /** The members of a group. */
  of(group: PodGroup): MemberSet {
    const known = this.#known.get(group);
    if (known !== undefined) return known;
    const key = groupKey(group);
    const set = this.#sets.get(key) ?? this.#resolve(group);
    this.#sets.set(key, set);
    this.#known.set(group, set);
    return set;
  }

  /** The members on nodes with some labels; a node that is not known has none. */
  hostedBy(selector: LabelSelector, nodes: readonly NodeMember[]): MemberSet {
    const labelsOf = new Map(nodes.map((node) => [node.name, node.labels]));
    return this.#collect((member) => matchesSelector(selector, labelsOf.get(member.node ?? "")));
  }

  #resolve(group: PodGroup): MemberSet {
    return this.#collect((member) => isMember(group, member));
  }

  #collect(isIn: (member: Member) => boolean): MemberSet {
    const set = new Uint32Array((this.members.length >>> 5) + 1);
    this.members.forEach((member, index) => {
      if (isIn(member)) set[index >>> 5] = (set[index >>> 5] as number) | (1 << (index & 31));
    });
    return set;
  }
}
