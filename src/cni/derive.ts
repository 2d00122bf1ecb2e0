/**
 * Names and link-layer addresses that a real node draws at random, derived from what they are for:
 * the same cluster has the same ones everywhere.
 */
import { Mac } from "../addr/index.js";
import { type PodPlan, podNetns } from "./plan.js";

/** Offset basis and prime of the 32-bit FNV hash (draft-eastlake-fnv). */
const FNV32_OFFSET = 0x811c9dc5;
const FNV32_PRIME = 0x01000193;

/** Hashes text to 32 bits; `salt` gives independent hashes of one text. */
export function hash32(text: string, salt = 0): number {
  let hash = (FNV32_OFFSET ^ Math.imul(salt, 0x9e3779b1)) >>> 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    hash = Math.imul(hash ^ (code & 0xff), FNV32_PRIME);
    if (code > 0xff) hash = Math.imul(hash ^ (code >>> 8), FNV32_PRIME);
  }
  // FNV leaves the last characters weakly mixed; the finaliser of MurmurHash3 spreads them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A unicast, locally administered MAC for a device, e.g. `deriveMac("node-1", "eth0")`. */
export function deriveMac(netns: string, link: string): Mac {
  const text = `${netns} ${link}`;
  const first = (hash32(text, 1) & 0xfc_ffff) | 0x02_0000;
  return new Mac(first, hash32(text, 2) & 0xff_ffff);
}

/**
 * Names for the node's ends of the pods' veth pairs: `veth` and eight hex digits. Should two pods of
 * a node share a hash, the later one in the list moves on.
 */
export function nameVeths(pods: readonly PodPlan[]): readonly string[] {
  const taken = new Set<string>();
  return pods.map((pod) => {
    for (let salt = 0; ; salt++) {
      const name = `veth${hash32(podNetns(pod), salt).toString(16).padStart(8, "0")}`;
      if (taken.has(name)) continue;
      taken.add(name);
      return name;
    }
  });
}
