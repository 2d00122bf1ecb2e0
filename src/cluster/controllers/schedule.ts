/**
 * The scheduler: filters nodes as the real one does, then spreads. Where the real one weighs many
 * scores and draws lots among the best, ours takes the node with the fewest pods of the same owner,
 * then with the fewest pods at all, then the first by name.
 */
import type { Node, Pod } from "../../objects/index.js";
import { matchesSelector } from "../../objects/index.js";
import { controllerUid, type Workspace } from "../state/workspace.js";
import { fitsNode, podCapacity } from "./fit.js";
import { updateStatus } from "./pod-template.js";

type PodSpec = NonNullable<Pod["spec"]>;
type AffinityTerm = NonNullable<
  NonNullable<
    NonNullable<PodSpec["affinity"]>["podAntiAffinity"]
  >["requiredDuringSchedulingIgnoredDuringExecution"]
>[number];

/** Where pods stand, kept up to date while many are scheduled. */
export class Scheduler {
  readonly #workspace: Workspace;
  /** Pods by node. */
  readonly #total = new Map<string, number>();
  /** Pods by owner and node, of owners that were asked for. */
  readonly #byOwner = new Map<string, Map<string, number>>();
  #isCounted = false;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
    workspace.onWrite(({ key, before, after }) => {
      if (key.kind !== "Pod") return;
      if (before !== undefined) this.#count(before as Pod, -1);
      if (after !== undefined) this.#count(after as Pod, 1);
    });
  }

  #count(pod: Pod, by: 1 | -1): void {
    const node = pod.spec?.nodeName ?? "";
    if (node === "") return;
    this.#total.set(node, (this.#total.get(node) ?? 0) + by);
    const counts = this.#byOwner.get(ownerKey(pod));
    counts?.set(node, (counts.get(node) ?? 0) + by);
  }

  /** Adds the pods that were there before the first write; writes were counted as they came. */
  #countBase(): void {
    if (this.#isCounted) return;
    this.#isCounted = true;
    for (const { pods } of this.#workspace.base.namespaces.values()) {
      for (const [node, shard] of pods) {
        if (node !== "") this.#total.set(node, (this.#total.get(node) ?? 0) + shard.size);
      }
    }
  }

  #countsOf(pod: Pod): ReadonlyMap<string, number> {
    const owner = ownerKey(pod);
    const known = this.#byOwner.get(owner);
    if (known !== undefined) return known;
    const counts = new Map<string, number>();
    for (const other of this.#workspace.list("Pod", pod.metadata.namespace ?? "default")) {
      const node = other.spec?.nodeName ?? "";
      if (node === "" || ownerKey(other) !== owner) continue;
      counts.set(node, (counts.get(node) ?? 0) + 1);
    }
    this.#byOwner.set(owner, counts);
    return counts;
  }

  /**
   * Binds a pod that has no node, or tells in its status why it cannot.
   *
   * Follows: Kubernetes v1.35.4 pkg/scheduler/schedule_one.go; the filters of `fit.ts`, interpodaffinity.
   * Not modelled: resources, host ports, preemption, scores other than spreading.
   */
  schedule(namespace: string, name: string): void {
    const pod = this.#workspace.get("Pod", namespace, name);
    if (pod?.spec === undefined || (pod.spec.nodeName ?? "") !== "") return;
    this.#countBase();
    const node = this.#choose(pod);
    if (node === undefined) this.#refuse(pod);
    else this.#workspace.put({ ...pod, spec: { ...pod.spec, nodeName: node.metadata.name } });
  }

  #choose(pod: Pod): Node | undefined {
    const counts = this.#countsOf(pod);
    let best: Node | undefined;
    let bestRank: readonly [number, number] = [0, 0];
    for (const node of this.#workspace.list("Node", "")) {
      const name = node.metadata.name;
      const total = this.#total.get(name) ?? 0;
      if (total >= podCapacity(node) || !fitsNode(pod.spec, node)) continue;
      const rank = [counts.get(name) ?? 0, total] as const;
      const isBetter =
        best === undefined ||
        rank[0] < bestRank[0] ||
        (rank[0] === bestRank[0] && rank[1] < bestRank[1]);
      if (!isBetter || !this.#suitsOtherPods(pod, node)) continue;
      [best, bestRank] = [node, rank];
    }
    return best;
  }

  #suitsOtherPods(pod: Pod, node: Node): boolean {
    const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
    const together = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const apart = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    return (
      together.every((t) => this.#hasNeighbor(pod, node, t) || this.#isFirst(pod, t)) &&
      !apart.some((t) => this.#hasNeighbor(pod, node, t))
    );
  }

  /** Whether a pod that the term selects runs in the node's domain. */
  #hasNeighbor(pod: Pod, node: Node, term: AffinityTerm): boolean {
    const domain = node.metadata.labels?.[term.topologyKey];
    if (domain === undefined) return false;
    return this.#selected(pod, term).some((other) => {
      const theirs = this.#workspace.get("Node", "", other.spec?.nodeName ?? "");
      return theirs?.metadata.labels?.[term.topologyKey] === domain;
    });
  }

  /** The first pod of a group that wants to be together may stand anywhere. */
  #isFirst(pod: Pod, term: AffinityTerm): boolean {
    const own = term.labelSelector;
    if (own === undefined || !matchesSelector(own, pod.metadata.labels)) return false;
    return this.#selected(pod, term).length === 0;
  }

  #selected(pod: Pod, term: AffinityTerm): readonly Pod[] {
    const selector = term.labelSelector;
    if (selector === undefined) return [];
    const namespaces = term.namespaces ?? [pod.metadata.namespace ?? "default"];
    return namespaces
      .flatMap((namespace) => this.#workspace.list("Pod", namespace))
      .filter(
        (p) => (p.spec?.nodeName ?? "") !== "" && matchesSelector(selector, p.metadata.labels),
      );
  }

  #refuse(pod: Pod): void {
    const count = this.#workspace.list("Node", "").length;
    const message = `0/${count} nodes are available.`;
    const known = pod.status?.conditions?.find((c) => c.reason === "Unschedulable");
    const time = known?.lastTransitionTime ?? this.#workspace.base.time;
    updateStatus(this.#workspace, pod, {
      conditions: [
        {
          lastTransitionTime: time,
          message,
          reason: "Unschedulable",
          status: "False",
          type: "PodScheduled",
        },
      ],
      phase: "Pending",
      qosClass: "BestEffort",
    } as Pod["status"] & object);
  }
}

/** Pods of one owner spread over nodes; a pod of its own is its own owner. */
function ownerKey(pod: Pod): string {
  return controllerUid(pod) ?? `${pod.metadata.namespace}/${pod.metadata.name}`;
}
