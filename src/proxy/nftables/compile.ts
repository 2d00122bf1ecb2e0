/** Everything nftables mode wants in one node's table, worked out from objects. */
import { planOnNode } from "../choose/plan.js";
import { dependsOnNode, nodeKey, PortMemo } from "../memo.js";
import { endpointsOf, type ProxyModel } from "../model.js";
import type { LocalDetector, ProxyNode, ProxySettings } from "../settings.js";
import { emitNftPort, type NftEmitOptions, type NftPortRules } from "./port-rules.js";
import type { NftStatement } from "./rule.js";

/** What is compiled, for whom, and how. */
export interface NftablesProxyInput {
  readonly model: ProxyModel;
  readonly node: ProxyNode;
  readonly settings: ProxySettings;
  /** Shares work between nodes and between successive models. */
  readonly memo?: PortMemo<NftPortRules>;
}

/** What every Service port contributes, in order of their keys. */
export function compileNftPorts(input: NftablesProxyInput): readonly NftPortRules[] {
  const { model, node, settings, memo = new PortMemo<NftPortRules>() } = input;
  const options = nftEmitOptions(settings, node);
  const everywhere = JSON.stringify([settings.detector ?? null, settings.masqueradeAll]);
  const here = `${everywhere}|${nodeKey(node)}`;
  const all: NftPortRules[] = [];
  for (const state of model.services.values) {
    for (const port of state.ports) {
      const endpoints = endpointsOf(state, port);
      const circumstances = dependsOnNode(port, endpoints) ? here : everywhere;
      const known = memo.find(port, endpoints, circumstances);
      const rules = known ?? emitNftPort(planOnNode(port, endpoints, node), options);
      if (known === undefined) memo.keep(port, endpoints, { circumstances, result: rules });
      all.push(rules);
    }
  }
  return all;
}

/** What the rules of a Service port are emitted with. */
export function nftEmitOptions(settings: ProxySettings, node: ProxyNode): NftEmitOptions {
  return {
    isLocal: detectorStatement(settings.detector, false),
    isNotLocal: detectorStatement(settings.detector, true),
    masqueradeAll: settings.masqueradeAll,
    nodeAddr: node.primaryAddr,
  };
}

/**
 * The match for traffic of this node's pods, or with `not` for other traffic.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/util/localdetector.go.
 */
export function detectorStatement(
  detector: LocalDetector | undefined,
  not: boolean,
): NftStatement | undefined {
  const negated = not ? { not } : {};
  switch (detector?.kind) {
    case undefined:
      return undefined;
    case "cidr": {
      const operand = { kind: "text", text: detector.cidr } as const;
      return { kind: "addr", side: "saddr", operand, ...negated };
    }
    case "bridge-interface":
      return { kind: "iifname", name: detector.link, ...negated };
    case "interface-prefix":
      return { kind: "iifname", name: `${detector.prefix}*`, ...negated };
  }
}
