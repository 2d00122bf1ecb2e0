/**
 * `kubectl describe` of nodes.
 *
 * Follows: kubectl v0.35 pkg/describe/describe.go `describeNode`, `describeNodeResource`;
 * component-helpers v0.35 resource/helpers.go `PodRequests`, `PodLimits`.
 */
import {
  addQuantities,
  maxQuantity,
  type Node,
  type Pod,
  parseQuantity,
  printQuantity,
  type Quantity,
  ZERO,
} from "../../objects/index.js";
import { ageOf } from "../tables/age.js";
import { compareText } from "../tables/labels.js";
import { nodeRoles } from "../tables/workload-rows.js";
import { writeEvents } from "./events.js";
import type { Surroundings } from "./pod.js";
import { DescribeWriter, longTime } from "./writer.js";

type Amounts = Readonly<Record<string, string>>;

/** Describes a node with the pods that run on it. */
export function describeNode(node: Node, pods: readonly Pod[], around: Surroundings): string {
  const w = new DescribeWriter();
  const { metadata, spec, status } = node;
  w.line(0, `Name:\t${metadata.name}`);
  w.line(0, `Roles:\t${nodeRoles(node).join(",") || "<none>"}`);
  w.labels("Labels", metadata.labels);
  w.annotations("Annotations", metadata.annotations);
  w.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`);
  const taints = (spec?.taints ?? []).map(
    (t) => `${t.key}${t.value ? `=${t.value}` : ""}:${t.effect}`,
  );
  w.lines("Taints", taints.sort(compareText));
  w.line(0, `Unschedulable:\t${spec?.unschedulable === true}`);
  w.line(0, `Lease:\tFailed to get lease: leases.coordination.k8s.io "${metadata.name}" not found`);
  writeConditions(w, node);
  w.line(0, "Addresses:");
  for (const { address, type } of status?.addresses ?? []) w.line(1, `${type}:\t${address}`);
  writeAmounts(w, "Capacity", status?.capacity);
  writeAmounts(w, "Allocatable", status?.allocatable);
  writeSystem(w, node);
  if (spec?.podCIDR) w.line(0, `PodCIDR:\t${spec.podCIDR}`);
  if ((spec?.podCIDRs ?? []).length > 0) w.line(0, `PodCIDRs:\t${spec?.podCIDRs?.join(",")}`);
  if (spec?.providerID) w.line(0, `ProviderID:\t${spec.providerID}`);
  const allocatable = Object.keys(status?.allocatable ?? {}).length > 0;
  writePods(w, pods, (allocatable ? status?.allocatable : status?.capacity) ?? {}, around.now);
  writeEvents(w, around.events, around.now);
  return w.toString();
}

function writeConditions(w: DescribeWriter, { status }: Node): void {
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) return;
  w.line(0, "Conditions:");
  w.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
  w.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
  for (const c of conditions) {
    const times = `${longTime(c.lastHeartbeatTime)} \t${longTime(c.lastTransitionTime)}`;
    w.line(1, `${c.type} \t${c.status} \t${times} \t${c.reason ?? ""} \t${c.message ?? ""}`);
  }
}

function writeAmounts(w: DescribeWriter, title: string, amounts: Amounts | undefined): void {
  const names = Object.keys(amounts ?? {}).sort(compareText);
  if (names.length > 0) w.line(0, `${title}:`);
  for (const name of names) w.line(1, `${name}:\t${amounts?.[name]}`);
}

function writeSystem(w: DescribeWriter, { status }: Node): void {
  const info = status?.nodeInfo;
  w.line(0, "System Info:");
  w.line(1, `Machine ID:\t${info?.machineID ?? ""}`);
  w.line(1, `System UUID:\t${info?.systemUUID ?? ""}`);
  w.line(1, `Boot ID:\t${info?.bootID ?? ""}`);
  w.line(1, `Kernel Version:\t${info?.kernelVersion ?? ""}`);
  w.line(1, `OS Image:\t${info?.osImage ?? ""}`);
  w.line(1, `Operating System:\t${info?.operatingSystem ?? ""}`);
  w.line(1, `Architecture:\t${info?.architecture ?? ""}`);
  w.line(1, `Container Runtime Version:\t${info?.containerRuntimeVersion ?? ""}`);
  w.line(1, `Kubelet Version:\t${info?.kubeletVersion ?? ""}`);
  w.line(1, `Kube-Proxy Version:\t${info?.kubeProxyVersion ?? ""}`);
}

type Which = "requests" | "limits";

function writePods(
  w: DescribeWriter,
  pods: readonly Pod[],
  allocatable: Amounts,
  now: number,
): void {
  w.line(0, `Non-terminated Pods:\t(${pods.length} in total)`);
  w.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
  w.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
  for (const pod of pods) {
    const cell = (which: Which, name: string) => {
      const amount = amountOf(pod, which, name);
      return `${printQuantity(amount)} (${percent(amount, allocatable[name], NO_NUMBER)}%)`;
    };
    const cpu = `${cell("requests", "cpu")}\t${cell("limits", "cpu")}`;
    const memory = `${cell("requests", "memory")}\t${cell("limits", "memory")}`;
    const { creationTimestamp, name, namespace = "" } = pod.metadata;
    w.line(1, `${namespace}\t${name}\t\t${cpu}\t${memory}\t${ageOf(creationTimestamp, now)}`);
  }
  w.line(0, "Allocated resources:");
  w.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
  w.line(1, "Resource\tRequests\tLimits");
  w.line(1, "--------\t--------\t------");
  const total = (which: Which, name: string) =>
    pods.map((pod) => amountOf(pod, which, name)).reduce(addQuantities, ZERO);
  for (const name of ["cpu", "memory", "ephemeral-storage", ...hugePages(allocatable)]) {
    const cells = (["requests", "limits"] as const).map((which) => {
      const amount = total(which, name);
      return `${printQuantity(amount)} (${percent(amount, allocatable[name], "0")}%)`;
    });
    w.line(1, `${name}\t${cells.join("\t")}`);
  }
  for (const name of otherResources(allocatable)) {
    const [requests, limits] = [total("requests", name), total("limits", name)];
    w.line(1, `${name}\t${printQuantity(requests)}\t${printQuantity(limits)}`);
  }
}

/** What Go makes of a number that is none: upstream divides by nothing and prints it. */
const NO_NUMBER = "-9223372036854775808";

function percent({ nano }: Quantity, of: string | undefined, none: string): string {
  const whole = parseQuantity(of ?? "0");
  if (whole === undefined || whole.nano === 0n) return none;
  return String((nano * 100n) / whole.nano);
}

function hugePages(allocatable: Amounts): readonly string[] {
  return Object.keys(allocatable)
    .filter((name) => name.startsWith("hugepages-"))
    .sort(compareText);
}

const STANDARD = ["cpu", "memory", "ephemeral-storage", "pods", "storage"];

function otherResources(allocatable: Amounts): readonly string[] {
  return Object.keys(allocatable)
    .filter((name) => !STANDARD.includes(name) && !name.startsWith("hugepages-"))
    .sort(compareText);
}

/** What a pod asks for: its containers together, or its greediest init container. */
function amountOf({ spec }: Pod, which: Which, name: string): Quantity {
  const read = (c: Pod["spec"]["containers"][number]) =>
    parseQuantity(c.resources?.[which]?.[name] ?? "0") ?? ZERO;
  let sum = spec.containers.map(read).reduce(addQuantities, ZERO);
  let sidecars = ZERO;
  let most = ZERO;
  for (const container of spec.initContainers ?? []) {
    const own = read(container);
    if (container.restartPolicy === "Always") {
      sum = addQuantities(sum, own);
      sidecars = addQuantities(sidecars, own);
      most = maxQuantity(most, sidecars);
    } else most = maxQuantity(most, addQuantities(sidecars, own));
  }
  const overhead = parseQuantity(spec.overhead?.[name] ?? "0") ?? ZERO;
  const wanted = maxQuantity(sum, most);
  return which === "limits" && wanted.nano === 0n ? wanted : addQuantities(wanted, overhead);
}
