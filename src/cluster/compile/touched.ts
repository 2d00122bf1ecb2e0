/** Which nodes a change of objects can have touched, found by comparing shards by identity. */
import type { ClusterState, NamespaceShard } from "../state/state.js";

/**
 * The nodes whose pods are not the same objects in two states, by name. Without a state before, all
 * that have pods.
 *
 * Cost: one look at each namespace, and at each node of those whose pods changed.
 */
export function touchedNodes(
  before: Pick<ClusterState, "namespaces"> | undefined,
  after: Pick<ClusterState, "namespaces">,
): ReadonlySet<string> {
  const touched = new Set<string>();
  const compare = (name: string) => {
    const old = before?.namespaces.get(name)?.pods ?? NO_PODS;
    const now = after.namespaces.get(name)?.pods ?? NO_PODS;
    if (old === now) return;
    for (const [node, pods] of now) if (old.get(node) !== pods) touched.add(node);
    for (const node of old.keys()) if (!now.has(node)) touched.add(node);
  };
  for (const name of after.namespaces.keys()) compare(name);
  for (const name of before?.namespaces.keys() ?? []) {
    if (!after.namespaces.has(name)) compare(name);
  }
  return touched;
}

const NO_PODS: NamespaceShard["pods"] = new Map();
