/** What the three modes send for a cluster's history, given to the real tools run after run. */
import {
  parseIptablesSave,
  parseNftRuleset,
  printIpsetSave,
} from "../../../src/netfilter/index.js";
import {
  buildModel,
  compileIptablesProxy,
  compileIpvsProxy,
  nftTableOf,
  type ProxyModel,
  type ProxyNode,
  type ProxyObjects,
  type ProxySettings,
  printIpvsRestore,
  startIptables,
  startNftables,
  syncIptables,
  syncNftables,
} from "../../../src/proxy/index.js";
import { nftTree } from "../../../src/proxy/nftables/tree.js";
import type { RealNetns } from "../kernel/netns.js";
import { plainNft } from "./plain-nft.js";
import { plainTables } from "./plain-tables.js";

/** A proxy and what it is told, one step after the other. */
export interface ProxyHistory {
  readonly settings: ProxySettings;
  readonly node: ProxyNode;
  readonly steps: readonly ProxyObjects[];
}

/** Texts that the tools took, and what was listed at the end beside what we compile. */
export interface Replayed {
  readonly texts: number;
  readonly iptables: readonly [ours: object, theirs: object];
  readonly nftables: readonly [ours: object, theirs: object];
}

/** Applies every text in a namespace; a tool that refuses one throws. */
export function replayOnKernel(netns: RealNetns, history: ProxyHistory): Replayed {
  const { settings, node, steps } = history;
  const { family } = settings;
  const restore = family === "ip6" ? "ip6tables-restore" : "iptables-restore";
  let iptables = startIptables(settings, node);
  let nftables = startNftables(settings, node);
  let model: ProxyModel | undefined;
  let texts = 0;
  for (const [i, objects] of steps.entries()) {
    const nowUs = (i + 1) * 2_000_000;
    model = buildModel(objects, settings, model);
    const rules = syncIptables(iptables, model, { nowUs });
    iptables = rules.state;
    netns.run(restore, ["--noflush", "--test"], rules.text);
    netns.run(restore, ["--noflush", "--counters"], rules.text);
    const table = syncNftables(nftables, model, { nowUs });
    nftables = table.state;
    if (table.cleanup !== "") netns.run("nft", ["-f", "-"], table.cleanup);
    netns.run("nft", ["-c", "-f", "-"], table.text);
    netns.run("nft", ["-f", "-"], table.text);
    const ipvs = compileIpvsProxy({ model, node, settings });
    netns.run("ipset", ["restore"], printIpsetSave(ipvs.sets));
    netns.run(restore, ["--noflush", "--test"], printIpvsRestore(ipvs));
    netns.run("ipset", ["destroy"]);
    texts += 4;
  }
  const last = { model: model as ProxyModel, node, settings };
  const save = family === "ip6" ? "ip6tables-save" : "iptables-save";
  const name = family === "ip6" ? "ip6" : "ip";
  // A large cluster's stale chains and comments wait for a full run, later.
  const full = syncIptables(iptables, last.model, { nowUs: 600_000_000, full: true });
  netns.run(restore, ["--noflush", "--counters"], full.text);
  // A run more deletes the chains that the last one emptied.
  const tidy = syncNftables(nftables, last.model, { nowUs: 3_600_000_000 });
  netns.run("nft", ["-f", "-"], tidy.cleanup + tidy.text);
  // Elements that stay keep the comment they came with, so the state is asked, not a new compile.
  const ours = nftTree(nftTableOf(tidy.state), settings);
  const listed = parseNftRuleset(netns.run("nft", ["list", "table", name, "kube-proxy"]));
  return {
    texts,
    iptables: [
      plainTables(compileIptablesProxy(last).tables),
      plainTables(parseIptablesSave(netns.run(save, []), { family }).tables),
    ],
    nftables: [plainNft(ours), plainNft(listed.tables[0])],
  };
}
