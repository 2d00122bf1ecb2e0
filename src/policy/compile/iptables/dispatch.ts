/**
 * The way from a packet to the chain of its pod's profile. Few profiles are tried one after the
 * other. Many stand in a tree, so that what a packet costs does not grow with the profiles of others:
 *
 *   KW-EGRESS ─┬─ in set of 0… ─▶ KW-EGRESS-0 ─┬─ in set of 00… ─▶ KW-EGRESS-00 ─▶ …
 *              ├─ in set of 1… ─▶ …            └─ in set of a profile ─▶ KW-E-…
 *
 * Every address has one profile, so that whoever found it need not come back.
 */
import type { Family } from "../../../addr/index.js";
import type { IptablesChain, IptablesRule } from "../../../netfilter/index.js";
import type { Direction } from "../../model/policy.js";
import { type AddressSet, compareElements, makeSet } from "../plan/address-set.js";
import type { LocalProfile } from "../plan/policy-index.js";
import { chainName } from "./profile-chains.js";
import { inSet, rule } from "./rule-parts.js";

/** So many profiles are tried one after the other. */
const FEW_PROFILES = 8;

/** Digits of an id, see `digitOf`. */
const DIGITS = 20;

/** Chains, and the sets that they speak of. */
export interface Dispatch {
  readonly chains: readonly IptablesChain[];
  readonly sets: readonly AddressSet[];
  /** The set of all addresses with a profile; undefined while few profiles are tried anyway. */
  readonly all: AddressSet | undefined;
}

/** Writes the chains from a root to profiles; the last steps to a profile are written once. */
export class DispatchWriter {
  readonly #root: string;
  readonly #direction: Direction;
  readonly #family: Family;
  readonly #last = new WeakMap<LocalProfile, LastStep>();

  constructor(root: string, direction: Direction, family: Family) {
    this.#root = root;
    this.#direction = direction;
    this.#family = family;
  }

  /** Writes the chains to the profiles of a node. */
  write(profiles: readonly LocalProfile[]): Dispatch {
    const tree = new DispatchTree(this.#root, this.#direction, this.#family, this.#last);
    tree.add(this.#root, profiles, "");
    const all = profiles.length > FEW_PROFILES ? tree.unionOf(profiles, "") : undefined;
    return { chains: tree.chains, sets: tree.sets, all };
  }
}

/** The rule that leads to a profile's chain, and the set that it asks. */
interface LastStep {
  readonly rule: IptablesRule;
  readonly set: AddressSet;
}

class DispatchTree {
  readonly chains: IptablesChain[] = [];
  readonly sets: AddressSet[] = [];
  readonly #root: string;
  readonly #direction: Direction;
  readonly #family: Family;

  readonly #last: WeakMap<LocalProfile, LastStep>;

  constructor(
    root: string,
    direction: Direction,
    family: Family,
    last: WeakMap<LocalProfile, LastStep>,
  ) {
    this.#root = root;
    this.#direction = direction;
    this.#family = family;
    this.#last = last;
  }

  /** Adds the chain for profiles whose digits begin with a prefix, and those below it. */
  add(name: string, profiles: readonly LocalProfile[], prefix: string): void {
    const rules: IptablesRule[] = [];
    this.chains.push({ name, rules });
    if (profiles.length <= FEW_PROFILES || prefix.length === DIGITS) {
      for (const local of profiles) rules.push(this.#toProfile(local));
      return;
    }
    for (const [digit, below] of byDigit(profiles, prefix.length)) {
      const [only] = below;
      if (below.length === 1 && only !== undefined) {
        rules.push(this.#toProfile(only));
        continue;
      }
      const chain = `${this.#root}-${prefix}${digit}`;
      const set = this.unionOf(below, `${prefix}${digit}`);
      rules.push(this.#go(set, chain));
      this.add(chain, below, `${prefix}${digit}`);
    }
  }

  /** The set of all addresses with one of some profiles. */
  unionOf(profiles: readonly LocalProfile[], prefix: string): AddressSet {
    const elements = profiles.flatMap((local) => local.elements);
    return this.#set(`tree-${prefix}`, elements.sort(compareElements));
  }

  #toProfile(local: LocalProfile): IptablesRule {
    const known = this.#last.get(local);
    if (known !== undefined) {
      this.sets.push(known.set);
      return known.rule;
    }
    const { profile, elements } = local;
    const set = this.#set(profile.id, elements);
    const made = { rule: this.#go(set, chainName(profile)), set };
    this.#last.set(local, made);
    return made.rule;
  }

  #go(set: AddressSet, chain: string): IptablesRule {
    const side = this.#direction === "ingress" ? "dst" : "src";
    return rule([inSet(set.name, [side])], { kind: "goto", chain });
  }

  #set(text: string, elements: LocalProfile["elements"]): AddressSet {
    const place = { key: `${this.#direction}-${text}`, family: this.#family };
    const own = elements.filter((element) => element.addr.family === this.#family);
    const set = makeSet(place, "addrs", own);
    this.sets.push(set);
    return set;
  }
}

/** Profiles by a digit (0 to 7) of their id, in order. */
function byDigit(
  profiles: readonly LocalProfile[],
  depth: number,
): readonly (readonly [number, readonly LocalProfile[]])[] {
  const found = new Map<number, LocalProfile[]>();
  for (const local of profiles) {
    const digit = digitOf(local.profile.id, depth);
    const list = found.get(digit) ?? [];
    list.push(local);
    found.set(digit, list);
  }
  return [...found].sort(([a], [b]) => a - b);
}

/** An id has ten characters of base 32; each gives one digit, and then, from the first, another. */
function digitOf(id: string, depth: number): number {
  const value = Number.parseInt(id[depth % id.length] as string, 32);
  return depth < id.length ? value >>> 2 : value & 3;
}
