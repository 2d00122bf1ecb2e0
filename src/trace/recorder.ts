/**
 * Collecting what is told about one packet into a `Trace`. Hops may be open at the same time: a
 * flooded frame is in several namespaces at once, and each tells into its own sink.
 */
import type { Fate, FateKind, Hop, Step, Trace, TraceLevel } from "./step.js";

/** What a recorder is made with. */
export interface RecorderOptions {
  readonly id: number;
  /** The packet that this one answers or reports about. */
  readonly cause?: number;
  /** Steps that no rendering at this level shows are not kept. Default: everything. */
  readonly level?: TraceLevel;
}

/** Steps that only the most detailed level shows; they are most of a trace. */
function isDetail({ kind }: Step): boolean {
  return kind === "chain" || kind === "policy" || kind === "rule";
}

/** Takes the steps of one hop. */
export interface StepTaker {
  (step: Step): void;
  /** Chains, rules and policies are not kept. */
  isBrief?: boolean;
}

interface OpenHop {
  readonly netns: string;
  readonly atUs: number;
  readonly steps: Step[];
}

/**
 * Collects the hops and steps of one packet.
 *
 * Shape: `enter` starts a hop and gives the function that steps are told to; `finish` gives the trace
 * so far and may be called again later.
 */
export class TraceRecorder {
  readonly id: number;
  readonly cause: number | undefined;
  readonly #isDetailed: boolean;
  readonly #hops: OpenHop[] = [];

  constructor(options: RecorderOptions) {
    this.id = options.id;
    this.cause = options.cause;
    this.#isDetailed = (options.level ?? "everything") === "everything";
  }

  /**
   * Starts a hop.
   *
   * Units: `atUs` is simulated microseconds.
   * Returns: what takes the steps; `isBrief` says that details need not be told.
   */
  enter(netns: string, atUs: number): StepTaker {
    const steps: Step[] = [];
    this.#hops.push({ netns, atUs, steps });
    if (this.#isDetailed) return (step) => void steps.push(step);
    const take: StepTaker = (step) => {
      if (!isDetail(step)) steps.push(step);
    };
    take.isBrief = true;
    return take;
  }

  /** The trace so far. The steps are the recorder's own; it is done with them after the last call. */
  finish(): Trace {
    const hops: readonly Hop[] = this.#hops;
    const base = { id: this.id, hops: [...hops], fate: chooseFate(hops) };
    return this.cause === undefined ? base : { ...base, cause: this.cause };
  }
}

/** Fates that say nothing about the packet as a whole while another copy fared otherwise. */
const ASIDE: ReadonlySet<FateKind> = new Set(["not-for-us", "bridge-drop"]);

/**
 * The fate of a whole journey: a copy that arrived decides; without one the last copy that was not
 * merely ignored, then the last of all. A journey without any fate is unfinished.
 */
export function chooseFate(hops: readonly Hop[]): Fate {
  let last: Fate | undefined;
  let lastTelling: Fate | undefined;
  for (const hop of hops) {
    for (const step of hop.steps) {
      if (step.kind !== "fate") continue;
      last = step.fate;
      if (last.kind === "delivered" || last.kind === "consumed") return last;
      if (!ASIDE.has(last.kind)) lastTelling = last;
    }
  }
  const unfinished = "the journey has not ended";
  return (
    lastTelling ?? last ?? { kind: "unknown", netns: hops.at(-1)?.netns ?? "", detail: unfinished }
  );
}
