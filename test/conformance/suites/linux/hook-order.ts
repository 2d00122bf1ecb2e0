/** In which order the chains on the hooks are asked, on every way a packet can take. */

import { parseAddr } from "../../../../src/addr/index.js";
import { Fabric } from "../../../../src/fabric/index.js";
import { parseNftRuleset } from "../../../../src/netfilter/index.js";
import type { Trace } from "../../../../src/trace/index.js";
import { IpWorld } from "../../../support/ip-world.js";
import { readJson } from "../../files.js";
import type { Report } from "../../suite.js";

interface Way {
  readonly pingExit: number;
  readonly packets: readonly { readonly firstSeen: string; readonly chains: readonly string[] }[];
}

interface HookFile {
  readonly setup: readonly string[];
  readonly ruleset: string;
  readonly traces: Readonly<Record<string, Way>>;
}

/** Namespaces by the words of a way's name. */
const ENDS: readonly (readonly [RegExp, string])[] = [
  [/^cli\b/, "cli"],
  [/^node\b/, "node"],
  [/^pod a\b/, "pa"],
];

/** Reads one file and reports each way. */
export function checkHookOrder(file: string, report: Report): void {
  const { setup, ruleset, traces } = readJson<HookFile>(file);
  for (const [name, way] of Object.entries(traces)) {
    report.check(`hook-order/${name}`, () => checkWay(setup, ruleset, name, way));
  }
}

function checkWay(setup: readonly string[], ruleset: string, name: string, way: Way) {
  const calls = /bridge-nf-call-iptables=(\d)/.exec(name)?.[1] ?? "1";
  const world = new IpWorld([...setup, `sysctl -qw net.bridge.bridge-nf-call-iptables=${calls}`]);
  const nftables = parseNftRuleset(ruleset);
  const configs = world.configs().map((c) => (c.name === "node" ? { ...c, nftables } : c));
  const fabric = new Fabric(configs, { seed: "hooks", startUs: 1_000_000_000 });
  const from = ENDS.find(([words]) =>
    words.test(name.replace(/^[a-z-]+ (?=(cli|node|pod)\b)/, "")),
  )?.[1];
  const dst = /ip daddr (\S+)/.exec(way.packets[0]?.firstSeen ?? "")?.[1];
  if (from === undefined || dst === undefined) return `nobody knows who pings in ${name}`;
  const ping = (id: number) => {
    fabric.netns(from).ping({ dst: parseAddr(dst), id, seq: 1, handlers: {} });
    fabric.advance(1_000_000);
  };
  ping(1);
  const firstId = fabric.journeys.nextId;
  ping(1);
  return compare(way, fabric.traces(firstId));
}

/** The recorded ways end where the kernel stopped to tell; every one must be a part of ours. */
function compare(way: Way, traces: readonly Trace[]): string | undefined {
  const ours = traces
    .flatMap((t) => t.hops.filter((h) => h.netns === "node"))
    .flatMap((h) => h.steps)
    .flatMap((s) => (s.kind === "chain" ? [`${s.family} ${s.chain}`] : []));
  const kernel = way.packets.flatMap((p) => p.chains).map((c) => c.replace(/^ip o$/, "ip o"));
  const [a, b] = [kernel, ours].map((list) => list.join("\n"));
  if (b?.startsWith(a ?? "")) return undefined;
  const at = kernel.findIndex((c, i) => c !== ours[i]);
  return `at ${at}: kernel ${kernel[at]} | ours ${ours[at]} (${kernel.length} and ${ours.length})`;
}
