/**
 * `npm run differential -- [--family F] [--like DIR] [--seed S] [--cases N] [--lanes N] [--keep DIR]`:
 * draws scenarios, or relatives of the recordings in a folder, records what the kernel of this machine
 * does with them, replays the recordings, and tells every difference. Exit status 0: none differed.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { whyNoKernel } from "../../support/kernel/netns.js";
import { type CaseOutcome, type ProbeDifference, runCase } from "./case.js";
import { drawRelative, drawScenario, FAMILIES, type FamilyName } from "./draw/index.js";
import type { Scenario } from "./scenario.js";

const { values } = parseArgs({
  options: {
    family: { type: "string" },
    seed: { type: "string", default: "0" },
    cases: { type: "string", default: "1" },
    like: { type: "string" },
    keep: { type: "string" },
    lanes: { type: "string", default: "1" },
    verbose: { type: "boolean", default: false },
  },
});

const why = whyNoKernel();
if (why !== undefined) {
  console.error(`differential: skipped: ${why}`);
  process.exit(2);
}

const counts = { scenarios: 0, probes: 0, differing: 0, passing: 0, unknown: 0 };
const cases = drawCases();
const lanes = Array.from({ length: Number(values.lanes) }, (_, lane) => run(lane));
await Promise.all(lanes);
console.log(JSON.stringify(counts));
process.exit(counts.differing === 0 ? 0 : 1);

/** The cases in turn: families, or the recordings whose relatives are asked for. */
function drawCases(): (() => Scenario)[] {
  const seeds = Array.from({ length: Number(values.cases) }, (_, i) => `${values.seed}.${i}`);
  const { like } = values;
  if (like === undefined) {
    const families = (values.family?.split(",") ?? [...FAMILIES]) as FamilyName[];
    return seeds.flatMap((seed) => families.map((family) => () => drawScenario(family, seed)));
  }
  const files = readdirSync(like).filter((file) => {
    return file.endsWith(".json") && file.startsWith(values.family ?? "") && !/ipvs/.test(file);
  });
  const read = (file: string) => JSON.parse(readFileSync(join(like, file), "utf8"));
  return seeds.flatMap((seed) => files.map((file) => () => drawRelative(read(file), seed)));
}

/** Works through the cases, one after the other, beside other lanes. */
async function run(lane: number): Promise<void> {
  for (let next = cases.shift(); next !== undefined; next = cases.shift()) {
    tell(await runCase(next(), `kwd${process.pid}-${lane}`));
  }
}

function tell({ scenario, recording, refused, differences, passing }: CaseOutcome): void {
  counts.scenarios++;
  counts.probes += recording.probes.length;
  if (values.verbose) for (const line of refused) console.log(`  refused: ${line}`);
  for (const difference of differences) {
    counts[difference.unknown === undefined ? "differing" : "unknown"]++;
    tellDifference(recording.name, difference);
  }
  counts.passing += passing.length;
  for (const difference of passing) tellDifference(`${recording.name} (once)`, difference);
  if (values.keep !== undefined && differences.length > 0) {
    mkdirSync(values.keep, { recursive: true });
    const text = JSON.stringify({ ...recording, setup: scenario.hosts });
    writeFileSync(join(values.keep, `${recording.name}.json`), text);
  }
}

function tellDifference(name: string, { probe, aspects, unknown }: ProbeDifference): void {
  if (unknown !== undefined) {
    console.log(`${name} unknown: ${unknown}`);
    return;
  }
  console.log(`${name} ${JSON.stringify(probe)}`);
  for (const aspect of aspects) console.log(`    ${aspect.slice(0, 600)}`);
}
