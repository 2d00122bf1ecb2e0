/**
 * What goes wrong for a user, as data. One bad object gives one `InputError` that holds every fault
 * of it; wording is kept apart from `code`, which tests and programs match.
 */

/** One fault in something a user gave. */
export interface Fault {
  /** Stable and machine-readable, e.g. `FieldValueInvalid`, `bad-address`, `duplicate-name`. */
  readonly code: string;
  /** Where in the object: a field path as Kubernetes spells it (`spec.ports[0].port`), or "". */
  readonly path: string;
  /** The reason in words, without the value and the place. */
  readonly message: string;
  /** The offending value, if there is one. */
  readonly value?: unknown;
  /** What would be accepted. */
  readonly expected?: string;
  /** The object it is about. */
  readonly subject?: FaultSubject;
  /** The whole fault as one sentence without its place, where its own world has words for it. */
  readonly text?: string;
  /** The file the object came from. */
  readonly file?: string;
  /** Line in that file, from 1. */
  readonly line?: number;
  /** Column in that line, from 1. */
  readonly column?: number;
}

/** Names the object that a fault is about. */
export interface FaultSubject {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Thrown for bad text or objects from a user; holds every fault that was found. */
export class InputError extends Error {
  override readonly name = "InputError";

  /** All faults, in the order of the input. Never empty. */
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[] | Fault) {
    const list = Array.isArray(faults) ? (faults as readonly Fault[]) : [faults as Fault];
    super(list.map(printFault).join("\n"));
    this.faults = list;
  }
}

/** Thrown when state refuses an operation: a taken address, an exhausted range. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";

  /** In the world's own spelling: `EEXIST`, `ENOSPC`, a CNI error number. */
  readonly code: string;

  /** What the refusal is about. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.facts = facts;
  }
}

/** Thrown when something is *loaded* that kubewire does not model; never while a packet moves. */
export class UnsupportedError extends Error {
  override readonly name = "UnsupportedError";

  /** The construct, as its own world names it. */
  readonly feature: string;

  /** Where it stands. */
  readonly where: string;

  constructor(feature: string, where: string, nearest?: string) {
    super(
      `${where}: ${feature} is not modelled${nearest ? `; nearest supported: ${nearest}` : ""}`,
    );
    this.feature = feature;
    this.where = where;
  }
}

/**
 * Prints one fault: the sentence of its own world and the place (`… (shop.yaml:41)`), or place, path,
 * value, reason, what was expected.
 */
export function printFault(fault: Fault): string {
  if (fault.text !== undefined) {
    const at = [fault.file, fault.line].filter((p) => p !== undefined).join(":");
    return at === "" ? fault.text : `${fault.text} (${at})`;
  }
  const place = printPlace(fault);
  const path = fault.path === "" ? "" : `${fault.path}: `;
  const value = fault.value === undefined ? "" : `${printValue(fault.value)}: `;
  const expected = fault.expected === undefined ? "" : ` (${printExpected(fault.expected)})`;
  return `${place}${path}${value}${fault.message}${expected}`;
}

function printExpected(expected: string): string {
  return expected.startsWith("did you mean ") ? expected : `expected ${expected}`;
}

function printPlace(fault: Fault): string {
  const parts = [fault.file, fault.line, fault.column].filter((p) => p !== undefined);
  return parts.length === 0 ? "" : `${parts.join(":")}: `;
}

/** Prints a value from outside as short JSON-like text that cannot flood a terminal. */
export function printValue(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 200 ? `${text.slice(0, 197)}...` : text;
}
