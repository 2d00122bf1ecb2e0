/**
 * Policies in a cluster whose nodes have nobody to enforce them (policy agent `none`). A trace then
 * says which ones an answer left out: at the pod a packet leaves those for egress, at the pod it
 * reaches those for ingress.
 */
import type { Cluster } from "../../cluster/index.js";
import { matchesSelector, type NetworkPolicy, type Pod } from "../../objects/index.js";
import type { Hop, Step, Trace } from "../../trace/index.js";

type Direction = "Ingress" | "Egress";

const CLUSTER_WIDE = [
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
  "ClusterNetworkPolicy",
] as const;

/** Finds the policies that select a pod, each pod once. */
export class PolicyNotes {
  readonly #cluster: Cluster;
  readonly #policies: ReadonlyMap<string, readonly NetworkPolicy[]>;
  readonly #clusterWide: readonly string[];
  readonly #notes = new Map<string, Step | undefined>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    const policies = new Map<string, NetworkPolicy[]>();
    const isEnforced = cluster.settings.policyAgent.mode !== "none";
    for (const policy of isEnforced ? [] : cluster.list("NetworkPolicy")) {
      const namespace = policy.metadata.namespace ?? "default";
      policies.set(namespace, [...(policies.get(namespace) ?? []), policy]);
    }
    this.#policies = policies;
    this.#clusterWide = (isEnforced ? [] : CLUSTER_WIDE).flatMap((kind) =>
      cluster.list(kind).map(({ metadata }) => `${kind} ${metadata.name}`),
    );
  }

  /** True when no policy is left out: then no trace has anything to add. */
  get isEmpty(): boolean {
    return this.#policies.size === 0 && this.#clusterWide.length === 0;
  }

  /** The trace with a note at each end that a policy selects. */
  add(trace: Trace): Trace {
    const last = trace.hops.length - 1;
    const hops = trace.hops.map((hop, i) => {
      if (i !== 0 && i !== last) return hop;
      const sends = hop.steps[0]?.kind === "send";
      const note = this.#noteFor(hop.netns, sends ? "Egress" : "Ingress");
      return note === undefined ? hop : withNote(hop, note);
    });
    return { ...trace, hops };
  }

  #noteFor(netns: string, direction: Direction): Step | undefined {
    const key = `${direction} ${netns}`;
    if (!this.#notes.has(key)) this.#notes.set(key, this.#makeNote(netns, direction));
    return this.#notes.get(key);
  }

  #makeNote(netns: string, direction: Direction): Step | undefined {
    const at = netns.indexOf("/");
    const [namespace, name] = [netns.slice(0, at), netns.slice(at + 1)];
    const pod = at < 0 ? undefined : this.#cluster.get("Pod", namespace, name);
    if (pod === undefined) return undefined;
    const own = (this.#policies.get(namespace) ?? [])
      .filter((policy) => selects(policy, pod, direction))
      .map(({ metadata }) => `NetworkPolicy ${namespace}/${metadata.name}`);
    const names = [...own, ...this.#clusterWide];
    if (names.length === 0) return undefined;
    const text = `not enforced here, could change its fate (${direction}): ${names.join(", ")}`;
    return { kind: "note", text };
  }
}

function selects(policy: NetworkPolicy, pod: Pod, direction: Direction): boolean {
  const { podSelector = {}, policyTypes = ["Ingress"] } = policy.spec ?? {};
  return policyTypes.includes(direction) && matchesSelector(podSelector, pod.metadata.labels);
}

/** A note stands before the fate, which ends a hop. */
function withNote(hop: Hop, note: Step): Hop {
  const end = hop.steps.at(-1)?.kind === "fate" ? hop.steps.length - 1 : hop.steps.length;
  return { ...hop, steps: hop.steps.toSpliced(end, 0, note) };
}
