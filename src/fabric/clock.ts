/** The event queue: what happens when, in one stated order. */
import { Heap } from "../base/index.js";

/**
 * A virtual clock with a queue of tasks. Tasks of one time run in the order they were put in.
 *
 * Units: microseconds.
 */
export class Clock {
  readonly #queue = new Heap<() => void>();
  #nowUs: number;

  constructor(startUs = 0) {
    this.#nowUs = startUs;
  }

  /** The present time. */
  get nowUs(): number {
    return this.#nowUs;
  }

  /** When the next task is due; undefined when none waits. */
  get nextUs(): number | undefined {
    return this.#queue.peekKey();
  }

  /** Puts a task into the queue. */
  schedule(delayUs: number, task: () => void): void {
    this.#queue.push(this.#nowUs + Math.max(0, Math.round(delayUs)), task);
  }

  /** Runs the next task, if it is due by then; returns whether one ran. */
  runNext(untilUs: number): boolean {
    const next = this.#queue.peekKey();
    if (next === undefined || next > untilUs) return false;
    this.#nowUs = Math.max(this.#nowUs, next);
    this.#queue.pop()?.();
    return true;
  }

  /** Moves the time forward without running anything; never back. */
  moveTo(nowUs: number): void {
    this.#nowUs = Math.max(this.#nowUs, nowUs);
  }
}
