/**
 * What of a Job may change.
 *
 * Follows: kubernetes v1.35 pkg/apis/batch/validation `ValidateJobSpecUpdate`; pkg/registry/batch/job
 * `validationOptionsForJob`. The selector and the labels that the server makes are kept where an update
 * leaves them out.
 * Not modelled: resources of a suspended Job's pods.
 */
import type { Fault } from "../../../base/index.js";
import type { PodTemplateSpec } from "../../kinds/pod/pod.js";
import type { Job, JobSpec } from "../../kinds/workload/batch.js";
import { Place } from "../place.js";
import { specOf } from "../workload/template.js";
import { isSame } from "./same.js";

const IMMUTABLE = "field is immutable";
const FIXED = [
  "completionMode",
  "podFailurePolicy",
  "backoffLimitPerIndex",
  "managedBy",
  "successPolicy",
] as const;

/** Checks what changes in a Job. */
export function checkJobUpdate(before: Job, after: Job, faults: Fault[]): void {
  const at = new Place("spec", faults);
  const [old, now] = [before.spec, after.spec];
  checkCompletions(old, now, at.at("completions"));
  if (now.selector !== undefined && !isSame(old.selector, now.selector)) {
    at.at("selector").invalid(now.selector, IMMUTABLE);
  }
  const mayMove = old.suspend === true && before.status?.startTime === undefined;
  const fixed = (template: PodTemplateSpec) => fixedParts(template, mayMove);
  if (!isSame(fixed(old.template), fixed(now.template))) {
    at.at("template").invalid(now.template, IMMUTABLE);
  }
  for (const name of FIXED) {
    if (!isSame(old[name], now[name])) at.at(name).invalid(now[name] ?? null, IMMUTABLE);
  }
}

function checkCompletions(old: JobSpec, now: JobSpec, at: Place): void {
  if (old.completions === now.completions) return;
  if (now.completionMode !== "Indexed") at.invalid(now.completions ?? null, IMMUTABLE);
  else if (now.completions !== undefined && now.completions !== now.parallelism) {
    at.invalid(now.completions, "can only be modified in tandem with spec.parallelism");
  }
}

/** Labels that the server adds to the template of a Job. */
const MADE_LABEL = /^(batch\.kubernetes\.io\/)?(controller-uid|job-name)$/;

/** What of a template must stay; before a suspended Job has run, its pods may be sent elsewhere. */
function fixedParts(template: PodTemplateSpec, mayMove: boolean): unknown {
  const { annotations, labels = {} } = template.metadata ?? {};
  const spec = specOf(template);
  if (!mayMove) {
    const own = Object.entries(labels).filter(([label]) => !MADE_LABEL.test(label));
    return { annotations, labels: Object.fromEntries(own), spec };
  }
  const { affinity, nodeSelector: _, schedulingGates: __, tolerations: ___, ...rest } = spec;
  const { nodeAffinity: ____, ...near } = affinity ?? {};
  return { ...rest, affinity: near };
}
