/**
 * Tables: objects of one kind to the text of `kubectl get`. A pure function, so that an API endpoint
 * could serve the same rows.
 *
 * Follows: kubernetes v1.35 pkg/printers/internalversion; cli-runtime v0.35 pkg/printers.
 */
import { KINDS, type Kind, type KubeObject } from "../../objects/index.js";
import { ageOf } from "./age.js";
import { formatSelector, printLabels } from "./labels.js";
import { layOut, oneLine } from "./layout.js";
import {
  endpointsCells,
  ingressCells,
  ipAddressCells,
  serviceCells,
  serviceCidrCells,
  sliceCells,
} from "./network-rows.js";
import { podCells } from "./pod-row.js";
import {
  cronJobCells,
  daemonSetCells,
  deploymentCells,
  jobCells,
  nodeCells,
  replicaSetCells,
  statefulSetCells,
} from "./workload-rows.js";

/** How a table is shown. */
export interface TableOptions {
  /** `-o wide`. */
  readonly wide?: boolean;
  /** `-A`: a column of namespaces. */
  readonly withNamespace?: boolean;
  /** `--show-labels`. */
  readonly showLabels?: boolean;
  /** `--no-headers`. */
  readonly noHeaders?: boolean;
  /** Several kinds in one call: names as `kind.group/name`. */
  readonly withKind?: boolean;
  /** `-L`: labels with a column each. */
  readonly labelColumns?: readonly string[];
  /** The present, in seconds since 1970. */
  readonly now: number;
}

/** The columns of a kind; the last `wide` of them are shown by `-o wide` only. */
const COLUMNS: Readonly<Record<Kind, readonly [string, number]>> = {
  Pod: ["NAME READY STATUS RESTARTS AGE IP NODE NOMINATED_NODE READINESS_GATES", 4],
  Service: ["NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE SELECTOR", 1],
  Deployment: ["NAME READY UP-TO-DATE AVAILABLE AGE CONTAINERS IMAGES SELECTOR", 3],
  ReplicaSet: ["NAME DESIRED CURRENT READY AGE CONTAINERS IMAGES SELECTOR", 3],
  StatefulSet: ["NAME READY AGE CONTAINERS IMAGES", 2],
  DaemonSet: [
    "NAME DESIRED CURRENT READY UP-TO-DATE AVAILABLE NODE_SELECTOR AGE CONTAINERS IMAGES SELECTOR",
    3,
  ],
  Job: ["NAME STATUS COMPLETIONS DURATION AGE CONTAINERS IMAGES SELECTOR", 3],
  CronJob: [
    "NAME SCHEDULE TIMEZONE SUSPEND ACTIVE LAST_SCHEDULE AGE CONTAINERS IMAGES SELECTOR",
    3,
  ],
  Node: [
    "NAME STATUS ROLES AGE VERSION INTERNAL-IP EXTERNAL-IP OS-IMAGE KERNEL-VERSION CONTAINER-RUNTIME",
    5,
  ],
  Namespace: ["NAME STATUS AGE", 0],
  ConfigMap: ["NAME DATA AGE", 0],
  Endpoints: ["NAME ENDPOINTS AGE", 0],
  EndpointSlice: ["NAME ADDRESSTYPE PORTS ENDPOINTS AGE", 0],
  NetworkPolicy: ["NAME POD-SELECTOR AGE", 0],
  Ingress: ["NAME CLASS HOSTS ADDRESS PORTS AGE", 0],
  ServiceCIDR: ["NAME CIDRS AGE", 0],
  IPAddress: ["NAME PARENTREF", 0],
  AdminNetworkPolicy: ["NAME PRIORITY AGE", 0],
  BaselineAdminNetworkPolicy: ["NAME AGE", 0],
  ClusterNetworkPolicy: ["NAME TIER PRIORITY AGE", 0],
};

/**
 * Prints objects of one kind as a table.
 *
 * Shape: objects in the given order. The text ends in a line break.
 */
export function printTable(
  kind: Kind,
  objects: readonly KubeObject[],
  options: TableOptions,
): string {
  const [names, wideOnly] = COLUMNS[kind];
  const headers = names.split(" ").map((name) => name.replaceAll("_", " "));
  const shown = options.wide === true ? headers.length : headers.length - wideOnly;
  const header = headerRow(headers.slice(0, shown), options);
  const rows = objects.map((object) => {
    const all = cellsOf(object, options).map(oneLine);
    const cells = wideOnly === 0 ? all : all.slice(0, shown);
    if (options.withKind === true) cells[0] = `${kindPrefix(kind)}/${cells[0]}`;
    const row = [...front(object.metadata.namespace ?? "", options), ...cells];
    return [...row, ...back(object, options)].slice(0, header.length);
  });
  return layOut(options.noHeaders === true ? rows : [header, ...rows]);
}

function front(namespace: string, options: TableOptions): readonly string[] {
  return options.withNamespace === true ? [namespace] : [];
}

function back(object: KubeObject, options: TableOptions): readonly string[] {
  const { labels } = object.metadata;
  const columns = (options.labelColumns ?? []).map((key) =>
    labels !== undefined && Object.hasOwn(labels, key) ? (labels[key] as string) : "",
  );
  return options.showLabels === true ? [...columns, printLabels(labels)] : columns;
}

function headerRow(headers: readonly string[], options: TableOptions): readonly string[] {
  const columns = (options.labelColumns ?? []).map((key) =>
    (key.split("/").at(-1) as string).toUpperCase(),
  );
  const labels = options.showLabels === true ? ["LABELS"] : [];
  return [...front("NAMESPACE", options), ...headers, ...columns, ...labels];
}

/** `pod`, `deployment.apps`, `networkpolicy.networking.k8s.io`. */
export function kindPrefix(kind: Kind): string {
  const { shape, singular } = KINDS[kind];
  const group = shape.apiVersion.includes("/") ? shape.apiVersion.split("/")[0] : "";
  return group === "" ? singular : `${singular}.${group}`;
}

function cellsOf(object: KubeObject, { now }: TableOptions): readonly string[] {
  const age = ageOf(object.metadata.creationTimestamp, now);
  const { name } = object.metadata;
  switch (object.kind) {
    case "Pod":
      return podCells(object, now);
    case "Service":
      return serviceCells(object, now);
    case "Deployment":
      return deploymentCells(object, now);
    case "ReplicaSet":
      return replicaSetCells(object, now);
    case "StatefulSet":
      return statefulSetCells(object, now);
    case "DaemonSet":
      return daemonSetCells(object, now);
    case "Job":
      return jobCells(object, now);
    case "CronJob":
      return cronJobCells(object, now);
    case "Node":
      return nodeCells(object, now);
    case "Namespace":
      return [name, object.status?.phase ?? "", age];
    case "ConfigMap": {
      const count =
        Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length;
      return [name, String(count), age];
    }
    case "Endpoints":
      return endpointsCells(object, now);
    case "EndpointSlice":
      return sliceCells(object, now);
    case "NetworkPolicy":
      return [name, formatSelector(object.spec.podSelector), age];
    case "Ingress":
      return ingressCells(object, now);
    case "ServiceCIDR":
      return serviceCidrCells(object, now);
    case "IPAddress":
      return ipAddressCells(object, now);
    case "AdminNetworkPolicy":
      return [name, String(object.spec.priority), age];
    case "BaselineAdminNetworkPolicy":
      return [name, age];
    default:
      return [name, object.spec.tier, String(object.spec.priority), age];
  }
}
