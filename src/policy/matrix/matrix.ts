/**
 * The judge's answers as a table: ends are put into classes that no policy can tell apart, and for each
 * pair of classes there is one set of protocols and ports that pass.
 *
 *   address ─▶ end class ─┐
 *                         ├─▶ set of points ─▶ holds the flow's point?
 *   address ─▶ end class ─┘
 *
 * It answers only; reasons are the judge's.
 */
import type { Addr } from "../../addr/index.js";
import type { ResolveDomain } from "../judge/bound-rule.js";
import type { Member, NodeMember } from "../model/members.js";
import type { Direction, Policy } from "../model/policy.js";
import { AddrTests } from "./addr-tests.js";
import { LoweredPolicies, type LoweredRule } from "./lowered.js";
import { type ClassId, classifyMembers, type MemberClasses } from "./member-classes.js";
import type { PointSet } from "./point-set.js";
import { type PortSpace, portSpaceOf } from "./port-space.js";
import { SetAlgebra, type SetId } from "./set-algebra.js";
import { passingPoints, type SideQuestion } from "./side-points.js";

/** What a matrix is made of. */
export interface MatrixInput {
  readonly members: readonly Member[];
  readonly policies: readonly Policy[];
  readonly nodes: readonly NodeMember[];
  readonly blocksMatchPods: boolean;
  readonly resolveDomain: ResolveDomain;
}

/** A class of ends: a class of members, or -1 outside; and the address tests that are passed. */
interface EndClass {
  readonly members: ClassId;
  readonly passed: string;
}

/** The most entries that are remembered for pairs; when they are full, all are forgotten. */
const ENTRIES_MAX = 1 << 24;

/**
 * A table of what ends may say to each other.
 *
 * Laws: its answers are the judge's (test/property/policy/matrix.prop.test.ts).
 * Not modelled: exemptions (a pod to itself, a node to its own pods), which are the judge's.
 * Cost: making it takes a step per member and one per group for each different look of members; a pair
 * of classes costs a step per rule when it is first asked about, and a look-up after that.
 */
export class PolicyMatrix {
  readonly space: PortSpace;
  readonly classes: MemberClasses;
  readonly tests: AddrTests;
  readonly sets = new SetAlgebra();
  readonly #all: SetId;
  readonly #input: MatrixInput;
  readonly #lowered: LoweredPolicies;
  readonly #ends: EndClass[] = [];
  readonly #endIds = new Map<string, number>();
  /** For each source, the number of the set of each destination plus 1; 0 when not known yet. */
  #rows: (Uint32Array | undefined)[] = [];
  #entryCount = 0;

  constructor(input: MatrixInput) {
    const { members, policies, nodes } = input;
    this.#input = input;
    this.space = portSpaceOf(policies, members);
    this.classes = classifyMembers(members, policies, nodes);
    this.tests = new AddrTests(nodes, input.resolveDomain);
    this.#all = this.sets.idOf(this.space.all);
    this.#lowered = new LoweredPolicies(policies, this);
  }

  /** The class of an end: the member at a place, or -1, with an address. */
  endClassOf(index: number, addr: Addr | undefined): number {
    const members = index < 0 ? -1 : (this.classes.classOf[index] as ClassId);
    const hasTests = index < 0 || this.#input.blocksMatchPods;
    const passed = addr === undefined || !hasTests ? "" : this.tests.passedBy(addr);
    const key = `${members} ${passed}`;
    const known = this.#endIds.get(key);
    if (known !== undefined) return known;
    this.#ends.push({ members, passed });
    this.#endIds.set(key, this.#endIds.size);
    return this.#endIds.size - 1;
  }

  /** How many classes of ends there are so far. */
  get endClassCount(): number {
    return this.#ends.length;
  }

  /** Whether a point passes between two classes of ends. */
  passes(src: number, dst: number, point: number): boolean {
    return this.sets.at(this.#idBetween(src, dst)).has(point);
  }

  /** The points that pass between two classes of ends. */
  between(src: number, dst: number): PointSet {
    return this.sets.at(this.#idBetween(src, dst));
  }

  #idBetween(src: number, dst: number): SetId {
    const row = this.#rowOf(src, dst);
    const known = row[dst] as number;
    if (known > 0) return known - 1;
    const [from, to] = [this.#ends[src] as EndClass, this.#ends[dst] as EndClass];
    const sent = this.#side("egress", { own: from, peer: to, to });
    const id =
      sent === 0 ? 0 : this.sets.and(sent, this.#side("ingress", { own: to, peer: from, to }));
    row[dst] = id + 1;
    return id;
  }

  #side(direction: Direction, { own, peer, to }: Sides): SetId {
    if (own.members < 0) return this.#all;
    const pipeline = this.#lowered.pipelineOf(own.members, direction);
    return passingPoints(pipeline, new Question(this.#lowered, { all: this.#all, peer, to }));
  }

  #rowOf(src: number, dst: number): Uint32Array {
    const known = this.#rows[src];
    if (known !== undefined && dst < known.length) return known;
    const size = Math.max(this.#ends.length, 64, (known?.length ?? 0) * 2);
    this.#entryCount += size;
    if (this.#entryCount > ENTRIES_MAX) {
      this.#rows = [];
      this.#entryCount = size;
    }
    const row = new Uint32Array(size);
    if (known !== undefined) row.set(known);
    this.#rows[src] = row;
    return row;
  }
}

interface Sides {
  readonly own: EndClass;
  readonly peer: EndClass;
  readonly to: EndClass;
}

/** What is asked about a pair, without a closure for each. */
class Question implements SideQuestion {
  readonly sets: SetAlgebra;
  readonly all: SetId;
  readonly #lowered: LoweredPolicies;
  readonly #peer: EndClass;
  readonly #to: EndClass;

  constructor(lowered: LoweredPolicies, of: { all: SetId; peer: EndClass; to: EndClass }) {
    this.sets = lowered.sets;
    this.all = of.all;
    this.#lowered = lowered;
    this.#peer = of.peer;
    this.#to = of.to;
  }

  isPeer({ anyPeer, classes, tests }: LoweredRule): boolean {
    if (anyPeer) return true;
    const { members, passed } = this.#peer;
    if (members >= 0 && classes[members] === 1) return true;
    for (const test of tests) if (passed[test] === "1") return true;
    return false;
  }

  pointsOf(rule: LoweredRule): SetId {
    return rule.names.length === 0 ? rule.points : this.#lowered.pointsAt(rule, this.#to.members);
  }
}
