/** Checking an object of any kind, as the server does when it is created. */
import type { Fault } from "../../base/index.js";
import { KINDS, type KubeObject } from "../kinds/kinds.js";
import { checkEndpointSlice, checkEndpoints } from "./endpoint-slice.js";
import { checkObjectMeta } from "./meta.js";
import { faultsOfSubdomain } from "./names.js";
import { checkNetworkPolicy } from "./network-policy.js";
import { checkService } from "./service.js";

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
    default: {
      const { namespaced } = KINDS[object.kind];
      checkObjectMeta(object.metadata, { namespaced, nameForm: faultsOfSubdomain }, faults);
    }
  }
  return faults;
}
