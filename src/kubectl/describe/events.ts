/**
 * The events at the end of `kubectl describe`.
 *
 * Follows: kubectl v0.35 pkg/describe/describe.go `DescribeEvents`; client-go v0.35
 * tools/record/events_cache.go: events that are alike are told as one.
 */
import { ageOf } from "../tables/age.js";
import type { DescribeWriter } from "./writer.js";

/** What a controller said, and when. */
export interface ObjectEvent {
  readonly reason: string;
  readonly message: string;
  readonly source: string;
  /** RFC 3339. */
  readonly time: string;
}

/** Events of one reason that are told one by one; the next and all after them are one event. */
const MAX_ALIKE = 9;

/** Writes events, or that there are none. `now` is in seconds since 1970. */
export function writeEvents(
  w: DescribeWriter,
  events: readonly ObjectEvent[] | undefined,
  now: number,
): void {
  if (events === undefined) return;
  if (events.length === 0) {
    w.line(0, "Events:\t<none>");
    return;
  }
  w.flush();
  w.line(0, "Events:");
  w.line(1, "Type\tReason\tAge\tFrom\tMessage");
  w.line(1, "----\t------\t----\t----\t-------");
  for (const { count, event, last } of combine(events)) {
    const first = ageOf(event.time, now);
    const age = count > 1 ? `${ageOf(last.time, now)} (x${count} over ${first})` : first;
    const prefix = count > 1 ? "(combined from similar events): " : "";
    w.line(1, `Normal\t${event.reason}\t${age}\t${event.source}\t${prefix}${last.message}`);
  }
}

interface Combined {
  readonly event: ObjectEvent;
  last: ObjectEvent;
  count: number;
}

function combine(events: readonly ObjectEvent[]): readonly Combined[] {
  const told: Combined[] = [];
  const alike = new Map<string, Combined[]>();
  for (const event of events) {
    const key = `${event.source}/${event.reason}`;
    const group = alike.get(key) ?? [];
    alike.set(key, group);
    const last = group.at(-1);
    if (group.length > MAX_ALIKE && last !== undefined) {
      last.last = event;
      last.count++;
      continue;
    }
    const combined = { event, last: event, count: 1 };
    group.push(combined);
    told.push(combined);
  }
  return told;
}
