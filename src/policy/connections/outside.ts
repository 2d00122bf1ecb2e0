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
import type { NodeMember } from "../model/members.js";
import type { Direction, Peer, Policy } from "../model/policy.js";

/** Every block that policies name in one direction, holes and the addresses of nodes included. */
export function blocksIn(
  policies: readonly Policy[],
  direction: Direction,
  nodes: readonly NodeMember[],
): Prefix[] {
  const peers = policies.flatMap((policy) => policy[direction] ?? []).flatMap((r) => r.peers ?? []);
  return peers.flatMap((peer) => prefixesOf(peer, nodes));
}

function prefixesOf(peer: Peer, nodes: readonly NodeMember[]): Prefix[] {
  if (peer.kind === "block") return [peer.prefix, ...peer.except];
  if (peer.kind !== "nodes") return [];
  const chosen = nodes.filter((node) => matchesSelector(peer.selector, node.labels));
  return chosen.flatMap((node) => node.addrs.map(singlePrefix));
}

/**
 * Splits all addresses of a family where blocks begin and end, into ranges within which every address
 * is in the same blocks.
 *
 * Shape: in order, without gaps; neighbours may be alike.
 * Not modelled: domain names, which stand for no range until somebody resolves them.
 */
export function splitAddrs(family: Family, blocks: readonly Prefix[]): Range[] {
  const end = 1n << BigInt(addrBits(family));
  const bounds = new Set([0n, end]);
  for (const block of blocks) {
    if (block.family !== family) continue;
    bounds.add(addrToBigInt(block.first()));
    bounds.add(addrToBigInt(block.last()) + 1n);
  }
  const sorted = [...bounds].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.slice(1).map((bound, i) => {
    const first = addrFromBigInt(family, sorted[i] as bigint);
    return new Range(first, addrFromBigInt(family, bound - 1n));
  });
}
