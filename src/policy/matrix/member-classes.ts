/**
 * Members that no policy can tell apart. Pods are first put together by what selectors look at (their
 * namespace and the labels with keys that some selector names), then by which groups they are in.
 */
import { type LabelSelector, type Labels, matchesSelector } from "../../objects/index.js";
import { isMember } from "../judge/membership.js";
import type { Member, NamedPort, NodeMember } from "../model/members.js";
import { groupKey, type Peer, type PodGroup, type Policy } from "../model/policy.js";

/** The number of a class; members of equal class get equal answers. */
export type ClassId = number;

/** Members in classes, and which groups each class is in. */
export interface MemberClasses {
  /** The class of each member, by its place. */
  readonly classOf: readonly ClassId[];
  /** One member of each class. */
  readonly examples: readonly Member[];
  /** Which classes a group of pods has; 1 for each that it has. */
  of(group: PodGroup): Uint8Array;
  /** Which classes are on nodes with these labels. */
  hostedBy(selector: LabelSelector): Uint8Array;
}

/**
 * Puts members into classes.
 *
 * Shape: classes are numbered in the order of their first members.
 * Laws: two members of a class are in the same groups that the policies name, and have the same
 * numbers for the port names that rules use.
 * Cost: one step per member, and one selector match per group for each different namespace with
 * labels that selectors look at.
 */
export function classifyMembers(
  members: readonly Member[],
  policies: readonly Policy[],
  nodes: readonly NodeMember[],
): MemberClasses {
  const seen = mentionedIn(policies);
  const nodeLabels = new Map(nodes.map((node) => [node.name, node.labels]));
  const looks = new Looks(seen);
  const lookOf = members.map((member) => looks.of(member));
  const tables = new Map<string, Uint8Array>();
  const rows: [string, (member: Member) => boolean][] = [];
  for (const group of seen.groups.values()) {
    rows.push([groupKey(group), (member) => isMember(group, member)]);
  }
  for (const selector of seen.hosts.values()) {
    const isOn = (m: Member) => matchesSelector(selector, nodeLabels.get(m.node ?? ""));
    rows.push([JSON.stringify(selector), isOn]);
  }
  const bits = rows.map(([, holds]) =>
    Uint8Array.from(looks.examples, (member) => (holds(member) ? 1 : 0)),
  );
  const classOfLook = joinLooks(looks.ports, bits);
  const examples: Member[] = [];
  classOfLook.forEach((id, look) => {
    examples[id] ??= looks.examples[look] as Member;
  });
  rows.forEach(([key], row) => {
    const table = new Uint8Array(examples.length);
    classOfLook.forEach((id, look) => {
      table[id] = (bits[row] as Uint8Array)[look] as number;
    });
    tables.set(key, table);
  });
  const nobody = new Uint8Array(examples.length);
  return {
    classOf: lookOf.map((look) => classOfLook[look] as ClassId),
    examples,
    of: (group) => tables.get(groupKey(group)) ?? nobody,
    hostedBy: (selector) => tables.get(JSON.stringify(selector)) ?? nobody,
  };
}

/** Looks that are in the same groups, with the same named ports, are one class. */
function joinLooks(ports: readonly string[], bits: readonly Uint8Array[]): ClassId[] {
  const ids = new Map<string, ClassId>();
  return ports.map((named, look) => {
    const key = `${named}|${bits.map((table) => table[look]).join("")}`;
    const id = ids.get(key) ?? ids.size;
    ids.set(key, id);
    return id;
  });
}

/** Everything about members that policies look at. */
interface Mentioned {
  readonly labelKeys: ReadonlySet<string>;
  readonly portNames: ReadonlySet<string>;
  readonly groups: ReadonlyMap<string, PodGroup>;
  readonly hosts: ReadonlyMap<string, LabelSelector>;
}

function mentionedIn(policies: readonly Policy[]): Mentioned {
  const labelKeys = new Set<string>();
  const portNames = new Set<string>();
  const groups = new Map<string, PodGroup>();
  const hosts = new Map<string, LabelSelector>();
  const addGroup = (group: PodGroup) => {
    groups.set(groupKey(group), group);
    for (const key of Object.keys(group.pods.matchLabels ?? {})) labelKeys.add(key);
    for (const { key } of group.pods.matchExpressions ?? []) labelKeys.add(key);
  };
  const addPeer = (peer: Peer) => {
    if (peer.kind === "pods") addGroup(peer.group);
    if (peer.kind === "nodes" && peer.hostedPods) {
      hosts.set(JSON.stringify(peer.selector), peer.selector);
    }
  };
  for (const { subject, ingress = [], egress = [] } of policies) {
    addGroup(subject);
    for (const rule of [...ingress, ...egress]) {
      rule.peers?.forEach(addPeer);
      for (const range of rule.ports ?? []) if (range.kind === "named") portNames.add(range.name);
    }
  }
  return { labelKeys, portNames, groups, hosts };
}

/** Members by what is looked at: equal looks, equal answers. */
class Looks {
  readonly examples: Member[] = [];
  /** The named ports of each look, as text. */
  readonly ports: string[] = [];
  readonly #ids = new Map<string, number>();
  readonly #keys: readonly string[];
  readonly #seen: Mentioned;
  /** Namespaces share one object of labels; its text is made once. */
  readonly #namespaceTexts = new Map<Labels, string>();

  constructor(seen: Mentioned) {
    this.#seen = seen;
    this.#keys = [...seen.labelKeys];
  }

  /** The look of a member. */
  of(member: Member): number {
    const { namespace, labels, namespaceLabels } = member;
    const ports = member.ports.length === 0 ? "" : this.#portsOf(member.ports);
    const values = this.#keys.map((key) => (Object.hasOwn(labels, key) ? labels[key] : null));
    const node = this.#seen.hosts.size > 0 ? (member.node ?? "") : "";
    const place = this.#namespaceText(namespaceLabels);
    const key = `${namespace}\n${place}\n${JSON.stringify(values)}\n${ports}\n${node}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.examples.push(member);
    this.ports.push(ports);
    this.#ids.set(key, this.#ids.size);
    return this.#ids.size - 1;
  }

  #portsOf(ports: readonly NamedPort[]): string {
    const used = ports.filter(({ name }) => this.#seen.portNames.has(name));
    return used
      .map(({ name, protocol, port }) => `${name}=${protocol}:${port}`)
      .sort((a, b) => (a < b ? -1 : 1))
      .join();
  }

  #namespaceText(labels: Labels): string {
    const known = this.#namespaceTexts.get(labels);
    if (known !== undefined) return known;
    const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    const text = JSON.stringify(entries);
    this.#namespaceTexts.set(labels, text);
    return text;
  }
}
