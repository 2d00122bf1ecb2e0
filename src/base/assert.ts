/**
 * Assertions for our own bugs. A failed assertion is never caught in `src`: it says that a sentence
 * which must always be true was not. What a user can cause is an `InputError` or a `RefusedError`
 * (see `errors.ts`); what becomes of a packet is a fate.
 */

/** Thrown when kubewire itself is wrong: a sentence that must hold did not. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";

  /** The values the sentence was about. */
  readonly values: Readonly<Record<string, unknown>>;

  constructor(sentence: string, values: Readonly<Record<string, unknown>> = {}) {
    super(`this must hold: ${sentence}`);
    this.values = values;
  }
}

/**
 * Checks a sentence that must hold.
 *
 * Errors: `InvariantError` with the sentence (stated positively) and the values it speaks of.
 */
export function assert(
  condition: boolean,
  sentence: string,
  values?: Readonly<Record<string, unknown>>,
): asserts condition {
  if (!condition) throw new InvariantError(sentence, values);
}

/** Ends a `switch` over a closed union: the compiler proves that it is not reached. */
export function unreachable(value: never): never {
  throw new InvariantError("every kind of a closed union has a case", { value });
}
