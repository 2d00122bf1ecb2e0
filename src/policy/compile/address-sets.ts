/**
 * The sets of addresses that rules speak of: groups of pods, blocks with holes, nodes, named ports.
 * Names come from what the set stands for, so that a pod that comes or goes changes elements only.
 */
import type { Addr, Family, Prefix } from "../../addr/index.js";
import { unreachable } from "../../base/index.js";
import { type LabelSelector, matchesSelector } from "../../objects/index.js";
import { hasMember } from "../judge/membership.js";
import type { Member } from "../model/members.js";
import { groupKey, type Peer, type PortRange } from "../model/policy.js";
import type { PolicyPlan } from "./plan.js";
import { shortHash } from "./short-hash.js";

/** One set of one family. */
export interface AddressSet {
  readonly name: string;
  readonly family: Family;
  readonly content:
    | { readonly kind: "addrs"; readonly addrs: readonly Addr[] }
    | { readonly kind: "nets"; readonly nets: readonly Prefix[]; readonly holes: readonly Prefix[] }
    | { readonly kind: "ports"; readonly ports: readonly AddrProtocolPort[] }
    | { readonly kind: "pairs"; readonly addrs: readonly Addr[] };
}

/** A named port of one pod. */
export interface AddrProtocolPort {
  readonly addr: Addr;
  readonly protocol: number;
  readonly port: number;
}

/** How the rules of one family name a peer. */
export type PeerTest =
  | { readonly kind: "any" }
  | { readonly kind: "prefix"; readonly prefix: Prefix }
  | { readonly kind: "set"; readonly set: AddressSet };

/** Makes and remembers the sets of one family. */
export class AddressSets {
  readonly family: Family;
  readonly #plan: PolicyPlan;
  readonly #sets = new Map<string, AddressSet>();

  constructor(plan: PolicyPlan, family: Family) {
    this.#plan = plan;
    this.family = family;
  }

  /** All sets so far, by name. */
  all(): AddressSet[] {
    return [...this.#sets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The test for a peer; undefined when nobody of this family can be it. */
  peer(peer: Peer, denies: boolean): PeerTest | undefined {
    switch (peer.kind) {
      case "pods":
        return this.#set(`p-${groupKey(peer.group)}`, "p", () => {
          const set = this.#plan.membership.of(peer.group);
          return this.#addrsOf(this.#plan.membership.members.filter((_, i) => hasMember(set, i)));
        });
      case "block":
        return this.#block(peer);
      case "nodes":
        if (peer.hostedPods) return this.#hosted(peer.selector);
        return this.#set(`h-${JSON.stringify(peer.selector)}`, "h", () =>
          this.#addrsOf(this.#plan.nodes.filter((n) => matchesSelector(peer.selector, n.labels))),
        );
      case "domain":
        return this.#set(`d-${peer.pattern}`, "d", () => ({ kind: "addrs", addrs: [] }));
      case "unknown":
        return denies ? { kind: "any" } : undefined;
      default:
        return unreachable(peer);
    }
  }

  /**
   * Addresses and numbers of a named port, wherever a pod has one of that name; addresses alone where
   * any number counts.
   */
  namedPort(range: PortRange & { kind: "named" }): AddressSet {
    if (range.anyNumber) {
      const { members } = this.#plan.membership;
      const havers = members.filter((m) => m.ports.some((p) => p.name === range.name));
      return this.members(`m-${range.name}`, havers);
    }
    const key = `n-${range.protocol ?? "any"}-${range.name}`;
    const test = this.#set(key, "n", () => {
      const ports = this.#plan.membership.members.flatMap((member) =>
        member.ports
          .filter((p) => p.name === range.name && (range.protocol ?? p.protocol) === p.protocol)
          .flatMap(({ protocol, port }) =>
            this.#own(member.addrs).map((addr) => ({ addr, protocol, port })),
          ),
      );
      return { kind: "ports", ports };
    });
    return test.set;
  }

  /** The addresses of some pods, under a name of their own. */
  members(name: string, members: readonly Member[]): AddressSet {
    return this.#set(name, name.slice(0, 1), () => this.#addrsOf(members)).set;
  }

  /** Every address with itself: what a pod says to itself. */
  selfPairs(members: readonly Member[]): AddressSet {
    const addrs = members.flatMap((member) => this.#own(member.addrs));
    return this.#set("self", "s", () => ({ kind: "pairs", addrs })).set;
  }

  #hosted(selector: LabelSelector) {
    const { membership, nodes } = this.#plan;
    return this.#set(`o-${JSON.stringify(selector)}`, "o", () => {
      const set = membership.hostedBy(selector, nodes);
      return this.#addrsOf(membership.members.filter((_, i) => hasMember(set, i)));
    });
  }

  #block(peer: Peer & { kind: "block" }): PeerTest | undefined {
    const { prefix, except } = peer;
    if (prefix.family !== this.family) return undefined;
    if (except.length > 0) {
      const key = `b-${prefix} except ${except.join(" ")}`;
      return this.#set(key, "b", () => ({ kind: "nets", nets: [prefix], holes: except }));
    }
    return prefix.bits === 0 ? { kind: "any" } : { kind: "prefix", prefix };
  }

  #set(key: string, letter: string, make: () => AddressSet["content"]) {
    const known = this.#sets.get(key);
    const digit = this.family === "ip4" ? "4" : "6";
    const made = known ?? {
      name: `kw-${letter}${digit}-${shortHash(key)}`,
      family: this.family,
      content: make(),
    };
    this.#sets.set(key, made);
    return { kind: "set", set: made } as const;
  }

  #addrsOf(members: readonly { readonly addrs: readonly Addr[] }[]) {
    return { kind: "addrs", addrs: members.flatMap((member) => this.#own(member.addrs)) } as const;
  }

  #own(addrs: readonly Addr[]): Addr[] {
    return addrs.filter((addr) => addr.family === this.family);
  }
}
