/** kube-proxy's own tests of iptables mode: golden texts, packet flows, the tracer itself. */
import {
  buildModel,
  failIptables,
  type IptablesState,
  type ProxyModel,
  startIptables,
  syncIptables,
} from "../../../src/proxy/index.js";
import type { Report } from "../suite.js";
import { compareUnitFlow, type UnitFlow } from "./flows.js";
import { firstDifference, GOLDEN, normaliseIptables } from "./iptables-normalise.js";
import { IptablesDump, traceIptables } from "./iptables-trace.js";
import {
  localAddrsOf,
  markPrinterOf,
  nodeOf,
  type Snapshot,
  settingsOf,
  type VectorConfig,
} from "./setup.js";

/** `iptables-golden.json`. */
export interface GoldenFile {
  readonly cases: readonly (Snapshot & {
    readonly test: string;
    readonly step: string;
    readonly config: VectorConfig;
    readonly expectedText: string;
    readonly syncKind?: "full" | "partial";
    readonly staleChainsDeleted?: readonly string[];
    readonly natRulesTotalDelta?: number;
  })[];
}

/** `iptables-flows.json`. */
export interface FlowsFile {
  readonly cases: readonly {
    readonly test: string;
    readonly case: string;
    readonly config: VectorConfig;
    readonly steps: readonly (Snapshot & {
      readonly step: string;
      readonly flows: readonly UnitFlow[];
      readonly expectKubeFirewallRule?: boolean;
    })[];
  }[];
}

/** A fresh proxier that writes marks as the tests set them. */
export function startVector(config: VectorConfig): IptablesState {
  return startIptables(settingsOf(config), nodeOf(config), { printMark: markPrinterOf(config) });
}

/** Replays the steps of each test through one proxier. */
export function checkIptablesGolden(id: string, file: GoldenFile, report: Report): void {
  let test = "";
  let state: IptablesState | undefined;
  let model: ProxyModel | undefined;
  let total = 0;
  let nowUs = 0;
  for (const step of file.cases) {
    const fresh = state === undefined || step.test !== test;
    if (fresh) {
      state = startVector(step.config);
      model = undefined;
    }
    test = step.test;
    nowUs += 60_000_000;
    const before = state as IptablesState;
    model = buildModel(step, before.settings, model);
    let sync = syncIptables(before, model, { nowUs });
    // A full sync after the first is one kube-proxy was driven to by a restore that failed.
    if (step.syncKind === "full" && sync.kind === "partial") {
      sync = syncIptables(failIptables(before, sync), model, { nowUs });
    }
    state = sync.state;
    const { natRulesTotal, text, kind, deletedChains } = sync;
    const delta = natRulesTotal - total;
    total = natRulesTotal;
    report.check(`${id}/${step.test}/${step.step}`, () => {
      const wrong = firstDifference(normaliseIptables(text, GOLDEN), step.expectedText);
      if (wrong !== undefined) return wrong;
      if (step.syncKind !== undefined && kind !== step.syncKind) return `sync is ${kind}`;
      const stale = step.staleChainsDeleted;
      if (stale && stale.join() !== deletedChains.join()) return `deleted ${deletedChains.join()}`;
      const expected = step.natRulesTotalDelta;
      if (typeof expected === "number" && delta !== expected) return `${delta} more nat rules`;
      return undefined;
    });
  }
}

/** Replays the packet-flow tests. */
export function checkIptablesFlows(id: string, file: FlowsFile, report: Report): void {
  for (const { test, case: name, config, steps } of file.cases) {
    let state = startVector(config);
    let model: ProxyModel | undefined;
    const dump = new IptablesDump();
    let nowUs = 0;
    for (const step of steps) {
      const at = `${id}/${test}/${name}/${step.step}`;
      nowUs += 60_000_000;
      model = buildModel(step, state.settings, model);
      const sync = syncIptables(state, model, { nowUs });
      state = sync.state;
      dump.apply(sync.text);
      for (const flow of step.flows) {
        report.check(`${at}/${flow.name}`, () =>
          compareUnitFlow(traceIptables(dump, flow, localAddrsOf(config)), flow),
        );
      }
      if (step.expectKubeFirewallRule !== undefined) {
        report.check(`${at}/KUBE-FIREWALL`, () => {
          const has = dump.chain("filter", "KUBE-FIREWALL").length > 0;
          return has === step.expectKubeFirewallRule ? undefined : `rule there: ${has}`;
        });
      }
    }
  }
}

/** `iptables-tracer.json`: rules in the file, only the walk is ours. */
export function checkIptablesTracer(
  id: string,
  file: {
    readonly nodeLocalIPs: readonly string[];
    readonly rulesText: string;
    readonly flows: readonly UnitFlow[];
  },
  report: Report,
): void {
  const dump = new IptablesDump();
  dump.apply(file.rulesText);
  for (const flow of file.flows) {
    report.check(`${id}/${flow.name}`, () =>
      compareUnitFlow(traceIptables(dump, flow, file.nodeLocalIPs), flow),
    );
  }
}
