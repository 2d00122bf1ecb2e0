/** `kubewire lab diff`: random clusters on the real kernel and in the model. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CaseOutcome, type CaseResult, diffLab } from "../../../agents/index.js";
import type { CaseOptions } from "../../../testing/index.js";
import { EXIT } from "../../failure.js";
import type { Terminal } from "../../terminal.js";
import { type KernelFlags, onMachine } from "./kernel.js";

/** What commander read. */
export interface LabDiffFlags extends KernelFlags, Pick<CaseOptions, "network" | "proxy"> {
  readonly seed: string;
  readonly cases: number;
  readonly first: number;
  readonly probes: number;
  readonly lanes: number;
  readonly name: string;
  /** Folder for recordings of cases with a difference. */
  readonly save?: string;
  readonly json?: boolean;
}

/** Compares; exit status 1 when model and kernel differ in anything. */
export async function runLabDiff(flags: LabDiffFlags, terminal: Terminal): Promise<number> {
  // Only this command needs fast-check, which takes long to load.
  const { LabCases } = await import("../../../testing/index.js");
  const { seed, cases, first, lanes, name, network, proxy, probes } = flags;
  const source = new LabCases(seed, {
    probes,
    ...(network && { network }),
    ...(proxy && { proxy }),
  });
  const onCase = (outcome: CaseOutcome) => {
    terminal.err(`${caseLine(outcome.result)}\n`);
    if (flags.save !== undefined && (outcome.reproduction ?? outcome.unsteady))
      save(flags.save, outcome);
  };
  const outcomes = await onMachine(flags, (machine) =>
    diffLab({ source, seed, cases, first, lanes, lab: name, machine, onCase }),
  );
  const sum = summaryOf(outcomes);
  terminal.out(flags.json ? `${JSON.stringify(sum)}\n` : printSummary(sum));
  return sum.differing === 0 ? EXIT.holds : EXIT.fails;
}

function save(folder: string, { result, reproduction, unsteady }: CaseOutcome): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write(`${result.name}.json`, JSON.stringify(result.recording));
  if (unsteady !== undefined)
    write(`${result.name}.unsteady.json`, JSON.stringify(unsteady.recording));
  if (reproduction === undefined) return;
  write(`${result.name}.smallest.json`, JSON.stringify(reproduction.result.recording));
  write(`${result.name}.yaml`, reproduction.manifest);
}

function caseLine({ name, probes, results, differences }: CaseResult): string {
  const counts = [...results].map(([result, count]) => `${result} ${count}`).join(", ");
  return `${name}: ${probes} probes (${counts}), ${differences.length} differences`;
}

/** The counts of a campaign, and the smallest case of each that differs. */
export function summaryOf(outcomes: readonly CaseOutcome[]) {
  const counts = new Map<string, number>();
  for (const [result, count] of outcomes.flatMap(({ result: r }) => [...r.results])) {
    counts.set(result, (counts.get(result) ?? 0) + count);
  }
  return {
    cases: outcomes.length,
    probes: outcomes.reduce((sum, { result }) => sum + result.probes, 0),
    results: Object.fromEntries(counts),
    differing: outcomes.reduce((sum, { result }) => sum + result.differences.length, 0),
    unsteady: outcomes.flatMap(({ unsteady }) =>
      unsteady === undefined ? [] : [{ case: unsteady.name, differences: unsteady.differences }],
    ),
    reproductions: outcomes.flatMap(({ result, reproduction }) =>
      reproduction === undefined
        ? []
        : [
            {
              case: result.name,
              manifest: reproduction.manifest,
              differences: reproduction.result.differences,
            },
          ],
    ),
  };
}

function printSummary(sum: ReturnType<typeof summaryOf>): string {
  const told = sum.reproductions.flatMap(({ case: name, manifest, differences }) => [
    `${name}, the smallest cluster that shows it:`,
    manifest.trimEnd(),
    ...differences.flatMap(({ probe, aspects }) => [JSON.stringify(probe), ...aspects]),
    "",
  ]);
  for (const { case: name, differences } of sum.unsteady) {
    told.push(`${name} differed once and not again:`, ...differences.flatMap((d) => d.aspects));
  }
  const counts = `${sum.cases} clusters, ${sum.probes} probes, ${sum.differing} differences`;
  return `${[...told, counts].join("\n")}\n`;
}
