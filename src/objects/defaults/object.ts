/** Filling in the defaults of an object of any kind, as the server does before checking it. */
import { KINDS, type KubeObject } from "../kinds/kinds.js";
import { type Draft, fillDeclared } from "../shape/defaults.js";
import {
  dropTopology,
  fillNamespace,
  fillNetworkPolicy,
  fillNode,
  fillService,
  type Mutable,
} from "./network.js";
import {
  fillCronJob,
  fillDaemonSet,
  fillDeployment,
  fillJob,
  fillPod,
  fillPodSpec,
  fillStatefulSet,
} from "./pod.js";

/** Fills in all defaults of an object, in place. */
export function fillObject(object: KubeObject): void {
  const { namespaced, shape } = KINDS[object.kind];
  fillDeclared(shape, object as unknown as Draft);
  const draft = object as Mutable<KubeObject>;
  if (!namespaced && draft.metadata.namespace !== undefined) delete draft.metadata.namespace;
  switch (draft.kind) {
    case "Service":
      fillService(draft);
      break;
    case "EndpointSlice":
      dropTopology(draft);
      break;
    case "NetworkPolicy":
      fillNetworkPolicy(draft);
      break;
    case "Namespace":
      fillNamespace(draft);
      break;
    case "Node":
      fillNode(draft);
      break;
    case "Pod":
      fillPod(draft);
      break;
    case "Deployment":
      fillDeployment(draft);
      break;
    case "ReplicaSet":
      fillPodSpec(draft.spec.template.spec);
      break;
    case "StatefulSet":
      fillStatefulSet(draft);
      break;
    case "DaemonSet":
      fillDaemonSet(draft);
      break;
    case "Job":
      fillJob(draft);
      break;
    case "CronJob":
      fillCronJob(draft);
      break;
    default:
      break;
  }
}
