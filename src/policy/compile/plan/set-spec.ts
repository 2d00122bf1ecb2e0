/** What a set of addresses stands for: the peers and named ports of rules that need one. */
import type { Prefix } from "../../../addr/index.js";
import { unreachable } from "../../../base/index.js";
import type { LabelSelector } from "../../../objects/index.js";
import { groupKey, type Peer, type PodGroup, type PortRange } from "../../model/policy.js";

/**
 * What a set stands for. Equal keys, equal sets.
 *
 * Shape: a key begins with the letter of its kind: `p` pods, `o` pods on some nodes, `h` hosts, `n`
 * named ports, `m` members with a port of some name, `d` a domain, `b` a block. A node's own sets have
 * `e` (egress), `i` (ingress) and `s` (itself).
 */
export type SetSpec = { readonly key: string } & (
  | { readonly kind: "pods"; readonly group: PodGroup }
  /** Pods on nodes with some labels. */
  | { readonly kind: "hosted"; readonly selector: LabelSelector }
  /** Addresses of nodes with some labels. */
  | { readonly kind: "nodes"; readonly selector: LabelSelector }
  /** Named ports of pods, wherever they have one of that name. */
  | { readonly kind: "ports"; readonly name: string; readonly protocol: number | undefined }
  /** Pods that have a port of that name. */
  | { readonly kind: "havers"; readonly name: string }
  | { readonly kind: "domain"; readonly pattern: string }
  | { readonly kind: "block"; readonly prefix: Prefix; readonly except: readonly Prefix[] }
);

/** The set of a group of pods. */
export function specOfGroup(group: PodGroup): SetSpec {
  return { kind: "pods", key: `p-${groupKey(group)}`, group };
}

/** The set of a peer; undefined for one that rules can name without a set. */
export function specOfPeer(peer: Peer): SetSpec | undefined {
  switch (peer.kind) {
    case "pods":
      return specOfGroup(peer.group);
    case "nodes": {
      const { selector } = peer;
      const text = JSON.stringify(selector);
      return peer.hostedPods
        ? { kind: "hosted", key: `o-${text}`, selector }
        : { kind: "nodes", key: `h-${text}`, selector };
    }
    case "domain":
      return { kind: "domain", key: `d-${peer.pattern}`, pattern: peer.pattern };
    case "block": {
      const { prefix, except } = peer;
      if (except.length === 0) return undefined;
      return { kind: "block", key: `b-${prefix} except ${except.join(" ")}`, prefix, except };
    }
    case "unknown":
      return undefined;
    default:
      return unreachable(peer);
  }
}

/** The set of a named port; undefined for numbers. */
export function specOfPort(range: PortRange): SetSpec | undefined {
  if (range.kind === "numbers") return undefined;
  const { name, protocol } = range;
  if (range.anyNumber) return { kind: "havers", key: `m-${name}`, name };
  return { kind: "ports", key: `n-${protocol ?? "any"}-${name}`, name, protocol };
}
