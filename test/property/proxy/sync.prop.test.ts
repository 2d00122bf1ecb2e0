import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  buildModel,
  type ProxyModel,
  type ProxyObjects,
  type ProxySettings,
  printNftTable,
  startIptables,
  startNftables,
  syncIptables,
  syncNftables,
} from "../../../src/proxy/index.js";
import { IptablesDump } from "../../conformance/kubeproxy/iptables-trace.js";
import { NftDump, normaliseNft } from "../../conformance/kubeproxy/nft-dump.js";
import { anyHistory } from "../../support/proxy/arbitrary-history.js";
import { anySettings, NODE } from "../../support/proxy/arbitrary-objects.js";
import { forgetDeletion } from "../../support/proxy/broken.js";

const OPTIONS = { seed: 1, numRuns: 150 };

function replayIptables(
  history: readonly ProxyObjects[],
  settings: ProxySettings,
  edit: (text: string) => string = (text) => text,
) {
  const dump = new IptablesDump();
  let state = startIptables(settings, NODE);
  let model: ProxyModel | undefined;
  const kinds: string[] = [];
  history.forEach((objects, i) => {
    model = buildModel(objects, settings, model);
    const sync = syncIptables(state, model, { nowUs: (i + 1) * 1_000_000 });
    state = sync.state;
    kinds.push(sync.kind);
    dump.apply(edit(sync.text));
  });
  return { text: dump.print(), kinds };
}

test("iptables: runs one after the other leave what one full run writes", () => {
  let partial = 0;
  fc.assert(
    fc.property(anyHistory, anySettings, (history, settings) => {
      const { text, kinds } = replayIptables(history, settings);
      partial += kinds.filter((k) => k === "partial").length;
      expect(text).toBe(replayIptables(history.slice(-1), settings).text);
    }),
    OPTIONS,
  );
  expect(partial).toBeGreaterThan(200);
});

test("iptables: forgetting to delete chains breaks the law", () => {
  const law = fc.property(
    anyHistory,
    anySettings,
    (history, settings) =>
      replayIptables(history, settings, forgetDeletion).text ===
      replayIptables(history.slice(-1), settings).text,
  );
  expect(fc.check(law, OPTIONS).failed).toBe(true);
});

function replayNft(history: readonly ProxyObjects[], settings: ProxySettings) {
  const dump = new NftDump();
  let state = startNftables(settings, NODE);
  let model: ProxyModel | undefined;
  history.forEach((objects, i) => {
    model = buildModel(objects, settings, model);
    const sync = syncNftables(state, model, { nowUs: (i + 1) * 2_000_000 });
    state = sync.state;
    dump.apply(sync.cleanup);
    dump.apply(sync.text);
  });
  return { applied: dump.print(), state: normaliseNft(printNftTable(state)) };
}

test("nftables: text applied run after run gives the table of the state", () => {
  fc.assert(
    fc.property(anyHistory, anySettings, (history, settings) => {
      const { applied, state } = replayNft(history, settings);
      expect(applied).toBe(state);
    }),
    OPTIONS,
  );
});

test("nftables: once tidied, the table does not depend on what was before", () => {
  fc.assert(
    fc.property(anyHistory, anySettings, (history, settings) => {
      const last = history.slice(-1);
      const { applied } = replayNft([...history, ...last], settings);
      expect(applied).toBe(replayNft(last, settings).applied);
    }),
    OPTIONS,
  );
});

test("a model changed step by step is the model read from nothing", () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      let model: ProxyModel | undefined;
      for (const objects of history) model = buildModel(objects, { family: "ip4" }, model);
      const fresh = buildModel(history.at(-1) as ProxyObjects, { family: "ip4" });
      const text = (m: ProxyModel | undefined) =>
        JSON.stringify(
          m?.services.values.map((s) => [
            s.service,
            s.ports,
            [...s.byPort].map(([key, { list }]) => [key, list.map((e) => e.text)]),
          ]),
        );
      expect(text(model)).toBe(text(fresh));
      expect(model?.endpointCount).toBe(fresh.endpointCount);
    }),
    OPTIONS,
  );
});
