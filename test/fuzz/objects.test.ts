/**
 * Mutated manifests: no crash, no hang, no prototype touched, no memory kept. Ordinary runs take a
 * bounded number, CI takes as many as fit in 30 seconds; `KUBEWIRE_FUZZ_COUNT=500000` takes many,
 * `KUBEWIRE_FUZZ_SECONDS=60` as many as fit in a minute.
 */
import { describe, expect, it } from "vitest";
import { tryLoadManifests } from "../../src/objects/index.js";
import { mutate, openFuzz } from "./mutate.js";

const COUNT = Number(process.env.KUBEWIRE_FUZZ_COUNT ?? 3000);
const IN_CI = process.env.CI !== undefined && process.env.KUBEWIRE_FUZZ_COUNT === undefined;
const SECONDS = Number(process.env.KUBEWIRE_FUZZ_SECONDS ?? (IN_CI ? 30 : 0));
const SEED = process.env.KUBEWIRE_FUZZ_SEED ?? "objects";

/** Most memory that may be held at the end more than at the beginning, in bytes. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Longest time one document may take, in milliseconds. */
const MOST_MS = 1000;

const prototypes = () =>
  [Object.prototype, Array.prototype, Function.prototype].map((p) =>
    Object.getOwnPropertyNames(p).join(),
  );

function loadTimed(text: string) {
  const from = performance.now();
  const attempt = tryLoadManifests([{ file: "fuzz.yaml", text }]);
  return { ...attempt, took: performance.now() - from };
}

describe("loading mutated manifests", () => {
  it("ends in objects or faults, soon, and leaves the language alone", {
    timeout: 3_600_000,
  }, () => {
    const random = openFuzz(SEED);
    const before = prototypes();
    const seen = { loaded: 0, refused: 0, other: 0 };
    const codes = new Set<string>();
    const start = performance.now();
    const memory = process.memoryUsage().heapUsed;
    let slowest = 0;
    for (let i = 0; ; i++) {
      if (SECONDS > 0 ? performance.now() - start > SECONDS * 1000 : i >= COUNT) break;
      const text = mutate(random);
      const { faults, objects, took } = loadTimed(text);
      // A busy machine may have done something else meanwhile: what is slow is slow again.
      slowest = Math.max(slowest, took > MOST_MS ? loadTimed(text).took : took);
      if (faults.length > 0) seen.refused++;
      else if (objects.length > 0) seen.loaded++;
      else seen.other++;
      for (const fault of faults) codes.add(fault.code);
    }
    expect(process.memoryUsage().heapUsed - memory).toBeLessThan(MOST_BYTES);
    expect(prototypes()).toEqual(before);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(slowest).toBeLessThan(MOST_MS);
    expect(Math.min(seen.loaded, seen.refused, seen.other)).toBeGreaterThan(0);
    expect(codes.size).toBeGreaterThan(8);
  });
});
