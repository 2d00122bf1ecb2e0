/** Which sets a pod belongs to, asked of all sets at once. */
import { type Labels, matchesSelector } from "../../../objects/index.js";
import type { Member, NodeMember } from "../../model/members.js";
import { SelectorIndex } from "./selector-index.js";
import type { SetSpec } from "./set-spec.js";

/** A set that pods belong to. */
export interface MemberSpec<T> {
  readonly spec: SetSpec;
  readonly value: T;
}

/**
 * Sets by what selects their pods.
 *
 * Cost: for a pod, one comparison for each selector that shares a label with it; selectors of
 * namespaces are compared once with each namespace.
 */
export class MemberIndex<T> {
  readonly #byName = new Map<string, SelectorIndex<T>>();
  readonly #bySelector: MemberSpec<T>[] = [];
  readonly #byPort = new Map<string, MemberSpec<T>[]>();
  readonly #hosted: MemberSpec<T>[] = [];
  readonly #inNamespace = new WeakMap<Labels, SelectorIndex<T>>();
  readonly #labelsOfNode: ReadonlyMap<string, Labels>;

  constructor(specs: Iterable<MemberSpec<T>>, nodes: readonly NodeMember[]) {
    this.#labelsOfNode = new Map(nodes.map((node) => [node.name, node.labels]));
    for (const of of specs) this.#add(of);
  }

  #add(of: MemberSpec<T>): void {
    const { spec, value } = of;
    if (spec.kind === "pods") {
      const { namespaces, pods } = spec.group;
      if ("selector" in namespaces) this.#bySelector.push(of);
      else reach(this.#byName, namespaces.name, () => new SelectorIndex<T>()).add(pods, value);
    } else if (spec.kind === "ports" || spec.kind === "havers") {
      reach(this.#byPort, spec.name, () => []).push(of);
    } else if (spec.kind === "hosted") this.#hosted.push(of);
  }

  /** The sets that a pod belongs to, each once. */
  find(member: Member): T[] {
    const { namespace, labels, namespaceLabels } = member;
    const found = this.#byName.get(namespace)?.match(labels) ?? [];
    found.push(...this.#namespaceIndex(namespaceLabels).match(labels));
    for (const { spec, value } of this.#hosted) {
      if (spec.kind === "hosted" && this.#isHosted(member, spec)) found.push(value);
    }
    const names = new Set(member.ports.map((port) => port.name));
    for (const name of names) {
      for (const { value } of this.#byPort.get(name) ?? []) found.push(value);
    }
    return found;
  }

  #isHosted({ node }: Member, { selector }: SetSpec & { readonly kind: "hosted" }): boolean {
    return matchesSelector(selector, this.#labelsOfNode.get(node ?? ""));
  }

  #namespaceIndex(labels: Labels): SelectorIndex<T> {
    const known = this.#inNamespace.get(labels);
    if (known !== undefined) return known;
    const index = new SelectorIndex<T>();
    for (const { spec, value } of this.#bySelector) {
      if (spec.kind !== "pods" || !("selector" in spec.group.namespaces)) continue;
      const { namespaces, pods } = spec.group;
      if (matchesSelector(namespaces.selector, labels)) index.add(pods, value);
    }
    this.#inNamespace.set(labels, index);
    return index;
  }
}

function reach<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
