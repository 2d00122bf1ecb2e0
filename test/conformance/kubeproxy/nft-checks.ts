/** nftables mode: random clusters, golden dumps, packet flows. */
import {
  buildModel,
  type NftablesState,
  type ProxyModel,
  printNftTable,
  startNftables,
  syncNftables,
} from "../../../src/proxy/index.js";
import type { Report } from "../suite.js";
import { type ClusterAnswer, compareAnswer, compareUnitFlow, type UnitFlow } from "./flows.js";
import { firstDifference } from "./iptables-normalise.js";
import type { Flow } from "./iptables-trace.js";
import { NftDump, normaliseNft } from "./nft-dump.js";
import { traceNft } from "./nft-trace.js";
import {
  localAddrsOf,
  markPrinterOf,
  nodeOf,
  type Snapshot,
  settingsOf,
  type VectorConfig,
} from "./setup.js";

/** The nftables part of one file of `clusters/`. */
export interface NftClusterFile {
  readonly config: VectorConfig;
  readonly steps: readonly (Snapshot & {
    readonly step: number | string;
    readonly flows: readonly (Flow & { readonly nftables: ClusterAnswer })[];
    readonly nftables: { readonly dump: string };
  })[];
}

/** `nftables-golden.json`. */
export interface NftGoldenFile {
  readonly cases: readonly (Snapshot & {
    readonly test: string;
    readonly step: string;
    readonly config: VectorConfig;
    readonly expectedText: string;
    readonly preloadedText?: string;
    readonly lastTransactionOps?: number | null;
    readonly extraOpsBeyondSetup?: number;
    readonly staleChains?: readonly string[];
  })[];
}

/** `nftables-flows.json`. */
export interface NftFlowsFile {
  readonly cases: readonly {
    readonly test: string;
    readonly case: string;
    readonly config: VectorConfig;
    readonly steps: readonly (Snapshot & {
      readonly step: string;
      readonly flows: readonly UnitFlow[];
    })[];
  }[];
}

/** A proxier with the table it writes to. */
class Run {
  state: NftablesState;
  readonly dump = new NftDump();
  #model: ProxyModel | undefined;
  #nowUs = 0;

  constructor(config: VectorConfig) {
    const printMark = markPrinterOf(config);
    this.state = startNftables(settingsOf(config), nodeOf(config), { printMark });
  }

  sync(objects: Snapshot, afterUs: number) {
    this.#nowUs += afterUs;
    this.#model = buildModel(objects, this.state.settings, this.#model);
    const sync = syncNftables(this.state, this.#model, { nowUs: this.#nowUs });
    this.state = sync.state;
    this.dump.apply(sync.cleanup);
    this.dump.apply(sync.text);
    return sync;
  }

  /** The table of the state, once it is sure that the sent text makes the same. */
  table(): string {
    const text = normaliseNft(printNftTable(this.state));
    const different = firstDifference(this.dump.print(), text);
    return different === undefined ? text : `applied text differs from state: ${different}`;
  }
}

/** Replays the steps through one proxier. */
export function checkNftCluster(id: string, file: NftClusterFile, report: Report): void {
  const run = new Run(file.config);
  for (const step of file.steps) {
    run.sync(step, 2_000_000);
    const at = `${id}/step-${step.step}/nftables`;
    report.check(`${at}/dump`, () =>
      firstDifference(run.table(), `${step.nftables.dump.trimEnd()}\n`),
    );
    step.flows.forEach((flow, i) => {
      report.check(`${at}/flow-${i}`, () =>
        compareAnswer(traceNft(run.dump, flow, localAddrsOf(file.config)), flow.nftables),
      );
    });
  }
}

/** Replays the golden tests. */
export function checkNftGolden(id: string, file: NftGoldenFile, report: Report): void {
  let test = "";
  let run: Run | undefined;
  for (const step of file.cases) {
    if (run === undefined || step.test !== test) run = new Run(step.config);
    test = step.test;
    const current = run;
    // Stale chains are aged between all steps but those that say they are looked at before.
    const sync = current.sync(step, step.step.includes("before") ? 1_000 : 2_000_000);
    report.check(`${id}/${step.test}/${step.step}`, () => {
      const wrong = firstDifference(current.table(), `${step.expectedText.trimEnd()}\n`);
      if (wrong !== undefined) return wrong;
      const ops = step.lastTransactionOps;
      if (typeof ops === "number" && ops !== sync.operations)
        return `${sync.operations} operations`;
      const stale = step.staleChains?.toSorted((a, b) => (a < b ? -1 : 1)).join();
      const ours = [...current.state.stale.keys()].join();
      return stale === undefined || stale === ours ? undefined : `stale ${ours}`;
    });
  }
}

/** Replays the packet-flow tests. */
export function checkNftFlows(id: string, file: NftFlowsFile, report: Report): void {
  for (const { test, case: name, config, steps } of file.cases) {
    const run = new Run(config);
    for (const step of steps) {
      run.sync(step, 2_000_000);
      for (const flow of step.flows) {
        report.check(`${id}/${test}/${name}/${step.step}/${flow.name}`, () =>
          compareUnitFlow(traceNft(run.dump, flow, localAddrsOf(config)), flow),
        );
      }
    }
  }
}
