/** Peers that are told by their address: blocks, nodes, domain names. Addresses that pass the same tests are alike. */
import { type Addr, type Prefix, singlePrefix } from "../../addr/index.js";
import { matchesSelector } from "../../objects/index.js";
import type { ResolveDomain } from "../judge/bound-rule.js";
import type { NodeMember } from "../model/members.js";
import type { Peer } from "../model/policy.js";

/** One block with its holes. */
export interface Block {
  readonly prefix: Prefix;
  readonly except: readonly Prefix[];
}

/** A question about an address. */
export type AddrTest =
  | { readonly kind: "blocks"; readonly blocks: readonly Block[] }
  | { readonly kind: "domain"; readonly pattern: string };

type AddrPeer = Extract<Peer, { kind: "block" | "nodes" | "domain" }>;

/** The tests that some policies make, each once. */
export class AddrTests {
  readonly tests: AddrTest[] = [];
  readonly #ids = new Map<string, number>();
  readonly #nodes: readonly NodeMember[];
  readonly #resolveDomain: ResolveDomain;

  constructor(nodes: readonly NodeMember[], resolveDomain: ResolveDomain) {
    this.#nodes = nodes;
    this.#resolveDomain = resolveDomain;
  }

  /** The number of a peer's test. */
  idOf(peer: AddrPeer): number {
    const key = keyOf(peer);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.tests.push(this.#testOf(peer));
    this.#ids.set(key, this.#ids.size);
    return this.#ids.size - 1;
  }

  /** Which tests an address passes, as text of 0 and 1; equal texts, equal answers. */
  passedBy(addr: Addr): string {
    return this.tests.map((test) => (this.#passes(test, addr) ? "1" : "0")).join("");
  }

  #passes(test: AddrTest, addr: Addr): boolean {
    if (test.kind === "domain") return this.#resolveDomain(test.pattern, addr) === true;
    return test.blocks.some(
      ({ prefix, except }) => prefix.contains(addr) && !except.some((hole) => hole.contains(addr)),
    );
  }

  #testOf(peer: AddrPeer): AddrTest {
    if (peer.kind === "domain") return { kind: "domain", pattern: peer.pattern };
    if (peer.kind === "block") return { kind: "blocks", blocks: [peer] };
    const chosen = this.#nodes.filter((node) => matchesSelector(peer.selector, node.labels));
    const addrs = chosen.flatMap((node) => node.addrs);
    return {
      kind: "blocks",
      blocks: addrs.map((addr) => ({ prefix: singlePrefix(addr), except: [] })),
    };
  }
}

function keyOf(peer: AddrPeer): string {
  if (peer.kind === "domain") return `domain ${peer.pattern}`;
  if (peer.kind === "nodes") return `nodes ${JSON.stringify(peer.selector)}`;
  return `block ${peer.prefix} ${peer.except.join(" ")}`;
}
