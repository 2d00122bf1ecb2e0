/** Policies with everything looked up that can be: rules as tables over classes, and what pods ask them in which order. */
import type { Member, NamedPort } from "../model/members.js";
import type { Action, Direction, Policy, PortRange, Rule } from "../model/policy.js";
import type { AddrTests } from "./addr-tests.js";
import type { ClassId, MemberClasses } from "./member-classes.js";
import { PointSet } from "./point-set.js";
import type { PortSpace } from "./port-space.js";
import type { SetAlgebra, SetId } from "./set-algebra.js";

/** A rule as tables. */
export interface LoweredRule {
  readonly action: Action;
  readonly anyPeer: boolean;
  /** 1 for each class of members that is its peer. */
  readonly classes: Uint8Array;
  /** Tests of which one must be passed by an address. */
  readonly tests: readonly number[];
  /** The points that it names by number; every point when it names none. */
  readonly points: SetId;
  readonly names: readonly (PortRange & { kind: "named" })[];
}

/** What is asked about a class of pods in one direction, in order. */
export interface LoweredPipeline {
  readonly admin: readonly LoweredRule[];
  readonly isIsolated: boolean;
  readonly network: readonly LoweredRule[];
  readonly baseline: readonly LoweredRule[];
}

/** What policies are lowered against. */
export interface Ground {
  readonly classes: MemberClasses;
  readonly tests: AddrTests;
  readonly space: PortSpace;
  readonly sets: SetAlgebra;
}

/** Lowers policies; rules once each, pipelines when their class is first asked about. */
export class LoweredPolicies {
  readonly #ground: Ground;
  readonly #policies: readonly Lowered[];
  readonly #pipelines: Record<Direction, LoweredPipeline[]> = { ingress: [], egress: [] };
  /** What rules with names mean at each class of destinations. */
  readonly #pointsAt = new Map<LoweredRule, (SetId | undefined)[]>();

  constructor(policies: readonly Policy[], ground: Ground) {
    this.#ground = ground;
    this.#policies = policies.map((policy) => ({
      policy,
      subject: ground.classes.of(policy.subject),
      ingress: policy.ingress?.map((rule) => lowerRule(rule, ground)),
      egress: policy.egress?.map((rule) => lowerRule(rule, ground)),
    }));
  }

  /** What is asked about a class in a direction. */
  pipelineOf(id: ClassId, direction: Direction): LoweredPipeline {
    const known = this.#pipelines[direction][id];
    if (known !== undefined) return known;
    const selecting = this.#policies.filter(({ subject }) => subject[id] === 1);
    const of = (tier: Policy["tier"]) =>
      selecting.filter(({ policy }) => policy.tier === tier).flatMap((l) => l[direction] ?? []);
    const isSettled = selecting.some(({ policy }) => policy.settlesBoth);
    const pipeline = {
      admin: of("admin"),
      isIsolated: selecting.some(
        ({ policy }) => policy.tier === "network" && policy[direction] !== undefined,
      ),
      network: of("network"),
      baseline: isSettled ? [] : of("baseline"),
    };
    this.#pipelines[direction][id] = pipeline;
    return pipeline;
  }

  get sets(): SetAlgebra {
    return this.#ground.sets;
  }

  /** The points that a rule names at a class of destinations; nobody outside (-1) has named ports. */
  pointsAt(rule: LoweredRule, to: ClassId): SetId {
    if (to < 0) return rule.points;
    const at = this.#pointsAt.get(rule) ?? [];
    const known = at[to];
    if (known !== undefined) return known;
    const { ports } = this.#ground.classes.examples[to] as Member;
    const points = this.#pointsOf(rule, ports);
    at[to] = points;
    this.#pointsAt.set(rule, at);
    return points;
  }

  #pointsOf(rule: LoweredRule, ports: readonly NamedPort[]): SetId {
    const { space, sets } = this.#ground;
    const points = rule.names.reduce((sum, { name, protocol, anyNumber }) => {
      const own = ports.filter((port) => port.name === name);
      if (anyNumber) return own.length > 0 ? space.all : sum;
      return own
        .filter((port) => (protocol ?? port.protocol) === port.protocol)
        .reduce((more, { protocol: p, port }) => more.or(space.ports(p, port, port)), sum);
    }, sets.at(rule.points));
    return sets.idOf(points);
  }
}

interface Lowered {
  readonly policy: Policy;
  readonly subject: Uint8Array;
  readonly ingress: readonly LoweredRule[] | undefined;
  readonly egress: readonly LoweredRule[] | undefined;
}

function lowerRule(rule: Rule, { classes, tests, space, sets }: Ground): LoweredRule {
  const own = new Uint8Array(classes.examples.length);
  const testIds: number[] = [];
  let hasUnknown = false;
  for (const peer of rule.peers ?? []) {
    if (peer.kind === "unknown") hasUnknown = true;
    else if (peer.kind === "pods") addTo(own, classes.of(peer.group));
    else if (peer.kind === "nodes" && peer.hostedPods) addTo(own, classes.hostedBy(peer.selector));
    else testIds.push(tests.idOf(peer));
  }
  const ranges = rule.ports ?? [];
  return {
    action: rule.action,
    anyPeer: rule.peers === undefined || (hasUnknown && rule.action === "deny"),
    classes: own,
    tests: testIds,
    points: sets.idOf(rule.ports === undefined ? space.all : numbersIn(ranges, space)),
    names: ranges.filter((range) => range.kind === "named"),
  };
}

function addTo(sum: Uint8Array, more: Uint8Array): void {
  more.forEach((bit, i) => {
    if (bit === 1) sum[i] = 1;
  });
}

function numbersIn(ranges: readonly PortRange[], space: PortSpace): PointSet {
  return ranges.reduce((points, range) => {
    if (range.kind === "named") return points;
    return points.or(space.ports(range.protocol, range.first, range.last));
  }, PointSet.EMPTY);
}
