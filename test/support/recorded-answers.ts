/** What real API servers answered to objects, and whether kubewire answers the same. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { admitObject, type KubeObject, printErrorBody } from "../../src/objects/index.js";

/** One object, and what was answered. */
export interface Answer {
  readonly input: Readonly<Record<string, unknown>>;
  /** Fields that strict decoding complains of, sorted. */
  readonly unknown?: readonly string[];
  /** Why the object could not be read at all. */
  readonly refused?: string;
  /** Type, field and message of everything that is wrong with it. */
  readonly faults?: readonly (readonly [string, string, string])[];
}

/** Reads `test/golden/objects/NAME.json`. */
export function readAnswers(name: string): readonly Answer[] {
  const file = new URL(`../golden/objects/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as readonly Answer[];
}

/** Fails unless kubewire says the same of an object, fault by fault, in the same words. */
export function expectAnswer({ faults = [], input, refused, unknown = [] }: Answer): void {
  const found = admitObject(input as unknown as KubeObject).faults;
  const others = found.filter(({ code }) => code !== "unknown-field");
  if (refused !== undefined) {
    expect(others[0]?.code).toBe("wrong-type");
    expect(refused.endsWith(others[0]?.message ?? "none")).toBe(true);
    return;
  }
  const told = others.map((f) => [f.code, f.path, printErrorBody(f)]);
  expect(sorted(told)).toEqual(sorted(faults));
  const fields = found.flatMap(({ code, path }) => (code === "unknown-field" ? [path] : []));
  expect(sorted(fields)).toEqual(sorted(unknown));
}

/** Each once, in the order of their texts. */
function sorted(list: readonly unknown[]): readonly string[] {
  return [...new Set(list.map((one) => JSON.stringify(one)))].sort();
}
