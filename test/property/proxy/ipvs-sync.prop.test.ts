import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  buildModel,
  compileIpvsProxy,
  type IpvsOperation,
  ipvsRulesOf,
  type ProxyModel,
  type ProxyObjects,
  type ProxySettings,
  printIpvsRestore,
  startIpvs,
  syncIpvs,
} from "../../../src/proxy/index.js";
import { anyHistory } from "../../support/proxy/arbitrary-history.js";
import { anySettings, NODE } from "../../support/proxy/arbitrary-objects.js";
import { forgetDepartures } from "../../support/proxy/broken.js";
import { IpvsKernel, printIpvsRules } from "../../support/proxy/ipvs-kernel.js";

const OPTIONS = { seed: 1, numRuns: 150 };

function replay(
  history: readonly ProxyObjects[],
  settings: ProxySettings,
  edit: (operations: readonly IpvsOperation[]) => readonly IpvsOperation[] = (all) => all,
) {
  const kernel = new IpvsKernel();
  let state = startIpvs(settings, NODE);
  let model: ProxyModel = buildModel({ services: [], endpointSlices: [] }, settings);
  let text = "";
  const kinds = new Set<string>();
  for (const objects of history) {
    model = buildModel(objects, settings, model);
    const sync = syncIpvs(state, model);
    state = sync.state;
    text = sync.text;
    for (const operation of edit(sync.operations)) {
      kinds.add(operation.kind);
      kernel.apply(operation);
    }
  }
  const whole = compileIpvsProxy({ model, node: NODE, settings });
  return { kernel: kernel.print(), whole, state, text, kinds };
}

test("runs one after the other leave what compiling the last objects gives", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyHistory, anySettings, (history, settings) => {
      const { kernel, whole, state, text, kinds } = replay(history, settings);
      for (const kind of kinds) seen.add(kind);
      expect(kernel).toBe(printIpvsRules(whole));
      expect(text).toBe(printIpvsRestore(whole));
      expect(printIpvsRules(ipvsRulesOf(state))).toBe(printIpvsRules(whole));
    }),
    OPTIONS,
  );
  expect([...seen].sort()).toEqual([
    "add-entry",
    "add-real",
    "add-server",
    "bind",
    "delete-entry",
    "delete-real",
    "delete-server",
    "unbind",
    "update-server",
  ]);
});

test("forgetting to delete real servers breaks the law", () => {
  const law = fc.property(anyHistory, anySettings, (history, settings) => {
    const { kernel, whole } = replay(history, settings, forgetDepartures);
    return kernel === printIpvsRules(whole);
  });
  expect(fc.check(law, OPTIONS).failed).toBe(true);
});
