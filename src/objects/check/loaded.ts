/**
 * Checking an object that was loaded and not yet created: a Service has no addresses yet, so it is
 * checked as it would be on a cluster whose ranges hold everything.
 */
import { parsePrefix } from "../../addr/index.js";
import type { Fault } from "../../base/index.js";
import type { KubeObject } from "../kinds/kinds.js";
import { ServiceAllocator } from "../service/allocator.js";
import { createService } from "../service/create.js";
import { checkObject } from "./object.js";

/** Ranges that hold every address and port. */
const EVERYTHING = {
  clusterIps: [parsePrefix("0.0.0.0/0"), parsePrefix("::/0")],
  nodePorts: [1, 65535],
} as const;

/** Returns what is wrong with a loaded object. */
export function checkLoaded(object: KubeObject): readonly Fault[] {
  if (object.kind !== "Service") return checkObject(object);
  return createService(object, new ServiceAllocator(EVERYTHING)).faults;
}
