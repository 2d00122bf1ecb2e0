/** Checking an object of any kind, as the server does when it is created. */
import type { Fault } from "../../base/index.js";
import { KINDS, type KubeObject } from "../kinds/kinds.js";
import { checkConfigMap, checkNamespace, checkNode } from "./cluster.js";
import { checkDeclared } from "./declared.js";
import { checkObjectMeta } from "./meta.js";
import { faultsOfLabel, faultsOfSubdomain } from "./names.js";
import { checkEndpointSlice, checkEndpoints } from "./network/endpoint-slice.js";
import { checkIngress, checkIPAddress, checkServiceCIDR } from "./network/ingress.js";
import { checkNetworkPolicy } from "./network/network-policy.js";
import { checkService } from "./network/service.js";
import { checkPod } from "./pod/pod.js";
import { checkCronJob, checkJob } from "./workload/job.js";
import { checkDaemonSet, checkReplicated, checkStatefulSet } from "./workload/workload.js";

/** Returns what is wrong with an object; nothing is wrong when the list is empty. */
export function checkObject(object: KubeObject): Fault[] {
  const faults: Fault[] = [];
  switch (object.kind) {
    case "Service":
      checkService(object, faults);
      break;
    case "EndpointSlice":
      checkEndpointSlice(object, faults);
      break;
    case "Endpoints":
      checkEndpoints(object, faults);
      break;
    case "NetworkPolicy":
      checkNetworkPolicy(object, faults);
      break;
    case "Ingress":
      checkIngress(object, faults);
      break;
    case "ServiceCIDR":
      checkServiceCIDR(object, faults);
      break;
    case "IPAddress":
      checkIPAddress(object, faults);
      break;
    case "Namespace":
      checkNamespace(object, faults);
      break;
    case "Node":
      checkNode(object, faults);
      break;
    case "ConfigMap":
      checkConfigMap(object, faults);
      break;
    default:
      checkDeclaredObject(object, faults);
  }
  return faults;
}

function checkDeclaredObject(object: KubeObject, faults: Fault[]): void {
  const { namespaced, shape } = KINDS[object.kind];
  const nameForm = object.kind === "StatefulSet" ? faultsOfLabel : faultsOfSubdomain;
  checkObjectMeta(object.metadata, { namespaced, nameForm }, faults);
  const spec = (object as { readonly spec?: Readonly<Record<string, unknown>> }).spec;
  const field = shape.fields.spec?.shape;
  if (spec !== undefined && field?.kind === "struct" && field.isCheckedApart !== true) {
    checkDeclared(field, spec, "spec", faults);
  }
  checkKind(object, faults);
}

function checkKind(object: KubeObject, faults: Fault[]): void {
  switch (object.kind) {
    case "Pod":
      checkPod(object, faults);
      break;
    case "Deployment":
    case "ReplicaSet":
      checkReplicated(object, faults);
      break;
    case "StatefulSet":
      checkStatefulSet(object, faults);
      break;
    case "DaemonSet":
      checkDaemonSet(object, faults);
      break;
    case "Job":
      checkJob(object, faults);
      break;
    case "CronJob":
      checkCronJob(object, faults);
      break;
    default:
      break;
  }
}
