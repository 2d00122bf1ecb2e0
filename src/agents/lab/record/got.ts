/** What a probe became, in the form in which recordings tell it. */
import type { Got } from "../../../fabric/index.js";
import type { Tracer } from "./tracer.js";

/** What was seen of one probe. */
export interface Seen {
  /** What the client's socket said. */
  readonly answer: Pick<Got, "result" | "src" | "sport" | "icmp"> & {
    readonly answeredBy?: string;
  };
  /** What listeners heard. */
  readonly saw: Got["server_saw"];
  /** Lines of `conntrack -L` for each namespace. */
  readonly tracked: readonly (readonly [string, readonly string[]])[];
  readonly tracers: ReadonlyMap<string, Tracer>;
}

/** Puts together what was seen of a probe; namespaces without entries or traces are left out. */
export function gotOf({ answer, saw, tracked, tracers }: Seen): Got {
  return {
    result: answer.result,
    src: answer.src,
    sport: answer.sport,
    ...(answer.answeredBy !== undefined && { answered_by: answer.answeredBy }),
    ...(answer.icmp && { icmp: answer.icmp }),
    server_saw: saw,
    conntrack: withoutEmpty(tracked.map(([name, lines]) => [name, asRecorded(lines)])),
    trace: withoutEmpty([...tracers].map(([name, tracer]) => [name, tracer.firstPacket()])),
  };
}

/** Recorders ask `conntrack -L` and then `conntrack -L -f ipv6`: IPv6 entries are told twice. */
function asRecorded(lines: readonly string[]): string[] {
  return [...lines, ...lines.filter((line) => / src=\S*:/.test(line))];
}

function withoutEmpty(entries: readonly (readonly [string, readonly string[]])[]) {
  return Object.fromEntries(entries.filter(([, lines]) => lines.length > 0));
}
