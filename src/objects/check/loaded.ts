/**
 * Checking an object that was loaded and not yet created: a Service has no addresses yet, so it is
 * checked as it would be on a cluster whose ranges hold everything.
 */
import type { Fault } from "../../base/index.js";
import type { KubeObject } from "../kinds/kinds.js";
import { createService } from "../service/create.js";
import { ScratchAllocator } from "../service/scratch-allocator.js";
import { checkObject } from "./object.js";

/** Returns what is wrong with a loaded object. */
export function checkLoaded(object: KubeObject): readonly Fault[] {
  if (object.kind !== "Service") return checkObject(object);
  return createService(object, new ScratchAllocator()).faults;
}
