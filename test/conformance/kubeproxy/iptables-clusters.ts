/** Random clusters, iptables mode: texts, jumps and flows. */
import {
  buildModel,
  builtinJumps,
  type ProxyModel,
  printPaddedMark,
  printProxyRule,
  startIptables,
  syncIptables,
} from "../../../src/proxy/index.js";
import type { Report } from "../suite.js";
import { type ClusterAnswer, compareAnswer } from "./flows.js";
import { CLUSTER, firstDifference, normaliseIptables } from "./iptables-normalise.js";
import { type Flow, IptablesDump, traceIptables } from "./iptables-trace.js";
import {
  localAddrsOf,
  markPrinterOf,
  nodeOf,
  type Snapshot,
  settingsOf,
  type VectorConfig,
} from "./setup.js";

/** One file of `clusters/`. */
export interface ClusterFile {
  readonly config: VectorConfig;
  readonly steps: readonly (Snapshot & {
    readonly step: number | string;
    readonly flows: readonly (Flow & { readonly iptables: ClusterAnswer })[];
    readonly iptables: {
      readonly sent: string;
      readonly full?: string;
      readonly jumps?: readonly string[];
    };
  })[];
}

/** Replays the steps through one proxier and compares what it sends. */
export function checkIptablesCluster(id: string, file: ClusterFile, report: Report): void {
  const settings = settingsOf(file.config);
  const printMark = markPrinterOf(file.config);
  let state = startIptables(settings, nodeOf(file.config), { printMark });
  let model: ProxyModel | undefined;
  const dump = new IptablesDump();
  let nowUs = 0;
  for (const step of file.steps) {
    const now = buildModel(step, settings, model);
    model = now;
    nowUs += 1_000_000;
    const sync = syncIptables(state, now, { nowUs });
    state = sync.state;
    report.check(`${id}/step-${step.step}/iptables/sent`, () =>
      firstDifference(normaliseIptables(sync.text, CLUSTER), step.iptables.sent),
    );
    dump.apply(sync.text);
    step.flows.forEach((flow, i) => {
      report.check(`${id}/step-${step.step}/iptables/flow-${i}`, () =>
        compareAnswer(traceIptables(dump, flow, localAddrsOf(file.config)), flow.iptables),
      );
    });
    const { full, jumps } = step.iptables;
    if (full !== undefined) {
      const again = syncIptables(state, now, { nowUs, full: true });
      report.check(`${id}/step-${step.step}/iptables/full`, () =>
        firstDifference(normaliseIptables(again.text, CLUSTER), full),
      );
    }
    if (jumps !== undefined) {
      report.check(`${id}/step-${step.step}/iptables/jumps`, () =>
        firstDifference(printJumps().join("\n"), jumps.join("\n")),
      );
    }
  }
}

function printJumps(): string[] {
  return builtinJumps().flatMap(({ table, chain, rules }) =>
    rules.map(
      (rule) => `${table}: ${printProxyRule(chain, rule, printPaddedMark).replaceAll('"', "")}`,
    ),
  );
}
