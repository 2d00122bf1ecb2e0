/** `kubewire render`: a node's or pod's configuration as text for the real tools. */
import { InputError } from "../../base/index.js";
import { printIpvsSave } from "../../ipvs/index.js";
import { printIpsetSave, printIptablesSave, printNftRuleset } from "../../netfilter/index.js";
import {
  type NetnsConfig,
  printBridgeBatch,
  printIpBatch,
  printSysctls,
} from "../../netns/index.js";
import { type ClusterFlags, loadCluster } from "../cluster-options.js";
import { EXIT } from "../failure.js";
import type { Terminal } from "../terminal.js";

/** What commander read. */
export interface RenderFlags extends ClusterFlags {
  readonly node: string;
  readonly what: string;
  readonly json?: boolean;
}

/** What can be rendered, and how. */
export const RENDERERS: Readonly<Record<string, (config: NetnsConfig) => string>> = {
  iptables: (config) => printIptablesSave(config.iptables),
  ip6tables: (config) => printIptablesSave(config.ip6tables),
  nft: (config) => printNftRuleset(config.nftables),
  ip: (config) => printIpBatch(config),
  bridge: (config) => printBridgeBatch(config),
  ipvs: (config) => (config.ipvs === undefined ? "" : printIpvsSave(config.ipvs)),
  ipset: (config) => printIpsetSave(config.ipsets),
  sysctl: (config) => printSysctls(config.sysctls),
};

/** Prints one part of one namespace's configuration. */
export function runRender(flags: RenderFlags, terminal: Terminal): number {
  const { cluster } = loadCluster(flags);
  const { netns } = cluster.compile();
  const render = Object.hasOwn(RENDERERS, flags.what) ? RENDERERS[flags.what] : undefined;
  const config = netns.get(flags.node) ?? netns.get(`default/${flags.node}`);
  if (render === undefined) throw unknown("--what", flags.what, Object.keys(RENDERERS));
  if (config === undefined) throw unknown("--node", flags.node, [...netns.keys()]);
  const text = render(config);
  terminal.out(flags.json ? `${JSON.stringify(text)}\n` : text);
  return EXIT.holds;
}

function unknown(path: string, value: string, accepted: readonly string[]): InputError {
  const shown = accepted.slice(0, 12).join(", ") + (accepted.length > 12 ? ", …" : "");
  return new InputError({
    code: "unknown-word",
    path,
    value,
    message: "is not known",
    expected: shown,
  });
}
