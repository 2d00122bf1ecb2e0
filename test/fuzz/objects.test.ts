/**
 * Mutated manifests: no crash, no hang, no prototype touched. Ordinary runs take a bounded number;
 * `KUBEWIRE_FUZZ_COUNT=500000` takes many, `KUBEWIRE_FUZZ_SECONDS=30` takes as many as fit.
 */
import { describe, expect, it } from "vitest";
import { tryLoadManifests } from "../../src/objects/index.js";
import { mutate, openFuzz } from "./mutate.js";

const COUNT = Number(process.env.KUBEWIRE_FUZZ_COUNT ?? 3000);
const SECONDS = Number(process.env.KUBEWIRE_FUZZ_SECONDS ?? 0);
const SEED = process.env.KUBEWIRE_FUZZ_SEED ?? "objects";

/** Longest time one document may take, in milliseconds. */
const MOST_MS = 1000;

const prototypes = () =>
  [Object.prototype, Array.prototype, Function.prototype].map((p) =>
    Object.getOwnPropertyNames(p).join(),
  );

describe("loading mutated manifests", () => {
  it("ends in objects or faults, soon, and leaves the language alone", {
    timeout: 3_600_000,
  }, () => {
    const random = openFuzz(SEED);
    const before = prototypes();
    const seen = { loaded: 0, refused: 0, other: 0 };
    const codes = new Set<string>();
    const start = performance.now();
    let slowest = 0;
    for (let i = 0; ; i++) {
      if (SECONDS > 0 ? performance.now() - start > SECONDS * 1000 : i >= COUNT) break;
      const text = mutate(random);
      const from = performance.now();
      const { faults, objects } = tryLoadManifests([{ file: "fuzz.yaml", text }]);
      slowest = Math.max(slowest, performance.now() - from);
      if (faults.length > 0) seen.refused++;
      else if (objects.length > 0) seen.loaded++;
      else seen.other++;
      for (const fault of faults) codes.add(fault.code);
    }
    expect(prototypes()).toEqual(before);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(slowest).toBeLessThan(MOST_MS);
    expect(Math.min(seen.loaded, seen.refused, seen.other)).toBeGreaterThan(0);
    expect(codes.size).toBeGreaterThan(8);
  });
});
