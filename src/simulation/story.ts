/** The packets of something that happened in a simulation, in the order they set out. */
import { type PrintTraceOptions, printTrace, type Trace } from "../trace/index.js";

/** Traces that belong together, and their text. */
export class Story implements Iterable<Trace> {
  readonly traces: readonly Trace[];

  constructor(traces: readonly Trace[]) {
    this.traces = traces;
  }

  /** How many packets set out. */
  get count(): number {
    return this.traces.length;
  }

  /** The packets, in the order they set out. */
  [Symbol.iterator](): Iterator<Trace> {
    return this.traces[Symbol.iterator]();
  }

  /** Every packet as text; at level `everything` each hook, rule and rewriting in order. */
  print(options: PrintTraceOptions = {}): string {
    const separator = options.level === "summary" ? "\n" : "\n\n";
    return this.traces.map((trace) => printTrace(trace, options)).join(separator);
  }

  /** As `print` at level `everything`. */
  toString(): string {
    return this.print({ level: "everything" });
  }
}
