/**
 * `kubectl describe` of Jobs and CronJobs.
 *
 * Follows: kubectl v0.35 pkg/describe/describe.go `describeJob`, `describeCronJob`.
 */
import { type CronJob, type Job, parseTime } from "../../objects/index.js";
import { printAge } from "../tables/age.js";
import { printSelector } from "../tables/labels.js";
import { writeEvents } from "./events.js";
import { describeTemplate, type Surroundings } from "./pod.js";
import { writeController, writeLabels, writeName } from "./workload.js";
import { DescribeWriter, longTime } from "./writer.js";

/** Describes a Job. */
export function describeJob(one: Job, { events, now }: Surroundings): string {
  const w = new DescribeWriter();
  const { spec, status = {} } = one;
  writeName(w, one);
  w.line(0, `Selector:\t${printSelector(spec.selector)}`);
  writeLabels(w, one);
  writeController(w, one);
  writeIf(w, "Parallelism", spec.parallelism);
  w.line(0, `Completions:\t${spec.completions ?? "<unset>"}`);
  writeIf(w, "Completion Mode", spec.completionMode);
  writeIf(w, "Suspend", spec.suspend);
  writeIf(w, "Backoff Limit", spec.backoffLimit);
  writeIf(w, "TTL Seconds After Finished", spec.ttlSecondsAfterFinished);
  writeTimes(w, status);
  if (spec.activeDeadlineSeconds !== undefined) {
    w.line(0, `Active Deadline Seconds:\t${spec.activeDeadlineSeconds}s`);
  }
  const ready = status.ready === undefined ? "" : ` (${status.ready} Ready)`;
  const counts = `${status.active ?? 0} Active${ready} / ${status.succeeded ?? 0} Succeeded / ${status.failed ?? 0} Failed`;
  w.line(0, `Pods Statuses:\t${counts}`);
  if (spec.completionMode === "Indexed") {
    w.line(0, `Completed Indexes:\t${status.completedIndexes || "<none>"}`);
  }
  describeTemplate(w, spec.template);
  writeEvents(w, events, now);
  return w.toString();
}

function writeIf(w: DescribeWriter, title: string, value: unknown): void {
  if (value !== undefined) w.line(0, `${title}:\t${value}`);
}

function writeTimes(w: DescribeWriter, status: NonNullable<Job["status"]>): void {
  const { completionTime, startTime } = status;
  if (startTime !== undefined) w.line(0, `Start Time:\t${longTime(startTime)}`);
  if (completionTime !== undefined) w.line(0, `Completed At:\t${longTime(completionTime)}`);
  if (startTime === undefined || completionTime === undefined) return;
  const seconds = (parseTime(completionTime) ?? 0) - (parseTime(startTime) ?? 0);
  w.line(0, `Duration:\t${printAge(seconds)}`);
}

/** Describes a CronJob. */
export function describeCronJob(one: CronJob, { events, now }: Surroundings): string {
  const w = new DescribeWriter();
  const { spec, status } = one;
  const job = spec.jobTemplate?.spec;
  writeName(w, one);
  writeLabels(w, one);
  w.line(0, `Schedule:\t${spec.schedule}`);
  w.line(0, `Concurrency Policy:\t${spec.concurrencyPolicy ?? ""}`);
  const suspend = spec.suspend === undefined ? "<unset>" : spec.suspend ? "True" : "False";
  w.line(0, `Suspend:\t${suspend}`);
  w.line(0, `Successful Job History Limit:\t${spec.successfulJobsHistoryLimit ?? "<unset>"}`);
  w.line(0, `Failed Job History Limit:\t${spec.failedJobsHistoryLimit ?? "<unset>"}`);
  const deadline = spec.startingDeadlineSeconds;
  w.line(0, `Starting Deadline Seconds:\t${deadline === undefined ? "<unset>" : `${deadline}s`}`);
  const selector = job?.selector === undefined ? "<unset>" : printSelector(job.selector);
  w.line(0, `Selector:\t${selector}`);
  w.line(0, `Parallelism:\t${job?.parallelism ?? "<unset>"}`);
  w.line(0, `Completions:\t${job?.completions ?? "<unset>"}`);
  if (job?.activeDeadlineSeconds !== undefined) {
    w.line(0, `Active Deadline Seconds:\t${job.activeDeadlineSeconds}s`);
  }
  describeTemplate(w, job?.template ?? {});
  const last = status?.lastScheduleTime;
  w.line(0, `Last Schedule Time:\t${last === undefined ? "<unset>" : longTime(last)}`);
  const active = (status?.active ?? []).map((ref) => ref.name ?? "").join(", ");
  w.line(0, `Active Jobs:\t${active || "<none>"}`);
  writeEvents(w, events, now);
  return w.toString();
}
