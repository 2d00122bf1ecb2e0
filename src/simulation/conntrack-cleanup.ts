/** kube-proxy of one node, after it wrote its rules anew: it makes the kernel forget UDP connections. */
import type { Conntrack, Entry } from "../netfilter/index.js";
import { findStaleEntries, matchesFilter, needsCleanup, type ProxyModel } from "../proxy/index.js";

/**
 * Forgets the UDP connections of one node that lead to what serves no longer, or to nothing although
 * somebody serves now.
 *
 * Shape: a family is looked at only if endpoints of a UDP port changed between the models.
 * Returns: what was forgotten.
 * Follows: Kubernetes v1.35.4 pkg/proxy/conntrack/cleanup.go `CleanStaleEntries`.
 */
export function forgetStaleConnections(
  { table }: Pick<Conntrack, "table">,
  before: readonly ProxyModel[],
  after: readonly ProxyModel[],
): readonly Entry[] {
  return after.flatMap((model) => {
    const old = before.find(({ family }) => family === model.family);
    if (!needsCleanup(old, model)) return [];
    const own = [...table.entries()].filter(({ original }) => original.family === model.family);
    const filters = findStaleEntries(model, own);
    const stale = own.filter((entry) => filters.some((filter) => matchesFilter(filter, entry)));
    for (const entry of stale) table.remove(entry);
    return stale;
  });
}
