/**
 * What somebody who reads a list should know: things that are allowed to be written and still do not
 * mean what they seem to, and things that a list leaves out. Nothing here is refused; what an API
 * server refuses is found when manifests are loaded.
 */
import type { Family } from "../../addr/index.js";
import { type Origin, printOrigin } from "../../base/index.js";
import { matchesSelector } from "../../objects/index.js";
import { isMember } from "../judge/membership.js";
import { classifyMembers } from "../matrix/member-classes.js";
import type { Member, NodeMember } from "../model/members.js";
import type { Direction, Peer, PodGroup, Policy, Rule } from "../model/policy.js";
import { findTies } from "../model/read-policies.js";
import { isNamed } from "./focus.js";
import type { ListInput } from "./list.js";

/** The kinds of notices. */
export type NoticeCode =
  | "no-policies"
  | "no-workloads"
  /** Two policies of one tier have one priority: which is asked first is undefined. */
  | "equal-priority"
  /** Pods of one owner differ in labels that policies look at. */
  | "labels-differ"
  /** A named port, in a rule with peers that have no named ports. */
  | "named-port-outside"
  /** A range of ports whose end is before its start: it matches nothing. */
  | "empty-port-range"
  /** A port name that no possible destination has. */
  | "unknown-port-name"
  /** Labels of nodes that no known node has. */
  | "unknown-nodes"
  /** A block of a family that is not listed. */
  | "family-not-listed"
  /** A domain name, which stands for no address until it is resolved. */
  | "domain-unresolved"
  /** A workload that somebody wants to see, and that is not there. */
  | "unknown-workload"
  /** A direction or peers to see, without workloads to see them of. */
  | "focus-without-workloads";

/** One notice. */
export interface Notice {
  readonly code: NoticeCode;
  readonly message: string;
  readonly origin?: Origin;
}

/** Everything worth knowing about a list, in the order of the policies. */
export function noticesOf(input: ListInput): Notice[] {
  const { workloads, policies, nodes = [], families = ["ip4", "ip6"] } = input;
  const members = workloads.flatMap((workload) => workload.members);
  const context = { members, nodes, families };
  return [
    ...(workloads.length === 0 ? [notice("no-workloads", "there are no workloads")] : []),
    ...(policies.length === 0 ? [notice("no-policies", "there are no policies")] : []),
    ...findTies(policies).map(([a, b]) =>
      notice("equal-priority", `${printOrigin(a.origin)} has the same priority`, b.origin),
    ),
    ...labelNotices(input),
    ...policies.flatMap((policy) => policyNotices(policy, context)),
    ...focusNotices(input),
  ];
}

function notice(code: NoticeCode, message: string, origin?: Origin): Notice {
  return { code, message, ...(origin === undefined ? {} : { origin }) };
}

interface Context {
  readonly members: readonly Member[];
  readonly nodes: readonly NodeMember[];
  readonly families: readonly Family[];
}

function labelNotices({ workloads, policies, nodes = [] }: ListInput): Notice[] {
  const members = workloads.flatMap((workload) => workload.members);
  const { classOf } = classifyMembers(members, policies, nodes);
  let index = 0;
  return workloads.flatMap(({ namespace, name, members: own, origin }) => {
    const classes = new Set(own.map(() => classOf[index++]));
    if (classes.size < 2) return [];
    const message = `pods of ${namespace}/${name} differ in labels or ports that policies look at`;
    return [notice("labels-differ", message, origin)];
  });
}

function policyNotices(policy: Policy, context: Context): Notice[] {
  return (["ingress", "egress"] as const).flatMap((direction) =>
    (policy[direction] ?? []).flatMap((rule) => [
      ...peerNotices(rule, context),
      ...portNotices({ policy, rule, direction }, context),
    ]),
  );
}

function peerNotices({ peers = [], origin }: Rule, { nodes, families }: Context): Notice[] {
  return peers.flatMap((peer) => {
    switch (peer.kind) {
      case "block":
        if (families.includes(peer.prefix.family)) return [];
        return [notice("family-not-listed", `${peer.prefix} is not listed`, origin)];
      case "nodes":
        if (nodes.some((node) => matchesSelector(peer.selector, node.labels))) return [];
        return [notice("unknown-nodes", "no node that is known has these labels", origin)];
      case "domain":
        return [notice("domain-unresolved", `${peer.pattern} is not resolved`, origin)];
      default:
        return [];
    }
  });
}

interface Placed {
  readonly policy: Policy;
  readonly rule: Rule;
  readonly direction: Direction;
}

/** A name is looked up at the destination: the subject of an ingress rule, the peers of an egress rule. */
function portNotices({ policy, rule, direction }: Placed, { members }: Context): Notice[] {
  const empty = (rule.ports ?? []).flatMap((port) => {
    if (port.kind === "named" || port.first <= port.last) return [];
    return [notice("empty-port-range", `${port.first} to ${port.last} is no port`, rule.origin)];
  });
  const names = (rule.ports ?? []).flatMap((port) => (port.kind === "named" ? [port.name] : []));
  if (names.length === 0) return empty;
  const groups = direction === "ingress" ? [policy.subject] : groupsOf(rule.peers);
  const isReached = (member: Member) =>
    groups === undefined || groups.some((group) => isMember(group, member));
  const reached = members.filter(isReached);
  const unknown = names.filter(
    (name) => !reached.some((m) => m.ports.some((p) => p.name === name)),
  );
  const outside = (rule.peers ?? []).some((peer) => peer.kind !== "pods");
  return [
    ...empty,
    ...unknown.map((name) =>
      notice("unknown-port-name", `no destination has a port of name "${name}"`, rule.origin),
    ),
    ...(outside && direction === "egress"
      ? [notice("named-port-outside", "addresses have no named ports", rule.origin)]
      : []),
  ];
}

/** Undefined: everybody. */
function groupsOf(peers: readonly Peer[] | undefined): PodGroup[] | undefined {
  return peers?.flatMap((peer) => (peer.kind === "pods" ? [peer.group] : []));
}

function focusNotices({ workloads, focus }: ListInput): Notice[] {
  if (focus === undefined) return [];
  const { direction, peers } = focus;
  const wanted = [...(focus.workloads ?? []), ...(peers ?? [])];
  const missing = wanted.filter(
    (name) => !workloads.some((workload) => isNamed({ kind: "workload", workload }, [name])),
  );
  const isLoose = focus.workloads === undefined && (direction !== undefined || peers !== undefined);
  return [
    ...missing.map((name) => notice("unknown-workload", `there is no workload ${name}`)),
    ...(isLoose
      ? [notice("focus-without-workloads", "a direction or peers mean nothing without workloads")]
      : []),
  ];
}
