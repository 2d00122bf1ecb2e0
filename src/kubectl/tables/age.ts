/**
 * Ages as kubectl tells them: coarser the longer ago.
 *
 * Follows: apimachinery v0.35 pkg/util/duration `HumanDuration`; kubernetes v1.35
 * pkg/printers/internalversion `translateTimestampSince`.
 */
import { parseTime } from "../../objects/index.js";

/** Tells a span of whole seconds: `45s`, `5m3s`, `3h20m`, `2d4h`, `1y30d`. */
export function printAge(seconds: number): string {
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return two(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(seconds / 3600);
  if (hours < 8) return two(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 24 * 8) return two(days, "d", hours % 24, "h");
  if (hours < 24 * 365 * 2) return `${days}d`;
  if (hours < 24 * 365 * 8) return two(Math.floor(days / 365), "y", days % 365, "d");
  return `${Math.floor(days / 365)}y`;
}

function two(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${unit}` : `${large}${unit}${small}${smallUnit}`;
}

/** Tells how long ago a time was; `now` is in seconds since 1970. */
export function ageOf(time: string | undefined, now: number): string {
  const then = time === undefined ? undefined : parseTime(time);
  return then === undefined ? "<unknown>" : printAge(Math.floor(now - then));
}
