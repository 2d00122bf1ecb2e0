/** `kubewire lab diff`: random clusters on the real kernel and in the model. */
import {
  type CaseOptions,
  type CaseResult,
  type Difference,
  type DiffOptions,
  diffLab,
} from "../../../agents/index.js";
import { EXIT } from "../../failure.js";
import type { Terminal } from "../../terminal.js";
import { inThatKernel, type KernelFlags } from "./kernel.js";

/** What commander read. */
export interface LabDiffFlags extends KernelFlags, Pick<CaseOptions, "network" | "proxy"> {
  readonly seed: string;
  readonly cases: number;
  readonly probes: number;
  readonly name: string;
  readonly json?: boolean;
}

/** Compares; exit status 1 when model and kernel differ in anything. */
export async function runLabDiff(flags: LabDiffFlags, terminal: Terminal): Promise<number> {
  if (flags.kernel === "vm") return inThatKernel(flags, terminal);
  const results = await diffLab({
    ...optionsOf(flags),
    onCase: (result) => terminal.err(`${caseLine(result)}\n`),
  });
  const sum = summaryOf(results);
  if (flags.json) terminal.out(`${JSON.stringify(sum)}\n`);
  else terminal.out(printSummary(sum));
  return sum.differences.length === 0 ? EXIT.holds : EXIT.fails;
}

function optionsOf({ seed, cases, probes, name, network, proxy }: LabDiffFlags): DiffOptions {
  const options = { seed, cases, probesPerCase: probes, name };
  return { ...options, ...(network && { network }), ...(proxy && { proxy }) };
}

function caseLine({ seed, probes, results, differences }: CaseResult): string {
  const counts = [...results].map(([result, count]) => `${result} ${count}`).join(", ");
  return `${seed}: ${probes} probes (${counts}), ${differences.length} differences`;
}

function summaryOf(results: readonly CaseResult[]) {
  const counts = new Map<string, number>();
  for (const [result, count] of results.flatMap((r) => [...r.results])) {
    counts.set(result, (counts.get(result) ?? 0) + count);
  }
  return {
    cases: results.length,
    probes: results.reduce((sum, r) => sum + r.probes, 0),
    results: Object.fromEntries(counts),
    differences: results.flatMap((r) => r.differences).map(withoutRecording),
  };
}

function withoutRecording({ recording: _, ...difference }: Difference) {
  return difference;
}

function printSummary(sum: ReturnType<typeof summaryOf>): string {
  const told = sum.differences.map(({ seed, probe, aspects, manifest }) =>
    [`${seed}: ${JSON.stringify(probe)}`, ...aspects, "---", manifest].join("\n"),
  );
  const counts = `${sum.cases} clusters, ${sum.probes} probes, ${sum.differences.length} differences`;
  return `${[...told, counts].join("\n")}\n`;
}
