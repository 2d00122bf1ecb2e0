import { UPLINK } from "../../cni/index.js";
import type { NetnsConfig } from "../../netns/index.js";
import { compareText } from "../state/identity.js";
import type { ClusterState } from "../state/state.js";
import { makeHosts } from "./hosts.js";
import { outsideAddrs, outsideText } from "./load-balancer.js";
import { NodeCompiler } from "./node.js";
import { type ClusterPlan, makePlan } from "./plan.js";
import { ProxyCompiler } from "./proxy/proxy.js";
import { type ProxyWatch, watchServices } from "./proxy/watch.js";

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
 * Cost: what changed, and one look at each namespace's shards, Services and slices.
 */
export class Compiler {
  #state: ClusterState | undefined;
  #compiled: Compiled | undefined;
  #plan: ClusterPlan | undefined;
  #hosts: readonly NetnsConfig[] = [];
  #segments: readonly Segment[] = [];
  #proxy = new ProxyCompiler();
  #nodes = new Map<string, NodeCompiler>();
  #names: readonly string[] = [];
  #outside: string | undefined;

  /** What every kernel of the cluster is configured with, and how they are joined. */
  compile(state: ClusterState): Compiled {
    if (this.#state === state && this.#compiled !== undefined) return this.#compiled;
    const plan = this.#planFor(state);
    const watched = watchServices(state);
    this.#proxy.watch(state.settings, watched);
    this.#takeOutside(state, plan, watched);
    const namespaces = [...state.namespaces.keys()].sort(compareText);
    const netns = new Map<string, NetnsConfig>();
    const pods: (readonly NetnsConfig[])[] = [];
    for (const name of this.#names) {
      const compiler = this.#nodes.get(name) as NodeCompiler;
      const compiled = compiler.compile({ state, namespaces, plan, proxy: this.#proxy });
      netns.set(name, compiled.node);
      pods.push(compiled.pods);
    }
    for (const host of this.#hosts) netns.set(host.name, host);
    for (const own of pods) for (const pod of own) netns.set(pod.name, pod);
    this.#state = state;
    this.#compiled = { netns, segments: this.#segments };
    return this.#compiled;
  }

  #planFor(state: ClusterState): ClusterPlan {
    const isKnown = this.#state?.nodes === state.nodes && this.#state.settings === state.settings;
    if (isKnown && this.#plan !== undefined) return this.#plan;
    if (this.#state?.settings !== state.settings) this.#proxy = new ProxyCompiler();
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
    const addrs = outsideAddrs(watched);
    const text = outsideText(addrs);
    if (this.#outside === text) return;
    this.#outside = text;
    this.#hosts = makeHosts(state, plan, addrs);
    const hosts = [...this.#names, ...this.#hosts.map((h) => h.name)];
    const members = hosts.map((netns) => ({ netns, link: UPLINK }));
    this.#segments = [{ name: "underlay", members }];
  }
}
