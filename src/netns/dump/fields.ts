/**
 * Reading the JSON that `ip -j` and `bridge -j` print, field by field. A wrong value becomes a fault
 * with its place; a field nobody asked for becomes a name in `unmodelled`. Nothing is thrown here, so
 * that one pass tells everything.
 */
import {
  type Addr,
  addrBits,
  type LinkAddr,
  type Mac,
  makeLinkAddr,
  tryParseAddr,
  tryParseMac,
} from "../../addr/index.js";

import type { Fault } from "../../base/index.js";
import type { Unmodelled } from "../config.js";
import { lineOfPath } from "./json-place.js";

/** Where a piece of a dump comes from, for messages. */
export interface DumpSource {
  /** As the user knows it: a file of the dump's folder. */
  readonly file: string;
  /** The JSON text, if there is one: gives lines to messages. */
  readonly text?: string;
}

/** Collects what is wrong with a dump and what is not understood in it. */
export class DumpReport {
  readonly faults: Fault[] = [];
  readonly unmodelled: Unmodelled[] = [];
  readonly #names = new Set<string>();

  /** Notes a fault. */
  fault(source: DumpSource, fault: Omit<Fault, "file" | "line">): void {
    this.faults.push({ ...fault, ...placeOf(source, fault.path) });
  }

  /** Notes a construct that is not modelled, once per file. */
  note(source: DumpSource, path: string, feature: string): void {
    if (this.#isNew(source, feature)) this.unmodelled.push({ feature, ...placeOf(source, path) });
  }

  /** Notes a construct of a text that is no JSON, by its line. */
  noteAt(source: DumpSource, feature: string, line: number | undefined): void {
    if (!this.#isNew(source, feature)) return;
    this.unmodelled.push({ feature, file: source.file, ...(line !== undefined && { line }) });
  }

  #isNew(source: DumpSource, feature: string): boolean {
    const name = `${source.file}\u0000${feature}`;
    if (this.#names.has(name)) return false;
    this.#names.add(name);
    return true;
  }
}

function placeOf(source: DumpSource, path: string): { file: string; line?: number } {
  const line = source.text === undefined ? undefined : lineOfPath(source.text, path);
  return { file: source.file, ...(line !== undefined && { line }) };
}

/** The elements of a JSON list as readable objects; anything else is a fault. */
export function readList(value: unknown, source: DumpSource, report: DumpReport): Fields[] {
  if (!Array.isArray(value)) {
    report.fault(source, {
      code: "bad-dump",
      path: "",
      value,
      message: "is not a list of objects",
      expected: "what the tool prints with -j",
    });
    return [];
  }
  // `ip -j` prints empty objects for what it was asked to leave out.
  return value.flatMap((item, i) => {
    const fields = Fields.of(item, { source, report, path: `[${i}]` });
    return fields === undefined || fields.isEmpty() ? [] : [fields];
  });
}

interface Where {
  readonly source: DumpSource;
  readonly report: DumpReport;
  readonly path: string;
}

/** One JSON object, read field by field. */
export class Fields {
  readonly where: Where;
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  private constructor(object: Readonly<Record<string, unknown>>, where: Where) {
    this.#object = object;
    this.where = where;
  }

  /** Takes a JSON value that should be an object. */
  static of(value: unknown, where: Where): Fields | undefined {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return new Fields(value as Readonly<Record<string, unknown>>, where);
    }
    const { source, report, path } = where;
    report.fault(source, { code: "bad-dump", path, value, message: "is not an object" });
    return undefined;
  }

  /** Whether it has no field at all. */
  isEmpty(): boolean {
    return Object.keys(this.#object).length === 0;
  }

  /** Whether a field is there, whatever its value. */
  has(key: string): boolean {
    this.#read.add(key);
    return Object.hasOwn(this.#object, key);
  }

  /** The raw value of a field. */
  raw(key: string): unknown {
    return this.has(key) ? this.#object[key] : undefined;
  }

  /** A text field; absent is undefined. */
  text(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined || value === null) return undefined;
    return typeof value === "string" ? value : this.wrong(key, "a text");
  }

  /** A text field that must be there. */
  needText(key: string): string | undefined {
    return this.text(key) ?? this.#missing(key, "a text");
  }

  /** A number; also one written as text, decimal or with 0x. */
  number(key: string): number | undefined {
    const value = this.raw(key);
    if (value === undefined || value === null) return undefined;
    const number = typeof value === "string" && value !== "" ? Number(value) : value;
    return typeof number === "number" && Number.isFinite(number)
      ? number
      : this.wrong(key, "a number");
  }

  /** A number that must be there. */
  needNumber(key: string): number | undefined {
    return this.number(key) ?? this.#missing(key, "a number");
  }

  /** A switch; tools print true, 1, "on", or the bare name with null. */
  flag(key: string): boolean | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#object[key];
    if (value === null || value === true || value === 1 || value === "on") return true;
    if (value === false || value === 0 || value === "off") return false;
    return this.wrong(key, "true or false");
  }

  /** A list of texts; absent is empty. */
  words(key: string): readonly string[] {
    const value = this.raw(key);
    if (value === undefined || value === null) return [];
    if (Array.isArray(value) && value.every((v) => typeof v === "string")) return value;
    if (typeof value === "string") return value === "" ? [] : [value];
    this.wrong(key, "a list of words");
    return [];
  }

  /** An address. */
  addr(key: string): Addr | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    return tryParseAddr(text) ?? this.wrong(key, "an address");
  }

  /** An address with the length that stands in another field. */
  linkAddr(key: string, lengthKey: string): LinkAddr | undefined {
    const addr = this.addr(key);
    if (addr === undefined) return undefined;
    const bits = this.number(lengthKey) ?? addrBits(addr.family);
    if (!Number.isInteger(bits) || bits < 0 || bits > addrBits(addr.family)) {
      return this.wrong(lengthKey, `a length from 0 to ${addrBits(addr.family)}`);
    }
    return makeLinkAddr(addr, bits);
  }

  /** A link-layer address; the empty and short ones of tunnels are none. */
  mac(key: string): Mac | undefined {
    const text = this.text(key);
    return text === undefined ? undefined : tryParseMac(text);
  }

  /** An object within this one. */
  object(key: string): Fields | undefined {
    const value = this.raw(key);
    if (value === undefined || value === null) return undefined;
    return Fields.of(value, { ...this.where, path: this.pathOf(key) });
  }

  /** A list of objects within this one; absent is empty. */
  objects(key: string): Fields[] {
    const value = this.raw(key);
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) {
      this.wrong(key, "a list");
      return [];
    }
    return value.flatMap((item, i) => {
      const fields = Fields.of(item, { ...this.where, path: `${this.pathOf(key)}[${i}]` });
      return fields === undefined ? [] : [fields];
    });
  }

  /** Notes that a field's value cannot be used; always undefined. */
  wrong(key: string, expected: string): undefined {
    const { source, report } = this.where;
    const value = this.#object[key];
    const path = this.pathOf(key);
    report.fault(source, {
      code: "bad-dump",
      path,
      value,
      message: "cannot be used here",
      expected,
    });
    return undefined;
  }

  /** Notes a construct of this object that is not modelled. */
  note(feature: string, key?: string): void {
    const path = key === undefined ? this.where.path : this.pathOf(key);
    this.where.report.note(this.where.source, path, feature);
  }

  /** Names every field that was neither read nor is `incidental`. */
  finish(what: string, incidental: ReadonlySet<string> = new Set()): void {
    for (const key of Object.keys(this.#object)) {
      if (this.#read.has(key) || incidental.has(key)) continue;
      this.note(`${what}: field ${JSON.stringify(key)}`, key);
    }
  }

  /** The path of a field, from the top of the file. */
  pathOf(key: string): string {
    return this.where.path === "" ? key : `${this.where.path}.${key}`;
  }

  #missing(key: string, expected: string): undefined {
    const { source, report, path } = this.where;
    report.fault(source, {
      code: "bad-dump",
      path,
      message: `has no field ${JSON.stringify(key)}`,
      expected,
    });
    return undefined;
  }
}
