/**
 * All sets of a cluster that some rule speaks of, kept up to date while pods and policies come and
 * go.
 *
 *   rules ── specs ──▶ SetBook ◀── pods, one at a time
 *                        └─▶ AddressSets: the same objects as long as their elements are the same
 */
import { type Addr, type Family, tryParseAddr } from "../../../addr/index.js";
import { matchesSelector } from "../../../objects/index.js";
import type { Member, NodeMember } from "../../model/members.js";
import {
  type AddressSet,
  areAlike,
  type FamilySets,
  makeElement,
  makeSet,
  type SetElement,
  setName,
} from "./address-set.js";
import { ElementList } from "./element-list.js";
import { MemberIndex } from "./member-index.js";
import type { SetSpec } from "./set-spec.js";

/** Addresses that domain names stand for, as far as somebody has resolved them. */
export type ResolvedNames = Readonly<Record<string, readonly string[]>>;

/** One set, with what pods put into it. */
interface Tracked {
  readonly spec: SetSpec;
  readonly list: ElementList;
  made: FamilySets | undefined;
}

/** What one pod puts into one set. */
interface Share {
  readonly tracked: Tracked;
  readonly elements: readonly SetElement[];
}

interface Known {
  readonly member: Member;
  readonly own: readonly SetElement[];
  readonly shares: readonly Share[];
}

/** So many new sets are compared with every pod one by one; more are looked for all at once. */
const FEW_SETS = 8;

/**
 * The sets of a cluster.
 *
 * Laws: after any changes the sets are those of a new book (test/property/policy/plan.prop.test.ts).
 * Cost: a changed pod costs one look-up in the index of selectors, and the sets that it joins or
 * leaves.
 */
export class SetBook {
  readonly #resolved: ResolvedNames;
  readonly #tracked = new Map<string, Tracked>();
  readonly #members = new Map<string, Known>();
  readonly #changed = new Set<Tracked>();
  #nodes: readonly NodeMember[] = [];
  #index = new MemberIndex<Tracked>([], []);
  #sets: ReadonlyMap<string, FamilySets> = new Map();

  constructor(resolved: ResolvedNames = {}) {
    this.#resolved = resolved;
  }

  /** Keeps the sets with these specs, by key, and no others. */
  retain(specs: ReadonlyMap<string, SetSpec>): void {
    const dropped = new Set<Tracked>();
    for (const [key, tracked] of this.#tracked) {
      if (specs.has(key)) continue;
      this.#tracked.delete(key);
      dropped.add(tracked);
    }
    const added: Tracked[] = [];
    for (const [key, spec] of specs) {
      if (this.#tracked.has(key)) continue;
      const tracked = { spec, list: new ElementList(), made: undefined };
      this.#tracked.set(key, tracked);
      this.#changed.add(tracked);
      added.push(tracked);
    }
    if (dropped.size + added.length === 0) return;
    this.#makeIndex();
    if (dropped.size > 0) this.#forget(dropped);
    if (added.length > FEW_SETS) this.#placeAll();
    else if (added.length > 0) this.#placeIn(added);
  }

  /** Takes over the nodes: their addresses, and whose pods they host. */
  setNodes(nodes: readonly NodeMember[]): void {
    if (nodes === this.#nodes) return;
    this.#nodes = nodes;
    for (const tracked of this.#tracked.values()) {
      if (tracked.spec.kind === "nodes") this.#changed.add(tracked);
    }
    this.#makeIndex();
    if ([...this.#tracked.values()].some(({ spec }) => spec.kind === "hosted")) this.#placeAll();
  }

  /** Takes over a pod as it is now; undefined: it is gone. Returns whether its addresses changed. */
  setMember(key: string, member: Member | undefined): boolean {
    const old = this.#members.get(key);
    const shares = old?.shares ?? [];
    if (member === undefined) {
      this.#members.delete(key);
      this.#change(shares, []);
    } else this.#place(key, member, shares);
    return !areAlike(old?.own ?? [], this.elementsOf(key));
  }

  /** The keys of the sets that a pod belongs to, in no particular order. */
  keysOf(key: string): readonly string[] {
    return (this.#members.get(key)?.shares ?? []).map(({ tracked }) => tracked.spec.key);
  }

  /** The addresses of a pod. */
  elementsOf(key: string): readonly SetElement[] {
    return this.#members.get(key)?.own ?? [];
  }

  /**
   * Makes the sets that have changed.
   *
   * Returns: their keys. `sets` is another map afterwards, and the one before stays as it was.
   */
  settle(): ReadonlySet<string> {
    const keys = new Set<string>();
    const isFewer = this.#sets.size > this.#tracked.size - this.#changed.size;
    if (this.#changed.size === 0 && !isFewer) return keys;
    const sets = new Map(this.#sets);
    for (const key of isFewer ? this.#sets.keys() : [])
      if (!this.#tracked.has(key)) sets.delete(key);
    for (const tracked of this.#changed) {
      const { spec, made } = tracked;
      if (this.#tracked.get(spec.key) !== tracked) continue;
      tracked.made = this.#make(tracked);
      if (tracked.made === made) continue;
      sets.set(spec.key, tracked.made);
      keys.add(spec.key);
    }
    this.#changed.clear();
    this.#sets = sets;
    return keys;
  }

  /** All sets by key, as they were settled last. */
  get sets(): ReadonlyMap<string, FamilySets> {
    return this.#sets;
  }

  #makeIndex(): void {
    const all = [...this.#tracked.values()];
    this.#index = new MemberIndex(
      all.map((value) => ({ spec: value.spec, value })),
      this.#nodes,
    );
  }

  #forget(dropped: ReadonlySet<Tracked>): void {
    for (const [key, known] of this.#members) {
      if (!known.shares.some(({ tracked }) => dropped.has(tracked))) continue;
      const shares = known.shares.filter(({ tracked }) => !dropped.has(tracked));
      this.#members.set(key, { ...known, shares });
    }
  }

  #placeAll(): void {
    for (const [key, { member, shares }] of this.#members) this.#place(key, member, shares);
  }

  #placeIn(added: readonly Tracked[]): void {
    const index = new MemberIndex(
      added.map((value) => ({ spec: value.spec, value })),
      this.#nodes,
    );
    for (const [key, known] of this.#members) {
      const more = index.find(known.member).map((tracked) => shareOf(tracked, known));
      if (more.length === 0) continue;
      this.#change([], more);
      this.#members.set(key, { ...known, shares: [...known.shares, ...more] });
    }
  }

  #place(key: string, member: Member, old: readonly Share[]): void {
    const own = member.addrs.map((addr) => makeElement(addr));
    const shares = this.#index.find(member).map((tracked) => shareOf(tracked, { member, own }));
    this.#members.set(key, { member, own, shares });
    this.#change(old, shares);
  }

  #change(before: readonly Share[], after: readonly Share[]): void {
    const kept = new Map(before.map((share) => [share.tracked, share]));
    for (const share of after) {
      const old = kept.get(share.tracked);
      kept.delete(share.tracked);
      if (old !== undefined && areAlike(old.elements, share.elements)) continue;
      this.#changed.add(share.tracked);
      for (const element of old?.elements ?? []) share.tracked.list.remove(element);
      for (const element of share.elements) share.tracked.list.add(element);
    }
    for (const { tracked, elements } of kept.values()) {
      this.#changed.add(tracked);
      for (const element of elements) tracked.list.remove(element);
    }
  }

  /** The sets of both families: the same objects as before if their elements are the same. */
  #make({ spec, list, made }: Tracked): FamilySets {
    const lists = list.lists();
    const of = (family: Family): AddressSet => {
      const place = { key: spec.key, family };
      if (spec.kind === "block") return blockSet(spec, family);
      if (spec.kind === "nodes" || spec.kind === "domain") {
        return makeSet(place, "addrs", elementsIn(this.#staticAddrs(spec), family));
      }
      const known = made?.[family];
      if (known !== undefined && hasElements(known, lists[family])) return known;
      return makeSet(place, spec.kind === "ports" ? "ports" : "addrs", lists[family]);
    };
    const [ip4, ip6] = [of("ip4"), of("ip6")];
    return made?.ip4 === ip4 && made.ip6 === ip6 ? made : { ip4, ip6 };
  }

  #staticAddrs(spec: SetSpec & { readonly kind: "nodes" | "domain" }): readonly Addr[] {
    if (spec.kind === "nodes") {
      const chosen = this.#nodes.filter((node) => matchesSelector(spec.selector, node.labels));
      return chosen.flatMap((node) => node.addrs);
    }
    const names = Object.keys(this.#resolved).filter((name) => matchesDomain(spec.pattern, name));
    return names.flatMap((name) =>
      (this.#resolved[name] ?? []).flatMap((text) => tryParseAddr(text) ?? []),
    );
  }
}

/** What a pod puts into a set: its addresses, or its ports of a name. */
function shareOf(tracked: Tracked, { member, own }: Pick<Known, "member" | "own">): Share {
  const { spec } = tracked;
  if (spec.kind !== "ports") return { tracked, elements: own };
  const ports = member.ports.filter(
    (p) => p.name === spec.name && (spec.protocol ?? p.protocol) === p.protocol,
  );
  const elements = ports.flatMap(({ protocol, port: number }) =>
    member.addrs.map((addr) => makeElement(addr, { protocol, number })),
  );
  return { tracked, elements };
}

function hasElements({ content }: AddressSet, elements: readonly SetElement[]): boolean {
  return "elements" in content && content.elements === elements;
}

function blockSet(spec: SetSpec & { readonly kind: "block" }, family: Family): AddressSet {
  const { prefix, except, key } = spec;
  const isOwn = prefix.family === family;
  const content = {
    kind: "nets",
    nets: isOwn ? [prefix] : [],
    holes: isOwn ? except : [],
  } as const;
  return { name: setName(key, family), family, content };
}

function elementsIn(addrs: readonly Addr[], family: Family): readonly SetElement[] {
  const list = new ElementList();
  for (const addr of addrs) list.add(makeElement(addr));
  return list.lists()[family];
}

/**
 * Whether a name is meant by `example.com` or `*.example.com`.
 *
 * Follows: network-policy-api v0.2 apis/v1alpha2/shared_types.go `DomainName`: a wildcard stands for
 * one or more labels.
 */
export function matchesDomain(pattern: string, name: string): boolean {
  const bare = name.endsWith(".") ? name.slice(0, -1) : name;
  if (!pattern.startsWith("*.")) return pattern === bare;
  return bare.endsWith(pattern.slice(1)) && bare.length > pattern.length - 1;
}
