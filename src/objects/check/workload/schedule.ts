/**
 * The schedule of a CronJob: five fields of numbers, names and ranges, or a word.
 *
 * Follows: github.com/robfig/cron v3.0.1 parser.go `ParseStandard`, as kubernetes v1.35
 * pkg/util/parsers calls it.
 * Not modelled: time zones within a schedule.
 */
import { quote } from "../../shape/go-text.js";
import type { Place } from "../place.js";

/** What one field may hold. */
interface Bounds {
  readonly least: number;
  readonly most: number;
  /** Names of numbers from `least` on. */
  readonly names: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** Minute, hour, day of the month, month, day of the week. */
const FIELDS: readonly Bounds[] = [
  { least: 0, most: 59, names: [] },
  { least: 0, most: 23, names: [] },
  { least: 1, most: 31, names: [] },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 6, names: DAYS },
];

const WORDS: readonly string[] = [
  "@yearly",
  "@annually",
  "@monthly",
  "@weekly",
  "@daily",
  "@midnight",
  "@hourly",
];

/** Go's `time.ParseDuration`. */
const DURATION = /^[+-]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/;

/** Checks a schedule. */
export function checkSchedule(schedule: string, at: Place): void {
  if (schedule === "") {
    at.required();
    return;
  }
  const wrong = explainSchedule(schedule);
  if (wrong !== undefined) at.invalid(schedule, wrong);
  if (schedule.includes("TZ")) {
    at.invalid(schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  }
}

function explainSchedule(schedule: string): string | undefined {
  if (schedule.startsWith("@")) return explainWord(schedule);
  const fields = schedule.split(/[\s\u0085]+/u).filter((field) => field !== "");
  if (fields.length !== FIELDS.length) {
    const found = `${fields.length}: [${fields.join(" ")}]`;
    return `expected exactly ${FIELDS.length} fields, found ${found}`;
  }
  for (const [i, field] of fields.entries()) {
    for (const range of field.split(",")) {
      const wrong = range === "" ? undefined : explainRange(range, FIELDS[i] as Bounds);
      if (wrong !== undefined) return wrong;
    }
  }
  return undefined;
}

function explainWord(word: string): string | undefined {
  if (WORDS.includes(word)) return undefined;
  if (!word.startsWith("@every ")) return `unrecognized descriptor: ${word}`;
  const duration = word.slice("@every ".length);
  if (DURATION.test(duration)) return undefined;
  return `failed to parse duration ${word}: time: invalid duration ${quote(duration)}`;
}

/** `a`, `a-b`, `*`, each with `/step`. */
function explainRange(range: string, bounds: Bounds): string | undefined {
  const [span = "", stepText, ...tooMuch] = range.split("/");
  const [low = "", high, ...hyphens] = span.split("-");
  const isAll = low === "*" || low === "?";
  const start = isAll ? bounds.least : readNumber(low, bounds.names, bounds.least);
  if (typeof start === "string") return start;
  if (!isAll && hyphens.length > 0) return `too many hyphens: ${range}`;
  const last = high === undefined ? start : readNumber(high, bounds.names, bounds.least);
  let end = isAll ? bounds.most : last;
  if (typeof end === "string") return end;
  if (tooMuch.length > 0) return `too many slashes: ${range}`;
  const step = stepText === undefined ? 1 : readNumber(stepText, [], 0);
  if (typeof step === "string") return step;
  if (stepText !== undefined && high === undefined) end = bounds.most;
  if (start < bounds.least) {
    return `beginning of range (${start}) below minimum (${bounds.least}): ${range}`;
  }
  if (end > bounds.most) return `end of range (${end}) above maximum (${bounds.most}): ${range}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${range}`;
  return step === 0 ? `step of range should be a positive number: ${range}` : undefined;
}

/** A number, or why it is none. */
function readNumber(text: string, names: readonly string[], first: number): number | string {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + first;
  if (!/^[+-]?\d+$/.test(text)) {
    const why = `strconv.Atoi: parsing ${quote(text)}: invalid syntax`;
    return `failed to parse int from ${text}: ${why}`;
  }
  const number = Number(text);
  return number < 0 ? `negative number (${number}) not allowed: ${text}` : number;
}
