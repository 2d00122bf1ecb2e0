/** Rules with their selectors resolved against the members: what a flow is compared with. */
import { type Addr, type Prefix, singlePrefix } from "../../addr/index.js";
import { type Origin, unreachable } from "../../base/index.js";
import { matchesSelector } from "../../objects/index.js";
import type { Member, NodeMember } from "../model/members.js";
import type { Action, Peer, PortRange, Rule } from "../model/policy.js";
import { hasMember, type MemberSet, type Membership } from "./membership.js";

/** One end of a flow: an address, a member, or both. */
export interface End {
  readonly addr?: Addr | undefined;
  /** Place in the list of members; -1 when it is none. */
  readonly index: number;
  readonly member?: Member | undefined;
}

/** What is asked: the other end, and the protocol and port at the destination. */
export interface Question {
  readonly peer: End;
  readonly destination: Member | undefined;
  readonly protocol: number;
  readonly port: number;
}

/** Finds out whether a name stands for an address; undefined when nobody knows. */
export type ResolveDomain = (pattern: string, addr: Addr) => boolean | undefined;

/** What rules are bound to. */
export interface Binding {
  readonly membership: Membership;
  readonly nodes: readonly NodeMember[];
  /** Whether blocks and networks match the addresses of pods too. */
  readonly blocksMatchPods: boolean;
  readonly resolveDomain: ResolveDomain;
}

/** A rule that can be compared with flows. */
export interface BoundRule {
  readonly action: Action;
  readonly origin: Origin;
  readonly anyPeer: boolean;
  readonly pods: readonly MemberSet[];
  readonly blocks: readonly { readonly prefix: Prefix; readonly except: readonly Prefix[] }[];
  readonly domains: readonly string[];
  /** An unknown kind of peer makes a denial match everybody. */
  readonly deniesUnknown: boolean;
  readonly ports: readonly PortRange[] | undefined;
}

/** Resolves a rule's peers. */
export function bindRule(rule: Rule, binding: Binding): BoundRule {
  const pods: MemberSet[] = [];
  const blocks: { prefix: Prefix; except: readonly Prefix[] }[] = [];
  const domains: string[] = [];
  let hasUnknown = false;
  for (const peer of rule.peers ?? []) {
    if (peer.kind === "pods") pods.push(binding.membership.of(peer.group));
    else if (peer.kind === "domain") domains.push(peer.pattern);
    else if (peer.kind === "unknown") hasUnknown = true;
    else if (peer.kind === "nodes" && peer.hostedPods === true) {
      pods.push(binding.membership.hostedBy(peer.selector, binding.nodes));
    } else blocks.push(...blocksOf(peer, binding));
  }
  return {
    action: rule.action,
    origin: rule.origin,
    anyPeer: rule.peers === undefined,
    pods,
    blocks,
    domains,
    deniesUnknown: hasUnknown && rule.action === "deny",
    ports: rule.ports,
  };
}

type AddrPeer = Extract<Peer, { kind: "block" | "nodes" }>;

function blocksOf(peer: AddrPeer, { nodes }: Binding) {
  switch (peer.kind) {
    case "block":
      return [peer];
    case "nodes": {
      const chosen = nodes.filter((node) => matchesSelector(peer.selector, node.labels));
      return chosen.flatMap((node) => node.addrs.map(singleBlock));
    }
    default:
      return unreachable(peer);
  }
}

function singleBlock(addr: Addr): { prefix: Prefix; except: readonly Prefix[] } {
  return { prefix: singlePrefix(addr), except: [] };
}

/** Whether the rule's peers and ports both match. */
export function matchesRule(rule: BoundRule, question: Question, binding: Binding): boolean {
  return matchesPorts(rule, question) && matchesPeer(rule, question.peer, binding);
}

function matchesPeer(rule: BoundRule, peer: End, binding: Binding): boolean {
  if (rule.anyPeer || rule.deniesUnknown) return true;
  const { index, addr } = peer;
  if (index >= 0) {
    for (const set of rule.pods) if (hasMember(set, index)) return true;
    if (!binding.blocksMatchPods) return false;
  }
  if (addr === undefined) return false;
  for (const { prefix, except } of rule.blocks) {
    if (prefix.contains(addr) && !except.some((hole) => hole.contains(addr))) return true;
  }
  return rule.domains.some((pattern) => binding.resolveDomain(pattern, addr) === true);
}

function matchesPorts(rule: BoundRule, question: Question): boolean {
  const { ports } = rule;
  if (ports === undefined) return true;
  const { protocol, port } = question;
  for (const range of ports) {
    if (range.kind === "numbers") {
      if (protocol === range.protocol && port >= range.first && port <= range.last) return true;
    } else if (matchesName(range, question)) return true;
  }
  return false;
}

/** A name means whatever the destination pod calls so; nobody else has named ports. */
function matchesName(range: PortRange & { kind: "named" }, question: Question): boolean {
  const { protocol, port, destination } = question;
  if (range.anyNumber) return destination?.ports.some((p) => p.name === range.name) ?? false;
  if (range.protocol !== undefined && range.protocol !== protocol) return false;
  const ports = destination?.ports ?? [];
  return ports.some((p) => p.name === range.name && p.protocol === protocol && p.port === port);
}
