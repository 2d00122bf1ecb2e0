/**
 * Everything that policies allow, as a list: from whom, to whom, on which protocols and ports. It is
 * worked out, not probed: pods are put into classes that no policy can tell apart, addresses outside
 * are split where blocks begin and end, and each pair of classes is asked about all ports at once.
 */
import { type Family, Range, tryAddOffset } from "../../addr/index.js";
import { Judge, type JudgeOptions } from "../judge/judge.js";
import type { PolicyMatrix } from "../matrix/matrix.js";
import { PointSet } from "../matrix/point-set.js";
import type { Member, NodeMember } from "../model/members.js";
import type { Direction, Policy } from "../model/policy.js";
import { type Focus, isInFocus, type ListedEnd } from "./focus.js";
import { blocksIn, splitAddrs } from "./outside.js";
import { type PortList, portListOf, printPorts } from "./ports.js";
import type { Workload } from "./workloads.js";

/** What one end may open to another. */
export interface Connection {
  readonly src: ListedEnd;
  readonly dst: ListedEnd;
  readonly ports: PortList;
  /** Some pods of the workloads may open less than this. */
  readonly varies: boolean;
}

/** What is to be listed. */
export interface ListInput {
  readonly workloads: readonly Workload[];
  readonly policies: readonly Policy[];
  readonly nodes?: readonly NodeMember[];
  /** Families of the addresses outside. Default: both. */
  readonly families?: readonly Family[];
  /** As in `Judge`. */
  readonly blocksMatchPods?: boolean;
  /**
   * Whether neighbouring ranges of addresses with the same ports are one (`joined`), or stay split
   * wherever a block of that direction begins or ends. Default: `joined`.
   */
  readonly ranges?: "joined" | "split";
  /** Only what this lets through. Default: everything. */
  readonly focus?: Focus;
}

/**
 * Lists what policies allow between workloads, and between workloads and addresses outside.
 *
 * Shape: by source, then destination: workloads in their order, then ranges by address. Pairs that
 * may open nothing are left out, as are a workload with itself and one outside with another.
 * Laws: a flow passes in the list just when the judge allows it
 * (test/property/policy/connections.prop.test.ts).
 * Not modelled: protocols beyond those three; routes, Services and who listens, which `verify` is
 * for; a node's way to its own pods.
 * Cost: one question per pair of different ends, whatever the number of pods and addresses.
 */
export function listConnections(input: ListInput): Connection[] {
  return new Lister(input).list();
}

/** The text of an end: `shop/web[Deployment]` or `10.0.0.0-10.255.255.255[External]`. */
export function printEnd(end: ListedEnd): string {
  if (end.kind === "outside") return `${end.range.first}-${end.range.last}[External]`;
  const { namespace, name, kind } = end.workload;
  return `${namespace}/${name}[${kind}]`;
}

/** One line: `shop/web[Deployment] => shop/db[StatefulSet] : TCP 5432`. */
export function printConnection({ src, dst, ports }: Connection): string {
  return `${printEnd(src)} => ${printEnd(dst)} : ${printPorts(ports)}`;
}

/** An end with the classes that its pods or addresses are in. */
interface ClassedEnd {
  readonly end: ListedEnd;
  readonly classes: readonly AddrClass[];
}

/** A class of ends, and the family of the addresses in it; a pod without addresses may get any. */
interface AddrClass {
  readonly id: number;
  readonly family: Family | undefined;
}

class Lister {
  readonly #judge: Judge;
  readonly #workloads: readonly ClassedEnd[];
  readonly #outside: Readonly<Record<Direction, readonly ClassedEnd[]>>;
  readonly #input: ListInput;
  readonly #lists = new Map<PointSet, PortList>();
  readonly #listsByText = new Map<string, PortList>();

  constructor(input: ListInput) {
    const { workloads, policies, nodes = [], blocksMatchPods } = input;
    this.#input = input;
    const members: Member[] = workloads.flatMap((workload) => workload.members);
    const options: JudgeOptions = { members, policies, nodes };
    const judge = new Judge({
      ...options,
      ...(blocksMatchPods === undefined ? {} : { blocksMatchPods }),
    });
    this.#judge = judge;
    let index = 0;
    this.#workloads = workloads.map((workload) => {
      const all = workload.members.flatMap(({ addrs }) => classesOf(judge, index++, addrs));
      const classes = new Map(all.map((each) => [`${each.id} ${each.family}`, each]));
      return { end: { kind: "workload", workload }, classes: [...classes.values()] };
    });
    this.#outside = { ingress: this.#ranges("ingress"), egress: this.#ranges("egress") };
  }

  list(): Connection[] {
    const from = this.#workloads.flatMap((src) => [
      ...this.#workloads.flatMap((dst) => (src === dst ? [] : this.#between(src, dst))),
      ...this.#join(this.#outside.egress.flatMap((dst) => this.#between(src, dst))),
    ]);
    const into = this.#workloads.flatMap((dst) =>
      this.#join(this.#outside.ingress.flatMap((src) => this.#between(src, dst))),
    );
    return [...from, ...into];
  }

  /** A packet's other end is tested by the rules of one direction only. */
  #ranges(direction: Direction): ClassedEnd[] {
    const { policies, nodes = [], families = ["ip4", "ip6"] } = this.#input;
    const blocks = blocksIn(policies, direction, nodes);
    const { matrix } = this.#judge;
    return families
      .flatMap((family) => splitAddrs(family, blocks))
      .map((range) => ({
        end: { kind: "outside", range },
        classes: [{ id: matrix.endClassOf(-1, range.first), family: range.family }],
      }));
  }

  #join(connections: readonly Connection[]): readonly Connection[] {
    return this.#input.ranges === "split" ? connections : joinRanges(connections);
  }

  #between(src: ClassedEnd, dst: ClassedEnd): Connection[] {
    const { focus } = this.#input;
    if (focus !== undefined && !isInFocus(focus, { src: src.end, dst: dst.end })) return [];
    const { matrix } = this.#judge;
    const sets = setsBetween(src, dst, matrix);
    const any = sets.reduce((sum, set) => sum.or(set), PointSet.EMPTY);
    const ports = this.#portsOf(any);
    if (ports.length === 0 || !hasPort(any, matrix, focus)) return [];
    const varies = sets.some((set) => set !== any && this.#portsOf(set) !== ports);
    return [{ src: src.end, dst: dst.end, ports, varies }];
  }

  /** Equal ports are one list: few sets are met over and over. */
  #portsOf(set: PointSet): PortList {
    const known = this.#lists.get(set);
    if (known !== undefined) return known;
    const made = portListOf(set, this.#judge.matrix.space);
    const text = printPorts(made);
    const ports = this.#listsByText.get(text) ?? made;
    this.#lists.set(set, ports);
    this.#listsByText.set(text, ports);
    return ports;
  }
}

function setsBetween(src: ClassedEnd, dst: ClassedEnd, matrix: PolicyMatrix): PointSet[] {
  return src.classes.flatMap((a) =>
    dst.classes.filter((b) => canMeet(a, b)).map((b) => matrix.between(a.id, b.id)),
  );
}

function hasPort(set: PointSet, { space }: PolicyMatrix, focus: Focus | undefined): boolean {
  const on = focus?.on;
  return on === undefined || set.has(space.point(on.protocol, on.port));
}

function canMeet(a: AddrClass, b: AddrClass): boolean {
  return a.family === undefined || b.family === undefined || a.family === b.family;
}

function classesOf({ matrix }: Judge, index: number, addrs: Member["addrs"]): AddrClass[] {
  if (addrs.length === 0) return [{ id: matrix.endClassOf(index, undefined), family: undefined }];
  return addrs.map((addr) => ({ id: matrix.endClassOf(index, addr), family: addr.family }));
}

/** Neighbouring ranges with the same ports become one; all are of one workload, in order. */
function joinRanges(connections: readonly Connection[]): Connection[] {
  const joined: Connection[] = [];
  for (const connection of connections) {
    const last = joined.at(-1);
    const together = last === undefined ? undefined : joinTwo(last, connection);
    if (together === undefined) joined.push(connection);
    else joined[joined.length - 1] = together;
  }
  return joined;
}

function joinTwo(a: Connection, b: Connection): Connection | undefined {
  if (a.ports !== b.ports || a.varies !== b.varies) return undefined;
  const src = joinEnds(a.src, b.src);
  const dst = joinEnds(a.dst, b.dst);
  return src === undefined || dst === undefined ? undefined : { ...b, src, dst };
}

function joinEnds(a: ListedEnd, b: ListedEnd): ListedEnd | undefined {
  if (a.kind !== "outside" || b.kind !== "outside") return a === b ? a : undefined;
  const { first, last } = a.range;
  const isNext = tryAddOffset(last, 1)?.equals(b.range.first) === true;
  return isNext ? { kind: "outside", range: new Range(first, b.range.last) } : undefined;
}
