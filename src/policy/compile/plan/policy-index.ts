/**
 * Policies and pods of a whole cluster, kept up to date: which profile a pod has, what each node has
 * to enforce. What no change has touched stays the same object, so that writing it for a kernel is
 * remembered by identity.
 */
import type { Addr } from "../../../addr/index.js";
import type { Member, NodeMember } from "../../model/members.js";
import type { Direction, Policy } from "../../model/policy.js";
import {
  areAlike,
  compareElements,
  type FamilySets,
  makeElement,
  type SetElement,
} from "./address-set.js";
import { makeProfile, type Profile, specsOf } from "./profile.js";
import { type ResolvedNames, SetBook } from "./set-book.js";
import { type SetSpec, specOfGroup } from "./set-spec.js";

/** The pods of a node that have a profile. */
export interface LocalProfile {
  readonly profile: Profile;
  /** Addresses of both families, in order. */
  readonly elements: readonly SetElement[];
}

/** What one node has to enforce. */
export interface PolicyPlan {
  /** By the keys of the profiles. */
  readonly egress: readonly LocalProfile[];
  readonly ingress: readonly LocalProfile[];
  /** Addresses of all pods of this node, whether selected or not. */
  readonly local: readonly SetElement[];
  /** Endpoints of Services among them. */
  readonly endpoints: readonly SetElement[];
  /** Keys of the sets that rules of these profiles speak of. */
  readonly keys: ReadonlySet<string>;
  /** The sets of the whole cluster, by key. */
  readonly sets: ReadonlyMap<string, FamilySets>;
}

/** What has changed in a cluster. */
export interface PolicyChange {
  /** Pods as they are now, by any key that stays; undefined: it is gone. */
  readonly members: Iterable<readonly [key: string, member: Member | undefined]>;
  /** All policies, in the order in which they are asked. */
  readonly policies: readonly Policy[];
  readonly nodes: readonly NodeMember[];
  /** Endpoints of Services; absent: none. */
  readonly endpoints?: readonly PolicyEndpoint[];
}

/** An endpoint of a Service: where its packets are sent. */
export interface PolicyEndpoint {
  readonly addr: Addr;
  /** The protocol's number. */
  readonly protocol: number;
  readonly port: number;
}

interface KnownMember {
  readonly node: string;
  readonly egress: Profile | undefined;
  readonly ingress: Profile | undefined;
}

interface NodeState {
  readonly members: Set<string>;
  isTouched: boolean;
  /** Other sets or endpoints are all that the plan lacks. */
  isStale: boolean;
  hasNewEndpoints: boolean;
  plan: PolicyPlan | undefined;
}

/** How an index is kept. */
export interface PolicyIndexOptions {
  /** Whether all pods count as those of one node, whose name is then "". Default: false. */
  readonly isOneNode?: boolean;
  readonly resolved?: ResolvedNames;
}

/**
 * What each node of a cluster has to enforce.
 *
 * Laws: after any changes the plans are those of a new index (test/property/policy/plan.prop.test.ts).
 * Cost: a changed pod costs one look-up among the selectors and a new plan for its node; a changed
 * policy, one look at every pod.
 */
export class PolicyIndex {
  readonly #isOneNode: boolean;
  readonly #book: SetBook;
  readonly #members = new Map<string, KnownMember>();
  readonly #nodes = new Map<string, NodeState>();
  #policies: readonly Policy[] | undefined;
  #endpoints: readonly PolicyEndpoint[] = [];
  /** Endpoints by their address. */
  #endpointsAt = new Map<string, readonly SetElement[]>();
  /** Places in the list of policies, by the key of the subject's set. */
  #bySubject = new Map<string, number[]>();
  #profiles = new Map<string, Profile>();
  #combined = new Map<string, Pick<KnownMember, Direction>>();

  constructor({ isOneNode = false, resolved = {} }: PolicyIndexOptions = {}) {
    this.#isOneNode = isOneNode;
    this.#book = new SetBook(resolved);
  }

  /** Takes over what has changed. */
  update({ members, policies, nodes, endpoints = [] }: PolicyChange): void {
    const hasNewPolicies = policies !== this.#policies;
    if (hasNewPolicies) this.#takePolicies(policies);
    this.#book.setNodes(nodes);
    for (const [key, member] of members) {
      const hasMoved = this.#book.setMember(key, member);
      if (member === undefined) this.#remove(key);
      else this.#place(key, this.#isOneNode ? "" : (member.node ?? ""), hasMoved);
    }
    if (hasNewPolicies) {
      for (const [key, { node }] of this.#members) this.#place(key, node, false);
      this.#forgetProfiles();
    }
    this.#tellNodes(this.#book.settle());
    this.#takeEndpoints(endpoints);
  }

  /** What a node has to enforce: the same object as before if nothing about it has changed. */
  planOf(node: string): PolicyPlan {
    const state = this.#nodes.get(node);
    if (state === undefined) return NOTHING;
    const old = state.plan;
    if (state.isTouched || old === undefined) state.plan = this.#makePlan(state.members, old);
    else if (state.isStale) {
      const endpoints = state.hasNewEndpoints ? this.#endpointsOf(old.local) : old.endpoints;
      state.plan = { ...old, sets: this.#book.sets, endpoints };
    }
    state.isTouched = false;
    state.isStale = false;
    state.hasNewEndpoints = false;
    return state.plan as PolicyPlan;
  }

  #tellNodes(changed: ReadonlySet<string>): void {
    if (changed.size === 0) return;
    for (const state of this.#nodes.values()) {
      if (state.isTouched || state.plan === undefined) continue;
      const { keys } = state.plan;
      state.isStale ||= [...changed].some((key) => keys.has(key));
    }
  }

  #takeEndpoints(endpoints: readonly PolicyEndpoint[]): void {
    if (endpoints === this.#endpoints || endpoints.length + this.#endpoints.length === 0) return;
    this.#endpoints = endpoints;
    const found = new Map<string, Map<string, SetElement>>();
    for (const { addr, protocol, port: number } of endpoints) {
      const element = makeElement(addr, { protocol, number });
      const own = found.get(addr.key()) ?? new Map<string, SetElement>();
      own.set(element.text, element);
      found.set(addr.key(), own);
    }
    this.#endpointsAt = new Map([...found].map(([addr, own]) => [addr, [...own.values()]]));
    for (const state of this.#nodes.values()) {
      if (state.isTouched || state.plan === undefined) continue;
      const { local, endpoints: old } = state.plan;
      state.hasNewEndpoints ||= !areAlike(old, this.#endpointsOf(local));
      state.isStale ||= state.hasNewEndpoints;
    }
  }

  #endpointsOf(local: readonly SetElement[]): readonly SetElement[] {
    const own = local.flatMap(({ addr }) => this.#endpointsAt.get(addr.key()) ?? []);
    return own.sort(compareElements);
  }

  #takePolicies(policies: readonly Policy[]): void {
    const specs = new Map<string, SetSpec>();
    this.#bySubject = new Map();
    policies.forEach((policy, place) => {
      const subject = specOfGroup(policy.subject);
      specs.set(subject.key, subject);
      const places = this.#bySubject.get(subject.key) ?? [];
      places.push(place);
      this.#bySubject.set(subject.key, places);
      const rules = [...(policy.ingress ?? []), ...(policy.egress ?? [])];
      for (const [key, spec] of specsOf(rules)) specs.set(key, spec);
    });
    this.#policies = policies;
    this.#combined = new Map();
    this.#book.retain(specs);
  }

  #remove(key: string): void {
    const known = this.#members.get(key);
    if (known === undefined) return;
    this.#members.delete(key);
    const state = this.#nodes.get(known.node);
    if (state === undefined) return;
    state.members.delete(key);
    state.isTouched = true;
  }

  /** A pod touches its node just if its addresses or profiles have changed. */
  #place(key: string, node: string, hasMoved: boolean): void {
    const old = this.#members.get(key);
    if (old !== undefined && old.node !== node) this.#remove(key);
    const profiles = this.#profilesOf(key);
    this.#members.set(key, { node, ...profiles });
    const state = this.#nodes.get(node) ?? newNode();
    this.#nodes.set(node, state);
    state.members.add(key);
    const isSame = old?.egress === profiles.egress && old?.ingress === profiles.ingress;
    if (hasMoved || old?.node !== node || !isSame) state.isTouched = true;
  }

  #profilesOf(key: string): Pick<KnownMember, Direction> {
    const places = this.#book.keysOf(key).flatMap((set) => this.#bySubject.get(set) ?? []);
    places.sort((a, b) => a - b);
    const text = places.join();
    const known = this.#combined.get(text);
    if (known !== undefined) return known;
    const policies = places.map((place) => this.#policies?.[place] as Policy);
    const make = (direction: Direction) => {
      const profile = makeProfile(policies, direction, this.#profiles);
      if (profile !== undefined) this.#profiles.set(`${direction} ${profile.key}`, profile);
      return profile;
    };
    const made = { egress: make("egress"), ingress: make("ingress") };
    this.#combined.set(text, made);
    return made;
  }

  #forgetProfiles(): void {
    const used = new Map<string, Profile>();
    for (const { egress, ingress } of this.#combined.values()) {
      if (egress !== undefined) used.set(`egress ${egress.key}`, egress);
      if (ingress !== undefined) used.set(`ingress ${ingress.key}`, ingress);
    }
    this.#profiles = used;
  }

  #makePlan(members: ReadonlySet<string>, old: PolicyPlan | undefined): PolicyPlan {
    const plan = {
      egress: this.#localProfiles(members, "egress", old?.egress),
      ingress: this.#localProfiles(members, "ingress", old?.ingress),
      local: [...members].flatMap((key) => this.#book.elementsOf(key)).sort(compareElements),
    };
    const keys = new Set<string>();
    for (const { profile } of plan.egress) for (const key of profile.specs.keys()) keys.add(key);
    for (const { profile } of plan.ingress) for (const key of profile.specs.keys()) keys.add(key);
    const endpoints = this.#endpointsOf(plan.local);
    return { ...plan, endpoints, keys, sets: this.#book.sets };
  }

  /** Those of other pods stay the same objects. */
  #localProfiles(
    members: ReadonlySet<string>,
    direction: Direction,
    old: readonly LocalProfile[] = [],
  ): readonly LocalProfile[] {
    const found = new Map<Profile, SetElement[]>();
    for (const key of members) {
      const profile = this.#members.get(key)?.[direction];
      if (profile === undefined) continue;
      const elements = found.get(profile) ?? [];
      elements.push(...this.#book.elementsOf(key));
      found.set(profile, elements);
    }
    const known = new Map(old.map((local) => [local.profile, local]));
    return [...found]
      .map(([profile, elements]) => {
        elements.sort(compareElements);
        const before = known.get(profile);
        return before !== undefined && areAlike(before.elements, elements)
          ? before
          : { profile, elements };
      })
      .sort((a, b) => (a.profile.key < b.profile.key ? -1 : 1));
  }
}

function newNode(): NodeState {
  return {
    members: new Set(),
    isTouched: true,
    isStale: false,
    hasNewEndpoints: false,
    plan: undefined,
  };
}

const NOTHING: PolicyPlan = {
  egress: [],
  ingress: [],
  local: [],
  endpoints: [],
  keys: new Set(),
  sets: new Map(),
};
