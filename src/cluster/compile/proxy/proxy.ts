/** The rules of kube-proxy for all nodes: one model per family, one compile for nodes that are alike. */
import { type Addr, type Family, tryParseAddr } from "../../../addr/index.js";
import { kubeletRules, type NodeBase } from "../../../cni/index.js";
import type { VirtualServer } from "../../../ipvs/index.js";
import type {
  IpsetConfig,
  IptablesRuleset,
  IptablesTable,
  NftElement,
  NftRuleset,
} from "../../../netfilter/index.js";
import type { Listener } from "../../../netns/index.js";
import type { Node } from "../../../objects/index.js";
import {
  buildModel,
  changedServices,
  defaultSettings,
  dependsOnNode,
  endpointsOf,
  type FamilyHealthPorts,
  hairpinsByNode,
  healthCheckAddrs,
  type ProxyModel,
  type ProxyNode,
  type ProxySettings,
  serviceCIDRsOf,
} from "../../../proxy/index.js";
import { LABEL_ZONE } from "../../endpoints/pod-endpoint.js";
import type { ClusterSettings } from "../../settings.js";
import { internalIPs } from "../../system/nodes.js";
import { clusterCidr } from "../plan.js";
import { HealthPorts, healthListeners, NO_HEALTH_PORTS } from "./health.js";
import { ModeCompiler, type ModeRules } from "./modes.js";
import { withNodeParts } from "./nft-table.js";
import { completeRules, emptyRuleset } from "./rulesets.js";
import type { ProxyWatch } from "./watch.js";

/** What one node gets of all programs that write rules. */
export interface NodeRules {
  readonly iptables: IptablesRuleset;
  readonly ip6tables: IptablesRuleset;
  readonly nftables: NftRuleset;
  readonly ipsets: readonly IpsetConfig[];
  /** Undefined unless the proxy is in ipvs mode. */
  readonly virtualServers: readonly VirtualServer[] | undefined;
  /** Addresses on the dummy device of ipvs mode. */
  readonly dummyAddrs: readonly Addr[];
  readonly sysctls: ModeRules["sysctls"];
  /** Sockets on which the proxy answers health checks of Services. */
  readonly listeners: readonly Listener[];
}

/** Compiles the rules of nodes; remembers what it made for the state before. */
export class ProxyCompiler {
  readonly #families = new Map<Family, FamilyCompiler>();
  readonly #byNode = new Map<string, { parts: readonly FamilyRules[]; rules: NodeRules }>();
  #isIpvs = false;
  #watched: ProxyWatch | undefined;
  #models: readonly ProxyModel[] = [];

  /** Takes over a state. Cost: one look at every Service and slice, if any of them changed. */
  watch(settings: ClusterSettings, watched: ProxyWatch): void {
    if (this.#watched === watched) return;
    this.#isIpvs = settings.proxy === "ipvs";
    for (const family of settings.families) {
      const known = this.#families.get(family);
      const compiler = known ?? new FamilyCompiler(family, settings);
      compiler.watch(watched);
      this.#families.set(family, compiler);
    }
    this.#watched = watched;
  }

  /** What the proxies know of Services, one model for each family: ip4, then ip6. */
  get models(): readonly ProxyModel[] {
    const models = FAMILIES.flatMap((family) => this.#families.get(family)?.model ?? []);
    const isSame = models.length === this.#models.length;
    if (!isSame || models.some((model, at) => model !== this.#models[at])) this.#models = models;
    return this.#models;
  }

  /** The rules of one node: the same object as before if nothing about it changed. */
  rulesFor(node: Node, addrs: readonly Addr[], base: NodeBase): NodeRules {
    const { name } = node.metadata;
    const parts = [...this.#families.values()].map((f) => f.rulesFor(node, addrs, base.rulesets));
    const old = this.#byNode.get(name);
    if (old?.parts.every((p, at) => p === parts[at])) return old.rules;
    const rules = joinFamilies(parts, this.#isIpvs);
    this.#byNode.set(name, { parts, rules });
    return rules;
  }
}

const FAMILIES: readonly Family[] = ["ip4", "ip6"];

function joinFamilies(parts: readonly FamilyRules[], isIpvs: boolean): NodeRules {
  const partOf = (family: Family) => parts.find((p) => p.ruleset.family === family);
  const find = (family: Family) => partOf(family)?.ruleset ?? kubeletRules(family);
  const modes = parts.map((p) => p.rules);
  return {
    iptables: find("ip4"),
    ip6tables: find("ip6"),
    nftables: { tables: modes.flatMap((m) => m.nftables ?? []) },
    ipsets: modes.flatMap((m) => m.ipsets),
    virtualServers: isIpvs ? modes.flatMap((m) => m.virtualServers) : undefined,
    dummyAddrs: modes.flatMap((m) => m.dummyAddrs),
    sysctls: modes.flatMap((m) => m.sysctls),
    listeners: healthListeners(FAMILIES.flatMap((family) => partOf(family)?.health ?? [])),
  };
}

interface FamilyRules {
  readonly ruleset: IptablesRuleset;
  readonly rules: ModeRules;
  readonly rulesets: readonly IptablesRuleset[];
  /** The tables of `rulesets` that are of this family. */
  readonly own: readonly IptablesTable[];
  readonly health: FamilyHealthPorts;
}

interface PlacedRules {
  readonly from: ModeRules;
  readonly rules: ModeRules;
}

/** One family's proxies on all nodes. */
class FamilyCompiler {
  readonly #settings: ProxySettings;
  readonly #mode: ModeCompiler;
  readonly #byNode = new Map<string, FamilyRules>();
  readonly #own = new Map<string, { readonly key: string; readonly rules: ModeRules }>();
  readonly #placed = new Map<string, PlacedRules>();
  #hairpins: ReadonlyMap<string, readonly NftElement[]> = new Map();
  readonly #health = new HealthPorts();
  /** Whether rules can differ between nodes even if no Service port says so. */
  readonly #isPerNode: boolean;
  #model: ProxyModel | undefined;
  /** Nodes that no Service port tells from others of their zone share what one of them gets. */
  readonly #shared = new Map<string, ModeRules>();
  #special: ReadonlySet<string> | "all" = "all";

  constructor(family: Family, settings: ClusterSettings) {
    this.#settings = proxySettings(family, settings);
    this.#mode = new ModeCompiler(settings.proxy);
    const { nodePortAddresses: cidrs } = settings;
    // Shared rules get the address of the node's node ports afterwards.
    const isPlaced = settings.proxy === "nftables" && cidrs.length === 1 && cidrs[0] === "primary";
    this.#isPerNode = this.#mode.isPerNode || (cidrs.length > 0 && !isPlaced);
  }

  get model(): ProxyModel | undefined {
    return this.#model;
  }

  watch(watched: ProxyWatch): void {
    const model = buildModel(watched, this.#settings, this.#model);
    const isSame = this.#model !== undefined && changedServices(this.#model, model).size === 0;
    this.#model = model;
    if (isSame) return;
    this.#shared.clear();
    this.#own.clear();
    this.#health.watch(model);
    this.#special = this.#isPerNode ? "all" : specialNodes(model);
    this.#hairpins = hairpinsByNode(model);
  }

  rulesFor(node: Node, addrs: readonly Addr[], rulesets: readonly IptablesRuleset[]): FamilyRules {
    const { name } = node.metadata;
    const rules = this.#onNode(node, this.#compile(node, addrs));
    const health = this.#healthOn(node, addrs);
    const old = this.#byNode.get(name);
    if (old?.rules === rules && old.rulesets === rulesets && old.health === health) return old;
    const own = old?.rulesets === rulesets ? old.own : this.#tablesIn(rulesets);
    const made = { ruleset: completeRules(rules.shared, own), rules, rulesets, own, health };
    this.#byNode.set(name, made);
    return made;
  }

  #healthOn(node: Node, addrs: readonly Addr[]): FamilyHealthPorts {
    if (this.#health.isEmpty) return NO_HEALTH_PORTS;
    const proxyNode = makeProxyNode(node, addrs, this.#settings.family);
    return this.#health.on(proxyNode.name, healthCheckAddrs(this.#settings, proxyNode));
  }

  #tablesIn(rulesets: readonly IptablesRuleset[]): readonly IptablesTable[] {
    return rulesets.filter((r) => r.family === this.#settings.family).flatMap((r) => r.tables);
  }

  /** Shared rules with what every node has of its own: the address of its node ports. */
  #onNode(node: Node, rules: ModeRules): ModeRules {
    const { name } = node.metadata;
    if (rules.nftables === undefined || !this.#isShared(name)) return rules;
    const known = this.#placed.get(name);
    if (known?.from === rules) return known.rules;
    const { primaryAddr } = makeProxyNode(node, [], this.#settings.family);
    const parts = { primaryAddr, hairpins: this.#hairpins.get(name) ?? [] };
    const placed = { ...rules, nftables: withNodeParts(rules.nftables, parts) };
    this.#placed.set(name, { from: rules, rules: placed });
    return placed;
  }

  #isShared(name: string): boolean {
    return this.#special !== "all" && !this.#special.has(name);
  }

  #compile(node: Node, addrs: readonly Addr[]): ModeRules {
    const { name, labels } = node.metadata;
    const isShared = this.#isShared(name);
    const zone = labels?.[LABEL_ZONE] ?? "";
    const shared = isShared ? this.#shared.get(zone) : undefined;
    if (shared !== undefined) return shared;
    const proxyNode = makeProxyNode(node, addrs, this.#settings.family);
    const key = isShared ? "" : JSON.stringify(proxyNode);
    const own = this.#own.get(name);
    if (!isShared && own !== undefined && own.key === key) return own.rules;
    const model = this.#model as ProxyModel;
    const rules = this.#mode.compile({ model, node: proxyNode, settings: this.#settings });
    if (isShared) this.#shared.set(zone, rules);
    else this.#own.set(name, { key, rules });
    return rules;
  }
}

/** kube-proxy as kubeadm configures it: local traffic is told by the cluster's pod prefix. */
function proxySettings(family: Family, settings: ClusterSettings): ProxySettings {
  const cidr = clusterCidr(settings, family);
  const defaults = defaultSettings(family);
  const serviceCIDRs = serviceCIDRsOf(settings.servicePrefixes.map(String), family);
  return {
    ...defaults,
    release: settings.proxyRelease,
    detector: cidr === undefined ? undefined : { kind: "cidr", cidr },
    nodePortAddresses: settings.nodePortAddresses,
    nftables: { ...defaults.nftables, serviceCIDRs },
  };
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

/**
 * Nodes whose rules can differ from those of others in their zone: they have an endpoint of a port
 * that asks where endpoints are, or are named by a hint. All of them, if a port asks for the node's
 * own address or its endpoints contradict each other.
 */
function specialNodes(model: ProxyModel): ReadonlySet<string> | "all" {
  const special = new Set<string>();
  for (const state of model.services.values) {
    for (const port of state.ports) {
      const endpoints = endpointsOf(state, port);
      if (!dependsOnNode(port, endpoints)) continue;
      if (endpoints.contested.length > 0 || port.sourceRanges.length > 0) return "all";
      for (const { nodeName, nodeHints } of endpoints.list) {
        if (nodeName !== "") special.add(nodeName);
        for (const name of nodeHints) special.add(name);
      }
    }
  }
  return special;
}

/** The rules of a namespace where nobody writes any. */
export const NO_RULES: NodeRules = {
  iptables: emptyRuleset("ip4"),
  ip6tables: emptyRuleset("ip6"),
  nftables: { tables: [] },
  ipsets: [],
  virtualServers: undefined,
  dummyAddrs: [],
  sysctls: [],
  listeners: [],
};
