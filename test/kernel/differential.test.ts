/**
 * A share of the differential: random scenarios of every kind on this machine's kernel. More with
 * `npm run differential -- --cases 20 --seed S`.
 */
import { describe, expect, test } from "vitest";
import { whyNoKernel } from "../support/kernel/netns.js";
import { runCase } from "./differential/case.js";
import { drawScenario } from "./differential/draw/index.js";

const why = whyNoKernel();
const FAMILIES = ["filter", "nat6", "bridge", "policyroute"] as const;

describe.skipIf(why !== undefined)(`random scenarios on a real kernel (${why ?? "here"})`, () => {
  test.concurrent.each(FAMILIES)(
    "%s: the model says of every probe what the kernel did",
    async (family) => {
      const at = FAMILIES.indexOf(family);
      const done = await runCase(drawScenario(family, "ci.0"), `kwc${process.pid}-${at}`);
      // What is not modelled is told as such; anything else that differs is a fault.
      expect(done.differences.filter((d) => d.unknown === undefined)).toEqual([]);
      expect(done.recording.probes.length).toBeGreaterThan(0);
    },
    120_000,
  );
});
