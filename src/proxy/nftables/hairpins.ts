/** The set `hairpin-connections` of every node at once, for nodes that share all other rules. */
import type { NftElement } from "../../netfilter/index.js";
import { planOnNode } from "../choose/plan.js";
import { dependsOnNode } from "../memo.js";
import { endpointsOf, type ProxyModel } from "../model.js";
import { releaseFacts } from "../release.js";
import { hairpinElements } from "./port-rules.js";
import { elementTree } from "./tree.js";

/** A node of which nothing is known, for Service ports that are the same on all. */
const NOBODY = { name: "", zone: "" };

/**
 * The elements of each node's set, by name of the node; those of Service ports whose rules differ
 * from node to node are left out.
 *
 * Shape: sorted by key, each once; empty for releases without the set.
 * Follows: Kubernetes v1.36.0 pkg/proxy/nftables/proxier.go `syncProxyRules`.
 * Cost: linear in the endpoints.
 */
export function hairpinsByNode(model: ProxyModel): ReadonlyMap<string, readonly NftElement[]> {
  const facts = releaseFacts(model.release).nftables;
  const byNode = new Map<string, Map<string, NftElement>>();
  if (facts.layout === "endpoint-chains") return new Map();
  for (const state of model.services.values) {
    for (const port of state.ports) {
      const endpoints = endpointsOf(state, port);
      if (dependsOnNode(port, endpoints)) continue;
      const plan = planOnNode(port, endpoints, NOBODY);
      for (const nodeName of new Set(plan.reachable.map((endpoint) => endpoint.nodeName))) {
        const found = byNode.get(nodeName) ?? new Map<string, NftElement>();
        byNode.set(nodeName, found);
        for (const element of hairpinElements(plan, { facts, nodeName })) {
          found.set(element.key, elementTree(element));
        }
      }
    }
  }
  const sorted = [...byNode].map(([name, elements]) => {
    const list = [...elements].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, element]) => element);
    return [name, list] as const;
  });
  return new Map(sorted);
}
