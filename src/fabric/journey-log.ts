/**
 * Collecting what namespaces tell of packets into traces: one trace for each packet, one hop for each
 * namespace it went through.
 */
import type { StepSink } from "../netfilter/index.js";
import type { Journey } from "../netns/index.js";
import type { Fate, Hop, Step, Trace } from "../trace/index.js";
import type { Packet } from "../wire/index.js";

interface OpenHop {
  readonly netns: string;
  readonly atUs: number;
  readonly steps: Step[];
}

class OpenJourney implements Journey {
  readonly id: number;
  readonly cause: number | undefined;
  readonly #hops: OpenHop[] = [];

  constructor(id: number, cause: number | undefined) {
    this.id = id;
    this.cause = cause;
  }

  enter(netns: string, nowUs: number): StepSink {
    const steps: Step[] = [];
    this.#hops.push({ netns, atUs: nowUs, steps });
    return (step) => steps.push(step);
  }

  toTrace(): Trace {
    const hops: readonly Hop[] = this.#hops;
    const fate = chooseFate(hops) ?? unfinished(hops);
    const { id, cause } = this;
    return cause === undefined ? { id, hops, fate } : { id, cause, hops, fate };
  }
}

/**
 * The journeys of one fabric, oldest first.
 *
 * Shape: holds at most `limit` of them; the oldest go first.
 */
export class JourneyLog {
  readonly #limit: number;
  #journeys: OpenJourney[] = [];
  #nextId = 1;
  /** Nothing is told while this is false: packets travel faster. */
  isOn: boolean;

  constructor(options: { readonly isOn: boolean; readonly limit: number }) {
    this.isOn = options.isOn;
    this.#limit = options.limit;
  }

  /** Starts the journey of a packet. */
  begin(_netns: string, _packet: Packet, cause: number | undefined): Journey | undefined {
    if (!this.isOn) return undefined;
    const journey = new OpenJourney(this.#nextId++, cause);
    this.#journeys.push(journey);
    if (this.#journeys.length > 2 * this.#limit) {
      this.#journeys = this.#journeys.slice(-this.#limit);
    }
    return journey;
  }

  /** The id the next journey gets. */
  get nextId(): number {
    return this.#nextId;
  }

  /** The traces from an id on, oldest first. */
  traces(fromId = 0): readonly Trace[] {
    return this.#journeys.filter((j) => j.id >= fromId).map((j) => j.toTrace());
  }

  /** Forgets all journeys. */
  clear(): void {
    this.#journeys = [];
  }
}

/** Ends that one copy of a flooded frame has, while another goes on. */
const SIDE_FATES: ReadonlySet<Fate["kind"]> = new Set(["not-for-us", "bridge-drop", "link-down"]);

/** The end that counts: delivery first, then the first end that is not a flooded copy's. */
function chooseFate(hops: readonly Hop[]): Fate | undefined {
  let best: Fate | undefined;
  let bestRank = -1;
  for (const hop of hops) {
    for (const step of hop.steps) {
      if (step.kind !== "fate") continue;
      const rank = rankOf(step.fate);
      if (rank > bestRank) [best, bestRank] = [step.fate, rank];
    }
  }
  return best;
}

function rankOf({ kind }: Fate): number {
  if (kind === "delivered") return 3;
  if (kind === "consumed") return 2;
  return SIDE_FATES.has(kind) ? 0 : 1;
}

/** A packet that still waits: for a neighbour's answer, for other fragments, or on a wire. */
function unfinished(hops: readonly Hop[]): Fate {
  return { kind: "no-neighbor", netns: hops.at(-1)?.netns ?? "", detail: "still waiting" };
}
