/**
 * Tables as data: the columns of a kind, and a row of cells for each object. A pure function of objects
 * and the present, so that an API endpoint can serve them as `meta.k8s.io/v1` Table.
 *
 * Follows: kubernetes v1.35 pkg/printers/internalversion/printers.go `AddHandlers`.
 */
import type { Kind, KubeObject } from "../../objects/index.js";
import { ageOf } from "./age.js";
import { formatSelector } from "./labels.js";
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

/** One column; `priority` 1 is shown by `-o wide` only. */
export interface TableColumn {
  /** As the API server names it; kubectl prints it in capitals. */
  readonly name: string;
  readonly priority: 0 | 1;
}

/** Objects of one kind in rows and columns. */
export interface Table {
  readonly columns: readonly TableColumn[];
  /** Cells in the order of the columns, wide ones included. */
  readonly rows: readonly (readonly string[])[];
}

/** The columns of a kind; the last `wide` of them are shown by `-o wide` only. */
const COLUMNS: Readonly<Record<Kind, readonly [string, number]>> = {
  Pod: ["Name Ready Status Restarts Age IP Node Nominated_Node Readiness_Gates", 4],
  Service: ["Name Type Cluster-IP External-IP Port(s) Age Selector", 1],
  Deployment: ["Name Ready Up-to-date Available Age Containers Images Selector", 3],
  ReplicaSet: ["Name Desired Current Ready Age Containers Images Selector", 3],
  StatefulSet: ["Name Ready Age Containers Images", 2],
  DaemonSet: [
    "Name Desired Current Ready Up-to-date Available Node_Selector Age Containers Images Selector",
    3,
  ],
  Job: ["Name Status Completions Duration Age Containers Images Selector", 3],
  CronJob: [
    "Name Schedule Timezone Suspend Active Last_Schedule Age Containers Images Selector",
    3,
  ],
  Node: [
    "Name Status Roles Age Version Internal-IP External-IP OS-Image Kernel-Version Container-Runtime",
    5,
  ],
  Namespace: ["Name Status Age", 0],
  ConfigMap: ["Name Data Age", 0],
  Endpoints: ["Name Endpoints Age", 0],
  EndpointSlice: ["Name AddressType Ports Endpoints Age", 0],
  NetworkPolicy: ["Name Pod-Selector Age", 0],
  Ingress: ["Name Class Hosts Address Ports Age", 0],
  ServiceCIDR: ["Name CIDRs Age", 0],
  IPAddress: ["Name ParentRef", 0],
  AdminNetworkPolicy: ["Name Priority Age", 0],
  BaselineAdminNetworkPolicy: ["Name Age", 0],
  ClusterNetworkPolicy: ["Name Tier Priority Age", 0],
};

/**
 * Makes the table of objects of one kind.
 *
 * Shape: objects in the given order. An IPAddress has one cell more than columns, as upstream has it.
 * Units: `now` is in seconds since 1970; ages are measured from it.
 *
 * @example
 * tableOf("Pod", cluster.list("Pod"), 1767225600).rows
 */
export function tableOf(kind: Kind, objects: readonly KubeObject[], now: number): Table {
  const [names, wideOnly] = COLUMNS[kind];
  const all = names.split(" ").map((name) => name.replaceAll("_", " "));
  const columns = all.map((name, i): TableColumn => {
    return { name, priority: i < all.length - wideOnly ? 0 : 1 };
  });
  return { columns, rows: objects.map((object) => cellsOf(object, now)) };
}

function cellsOf(object: KubeObject, now: number): readonly string[] {
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
