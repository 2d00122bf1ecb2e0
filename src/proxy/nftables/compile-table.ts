/** Everything nftables mode puts into one node's kernel. */
import type { NftTable } from "../../netfilter/index.js";
import type { ProxyModel } from "../model.js";
import type { ProxyNode, ProxySettings } from "../settings.js";
import { nftTableOf } from "./dump.js";
import { startNftables, syncNftables } from "./sync.js";
import { nftTree } from "./tree.js";

/**
 * Compiles the table of one node after a sync on a clean node.
 *
 * Shape: depends on objects, node and settings only. The table is `ip kube-proxy` or
 * `ip6 kube-proxy`; nftables mode sets no sysctls.
 * Follows: Kubernetes v1.35.4 pkg/proxy/nftables/proxier.go `syncProxyRules`.
 * Cost: linear in Service ports and their endpoints.
 */
export function compileNftablesProxy(input: {
  readonly model: ProxyModel;
  readonly node: ProxyNode;
  readonly settings: ProxySettings;
}): NftTable {
  const { model, node, settings } = input;
  const { state } = syncNftables(startNftables(settings, node), model, { nowUs: 0 });
  return nftTree(nftTableOf(state), settings);
}
