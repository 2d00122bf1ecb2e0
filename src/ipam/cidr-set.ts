/**
 * The blocks a cluster CIDR is carved into, one per node: a bitmap and a pointer to the candidate to
 * try next. A released block is given again only when the pointer has gone round.
 */
import { addrBits, addrFromBigInt, addrToBigInt, Prefix } from "../addr/index.js";
import { RefusedError } from "../base/index.js";

/** IPv6 cluster and node mask differ by at most this many bits (`clusterSubnetMaxDiff`). */
const MAX_DIFFERENCE_IP6 = 16;

/** Blocks of one cluster CIDR, and which of them are taken. Immutable. */
export interface CidrSet {
  readonly cluster: Prefix;
  /** Length of a node's prefix. */
  readonly nodeBits: number;
  /** How many blocks there are. */
  readonly blocks: number;
  readonly used: Uint32Array;
  readonly usedCount: number;
  /** Index of the block that is tried first. */
  readonly next: number;
}

/**
 * An empty set of blocks.
 *
 * Errors: `RefusedError` `ERANGE` when the node prefix does not fit the cluster's.
 * Follows: Kubernetes v1.35 pkg/controller/nodeipam/ipam/cidrset/cidr_set.go `NewCIDRSet`.
 */
export function createCidrSet(cluster: Prefix, nodeBits: number): CidrSet {
  const difference = nodeBits - cluster.bits;
  const tooBig = cluster.family === "ip6" && difference > MAX_DIFFERENCE_IP6;
  if (difference < 0 || nodeBits > addrBits(cluster.family) || tooBig) {
    throw new RefusedError("ERANGE", "New CIDR set failed; the node CIDR size is too big", {
      cluster: cluster.toString(),
      nodeBits,
    });
  }
  const blocks = 2 ** difference;
  const used = new Uint32Array(Math.ceil(blocks / 32));
  return { cluster, nodeBits, blocks, used, usedCount: 0, next: 0 };
}

/**
 * Takes the next free block.
 *
 * Errors: `RefusedError` `ENOSPC` when none is left.
 * Follows: cidr_set.go `AllocateNext`.
 */
export function allocateCidr(set: CidrSet): { readonly set: CidrSet; readonly cidr: Prefix } {
  if (set.usedCount === set.blocks) {
    throw new RefusedError(
      "ENOSPC",
      "CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range",
      { cluster: set.cluster.toString() },
    );
  }
  let index = set.next;
  while (isUsed(set.used, index)) index = (index + 1) % set.blocks;
  const taken = mark(set, { first: index, last: index, taken: true });
  return { set: { ...taken, next: (index + 1) % set.blocks }, cidr: blockAt(set, index) };
}

/** Marks every block a prefix touches as taken. Twice is harmless; the pointer stays. */
export function occupyCidr(set: CidrSet, cidr: Prefix): CidrSet {
  return mark(set, { ...blocksOf(set, cidr), taken: true });
}

/** Marks every block a prefix touches as free. Twice is harmless; the pointer stays. */
export function releaseCidr(set: CidrSet, cidr: Prefix): CidrSet {
  return mark(set, { ...blocksOf(set, cidr), taken: false });
}

/** The block with an index, from 0. */
export function blockAt(set: CidrSet, index: number): Prefix {
  const family = set.cluster.family;
  const shift = BigInt(addrBits(family) - set.nodeBits);
  const first = addrToBigInt(set.cluster.addr) + (BigInt(index) << shift);
  return new Prefix(addrFromBigInt(family, first), set.nodeBits);
}

/** First and last index of the blocks a prefix touches; a wider one is cut to the cluster's. */
export function blocksOf(set: CidrSet, cidr: Prefix): { first: number; last: number } {
  if (!set.cluster.overlaps(cidr)) {
    const words = `cidr ${cidr} is out the range of cluster cidr ${set.cluster}`;
    throw new RefusedError("ERANGE", words, { cidr: cidr.toString() });
  }
  if (cidr.bits <= set.cluster.bits) return { first: 0, last: set.blocks - 1 };
  const shift = BigInt(addrBits(set.cluster.family) - set.nodeBits);
  const base = addrToBigInt(set.cluster.addr);
  const indexOf = (addr: bigint) => Number((addr - base) >> shift);
  return { first: indexOf(addrToBigInt(cidr.first())), last: indexOf(addrToBigInt(cidr.last())) };
}

function mark(set: CidrSet, change: { first: number; last: number; taken: boolean }): CidrSet {
  const used = set.used.slice();
  let usedCount = set.usedCount;
  for (let index = change.first; index <= change.last; index++) {
    if (isUsed(used, index) === change.taken) continue;
    used[index >>> 5] = (used[index >>> 5] as number) ^ (1 << (index & 31));
    usedCount += change.taken ? 1 : -1;
  }
  return usedCount === set.usedCount ? set : { ...set, used, usedCount };
}

function isUsed(used: Uint32Array, index: number): boolean {
  return (((used[index >>> 5] as number) >>> (index & 31)) & 1) === 1;
}
