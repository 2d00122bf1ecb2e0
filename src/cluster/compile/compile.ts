import { UPLINK } from "../../cni/index.js";
import type { NetnsConfig } from "../../netns/index.js";
import type { ProxyModel } from "../../proxy/index.js";
import { compareText } from "../state/identity.js";
import type { ClusterState } from "../state/state.js";
import { makeHosts } from "./hosts.js";
import { outsideAddrs, outsideText } from "./load-balancer.js";
import { NetnsMap } from "./netns-map.js";
import { type CompiledNode, NodeCompiler } from "./node.js";
import { type ClusterPlan, makePlan } from "./plan.js";
import { PolicyCompiler } from "./policy/policies.js";
import { ProxyCompiler } from "./proxy/proxy.js";
import { type ProxyWatch, ServiceWatch } from "./proxy/watch.js";
import { touchedNodes } from "./touched.js";

/** One end of something that joins namespaces. */
export interface LinkEnd {
  readonly netns: string;
  readonly link: string;
}

/** Links that hang on one switch. Veth pairs are not listed: their links name their peers. */
export interface Segment {
  readonly name: string;
  readonly members: readonly LinkEnd[];
}

/** Everything a fabric is built from. */
export interface Compiled {
  /** By name: nodes, other hosts, then pods (`namespace/pod`). */
  readonly netns: ReadonlyMap<string, NetnsConfig>;
  readonly segments: readonly Segment[];
}

/**
 * Compiles states, one after the other. What it remembers of the state before changes no answer.
 *
 * Shape: what a change leaves alone is the same object as before, up to the whole answer.
 * Cost: what changed, and one look at each namespace and node.
 */
export class Compiler {
  #state: ClusterState | undefined;
  #compiled: Compiled | undefined;
  #plan: ClusterPlan | undefined;
  #netns = NetnsMap.empty();
  #hosts: readonly NetnsConfig[] = [];
  #segments: readonly Segment[] = [];
  #proxy = new ProxyCompiler();
  #policies: PolicyCompiler | undefined;
  #nodes = new Map<string, NodeCompiler>();
  #names: readonly string[] = [];
  #outside: { readonly watched: ProxyWatch; readonly text: string } | undefined;
  #watch: ServiceWatch | undefined;
  #parts: readonly unknown[] = [];

  /** What every kernel of the cluster is configured with, and how they are joined. */
  compile(state: ClusterState): Compiled {
    if (this.#state === state && this.#compiled !== undefined) return this.#compiled;
    const before = this.#state;
    const plan = this.#planFor(state);
    // Until this is through, nothing says what the nodes were compiled from.
    this.#state = undefined;
    this.#watch ??= new ServiceWatch(state.settings.proxyRelease);
    const watched = this.#watch.take(state);
    this.#proxy.watch(state.settings, watched);
    this.#policies ??= new PolicyCompiler(state.settings);
    this.#policies.watch(state, watched);
    this.#takeOutside(state, plan, watched);
    const namespaces = [...state.namespaces.keys()].sort(compareText);
    const touched = touchedNodes(before, state);
    const rules = { proxy: this.#proxy, policies: this.#policies };
    const around = { state, namespaces, plan, touched, ...rules };
    const nodes = this.#names.map((n) => (this.#nodes.get(n) as NodeCompiler).compile(around));
    this.#state = state;
    this.#compiled = this.#join(nodes);
    return this.#compiled;
  }

  /** What kube-proxy knows of Services in a state, one model for each family: ip4, then ip6. */
  proxyModels(state: ClusterState): readonly ProxyModel[] {
    this.compile(state);
    return this.#proxy.models;
  }

  /** All namespaces by name: the same object as before if none of them has changed. */
  #join(nodes: readonly CompiledNode[]): Compiled {
    const parts = [...nodes, this.#hosts, this.#segments];
    const isSame = parts.length === this.#parts.length;
    if (this.#compiled !== undefined && isSame && parts.every((p, at) => p === this.#parts[at])) {
      return this.#compiled;
    }
    this.#parts = parts;
    const hosts = [...nodes.map(({ node }) => node), ...this.#hosts];
    this.#netns = this.#netns.next(
      hosts,
      nodes.map(({ pods }) => pods),
    );
    return { netns: this.#netns, segments: this.#segments };
  }

  #planFor(state: ClusterState): ClusterPlan {
    const isKnown = this.#state?.nodes === state.nodes && this.#state.settings === state.settings;
    if (isKnown && this.#plan !== undefined) return this.#plan;
    if (this.#state?.settings !== state.settings) {
      this.#proxy = new ProxyCompiler();
      this.#policies = undefined;
    }
    const plan = makePlan(state);
    this.#names = plan.network.nodes.map((n) => n.name);
    const nodes = new Map<string, NodeCompiler>();
    for (const name of this.#names) nodes.set(name, new NodeCompiler(name));
    this.#nodes = nodes;
    this.#plan = plan;
    this.#outside = undefined;
    return plan;
  }

  /** Makes the other hosts anew if the nodes or the addresses they call have changed. */
  #takeOutside(state: ClusterState, plan: ClusterPlan, watched: ProxyWatch): void {
    if (this.#outside?.watched === watched) return;
    const addrs = outsideAddrs(watched, this.#proxy.models);
    const text = outsideText(addrs);
    const isSame = this.#outside?.text === text;
    this.#outside = { watched, text };
    if (isSame) return;
    this.#hosts = makeHosts(state, plan, addrs);
    const hosts = [...this.#names, ...this.#hosts.map((h) => h.name)];
    const members = hosts.map((netns) => ({ netns, link: UPLINK }));
    this.#segments = [{ name: "underlay", members }];
  }
}
