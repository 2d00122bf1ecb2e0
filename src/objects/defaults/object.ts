/** Filling in the defaults of an object of any kind, as the server does before checking it. */
import { KINDS, type KubeObject } from "../kinds/kinds.js";
import { type Draft, fillDeclared } from "../shape/defaults.js";
import { fillNamespace, fillNetworkPolicy, fillService, type Mutable } from "./network.js";

/** Fills in all defaults of an object, in place. */
export function fillObject(object: KubeObject): void {
  fillDeclared(KINDS[object.kind].shape, object as unknown as Draft);
  switch (object.kind) {
    case "Service":
      fillService(object as Mutable<typeof object>);
      break;
    case "NetworkPolicy":
      fillNetworkPolicy(object as Mutable<typeof object>);
      break;
    case "Namespace":
      fillNamespace(object as Mutable<typeof object>);
      break;
    default:
      break;
  }
}
