/**
 * One node and its pods under one plan. What was made for the state before is kept as long as what
 * it was made from says the same: a pod's labels, for one, change nothing here.
 */
import type { Addr } from "../../addr/index.js";
import {
  configureNode,
  configureNodeBase,
  configurePod,
  type NetworkConfig,
  type NodeBase,
  type NodePlan,
  nameVeths,
  type PodPlan,
} from "../../cni/index.js";
import type { Listener, NetnsConfig } from "../../netns/index.js";
import type { Node, Pod } from "../../objects/index.js";
import { listenersOf } from "../listen/listeners.js";
import { compareText } from "../state/identity.js";
import { type ClusterState, podsOnNode } from "../state/state.js";
import { withDummy } from "./dummy.js";
import { type ClusterPlan, planPod } from "./plan.js";
import type { PolicyCompiler } from "./policy/policies.js";
import { NO_RULES, type NodeRules, type ProxyCompiler } from "./proxy/proxy.js";

/** What a node is compiled among. */
export interface Surroundings {
  readonly state: ClusterState;
  readonly namespaces: readonly string[];
  readonly plan: ClusterPlan;
  readonly proxy: ProxyCompiler;
  readonly policies: PolicyCompiler;
  /** Nodes whose pods may be others than when they were compiled last. */
  readonly touched: ReadonlySet<string>;
}

/** A node's namespace, and those of its pods. */
export interface CompiledNode {
  readonly node: NetnsConfig;
  readonly pods: readonly NetnsConfig[];
}

type Sysctls = NodeRules["sysctls"];

/** A pod of the node, and what was made of it. */
interface KnownPod {
  readonly pod: Pod;
  /** Undefined for a pod without a namespace of its own. */
  readonly plan: PodPlan | undefined;
  readonly made?: { readonly veth: string; readonly config: NetnsConfig };
}

/** One node and its pods, under one plan. */
export class NodeCompiler {
  readonly #name: string;
  #base: NodeBase | undefined;
  #network: NetworkConfig | undefined;
  #pods: readonly NetnsConfig[] = [];
  #known: ReadonlyMap<string, KnownPod> = new Map();
  #listeners: readonly Listener[] = [];
  #addrs: readonly Addr[] = [];
  #sysctls: SysctlMemo | undefined;
  #made: { readonly rules: NodeRules; readonly compiled: CompiledNode } | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** The node and its pods: the same object as before if nothing about them changed. */
  compile(around: Surroundings): CompiledNode {
    const { state, plan, proxy, policies } = around;
    const own = plan.byNode.get(this.#name);
    const object = state.nodes.get(this.#name) as Node;
    if (own === undefined) return { node: emptyNetns(this.#name), pods: [] };
    this.#base ??= configureNodeBase(plan.network, own);
    this.#takePods(around);
    const network = this.#network as NetworkConfig;
    const rules = policies.install(this.#name, proxy.rulesFor(object, this.#addrs, this.#base));
    if (this.#made?.rules !== rules) {
      const compiled = { node: this.#assemble(network, rules), pods: this.#pods };
      this.#made = { rules, compiled };
    }
    return this.#made.compiled;
  }

  #takePods({ state, namespaces, plan, touched }: Surroundings): void {
    if (this.#network !== undefined && !touched.has(this.#name)) return;
    const node = plan.byNode.get(this.#name) as NodePlan;
    const found = namespaces.flatMap((ns) => {
      const shard = state.namespaces.get(ns);
      return shard === undefined ? [] : [...podsOnNode(shard, this.#name).values()];
    });
    if (!this.#know(found, node) && this.#network !== undefined) return;
    const known = [...this.#known.values()];
    const plans = known.flatMap((k) => k.plan ?? []);
    this.#network = configureNode(plan.network, node, plans, this.#base as NodeBase);
    this.#made = undefined;
    this.#addrs = addrsOf(this.#network);
    const configure = (pod: Pod, podPlan: PodPlan, veth: string) =>
      makePodNetns(pod, state, configurePod(plan.network, node, podPlan, veth));
    this.#makePods(nameVeths(plans), configure);
    const pods = known.map((k) => k.pod);
    this.#listeners = nodeListeners(this.#name, pods, state);
  }

  /** Takes over the node's pods, by name. Returns whether one reads otherwise than before. */
  #know(pods: readonly Pod[], node: NodePlan): boolean {
    const known = new Map<string, KnownPod>();
    let kept = 0;
    const keyed = pods.map((pod) => ({ pod, key: podKey(pod) }));
    for (const { pod, key } of keyed.sort((a, b) => compareText(a.key, b.key))) {
      const old = this.#known.get(key);
      const isKept = old !== undefined && readsAlike(old.pod, pod);
      known.set(key, isKept ? { ...old, pod } : { pod, plan: planPod(pod, node) });
      if (isKept) kept++;
    }
    const isSame = kept === known.size && kept === this.#known.size;
    this.#known = known;
    return !isSame;
  }

  /** Makes the namespaces of pods that have one; a pod keeps its own as long as it reads alike. */
  #makePods(
    veths: readonly string[],
    configure: (pod: Pod, plan: PodPlan, veth: string) => NetnsConfig,
  ): void {
    const known = new Map<string, KnownPod>();
    const pods: NetnsConfig[] = [];
    for (const [key, { pod, plan, made }] of this.#known) {
      if (plan === undefined) {
        known.set(key, { pod, plan });
        continue;
      }
      const veth = veths[pods.length] as string;
      const config = made?.veth === veth ? made.config : configure(pod, plan, veth);
      known.set(key, { pod, plan, made: { veth, config } });
      pods.push(config);
    }
    this.#known = known;
    this.#pods = pods;
  }

  #assemble(network: NetworkConfig, rules: NodeRules): NetnsConfig {
    const { iptables, ip6tables, nftables, virtualServers } = rules;
    return {
      ...emptyNetns(this.#name),
      ...partsOf(withDummy(this.#name, network, rules)),
      sysctls: this.#allSysctls(network.sysctls, rules.sysctls),
      iptables,
      ip6tables,
      nftables,
      // Put together when it is read, as the tables of iptables.
      get ipsets() {
        return rules.ipsets;
      },
      ...(virtualServers === undefined ? {} : { ipvs: { virtualServers } }),
      listeners: withListeners(this.#listeners, rules.listeners),
    };
  }

  #allSysctls(base: ReadonlyMap<string, string>, more: Sysctls): ReadonlyMap<string, string> {
    if (this.#sysctls === undefined || !areEqual(this.#sysctls.more, more)) {
      this.#sysctls = { more, all: withSysctls(base, more) };
    }
    return this.#sysctls.all;
  }
}

interface SysctlMemo {
  readonly more: Sysctls;
  readonly all: ReadonlyMap<string, string>;
}

function withListeners(own: readonly Listener[], more: readonly Listener[]): readonly Listener[] {
  return more.length === 0 ? own : [...own, ...more];
}

function areEqual(a: Sysctls, b: Sysctls): boolean {
  if (a.length !== b.length) return false;
  return a.every(([name, value], at) => name === b[at]?.[0] && value === b[at][1]);
}

function podKey({ metadata: { namespace = "default", name } }: Pod): string {
  return `${namespace}/${name}`;
}

/** Whether two pods of one name have the same network and listen on the same ports. */
function readsAlike(a: Pod, b: Pod): boolean {
  if (a === b) return true;
  const text = ({ spec, status, metadata: { annotations } }: Pod) =>
    JSON.stringify([spec, status?.phase, status?.podIPs, annotations]);
  return text(a) === text(b);
}

function addrsOf({ links }: NetworkConfig): readonly Addr[] {
  return links.flatMap((link) => link.addresses.map((a) => a.address.addr));
}

function partsOf({ links, routes, rules, neighbors, fdb, sysctls }: NetworkConfig) {
  return { links, routes, rules, neighbors, fdb, sysctls };
}

function emptyNetns(name: string): NetnsConfig {
  return {
    name,
    links: [],
    routes: [],
    rules: [],
    neighbors: [],
    fdb: [],
    sysctls: new Map(),
    iptables: NO_RULES.iptables,
    ip6tables: NO_RULES.ip6tables,
    nftables: { tables: [] },
    ipsets: [],
    listeners: [],
    unmodelled: [],
  };
}

function makePodNetns(pod: Pod, state: ClusterState, network: NetworkConfig): NetnsConfig {
  const namespace = pod.metadata.namespace ?? "default";
  return {
    ...emptyNetns(`${namespace}/${pod.metadata.name}`),
    ...partsOf(network),
    listeners: listenersOf(pod, state.settings),
  };
}

/** Port of the kubelet's API. */
const KUBELET_PORT = 10250;
/** Port of kube-proxy's health check. */
const PROXY_HEALTH_PORT = 10256;

/** What the listener on it is called; the simulation answers for it. */
export const PROXY_HEALTH = "kube-proxy-health";

/** What listens on a node: the kubelet, kube-proxy, and pods on the host network. */
function nodeListeners(
  name: string,
  pods: readonly Pod[],
  state: ClusterState,
): readonly Listener[] {
  const own = [
    { protocol: "tcp", port: KUBELET_PORT, service: "https", origin: { kind: "kubelet", name } },
    {
      protocol: "tcp",
      port: PROXY_HEALTH_PORT,
      service: PROXY_HEALTH,
      origin: { kind: "kube-proxy", name },
    },
  ] as const;
  const hosted = pods.filter((pod) => pod.spec?.hostNetwork === true);
  return [...own, ...hosted.flatMap((pod) => listenersOf(pod, state.settings))];
}

/**
 * What kube-proxy sets besides the sysctls of its mode: conntrack's size and patience.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/apis/config/v1alpha1/defaults.go (four processors).
 */
const CONNTRACK_SYSCTLS = [
  ["net.netfilter.nf_conntrack_max", "131072"],
  ["net.netfilter.nf_conntrack_tcp_timeout_close_wait", "3600"],
  ["net.netfilter.nf_conntrack_tcp_timeout_established", "86400"],
] as const;

function withSysctls(
  base: ReadonlyMap<string, string>,
  more: readonly (readonly [string, string])[],
): ReadonlyMap<string, string> {
  const all = [...base, ...more, ...CONNTRACK_SYSCTLS];
  return new Map(all.toSorted(([a], [b]) => compareText(a, b)));
}
