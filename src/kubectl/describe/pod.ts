/**
 * `kubectl describe` of pods, and of the pod templates of workloads.
 *
 * Follows: kubectl v0.35 pkg/describe/describe.go `describePod`, `describeContainers`.
 */
import type {
  Container,
  ContainerState,
  ContainerStatus,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Probe,
} from "../../objects/index.js";
import { ageOf } from "../tables/age.js";
import { compareText } from "../tables/labels.js";
import { writeEnvironment } from "./environment.js";
import { type ObjectEvent, writeEvents } from "./events.js";
import { describeVolumes } from "./volume.js";
import { DescribeWriter, longTime } from "./writer.js";

/** What a description shows besides the object itself. */
export interface Surroundings {
  /** Undefined where none are to be shown. */
  readonly events: readonly ObjectEvent[] | undefined;
  /** The present, in seconds since 1970. */
  readonly now: number;
}

/** Describes a pod. */
export function describePod(pod: Pod, { events, now }: Surroundings): string {
  const w = new DescribeWriter();
  const { metadata, spec, status = {} } = pod;
  w.line(0, `Name:\t${metadata.name}`);
  w.line(0, `Namespace:\t${metadata.namespace ?? ""}`);
  if (spec.priority !== undefined) w.line(0, `Priority:\t${spec.priority}`);
  if (spec.priorityClassName) w.line(0, `Priority Class Name:\t${spec.priorityClassName}`);
  if (spec.serviceAccountName) w.line(0, `Service Account:\t${spec.serviceAccountName}`);
  w.line(0, `Node:\t${spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ""}` : "<none>"}`);
  if (status.startTime !== undefined) w.line(0, `Start Time:\t${longTime(status.startTime)}`);
  w.labels("Labels", metadata.labels);
  w.annotations("Annotations", metadata.annotations);
  writeStatus(w, pod, now);
  if (status.reason) w.line(0, `Reason:\t${status.reason}`);
  if (status.message) w.line(0, `Message:\t${status.message}`);
  describeIps(w, pod);
  if ((spec.initContainers ?? []).length > 0) {
    const list = status.initContainerStatuses ?? [];
    describeContainers(w, "Init Containers", spec.initContainers ?? [], { statuses: list, pod });
  }
  const statuses = status.containerStatuses ?? [];
  describeContainers(w, "Containers", spec.containers, { statuses, pod });
  describeConditions(w, pod);
  describeVolumes(w, spec.volumes ?? [], "");
  w.line(0, `QoS Class:\t${status.qosClass ?? "BestEffort"}`);
  w.labels("Node-Selectors", spec.nodeSelector);
  w.lines("Tolerations", tolerationLines(spec));
  writeEvents(w, events, now);
  return w.toString();
}

function writeStatus(w: DescribeWriter, { metadata, spec, status }: Pod, now: number): void {
  const isOver = status?.phase === "Failed" || status?.phase === "Succeeded";
  if (metadata.deletionTimestamp === undefined || isOver) {
    w.line(0, `Status:\t${status?.phase ?? ""}`);
    return;
  }
  w.line(0, `Status:\tTerminating (lasts ${ageOf(metadata.deletionTimestamp, now)})`);
  const grace = metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 0;
  w.line(0, `Termination Grace Period:\t${grace}s`);
}

function describeIps(w: DescribeWriter, { metadata, status }: Pod): void {
  w.line(0, `IP:\t${status?.podIP ?? ""}`);
  const ips = status?.podIPs ?? [];
  w.line(0, ips.length === 0 ? "IPs:\t<none>" : "IPs:");
  for (const { ip } of ips) w.line(1, `IP:\t${ip}`);
  const owner = metadata.ownerReferences?.find((o) => o.controller === true);
  if (owner !== undefined) w.line(0, `Controlled By:\t${owner.kind}/${owner.name}`);
  if (status?.nominatedNodeName) w.line(0, `NominatedNodeName:\t${status.nominatedNodeName}`);
}

function describeConditions(w: DescribeWriter, { spec, status }: Pod): void {
  const conditions = status?.conditions ?? [];
  if ((spec.readinessGates ?? []).length > 0) {
    w.line(0, "Readiness Gates:");
    w.line(1, "Type\tStatus");
    for (const { conditionType } of spec.readinessGates ?? []) {
      const found = conditions.find((c) => c.type === conditionType);
      w.line(1, `${conditionType} \t${found?.status ?? "<none>"} `);
    }
  }
  if (conditions.length === 0) return;
  w.line(0, "Conditions:");
  w.line(1, "Type\tStatus");
  for (const { status: state, type } of conditions) w.line(1, `${type} \t${state} `);
}

function tolerationLines(spec: PodSpec | undefined): readonly string[] {
  const list = [...(spec?.tolerations ?? [])];
  list.sort((a, b) => compareText(a.key ?? "", b.key ?? ""));
  return list.map((t) => {
    const value = t.value ? `=${t.value}` : "";
    const effect = t.effect ? `:${t.effect}` : "";
    const head = `${t.key ?? ""}${value}${effect}`;
    const exists = t.operator === "Exists" && !t.value ? `${head === "" ? "" : " "}op=Exists` : "";
    const seconds = t.tolerationSeconds === undefined ? "" : ` for ${t.tolerationSeconds}s`;
    return `${head}${exists}${seconds}`;
  });
}

/** Describes the template that a workload makes pods of. */
export function describeTemplate(w: DescribeWriter, template: PodTemplateSpec): void {
  w.line(0, "Pod Template:");
  w.labels("  Labels", template.metadata?.labels);
  if (Object.keys(template.metadata?.annotations ?? {}).length > 0) {
    w.annotations("  Annotations", template.metadata?.annotations);
  }
  const { spec } = template;
  if (spec?.serviceAccountName) w.line(1, `Service Account:\t${spec.serviceAccountName}`);
  if ((spec?.initContainers ?? []).length > 0) {
    describeContainers(w, "  Init Containers", spec?.initContainers ?? [], { statuses: [] });
  }
  describeContainers(w, "  Containers", spec?.containers ?? [], { statuses: [] });
  describeVolumes(w, spec?.volumes ?? [], "  ");
  if (spec?.priorityClassName) w.line(1, `Priority Class Name:\t${spec.priorityClassName}`);
  w.labels("  Node-Selectors", spec?.nodeSelector);
  w.lines("  Tolerations", tolerationLines(spec));
}

function describeContainers(
  w: DescribeWriter,
  title: string,
  containers: readonly Container[],
  { pod, statuses }: { readonly statuses: readonly ContainerStatus[]; readonly pod?: Pod },
): void {
  w.line(0, `${title}:${containers.length === 0 ? " <none>" : ""}`);
  for (const container of containers) {
    const status = statuses.find((s) => s.name === container.name);
    w.line(1, `${title.startsWith(" ") ? " " : ""}${container.name}:`);
    describeImage(w, container, status);
    describeWords(w, "Command", container.command);
    describeWords(w, "Args", container.args);
    if (status !== undefined) describeState(w, status);
    describeResources(w, "Limits", container.resources?.limits);
    describeResources(w, "Requests", container.resources?.requests);
    describeProbes(w, container);
    writeEnvironment(w, container, pod);
    describeMounts(w, container);
  }
}

function describeImage(
  w: DescribeWriter,
  container: Container,
  status: ContainerStatus | undefined,
): void {
  if (status !== undefined) w.line(2, `Container ID:\t${status.containerID ?? ""}`);
  w.line(2, `Image:\t${container.image ?? ""}`);
  if (status !== undefined) w.line(2, `Image ID:\t${status.imageID}`);
  const ports = container.ports ?? [];
  const text = (which: "containerPort" | "hostPort") =>
    ports.map((p) => `${p[which] ?? 0}/${p.protocol}${p.name ? ` (${p.name})` : ""}`).join(", ") ||
    "<none>";
  const s = ports.length > 1 ? "s" : "";
  w.line(2, `Port${s}:\t${text("containerPort")}`);
  w.line(2, `Host Port${s}:\t${text("hostPort")}`);
}

function describeWords(
  w: DescribeWriter,
  title: string,
  words: readonly string[] | undefined,
): void {
  if ((words ?? []).length === 0) return;
  w.line(2, `${title}:`);
  for (const line of (words ?? []).flatMap((word) => word.split("\n"))) w.line(3, line);
}

function describeState(w: DescribeWriter, status: ContainerStatus): void {
  describeOneState(w, "State", status.state ?? {});
  if (status.lastState?.terminated !== undefined) {
    describeOneState(w, "Last State", status.lastState);
  }
  w.line(2, `Ready:\t${status.ready ? "True" : "False"}`);
  w.line(2, `Restart Count:\t${status.restartCount}`);
}

function describeOneState(w: DescribeWriter, title: string, state: ContainerState): void {
  const { running, terminated, waiting } = state;
  if (running !== undefined) {
    w.line(2, `${title}:\tRunning`);
    w.line(3, `Started:\t${longTime(running.startedAt)}`);
  } else if (terminated !== undefined && waiting === undefined) {
    w.line(2, `${title}:\tTerminated`);
    if (terminated.reason) w.line(3, `Reason:\t${terminated.reason}`);
    if (terminated.message) w.line(3, `Message:\t${terminated.message}`);
    w.line(3, `Exit Code:\t${terminated.exitCode}`);
    if ((terminated.signal ?? 0) > 0) w.line(3, `Signal:\t${terminated.signal}`);
    w.line(3, `Started:\t${longTime(terminated.startedAt)}`);
    w.line(3, `Finished:\t${longTime(terminated.finishedAt)}`);
  } else {
    w.line(2, `${title}:\tWaiting`);
    if (waiting?.reason) w.line(3, `Reason:\t${waiting.reason}`);
  }
}

function describeResources(
  w: DescribeWriter,
  title: string,
  amounts: Readonly<Record<string, string>> | undefined,
): void {
  const names = Object.keys(amounts ?? {}).sort(compareText);
  if (names.length > 0) w.line(2, `${title}:`);
  for (const name of names) w.line(3, `${name}:\t${amounts?.[name]}`);
}

function describeProbes(w: DescribeWriter, container: Container): void {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  if (livenessProbe !== undefined) w.line(2, `Liveness:\t${probeText(livenessProbe)}`);
  if (readinessProbe !== undefined) w.line(2, `Readiness:\t${probeText(readinessProbe)}`);
  if (startupProbe !== undefined) w.line(2, `Startup:\t${probeText(startupProbe)}`);
}

function probeText(p: Probe): string {
  const times = `delay=${p.initialDelaySeconds ?? 0}s timeout=${p.timeoutSeconds ?? 0}s period=${p.periodSeconds ?? 0}s #success=${p.successThreshold ?? 0} #failure=${p.failureThreshold ?? 0}`;
  if (p.exec !== undefined) return `exec [${(p.exec.command ?? []).join(" ")}] ${times}`;
  if (p.httpGet !== undefined) {
    const { host = "", path = "", port, scheme = "HTTP" } = p.httpGet;
    return `http-get ${scheme.toLowerCase()}://${host}:${port}${path} ${times}`;
  }
  if (p.tcpSocket !== undefined) {
    return `tcp-socket ${p.tcpSocket.host ?? ""}:${p.tcpSocket.port} ${times}`;
  }
  if (p.grpc !== undefined) return `grpc <pod>:${p.grpc.port} ${p.grpc.service ?? ""} ${times}`;
  return `unknown ${times}`;
}

function describeMounts(w: DescribeWriter, container: Container): void {
  const mounts = [...(container.volumeMounts ?? [])];
  mounts.sort((a, b) => compareText(a.mountPath, b.mountPath));
  w.line(2, `Mounts:${mounts.length === 0 ? "\t<none>" : ""}`);
  for (const { mountPath, name, readOnly, subPath } of mounts) {
    const path = subPath ? `,path=${JSON.stringify(subPath)}` : "";
    w.line(3, `${mountPath} from ${name} (${readOnly === true ? "ro" : "rw"}${path})`);
  }
}
