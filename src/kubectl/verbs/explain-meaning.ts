/**
 * What is made of a field here: most of what a manifest says is checked and kept, and only some of it
 * means something to the network.
 */
import type { Kind } from "../../objects/index.js";

/** How a field is treated. */
export type Meaning = "modelled" | "in part" | "kept";

/** The fields of a pod that decide where it runs, what it answers and how it is reached. */
const POD_SPEC =
  "nodeName nodeSelector affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution tolerations hostNetwork hostname subdomain dnsPolicy dnsConfig restartPolicy containers.name containers.image containers.command containers.args containers.ports containers.readinessProbe initContainers.name initContainers.image initContainers.restartPolicy initContainers.ports".split(
    " ",
  );

const TEMPLATE = ["metadata", ...POD_SPEC.map((path) => `spec.${path}`)];
const templateAt = (path: string) => TEMPLATE.map((field) => `${path}.${field}`);

/** The fields of each kind that mean something; kinds that are not named here do so whole. */
const FIELDS: Partial<Readonly<Record<Kind, readonly string[]>>> = {
  Pod: ["metadata", "status", ...POD_SPEC.map((path) => `spec.${path}`)],
  Deployment: [
    ..."metadata status spec.replicas spec.selector spec.strategy spec.paused spec.revisionHistoryLimit".split(
      " ",
    ),
    ...templateAt("spec.template"),
  ],
  ReplicaSet: [
    "metadata",
    "status",
    "spec.replicas",
    "spec.selector",
    ...templateAt("spec.template"),
  ],
  StatefulSet: [
    ..."metadata status spec.replicas spec.selector spec.serviceName spec.ordinals".split(" "),
    ...templateAt("spec.template"),
  ],
  DaemonSet: ["metadata", "status", "spec.selector", ...templateAt("spec.template")],
  Job: [
    ..."metadata status spec.parallelism spec.completions spec.selector spec.suspend".split(" "),
    ...templateAt("spec.template"),
  ],
  CronJob: ["metadata"],
  Ingress: ["metadata"],
  Node: "metadata spec.podCIDR spec.podCIDRs spec.taints spec.unschedulable status.addresses status.conditions status.allocatable status.capacity".split(
    " ",
  ),
  ConfigMap: ["metadata", "data"],
};

/** What is made of a field, by its path without indices; "" is the object as a whole. */
export function meaningOf(kind: Kind, path: string): Meaning {
  const fields = FIELDS[kind];
  if (fields === undefined || path === "apiVersion" || path === "kind") return "modelled";
  if (fields.some((field) => path === field || path.startsWith(`${field}.`))) return "modelled";
  const below = path === "" ? "" : `${path}.`;
  return fields.some((field) => field.startsWith(below)) ? "in part" : "kept";
}

/** The same as a sentence. */
export const SENTENCES: Readonly<Record<Meaning, string>> = {
  modelled: "Modelled.",
  "in part": "Modelled in part.",
  kept: "Checked and kept; nothing here depends on it.",
};
