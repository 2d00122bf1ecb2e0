/** Changing what a trace says about where things come from. */
import type { Origin } from "../base/index.js";
import type { Fate, Step, Trace } from "./step.js";

/**
 * The trace with every origin replaced by what `change` makes of it.
 *
 * @example
 * mapOrigins(trace, (origin) => cluster.locate(origin))
 */
export function mapOrigins(trace: Trace, change: (origin: Origin) => Origin): Trace {
  const hops = trace.hops.map((hop) => ({
    ...hop,
    steps: hop.steps.map((step) => mapStep(step, change)),
  }));
  return { ...trace, hops, fate: mapFate(trace.fate, change) };
}

function mapStep(step: Step, change: (origin: Origin) => Origin): Step {
  if (step.kind === "fate") return { ...step, fate: mapFate(step.fate, change) };
  if (!("origin" in step) || step.origin === undefined) return step;
  return { ...step, origin: change(step.origin) };
}

function mapFate(fate: Fate, change: (origin: Origin) => Origin): Fate {
  return fate.origin === undefined ? fate : { ...fate, origin: change(fate.origin) };
}
