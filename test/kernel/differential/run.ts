/**
 * `npm run differential -- [--family F] [--seed S] [--cases N] [--keep DIR]`: draws scenarios, records
 * what the kernel of this machine does with them, replays the recordings, and tells every difference.
 * Exit status 0: none differed.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { whyNoKernel } from "../../support/kernel/netns.js";
import { runCase } from "./case.js";
import { FAMILIES, type FamilyName } from "./draw/index.js";

const { values } = parseArgs({
  options: {
    family: { type: "string" },
    seed: { type: "string", default: "0" },
    cases: { type: "string", default: "1" },
    keep: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});

const why = whyNoKernel();
if (why !== undefined) {
  console.error(`differential: skipped: ${why}`);
  process.exit(2);
}

const families = (values.family?.split(",") ?? [...FAMILIES]) as FamilyName[];
const counts = { scenarios: 0, probes: 0, differing: 0, unknown: 0 };
for (let i = 0; i < Number(values.cases); i++) {
  for (const family of families) {
    const done = await runCase(family, `${values.seed}.${i}`, `kwd${process.pid}`);
    counts.scenarios++;
    counts.probes += done.recording.probes.length;
    if (values.verbose) for (const line of done.refused) console.log(`  refused: ${line}`);
    for (const { probe, aspects, unknown } of done.differences) {
      if (unknown !== undefined) {
        counts.unknown++;
        console.log(`${done.recording.name} unknown: ${unknown}`);
        continue;
      }
      counts.differing++;
      console.log(`${done.recording.name} ${JSON.stringify(probe)}`);
      for (const aspect of aspects) console.log(`    ${aspect.slice(0, 600)}`);
    }
    if (values.keep !== undefined && done.differences.length > 0) {
      mkdirSync(values.keep, { recursive: true });
      const setup = Object.fromEntries(Object.entries(done.scenario.hosts));
      const text = JSON.stringify({ ...done.recording, setup });
      writeFileSync(join(values.keep, `${done.recording.name}.json`), text);
    }
  }
}
console.log(JSON.stringify(counts));
process.exit(counts.differing === 0 ? 0 : 1);
