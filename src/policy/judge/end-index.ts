/** Addresses to what the quick form of the judge needs to know of an end, each worked out once. */
import type { Addr } from "../../addr/index.js";
import type { Member, NodeMember } from "../model/members.js";

/** An end as a number: its class, and where it is. */
export interface QuickEnd {
  /** Place in the list of members; -1 when it is none. */
  readonly index: number;
  readonly endClass: number;
  /** The names of nodes that have this address; only for addresses that are no member's. */
  readonly nodes: readonly string[];
}

/** The most outside addresses that are remembered; when they are full, all are forgotten. */
const OUTSIDE_MAX = 1 << 16;

/** Finds ends by address. */
export class EndIndex {
  readonly #members: readonly Member[];
  readonly #classOf: (index: number, addr: Addr | undefined) => number;
  /** IPv4 by number, IPv6 by text: numbers are found quicker. */
  readonly #ip4 = new Map<number, QuickEnd>();
  readonly #ip6 = new Map<string, QuickEnd>();
  readonly #indexOf: ReadonlyMap<string, number>;
  readonly #nodesAt = new Map<string, string[]>();
  /** Ends by place, with their first address. */
  readonly #first: (QuickEnd | undefined)[];
  #outsideCount = 0;

  constructor(parts: {
    readonly members: readonly Member[];
    readonly nodes: readonly NodeMember[];
    readonly indexOf: ReadonlyMap<string, number>;
    readonly classOf: (index: number, addr: Addr | undefined) => number;
  }) {
    this.#members = parts.members;
    this.#classOf = parts.classOf;
    this.#indexOf = parts.indexOf;
    this.#first = new Array(parts.members.length).fill(undefined);
    for (const { name, addrs } of parts.nodes) {
      for (const addr of addrs) {
        const names = this.#nodesAt.get(addr.key()) ?? [];
        this.#nodesAt.set(addr.key(), [...names, name]);
      }
    }
  }

  /** The end at an address. */
  at(addr: Addr): QuickEnd {
    const known = addr.family === "ip4" ? this.#ip4.get(addr.s3) : this.#ip6.get(addr.key());
    if (known !== undefined) return known;
    const index = this.#indexOf.get(addr.key()) ?? -1;
    return this.#remember(addr, this.#make(index, addr));
  }

  /** The end of the member at a place, or of none, with an address or without. */
  of(index: number, addr: Addr | undefined): QuickEnd {
    if (index >= 0 && addr === this.#members[index]?.addrs[0]) {
      const known = this.#first[index] ?? this.#make(index, addr);
      this.#first[index] = known;
      return known;
    }
    const found = addr === undefined ? undefined : this.at(addr);
    return found?.index === index ? found : this.#make(index, addr);
  }

  #make(index: number, addr: Addr | undefined): QuickEnd {
    const nodes = index < 0 && addr !== undefined ? (this.#nodesAt.get(addr.key()) ?? []) : [];
    return { index, endClass: this.#classOf(index, addr), nodes };
  }

  #remember(addr: Addr, end: QuickEnd): QuickEnd {
    if (end.index < 0 && ++this.#outsideCount > OUTSIDE_MAX) {
      this.#ip4.clear();
      this.#ip6.clear();
      this.#outsideCount = 0;
    }
    if (addr.family === "ip4") this.#ip4.set(addr.s3, end);
    else this.#ip6.set(addr.key(), end);
    return end;
  }
}
