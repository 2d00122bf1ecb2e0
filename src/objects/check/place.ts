/**
 * A field that is being checked: its path, and the list that its faults go to. Checks of deep objects
 * walk with it instead of carrying both.
 */
import type { Fault } from "../../base/index.js";
import {
  duplicate,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  tooLong,
} from "../shape/field-error.js";
import type { NameForm } from "./names.js";

/** One field of the object that is checked. */
export class Place {
  readonly path: string;
  readonly faults: Fault[];

  constructor(path: string, faults: Fault[]) {
    this.path = path;
    this.faults = faults;
  }

  /** A field below; `a.b` goes two down. */
  at(name: string): Place {
    return new Place(`${this.path}.${name}`, this.faults);
  }

  /** An item of a list, or the value of a key. */
  item(key: number | string): Place {
    return new Place(`${this.path}[${key}]`, this.faults);
  }

  /** Visits the items of a field that is a list. */
  each<T>(
    name: string,
    items: readonly T[] | undefined,
    visit: (item: T, at: Place) => void,
  ): void {
    const list = this.at(name);
    items?.forEach((item, i) => {
      visit(item, list.item(i));
    });
  }

  required(message = ""): void {
    this.faults.push(required(this.path, message));
  }

  invalid(value: unknown, message: string): void {
    this.faults.push(invalid(this.path, value, message));
  }

  forbidden(message: string): void {
    this.faults.push(forbidden(this.path, message));
  }

  notFound(value: unknown, message = ""): void {
    this.faults.push({ ...notFound(this.path, value), message });
  }

  duplicate(value: unknown): void {
    this.faults.push(duplicate(this.path, value));
  }

  tooLong(bytes: number): void {
    this.faults.push(tooLong(this.path, bytes));
  }

  notSupported(value: unknown, accepted: readonly string[]): void {
    this.faults.push(notSupported(this.path, value, accepted));
  }

  /** A text that must have a form. */
  form(text: string, form: NameForm): void {
    for (const message of form(text)) this.invalid(text, message);
  }

  /** A text that must be there, of a form. */
  needs(text: string | undefined, form?: NameForm): void {
    if (text === undefined || text === "") this.required();
    else if (form !== undefined) this.form(text, form);
  }

  /** A value of a closed list that must be there. */
  oneOf(value: string | undefined, accepted: readonly string[], message = ""): void {
    if (value === undefined || value === "") this.required(message);
    else if (!accepted.includes(value)) this.notSupported(value, accepted);
  }

  /** A value of a closed list that may be absent, but not empty. */
  ifOneOf(value: string | undefined, accepted: readonly string[]): void {
    if (value !== undefined && !accepted.includes(value)) this.notSupported(value, accepted);
  }

  /** A number of a range, both ends included. */
  range(value: number | undefined, least: number, most: number): void {
    if (value === undefined || (value >= least && value <= most)) return;
    this.invalid(value, `must be between ${least} and ${most}, inclusive`);
  }

  /** A number that may be zero, but not less. */
  notNegative(value: number | undefined): void {
    if (value !== undefined && value < 0) {
      this.invalid(value, "must be greater than or equal to 0");
    }
  }
}
