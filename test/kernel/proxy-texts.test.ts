/**
 * What kube-proxy's modes send is taken by the real tools, run after run, and what the kernel lists
 * afterwards parses back to the trees we compile.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseIptablesSave, printIpsetSave } from "../../src/netfilter/index.js";
import {
  buildModel,
  compileIptablesProxy,
  compileIpvsProxy,
  type ProxyModel,
  type ProxyObjects,
  type ProxySettings,
  printIpvsRestore,
  startIptables,
  startNftables,
  syncIptables,
  syncNftables,
} from "../../src/proxy/index.js";
import { RealNetns, whyNoKernel } from "../support/kernel/netns.js";
import { anyObjects, anySettings, NODE } from "../support/proxy/arbitrary-objects.js";
import { plainTables } from "../support/proxy/plain-tables.js";

const HISTORIES = 6;

const SETTINGS = fc.sample(anySettings, { seed: 7, numRuns: HISTORIES });
const HISTORY = fc.sample(fc.array(anyObjects, { minLength: 3, maxLength: 3 }), {
  seed: 7,
  numRuns: HISTORIES,
});

/** This kernel may be without nfacct, so counting is left out. */
function withoutCounters(settings: ProxySettings): ProxySettings {
  return { ...settings, iptables: { ...settings.iptables, nfacctCounters: false } };
}

function replay(netns: RealNetns, history: readonly ProxyObjects[], settings: ProxySettings) {
  let iptables = startIptables(settings, NODE);
  let nftables = startNftables(settings, NODE);
  let model: ProxyModel | undefined;
  history.forEach((objects, i) => {
    const nowUs = (i + 1) * 2_000_000;
    model = buildModel(objects, settings, model);
    const rules = syncIptables(iptables, model, { nowUs });
    iptables = rules.state;
    netns.run("iptables-restore", ["--noflush", "--counters"], rules.text);
    const table = syncNftables(nftables, model, { nowUs });
    nftables = table.state;
    netns.run("nft", ["-f", "-"], table.cleanup + table.text);
    const ipvs = compileIpvsProxy({ model, node: NODE, settings });
    netns.run("ipset", ["restore"], printIpsetSave(ipvs.sets));
    netns.run("iptables-restore", ["--noflush", "--test"], printIpvsRestore(ipvs));
    netns.run("ipset", ["destroy"]);
  });
  return model as ProxyModel;
}

const why = whyNoKernel();

test.skipIf(why !== undefined)("the real tools take every text, and list our trees", () => {
  let chains = 0;
  HISTORY.forEach((history, i) => {
    const settings = withoutCounters(SETTINGS[i] as ProxySettings);
    const netns = new RealNetns(`kw-proxy-${process.pid}-${i}`);
    try {
      const model = replay(netns, history, settings);
      const listed = netns.run("iptables-save", []);
      const ours = compileIptablesProxy({ model, node: NODE, settings }).tables;
      const theirs = parseIptablesSave(listed, settings).tables;
      chains += Object.keys(plainTables(ours)).length;
      expect(plainTables(theirs)).toEqual(plainTables(ours));
    } finally {
      netns.close();
    }
  });
  expect(chains).toBeGreaterThan(100);
});
