import * as fc from "fast-check";
import { expect, test } from "vitest";
import { applyRestore, parseIptablesSave, parseRestore } from "../../../src/netfilter/index.js";
import {
  buildModel,
  compileIptablesProxy,
  compileIpvsProxy,
  type ProxyObjects,
  type ProxySettings,
  printIpvsRestore,
  startIptables,
  syncIptables,
} from "../../../src/proxy/index.js";
import { anyObjects, anySettings, NODE } from "../../support/proxy/arbitrary-objects.js";
import { plainTables } from "../../support/proxy/plain-tables.js";

const OPTIONS = { seed: 1, numRuns: 150 };

const EMPTY = parseIptablesSave("*nat\nCOMMIT\n*filter\nCOMMIT\n", { family: "ip4" });

function iptables(objects: ProxyObjects, settings: ProxySettings) {
  const model = buildModel(objects, settings);
  const { text } = syncIptables(startIptables(settings, NODE), model, { nowUs: 0 });
  const { tables } = compileIptablesProxy({ model, node: NODE, settings });
  return { text, tables };
}

test("iptables: the trees are what iptables-restore would read of the text", () => {
  const words = new Set<string>();
  fc.assert(
    fc.property(anyObjects, anySettings, (objects, settings) => {
      const { text, tables } = iptables(objects, settings);
      for (const word of text.split(/\s/)) words.add(word);
      expect(plainTables(tables)).toEqual(
        plainTables(applyRestore(EMPTY, parseRestore(text, settings), { noflush: true }).tables),
      );
    }),
    OPTIONS,
  );
  for (const word of ["recent", "statistic", "addrtype", "nfacct", "DNAT", "!", "MARK"]) {
    expect(words.has(word)).toBe(true);
  }
});

test("ipvs: the trees are what iptables-restore would read of the text", () => {
  const words = new Set<string>();
  fc.assert(
    fc.property(anyObjects, anySettings, (objects, settings) => {
      const rules = compileIpvsProxy({
        model: buildModel(objects, settings),
        node: NODE,
        settings,
      });
      const text = printIpvsRestore(rules);
      for (const word of text.split(/\s/)) words.add(word);
      expect(plainTables(rules.tables)).toEqual(
        plainTables(applyRestore(EMPTY, parseRestore(text, settings), { noflush: true }).tables),
      );
    }),
    OPTIONS,
  );
  for (const word of ["set", "physdev", "ipvs", "REJECT"]) expect(words.has(word)).toBe(true);
});

test("trees of other objects break the law", () => {
  const law = fc.property(anyObjects, anySettings, (objects, settings) => {
    const { text } = iptables(objects, settings);
    const { tables } = iptables({ ...objects, services: objects.services.slice(1) }, settings);
    return (
      JSON.stringify(plainTables(tables)) ===
      JSON.stringify(
        plainTables(applyRestore(EMPTY, parseRestore(text, settings), { noflush: true }).tables),
      )
    );
  });
  expect(fc.check(law, OPTIONS).failed).toBe(true);
});
