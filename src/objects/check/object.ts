/** Checking an object of any kind, as the server does when it is created. */
import type { Fault } from "../../base/index.js";
import { KINDS, type KubeObject } from "../kinds/kinds.js";
import { checkConfigMap, checkNamespace, checkNode } from "./cluster.js";
import { checkDeclared } from "./declared.js";
import { checkObjectMeta } from "./meta.js";
import { faultsOfSubdomain } from "./names.js";
import { checkEndpointSlice, checkEndpoints } from "./network/endpoint-slice.js";
import { checkIngress, checkIPAddress, checkServiceCIDR } from "./network/ingress.js";
import { checkNetworkPolicy } from "./network/network-policy.js";
import { checkService } from "./network/service.js";
import { checkPodSpec, checkSchedule, checkWorkload } from "./workload/pod.js";

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
  checkObjectMeta(object.metadata, { namespaced, nameForm: faultsOfSubdomain }, faults);
  const spec = (object as { readonly spec?: Readonly<Record<string, unknown>> }).spec;
  const field = shape.fields.spec?.shape;
  if (spec !== undefined && field?.kind === "struct") checkDeclared(field, spec, "spec", faults);
  checkKind(object, faults);
}

function checkKind(object: KubeObject, faults: Fault[]): void {
  switch (object.kind) {
    case "Pod":
      checkPodSpec("spec", object.spec, faults);
      break;
    case "Deployment":
    case "ReplicaSet":
    case "StatefulSet":
    case "DaemonSet": {
      const { selector, template } = object.spec;
      checkWorkload({ kind: object.kind, path: "spec", selector, template, ends: false }, faults);
      break;
    }
    case "Job": {
      const { template } = object.spec;
      checkWorkload({ kind: "Job", path: "spec", selector: "own", template, ends: true }, faults);
      break;
    }
    case "CronJob": {
      const { schedule, jobTemplate } = object.spec;
      checkSchedule("spec.schedule", schedule, faults);
      const template = jobTemplate?.spec?.template ?? {};
      const path = "spec.jobTemplate.spec";
      checkWorkload({ kind: "CronJob", path, selector: "own", template, ends: true }, faults);
      break;
    }
    default:
      break;
  }
}
