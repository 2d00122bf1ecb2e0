/**
 * The journeys of all packets of one fabric: one recorder for each, oldest first.
 */
import type { Journey } from "../netns/index.js";
import { type Trace, type TraceLevel, TraceRecorder } from "../trace/index.js";

/** How much is told, and how much is kept. */
export interface JourneyLogOptions {
  /** `none`: nothing is told, and packets travel faster. */
  readonly level: TraceLevel | "none";
  /** How many journeys are kept; the oldest go first. */
  readonly limit: number;
}

/** The journeys of one fabric. */
export class JourneyLog {
  readonly #limit: number;
  #recorders: TraceRecorder[] = [];
  #nextId = 1;
  /** How much is told of the packets that are sent from now on. */
  level: TraceLevel | "none";

  constructor({ level, limit }: JourneyLogOptions) {
    this.level = level;
    this.#limit = limit;
  }

  /** Starts the journey of a packet. */
  begin(cause: number | undefined): Journey | undefined {
    const { level } = this;
    if (level === "none") return undefined;
    const id = this.#nextId++;
    const recorder = new TraceRecorder({ id, level, ...(cause === undefined ? {} : { cause }) });
    this.#recorders.push(recorder);
    if (this.#recorders.length > 2 * this.#limit) {
      this.#recorders = this.#recorders.slice(-this.#limit);
    }
    return recorder;
  }

  /** The id of the next journey. */
  get nextId(): number {
    return this.#nextId;
  }

  /** The traces from an id on, oldest first. */
  traces(fromId = 0): readonly Trace[] {
    const skipped = Math.max(0, fromId - (this.#recorders[0]?.id ?? 0));
    return this.#recorders.slice(skipped).map((r) => r.finish());
  }

  /** Forgets all journeys. */
  clear(): void {
    this.#recorders = [];
  }
}
