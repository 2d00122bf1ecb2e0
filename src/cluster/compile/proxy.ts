/** The rules of kube-proxy for all nodes: one model per family, one compile for nodes that are alike. */
import { type Addr, type Family, tryParseAddr } from "../../addr/index.js";
import { UnsupportedError } from "../../base/index.js";
import { kubeletRules, type NodeBase } from "../../cni/index.js";
import type { IptablesChain, IptablesRuleset, IptablesTable } from "../../netfilter/index.js";
import type { EndpointSlice, Node, Service } from "../../objects/index.js";
import {
  buildModel,
  changedServices,
  compileIptablesProxy,
  defaultSettings,
  dependsOnNode,
  endpointsOf,
  type IptablesProxyRules,
  PortMemo,
  type PortRules,
  type ProxyModel,
  type ProxyNode,
  type ProxySettings,
} from "../../proxy/index.js";
import { LABEL_ZONE } from "../endpoints/pod-endpoint.js";
import { LABEL_HEADLESS } from "../endpoints/slice.js";
import type { ClusterSettings } from "../settings.js";
import type { ClusterState } from "../state/state.js";
import { internalIPs } from "../system/nodes.js";
import { clusterCidr } from "./plan.js";
import { completeRules, emptyRuleset, type SharedRules, shareRules } from "./rulesets.js";

/** Objects with this label belong to another proxy. */
const LABEL_OTHER_PROXY = "service.kubernetes.io/service-proxy-name";

/** The Services and slices that kube-proxy watches. */
export interface ProxyWatch {
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
}

/**
 * Gathers what kube-proxy watches.
 *
 * Follows: Kubernetes v1.35.4 cmd/kube-proxy/app/server.go `Run`: its watch leaves out headless
 * Services' slices and what is labelled for another proxy.
 */
export function watchServices(state: ClusterState): ProxyWatch {
  const services: Service[] = [];
  const endpointSlices: EndpointSlice[] = [];
  for (const { kinds } of state.namespaces.values()) {
    for (const service of kinds.get("Service")?.values() ?? []) {
      if (isWatched(service.metadata.labels)) services.push(service as Service);
    }
    for (const slice of kinds.get("EndpointSlice")?.values() ?? []) {
      const { labels } = slice.metadata;
      if (isWatched(labels)) endpointSlices.push(slice as EndpointSlice);
    }
  }
  return { services, endpointSlices };
}

function isWatched(labels: Readonly<Record<string, string>> | undefined): boolean {
  return labels?.[LABEL_OTHER_PROXY] === undefined && labels?.[LABEL_HEADLESS] === undefined;
}

/** What one node gets of all programs that write iptables rules, and sysctls. */
export interface NodeRules {
  readonly iptables: IptablesRuleset;
  readonly ip6tables: IptablesRuleset;
  readonly sysctls: readonly (readonly [name: string, value: string])[];
}

/** Compiles the rules of nodes; remembers what it made for the state before. */
export class ProxyCompiler {
  readonly #families = new Map<Family, FamilyCompiler>();

  /** Takes over a state. Cost: one look at every Service and slice. */
  watch(state: ClusterState): void {
    const { settings } = state;
    if (settings.proxy !== "iptables") {
      throw new UnsupportedError(`proxy mode ${settings.proxy}`, "cluster", "iptables");
    }
    const watched = watchServices(state);
    for (const family of settings.families) {
      const known = this.#families.get(family);
      const compiler = known ?? new FamilyCompiler(family, settings);
      compiler.watch(watched);
      this.#families.set(family, compiler);
    }
  }

  /** The rules of one node: the same object as before if nothing about it changed. */
  rulesFor(node: Node, addrs: readonly Addr[], base: NodeBase): NodeRules {
    const rulesets = base.rulesets;
    const parts = [...this.#families.values()].map((f) => f.rulesFor(node, addrs, rulesets));
    const find = (family: Family) =>
      parts.find((p) => p.ruleset.family === family)?.ruleset ?? kubeletRules(family);
    return {
      iptables: find("ip4"),
      ip6tables: find("ip6"),
      sysctls: parts.flatMap((p) => p.sysctls),
    };
  }
}

interface FamilyRules {
  readonly ruleset: IptablesRuleset;
  readonly sysctls: IptablesProxyRules["sysctls"];
}

interface Remembered extends FamilyRules {
  readonly rules: IptablesProxyRules;
  readonly rulesets: readonly IptablesRuleset[];
}

/** One family's proxies on all nodes. */
class FamilyCompiler {
  readonly #settings: ProxySettings;
  readonly #memo = new PortMemo<PortRules>();
  readonly #byNode = new Map<string, Remembered>();
  #model: ProxyModel | undefined;
  #shared: IptablesProxyRules | undefined;
  #isShared = false;
  #joined: { readonly rules: IptablesProxyRules; readonly shared: SharedRules } | undefined;

  constructor(family: Family, settings: ClusterSettings) {
    const cidr = clusterCidr(settings, family);
    const defaults = defaultSettings(family);
    this.#settings =
      cidr === undefined ? defaults : { ...defaults, detector: { kind: "cidr", cidr } };
  }

  watch(watched: ProxyWatch): void {
    const model = buildModel(watched, this.#settings.family, this.#model);
    const isSame = this.#model !== undefined && changedServices(this.#model, model).size === 0;
    this.#model = model;
    if (isSame) return;
    this.#shared = undefined;
    this.#isShared = !hasDifferingNodes(model);
  }

  rulesFor(node: Node, addrs: readonly Addr[], rulesets: readonly IptablesRuleset[]): FamilyRules {
    const { name } = node.metadata;
    const rules = this.#compile(node, addrs);
    const old = this.#byNode.get(name);
    if (old !== undefined && old.rules === rules && old.rulesets === rulesets) return old;
    const mine = rulesets.filter((r) => r.family === this.#settings.family);
    const ruleset = completeRules(
      this.#sharedRules(rules),
      mine.flatMap((r) => r.tables),
    );
    const made = { ruleset, sysctls: rules.sysctls, rules, rulesets };
    this.#byNode.set(name, made);
    return made;
  }

  #sharedRules(rules: IptablesProxyRules): SharedRules {
    if (this.#joined?.rules !== rules) {
      this.#joined = { rules, shared: shareProxyRules(this.#settings.family, rules) };
    }
    return this.#joined.shared;
  }

  #compile(node: Node, addrs: readonly Addr[]): IptablesProxyRules {
    if (this.#shared !== undefined) return this.#shared;
    const model = this.#model as ProxyModel;
    const proxyNode = makeProxyNode(node, addrs, this.#settings.family);
    const input = { model, node: proxyNode, settings: this.#settings, memo: this.#memo };
    const rules = compileIptablesProxy(input);
    if (this.#isShared) this.#shared = rules;
    return rules;
  }
}

function makeProxyNode(node: Node, addrs: readonly Addr[], family: Family): ProxyNode {
  const own = internalIPs(node).flatMap((text) => tryParseAddr(text) ?? []);
  return {
    name: node.metadata.name,
    zone: node.metadata.labels?.[LABEL_ZONE] ?? "",
    primaryAddr: own.find((a) => a.family === family),
    addrs: addrs.filter((a) => a.family === family),
  };
}

/** Whether some Service port's rules differ from node to node. */
function hasDifferingNodes(model: ProxyModel): boolean {
  return model.services.values.some((state) =>
    state.ports.some((port) => dependsOnNode(port, endpointsOf(state, port))),
  );
}

const FIREWALL = "KUBE-FIREWALL";

/**
 * The rules of kube-proxy and the kubelet. The kubelet was there first, so its KUBE-FIREWALL stands
 * where it put it and kube-proxy finds it there; kube-proxy's jumps are at the head.
 */
function shareProxyRules(family: Family, rules: IptablesProxyRules): SharedRules {
  const kubelet = kubeletRules(family);
  const isTaken = kubelet.tables.some((t) => t.chains.some((c) => c.name === FIREWALL));
  const isOwn = (chain: IptablesChain) => !isTaken || chain.name !== FIREWALL;
  const jumps = rules.jumps.map(({ table, chain, rules: list }): IptablesTable => {
    const kept = list.filter((r) => {
      return !isTaken || r.target?.kind !== "jump" || r.target.chain !== FIREWALL;
    });
    return { name: table, chains: [{ name: chain, policy: "ACCEPT", rules: kept }] };
  });
  const tables = rules.tables.map((table) =>
    table.chains.every(isOwn) ? table : { ...table, chains: table.chains.filter(isOwn) },
  );
  return shareRules(family, [jumps, kubelet.tables, tables]);
}

/** The rules of a namespace where nobody writes any. */
export const NO_RULES: NodeRules = {
  iptables: emptyRuleset("ip4"),
  ip6tables: emptyRuleset("ip6"),
  sysctls: [],
};
