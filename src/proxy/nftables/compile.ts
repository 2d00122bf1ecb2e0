/** Everything nftables mode wants in one node's table, worked out from objects. */
import { planOnNode } from "../choose/plan.js";
import { masqueradeMark } from "../mark.js";
import { dependsOnNode, nodeKey, PortMemo } from "../memo.js";
import { endpointsOf, type ProxyModel } from "../model.js";
import { releaseFacts } from "../release.js";
import type { ProxyNode, ProxySettings } from "../settings.js";
import { detectorStatement } from "./detector.js";
import type { NftEmitOptions } from "./emit.js";
import { emitNftPort, type NftPortRules } from "./port-rules.js";

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
  const { release, detector, masqueradeAll, masqueradeBit } = settings;
  const everywhere = JSON.stringify([release, detector ?? null, masqueradeAll, masqueradeBit]);
  const namesEndpoints = options.facts.layout === "dnat-maps";
  const here = `${everywhere}|${nodeKey(node)}`;
  const all: NftPortRules[] = [];
  for (const state of model.services.values) {
    for (const port of state.ports) {
      const endpoints = endpointsOf(state, port);
      const circumstances = namesEndpoints || dependsOnNode(port, endpoints) ? here : everywhere;
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
    facts: releaseFacts(settings.release).nftables,
    mark: masqueradeMark(settings),
    isLocal: detectorStatement(settings.detector, false),
    isNotLocal: detectorStatement(settings.detector, true),
    masqueradeAll: settings.masqueradeAll,
    nodeName: node.name,
    nodeAddr: node.primaryAddr,
  };
}
