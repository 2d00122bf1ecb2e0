/**
 * One node and its pods under one plan. What was made for the state before is kept as long as the
 * shards it was made from are the same objects.
 */
import type { Addr } from "../../addr/index.js";
import {
  configureNode,
  configureNodeBase,
  configurePod,
  type NetworkConfig,
  type NodeBase,
  nameVeths,
  type PodPlan,
  podNetns,
} from "../../cni/index.js";
import type { Listener, NetnsConfig } from "../../netns/index.js";
import type { Node, Pod } from "../../objects/index.js";
import { listenersOf } from "../listen/listeners.js";
import { compareText } from "../state/identity.js";
import { type ClusterState, podsOnNode } from "../state/state.js";
import { withDummy } from "./dummy.js";
import { type ClusterPlan, planPod } from "./plan.js";
import { NO_RULES, type NodeRules, type ProxyCompiler } from "./proxy/proxy.js";

/** What a node is compiled among. */
export interface Surroundings {
  readonly state: ClusterState;
  readonly namespaces: readonly string[];
  readonly plan: ClusterPlan;
  readonly proxy: ProxyCompiler;
}

/** A node's namespace, and those of its pods. */
export interface CompiledNode {
  readonly node: NetnsConfig;
  readonly pods: readonly NetnsConfig[];
}

type Sysctls = NodeRules["sysctls"];
type PodShard = ReadonlyMap<string, Pod>;

/** One node and its pods, under one plan. */
export class NodeCompiler {
  readonly #name: string;
  #base: NodeBase | undefined;
  #shards: readonly PodShard[] = [];
  #network: NetworkConfig | undefined;
  #pods: readonly NetnsConfig[] = [];
  #podMemo = new Map<Pod, { readonly veth: string; readonly config: NetnsConfig }>();
  #listeners: readonly Listener[] = [];
  #addrs: readonly Addr[] = [];
  #sysctls: SysctlMemo | undefined;
  #node: { readonly rules: NodeRules; readonly config: NetnsConfig } | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  compile(around: Surroundings): CompiledNode {
    const { state, plan, proxy } = around;
    const own = plan.byNode.get(this.#name);
    const object = state.nodes.get(this.#name) as Node;
    if (own === undefined) return { node: emptyNetns(this.#name), pods: [] };
    this.#base ??= configureNodeBase(plan.network, own);
    this.#takePods(around);
    const network = this.#network as NetworkConfig;
    const rules = proxy.rulesFor(object, this.#addrs, this.#base);
    if (this.#node?.rules !== rules) {
      this.#node = { rules, config: this.#assemble(network, rules) };
    }
    return { node: this.#node.config, pods: this.#pods };
  }

  #takePods({ state, namespaces, plan }: Surroundings): void {
    const shards = namespaces.map((ns) => {
      const shard = state.namespaces.get(ns);
      return shard === undefined ? NO_PODS : podsOnNode(shard, this.#name);
    });
    const found = shards.filter((shard) => shard.size > 0);
    if (this.#network !== undefined && areSame(found, this.#shards)) return;
    this.#shards = found;
    const node = plan.byNode.get(this.#name) as NonNullable<ReturnType<typeof plan.byNode.get>>;
    const all = found.flatMap((shard) => [...shard.values()]);
    const planned = all.flatMap((pod) => {
      const podPlan = planPod(pod, node);
      return podPlan === undefined ? [] : [{ pod, plan: podPlan, key: podNetns(podPlan) }];
    });
    planned.sort((a, b) => compareText(a.key, b.key));
    const plans: readonly PodPlan[] = planned.map((p) => p.plan);
    this.#network = configureNode(plan.network, node, plans, this.#base as NodeBase);
    this.#node = undefined;
    this.#addrs = addrsOf(this.#network);
    const veths = nameVeths(plans);
    const memo = new Map<Pod, { readonly veth: string; readonly config: NetnsConfig }>();
    this.#pods = planned.map(({ pod, plan: podPlan }, at) => {
      const veth = veths[at] as string;
      const old = this.#podMemo.get(pod);
      const entry =
        old?.veth === veth
          ? old
          : {
              veth,
              config: makePodNetns(pod, state, configurePod(plan.network, node, podPlan, veth)),
            };
      memo.set(pod, entry);
      return entry.config;
    });
    this.#podMemo = memo;
    this.#listeners = nodeListeners(this.#name, all, state);
  }

  #assemble(network: NetworkConfig, rules: NodeRules): NetnsConfig {
    const { iptables, ip6tables, nftables, ipsets, virtualServers } = rules;
    return {
      ...emptyNetns(this.#name),
      ...partsOf(withDummy(this.#name, network, rules)),
      sysctls: this.#allSysctls(network.sysctls, rules.sysctls),
      iptables,
      ip6tables,
      nftables,
      ipsets,
      ...(virtualServers === undefined ? {} : { ipvs: { virtualServers } }),
      listeners: this.#listeners,
    };
  }

  #allSysctls(base: ReadonlyMap<string, string>, more: Sysctls): ReadonlyMap<string, string> {
    const text = JSON.stringify(more);
    if (this.#sysctls?.text !== text) this.#sysctls = { text, all: withSysctls(base, more) };
    return this.#sysctls.all;
  }
}

interface SysctlMemo {
  readonly text: string;
  readonly all: ReadonlyMap<string, string>;
}

function addrsOf({ links }: NetworkConfig): readonly Addr[] {
  return links.flatMap((link) => link.addresses.map((a) => a.address.addr));
}

const NO_PODS: PodShard = new Map();

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at]);
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
      service: "http",
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
