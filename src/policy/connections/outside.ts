/** The addresses outside the cluster, split where some policy's block begins or ends. */
import {
  addrBits,
  addrFromBigInt,
  addrToBigInt,
  type Family,
  type Prefix,
  Range,
  singlePrefix,
} from "../../addr/index.js";
import { matchesSelector } from "../../objects/index.js";
import type { Block } from "../matrix/addr-tests.js";
import type { NodeMember } from "../model/members.js";
import type { Direction, Peer, Policy } from "../model/policy.js";

/** Every block that policies name in one direction, the addresses of nodes included. */
export function blocksIn(
  policies: readonly Policy[],
  direction: Direction,
  nodes: readonly NodeMember[],
): Block[] {
  const peers = policies.flatMap((policy) => policy[direction] ?? []).flatMap((r) => r.peers ?? []);
  return peers.flatMap((peer) => blocksOf(peer, nodes));
}

function blocksOf(peer: Peer, nodes: readonly NodeMember[]): Block[] {
  if (peer.kind === "block") return [peer];
  if (peer.kind !== "nodes") return [];
  const chosen = nodes.filter((node) => matchesSelector(peer.selector, node.labels));
  const addrs = chosen.flatMap((node) => node.addrs);
  return addrs.map((addr) => ({ prefix: singlePrefix(addr), except: [] }));
}

/**
 * Splits all addresses of a family where blocks begin and end, into ranges within which every address
 * is in the same blocks.
 *
 * Shape: in order, without gaps; neighbours may be alike.
 * Not modelled: domain names, which stand for no range until somebody resolves them.
 */
export function splitAddrs(family: Family, blocks: readonly Block[]): Range[] {
  const end = 1n << BigInt(addrBits(family));
  const bounds = new Set([0n, end]);
  for (const block of blocks) {
    if (block.prefix.family === family) for (const bound of boundsOf(block)) bounds.add(bound);
  }
  const sorted = [...bounds].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.slice(1).map((bound, i) => {
    const first = addrFromBigInt(family, sorted[i] as bigint);
    return new Range(first, addrFromBigInt(family, bound - 1n));
  });
}

/** Where a block begins and ends: holes that meet are one, and one at the block's edge moves the edge. */
function boundsOf({ prefix, except }: Block): Set<bigint> {
  const holes = except.filter(
    (hole, i) =>
      !except.some((other, k) => k !== i && holds(other, hole) && (!holds(hole, other) || k < i)),
  );
  const bounds = new Set<bigint>();
  for (const each of [prefix, ...holes]) {
    for (const bound of [addrToBigInt(each.first()), addrToBigInt(each.last()) + 1n]) {
      // Each bound crosses from inside to outside or back; two at one place are none.
      if (!bounds.delete(bound)) bounds.add(bound);
    }
  }
  return bounds;
}

function holds(outer: Prefix, inner: Prefix): boolean {
  return outer.bits <= inner.bits && outer.contains(inner.addr);
}
