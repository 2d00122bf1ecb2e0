/**
 * What every kind of policy is turned into before anything is judged or compiled: subjects, rules,
 * peers and ports, with selectors still to be resolved. The judge and both compilers read only this.
 *
 *   NetworkPolicy                ─┐
 *   AdminNetworkPolicy           ─┼─▶ Policy ─ bind to pods ─▶ judge · iptables · nftables
 *   BaselineAdminNetworkPolicy   ─┤
 *   ClusterNetworkPolicy         ─┘
 */
import type { Prefix } from "../../addr/index.js";
import type { Origin } from "../../base/index.js";
import type { LabelSelector } from "../../objects/index.js";

/** Which way traffic goes, seen from the pod that a policy selects. */
export type Direction = "ingress" | "egress";

/**
 * When a policy is asked: `admin` first, by priority; `network` is NetworkPolicy, whose rules only
 * allow; `baseline` when nothing before it decided.
 */
export type Tier = "admin" | "network" | "baseline";

/** What a rule does. `pass` leaves its tier. */
export type Action = "accept" | "deny" | "pass";

/** One policy of any kind. */
export interface Policy {
  readonly tier: Tier;
  /** Lower is asked first; only within `admin` and `baseline`. */
  readonly priority: number;
  readonly subject: PodGroup;
  /** Absent: the policy says nothing about this direction. Empty: it says that nothing matches. */
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
  /**
   * Whether selecting a pod for one direction keeps the baseline from being asked in the other. No
   * policy of the API does so; an engine does (see `Semantics`).
   */
  readonly settlesBoth?: boolean;
  readonly origin: Origin;
}

/** One rule: peers and ports must both match. */
export interface Rule {
  readonly action: Action;
  /** Absent: everybody, inside the cluster and outside. */
  readonly peers?: readonly Peer[];
  /** Absent: every protocol and port. */
  readonly ports?: readonly PortRange[];
  readonly origin: Origin;
}

/** Somebody at the other end. */
export type Peer =
  | { readonly kind: "pods"; readonly group: PodGroup }
  | { readonly kind: "block"; readonly prefix: Prefix; readonly except: readonly Prefix[] }
  /** The addresses of nodes with these labels; with `hostedPods`, the pods on them instead. */
  | { readonly kind: "nodes"; readonly selector: LabelSelector; readonly hostedPods?: boolean }
  /** `example.com` or `*.example.com`; unknown until somebody resolves it. */
  | { readonly kind: "domain"; readonly pattern: string }
  /** A peer of a later release: it fails closed. */
  | { readonly kind: "unknown" };

/** Pods by labels, of one namespace or of those that a selector selects. */
export interface PodGroup {
  readonly namespaces: { readonly name: string } | { readonly selector: LabelSelector };
  readonly pods: LabelSelector;
}

/**
 * Ports at the destination pod. Numbers are what the packet shows after destination NAT. A name is
 * looked up in the container ports of the destination pod.
 */
export type PortRange =
  | {
      readonly kind: "numbers";
      readonly protocol: number;
      readonly first: number;
      readonly last: number;
    }
  /**
   * Without a protocol, the container port's own counts. With `anyNumber`, every port of a pod that
   * has one of this name.
   */
  | {
      readonly kind: "named";
      readonly protocol?: number;
      readonly name: string;
      readonly anyNumber?: boolean;
    };

/** The number of a protocol as policies name it. */
export function policyProtocol(name: string): number {
  return PROTOCOLS.get(name) ?? 0;
}

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ["TCP", 6],
  ["UDP", 17],
  ["SCTP", 132],
]);

/** Every port of a protocol. */
export function allPorts(protocol: number): PortRange {
  return { kind: "numbers", protocol, first: 0, last: 65535 };
}

/** A text that is equal for equal groups. */
export function groupKey(group: PodGroup): string {
  return JSON.stringify([group.namespaces, group.pods]);
}
