/**
 * `npx tsx test/kernel/facts/record.ts [--missing] [GROUP …]`: asks the kernel of this machine every fact,
 * and keeps its answers in test/golden/facts. What a tool refuses is told: a fact that was not set up is none.
 * With `--missing` facts are asked that are not recorded, or that the model disagrees about.
 */
import { mkdirSync } from "node:fs";
import { release } from "node:os";
import type { LabRecording } from "../../../src/agents/index.js";
import { compareWithReplay } from "../differential/case.js";
import { recordScenario } from "../differential/record.js";
import type { Scenario } from "../differential/scenario.js";
import { type Fact, familiesOf, scenarioOf } from "./fact.js";
import { GROUPS } from "./groups.js";
import {
  cleanDumps,
  type KeptFact,
  type KeptGroup,
  keep,
  readKept,
  restore,
  writeBases,
  writeGroup,
} from "./recorded.js";
import { BRIDGE, OVERLAY, ROUTER } from "./topology.js";

type Bases = Record<string, LabRecording["namespaces"]>;

const LANES = 4;
const TRIES = 3;
const onlyMissing = process.argv.includes("--missing");
const asked = process.argv.slice(2).filter((word) => word !== "--missing");
mkdirSync(new URL("../../golden/facts", import.meta.url), { recursive: true });
if (asked.length === 0 && !onlyMissing) {
  const bases: Bases = {};
  for (const on of [ROUTER, BRIDGE, OVERLAY]) {
    const empty = scenarioOf({ title: on.name, on, probes: [] }, "ip4");
    const { recording, refused } = await recordScenario(empty, `kwf${process.pid}`);
    for (const line of refused) console.log(`refused: ${on.name}: ${line}`);
    bases[on.name] = cleanDumps(recording.namespaces);
  }
  writeBases(bases);
}
const bases = readKept<Bases>("topologies");
for (const [name, facts] of Object.entries(GROUPS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const kept = await recordAll(facts, onlyMissing ? keptBefore(name) : new Map());
  writeGroup(name, { kernel: release(), facts: kept });
  console.log(`${name}: ${kept.length} facts`);
}

function keptBefore(name: string): ReadonlyMap<string, KeptFact> {
  try {
    return new Map(readKept<KeptGroup>(name).facts.map((fact) => [fact.name, fact]));
  } catch {
    return new Map();
  }
}

function agrees(kept: KeptFact | undefined, base: Bases[string], scenario: Scenario): boolean {
  if (kept?.probes.length !== scenario.probes.length) return false;
  return compareWithReplay(restore(kept, base, scenario)).length === 0;
}

async function recordAll(
  facts: readonly Fact[],
  before: ReadonlyMap<string, KeptFact>,
): Promise<KeptFact[]> {
  const cases = facts.flatMap((fact) => familiesOf(fact).map((family) => ({ fact, family })));
  const kept: KeptFact[] = [];
  let next = 0;
  const work = async (lane: number) => {
    for (let at = next++; at < cases.length; at = next++) {
      const { fact, family } = cases[at] as (typeof cases)[number];
      const scenario = scenarioOf(fact, family);
      const base = bases[(fact.on ?? ROUTER).name] ?? {};
      const known = before.get(scenario.name);
      if (agrees(known, base, scenario)) {
        kept[at] = known as KeptFact;
        continue;
      }
      const { recording, refused } = await record(scenario, lane);
      for (const line of refused) console.log(`refused: ${scenario.name}: ${line}`);
      kept[at] = keep(recording, base);
      if (!agrees(kept[at], base, scenario)) console.log(`the model differs: ${scenario.name}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, lane) => work(lane)));
  return kept;
}

/** A machine that is too busy to tell a whole trace is asked again. */
async function record(scenario: Scenario, lane: number) {
  for (let tries = TRIES; ; tries--) {
    try {
      const recorded = await recordScenario(scenario, `kwf${process.pid}-${lane}`);
      if (recorded.recording.probes.length === scenario.probes.length || tries === 1)
        return recorded;
    } catch (error) {
      console.log(`${scenario.name}: ${String(error)}`);
      if (tries === 1) throw error;
    }
  }
}
