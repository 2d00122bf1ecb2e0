/** Whether a node may take a pod: selectors, node affinity, taints. */
import type { LabelSelectorRequirement, Node, Pod } from "../../objects/index.js";
import { matchesLabels, matchesRequirement } from "../../objects/index.js";

type PodSpec = NonNullable<Pod["spec"]>;

/** Pods a node takes, unless it says otherwise (the kubelet's `maxPods`). */
const PODS_PER_NODE = 110;

/**
 * Whether a pod's own wishes and the node's taints allow it there.
 *
 * Follows: Kubernetes v1.35.4 pkg/scheduler/framework/plugins nodename, nodeaffinity, tainttoleration,
 * nodeunschedulable.
 */
export function fitsNode(spec: PodSpec, node: Node): boolean {
  if ((spec.nodeName ?? "") !== "" && spec.nodeName !== node.metadata.name) return false;
  return hasSelectedLabels(spec, node) && toleratesTaints(spec, node);
}

/** How many pods a node can take. */
export function podCapacity(node: Node): number {
  const said = Number(node.status?.allocatable?.pods ?? node.status?.capacity?.pods);
  return Number.isInteger(said) ? said : PODS_PER_NODE;
}

function hasSelectedLabels(spec: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (spec.nodeSelector !== undefined && !matchesLabels(spec.nodeSelector, labels)) return false;
  const required =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (required === undefined) return true;
  return required.some((term) => {
    const expressions = term.matchExpressions ?? [];
    const fields = term.matchFields ?? [];
    if (expressions.length + fields.length === 0) return false;
    const names = { "metadata.name": node.metadata.name };
    return (
      expressions.every((e) => holds(e, labels)) && fields.every((field) => holds(field, names))
    );
  });
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

function holds(requirement: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const { key, operator, values = [] } = requirement;
  if (operator !== "Gt" && operator !== "Lt") {
    return matchesRequirement(requirement as LabelSelectorRequirement, labels);
  }
  const [mine, theirs] = [Number(labels[key] ?? Number.NaN), Number(values[0])];
  return operator === "Gt" ? mine > theirs : mine < theirs;
}

function toleratesTaints(spec: PodSpec, node: Node): boolean {
  const isUnschedulable = node.spec?.unschedulable === true;
  if (!isUnschedulable && (node.spec?.taints ?? []).length === 0) return true;
  const tolerations = spec.tolerations ?? [];
  const taints = [...(node.spec?.taints ?? [])];
  if (isUnschedulable) {
    taints.push({ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" });
  }
  return taints
    .filter((taint) => taint.effect === "NoSchedule" || taint.effect === "NoExecute")
    .every((taint) =>
      tolerations.some(
        (t) =>
          ((t.effect ?? "") === "" || t.effect === taint.effect) &&
          ((t.key ?? "") === "" || t.key === taint.key) &&
          (t.operator === "Exists" || (t.value ?? "") === (taint.value ?? "")),
      ),
    );
}
