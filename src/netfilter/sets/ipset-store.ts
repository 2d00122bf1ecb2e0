/**
 * The ipsets of one namespace while packets move: membership tests, and what `-j SET` adds and takes.
 * Networks of one dimension are tried from the longest length that the set holds to the shortest.
 */
import type { IpsetConfig } from "../ipset.js";
import { type Dimension, dimensionsOf } from "./element.js";
import { OpenSet } from "./open-set.js";
import type { SetPacket, Side } from "./packet-part.js";

/** Whether a packet is in a set; `unknown` names what is not modelled. */
export type Membership = "in" | "out" | { readonly unknown: string };

/** The sets of one namespace. */
export class IpsetStore {
  readonly #sets = new Map<string, OpenSet>();
  readonly #unmodelled = new Map<string, string>();
  #changes = 0;

  constructor(configs: readonly IpsetConfig[], nowUs: () => number) {
    for (const config of configs) {
      const dimensions = dimensionsOf(config.type);
      if (dimensions === undefined) this.#unmodelled.set(config.name, `ipset type ${config.type}`);
      else this.#sets.set(config.name, new OpenSet(config, dimensions, nowUs));
    }
  }

  /** How often packets have changed a set. */
  get changes(): number {
    return this.#changes;
  }

  /** What in the sets is not modelled: a packet that asks such a set ends in the fate _unknown_. */
  unmodelled(): readonly string[] {
    return [...this.#unmodelled.values()];
  }

  /** The dimensions of a set; undefined if there is none of that name or its type is not modelled. */
  dimensions(name: string): readonly Dimension[] | undefined {
    return this.#sets.get(name)?.dimensions;
  }

  /**
   * The addresses in a set of single addresses that no time limits; undefined for other sets.
   *
   * Returns: a view, by keys as `Addr.key` gives them; what was read holds as long as `changes` stays.
   */
  fixedAddrs(name: string): ReadonlyMap<string, unknown> | undefined {
    return this.#sets.get(name)?.fixedAddrs();
  }

  /**
   * Tests a packet against a set.
   *
   * Follows: Linux 6.18 net/netfilter/ipset/ip_set_core.c `ip_set_test`, ip_set_hash_gen.h
   * `mtype_test_cidrs`, ip_set_list_set.c `list_set_ktest`.
   */
  test(name: string, sides: readonly Side[], asked: SetPacket): Membership {
    const set = this.#sets.get(name);
    if (set === undefined) {
      return { unknown: this.#unmodelled.get(name) ?? `ipset ${name} is missing` };
    }
    const { unmodelled, dimensions } = set;
    if (unmodelled !== undefined) return { unknown: unmodelled };
    if (sides.length < dimensions.length) return "out";
    if (dimensions[0] === "set") return this.#testList(set, sides, asked);
    return set.takes(asked.skb.packet) && set.has(sides, asked) ? "in" : "out";
  }

  #testList({ config }: OpenSet, sides: readonly Side[], asked: SetPacket): Membership {
    for (const entry of config.entries) {
      const answer = this.test(entry.text, sides, asked);
      if (answer !== "out") return answer;
    }
    return "out";
  }

  /**
   * Adds a packet to a set, as `-j SET --add-set` does. Without `exist` an element that is there
   * keeps its time.
   */
  add(
    name: string,
    sides: readonly Side[],
    asked: SetPacket,
    how: { readonly timeoutSeconds: number | undefined; readonly exist: boolean },
  ): void {
    this.#toChange(name, sides, asked)?.add(sides, asked, how);
  }

  /** Takes a packet out of a set, as `-j SET --del-set` does. */
  delete(name: string, sides: readonly Side[], asked: SetPacket): void {
    this.#toChange(name, sides, asked)?.delete(sides, asked);
  }

  #toChange(name: string, sides: readonly Side[], asked: SetPacket): OpenSet | undefined {
    const set = this.#sets.get(name);
    if (set === undefined || sides.length < set.dimensions.length) return undefined;
    if (!set.takes(asked.skb.packet)) return undefined;
    this.#changes++;
    return set;
  }
}
