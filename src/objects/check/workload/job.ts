/**
 * Checks of Jobs, and of the Jobs that a CronJob makes.
 *
 * Follows: kubernetes v1.35 pkg/apis/batch/validation/validation.go `ValidateJob`, `validateJobSpec`,
 * `ValidateCronJobCreate`; pkg/registry/batch/job/strategy.go `generateSelector`.
 * Not modelled: success policies; which time zones there are. A Job that has a `uid` was read from a
 * cluster, and its selector is taken as it is.
 */
import type { Fault } from "../../../base/index.js";
import type { CronJob, Job, JobSpec } from "../../kinds/workload/batch.js";
import { matchesSelector } from "../../selector.js";
import { checkSelector } from "../meta.js";
import { faultsOfLabel, faultsOfLabelValue, faultsOfSubdomain } from "../names.js";
import { Place } from "../place.js";
import { checkFailurePolicy } from "./failure-policy.js";
import { checkSchedule } from "./schedule.js";
import { canAsk, checkSelects, checkTemplate, specOf, tellUnselected } from "./template.js";

/** Checks a Job. */
export function checkJob({ metadata, spec }: Job, faults: Fault[]): void {
  const at = new Place("spec", faults);
  checkJobSpec(spec, at);
  const { completionMode, completions = 0 } = spec;
  if (spec.manualSelector === true) checkManualSelector(spec, at);
  else if (metadata.uid === undefined) checkMadeSelector(metadata.name, spec, at);
  if (completionMode !== "Indexed" || completions <= 0) return;
  const last = `${metadata.name}-${completions - 1}`;
  if (faultsOfLabel(last).length === 0) return;
  const message = `will not able to create pod with invalid DNS label: ${last}`;
  new Place("metadata.name", faults).invalid(metadata.name, message);
}

function checkManualSelector({ selector, template }: JobSpec, at: Place): void {
  if (selector === undefined) {
    at.at("selector").required();
    tellUnselected(template, at.at("template"));
    return;
  }
  checkSelector(at.at("selector").path, selector, at.faults);
  if (canAsk(selector)) checkSelects(selector, template, at.at("template"));
}

/** What a selector says beside the labels that the server makes must hold of these, too. */
function checkMadeSelector(name: string, spec: JobSpec, at: Place): void {
  const { selector, template } = spec;
  const made: Readonly<Record<string, string>> = {
    "batch.kubernetes.io/controller-uid": "",
    "batch.kubernetes.io/job-name": name,
    "controller-uid": "",
    "job-name": name,
  };
  const given = template.metadata?.labels ?? {};
  for (const [label, value] of Object.entries(made)) {
    if (!Object.hasOwn(given, label) || given[label] === value) continue;
    at.at("template.metadata.labels").item(label).invalid(given, `must be '${value}'`);
  }
  if (!Object.hasOwn(given, "job-name")) at.at("template.labels").form(name, faultsOfLabelValue);
  if (selector === undefined) return;
  checkSelector(at.at("selector").path, selector, at.faults);
  if (!canAsk(selector)) return;
  if (!matchesSelector(selector, made)) {
    at.at("selector").invalid(selector, "`selector` not auto-generated");
  }
  const labels = { ...made, ...given };
  const withLabels = { ...template, metadata: { ...template.metadata, labels, name: "" } };
  checkSelects(selector, withLabels, at.at("template"));
}

const COUNTS = [
  "parallelism",
  "completions",
  "activeDeadlineSeconds",
  "backoffLimit",
  "ttlSecondsAfterFinished",
  "backoffLimitPerIndex",
  "maxFailedIndexes",
] as const;

/** Longest name of who manages a Job. */
const MAX_MANAGED_BY = 63;

function checkJobSpec(spec: JobSpec, at: Place): void {
  for (const name of COUNTS) at.at(name).notNegative(spec[name]);
  const { backoffLimitPerIndex, completionMode, managedBy, maxFailedIndexes } = spec;
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    at.at("backoffLimitPerIndex").required("when maxFailedIndexes is specified");
  }
  if (managedBy !== undefined) checkDomainPath(managedBy, at.at("managedBy"));
  if (managedBy !== undefined && managedBy.length > MAX_MANAGED_BY) {
    at.at("managedBy").tooLong(MAX_MANAGED_BY);
  }
  at.at("completionMode").ifOneOf(completionMode, ["NonIndexed", "Indexed"]);
  if (completionMode === "Indexed") checkIndexed(spec, at);
  else if (completionMode === undefined || completionMode === "NonIndexed") {
    for (const name of ["backoffLimitPerIndex", "maxFailedIndexes"] as const) {
      if (spec[name] !== undefined) {
        at.at(name).invalid(spec[name], "requires indexed completion mode");
      }
    }
  }
  if (spec.podFailurePolicy !== undefined) checkFailurePolicy(spec, at.at("podFailurePolicy"));
  if (spec.successPolicy !== undefined && completionMode !== "Indexed") {
    at.at("successPolicy").invalid(goPolicy(spec), "requires indexed completion mode");
  }
  const replacing =
    spec.podFailurePolicy === undefined ? ["Failed", "TerminatingOrFailed"] : ["Failed"];
  at.at("podReplacementPolicy").ifOneOf(spec.podReplacementPolicy, replacing);
  checkTemplate(spec.template, at.at("template"));
  checkEnding(spec, at.at("template.spec.restartPolicy"));
}

const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** Follows: apimachinery v0.35 pkg/util/validation `IsDomainPrefixedPath`. */
function checkDomainPath(text: string, at: Place): void {
  const [, host = "", path = ""] = /^([^/]*)\/(.*)$/s.exec(text) ?? [];
  if (text === "") at.required();
  else if (host === "" || path === "") {
    at.invalid(text, 'must be a domain-prefixed path (such as "acme.io/foo")');
  } else {
    at.form(host, faultsOfSubdomain);
    if (new RegExp(`^${HTTP_PATH}$`).test(path)) return;
    at.invalid(path, `Invalid path (regex used for validation is '${HTTP_PATH}')`);
  }
}

/** A success policy as the server prints its own form of it. */
function goPolicy({ successPolicy }: JobSpec): unknown {
  const rules = successPolicy?.rules.map(({ succeededCount, succeededIndexes }) => ({
    SucceededIndexes: succeededIndexes ?? null,
    SucceededCount: succeededCount ?? null,
  }));
  return { Rules: rules };
}

/** Pods of a Job end. */
function checkEnding({ podFailurePolicy, template }: JobSpec, at: Place): void {
  const { restartPolicy = "" } = specOf(template);
  if (restartPolicy === "" || restartPolicy === "Always") {
    at.required('valid values: "OnFailure", "Never"');
  } else if (restartPolicy !== "OnFailure" && restartPolicy !== "Never") {
    at.notSupported(restartPolicy, ["OnFailure", "Never"]);
  } else if (podFailurePolicy !== undefined && restartPolicy !== "Never") {
    at.invalid(restartPolicy, 'only "Never" is supported when podFailurePolicy is specified');
  }
}

/** Most pods at once, and most that may fail, of a Job whose pods are numbered. */
const MAX_INDEXED = 100_000;
/** The same when there are more than that to be completed. */
const MAX_OF_MANY = 10_000;

function checkIndexed(spec: JobSpec, at: Place): void {
  const { backoffLimitPerIndex, completions, maxFailedIndexes, parallelism } = spec;
  if (completions === undefined) {
    at.at("completions").required("when completion mode is Indexed");
  }
  const isMost = (value: number | undefined, most: number) => value !== undefined && value > most;
  const upTo = `must be less than or equal to ${MAX_INDEXED}`;
  if (isMost(parallelism, MAX_INDEXED)) {
    at.at("parallelism").invalid(parallelism, `${upTo} when completion mode is Indexed`);
  }
  if (completions !== undefined && isMost(maxFailedIndexes, completions)) {
    const message = "must be less than or equal to completions";
    at.at("maxFailedIndexes").invalid(maxFailedIndexes, message);
  }
  if (isMost(maxFailedIndexes, MAX_INDEXED)) {
    at.at("maxFailedIndexes").invalid(maxFailedIndexes, upTo);
  }
  if (!isMost(completions, MAX_INDEXED) || backoffLimitPerIndex === undefined) return;
  if (maxFailedIndexes === undefined) {
    at.at("maxFailedIndexes").required(
      `must be specified when completions is above ${MAX_INDEXED}`,
    );
  }
  const when = `when completions are above ${MAX_INDEXED} and used with backoff limit per index`;
  for (const name of ["parallelism", "maxFailedIndexes"] as const) {
    if (!isMost(spec[name], MAX_OF_MANY)) continue;
    at.at(name).invalid(spec[name], `must be less than or equal to ${MAX_OF_MANY} ${when}`);
  }
}

/** Longest name of a CronJob: its Jobs add eleven characters. */
const MAX_CRON_NAME = 52;

/** Checks a CronJob. */
export function checkCronJob({ metadata, spec }: CronJob, faults: Fault[]): void {
  const at = new Place("spec", faults);
  checkSchedule(spec.schedule, at.at("schedule"));
  checkTimeZone(spec.timeZone, at.at("timeZone"));
  at.at("concurrencyPolicy").oneOf(spec.concurrencyPolicy, ["Allow", "Forbid", "Replace"]);
  const place = at.at("jobTemplate.spec");
  const job: JobSpec = spec.jobTemplate?.spec ?? { template: {} };
  checkJobSpec(job, place);
  if (job.selector !== undefined) {
    place.at("selector").invalid(job.selector, "`selector` will be auto-generated");
  }
  if (job.manualSelector === true) place.at("manualSelector").notSupported(true, ["nil", "false"]);
  for (const name of [
    "startingDeadlineSeconds",
    "successfulJobsHistoryLimit",
    "failedJobsHistoryLimit",
  ] as const) {
    at.at(name).notNegative(spec[name]);
  }
  if (metadata.name.length <= MAX_CRON_NAME) return;
  const message = `must be no more than ${MAX_CRON_NAME} characters`;
  new Place("metadata.name", faults).invalid(metadata.name, message);
}

const ZONE_PART = /^[A-Za-z._\-/+0-9]+$/;

function checkTimeZone(zone: string | undefined, at: Place): void {
  if (zone === undefined) return;
  if (zone === "") {
    at.invalid(zone, "timeZone must be nil or non-empty string");
    return;
  }
  const isOdd = (part: string) =>
    part === "." || part === ".." || part.startsWith("-") || !ZONE_PART.test(part);
  if (zone.split("/").some(isOdd)) {
    at.invalid(zone, `unknown time zone ${zone}`);
    return;
  }
  if (zone.toLowerCase() !== "local") return;
  const where = "https://www.iana.org/time-zones";
  at.invalid(zone, `timeZone must be an explicit time zone as defined in ${where}`);
}
