/** `kubewire import`: what kubewire makes of the dumps of real nodes. */
import { printFault } from "../../base/index.js";
import { type NetnsConfig, tryParseDumpFolder, type Unmodelled } from "../../netns/index.js";
import { readDumpFiles } from "../dump-files.js";
import { EXIT } from "../failure.js";
import type { Terminal } from "../terminal.js";

/** What commander read. */
export interface ImportFlags {
  readonly check?: boolean;
  readonly json?: boolean;
}

/**
 * Reads every dump of a folder.
 *
 * Exit status 2 when anything is not understood; with `--check`, 1 when something is understood but
 * not modelled.
 */
export function runImport(
  flags: ImportFlags,
  terminal: Terminal,
  [folder = ""]: readonly string[],
): number {
  const { configs, faults, strangers } = tryParseDumpFolder(readDumpFiles(folder));
  const unmodelled = configs.flatMap((config) => config.unmodelled);
  if (flags.json) {
    const netns = configs.map(countsOf);
    terminal.out(`${JSON.stringify({ netns, faults, unmodelled, strangers })}\n`);
  } else {
    for (const fault of faults) terminal.out(`not understood: ${printFault(fault)}\n`);
    for (const path of strangers)
      terminal.out(`not understood: ${path}: no tool writes such a file\n`);
    for (const one of unmodelled) terminal.out(`not modelled: ${placeOf(one)}${one.feature}\n`);
    for (const config of configs) terminal.out(`${describe(config)}\n`);
  }
  if (faults.length > 0) return EXIT.badInput;
  return flags.check && unmodelled.length > 0 ? EXIT.fails : EXIT.holds;
}

function placeOf({ file, line }: Unmodelled): string {
  if (file === undefined) return "";
  return line === undefined ? `${file}: ` : `${file}:${line}: `;
}

function countsOf(config: NetnsConfig) {
  const { name, links, routes, rules, iptables, ip6tables, nftables, ipsets, listeners } = config;
  const inTables = [iptables, ip6tables].flatMap(({ tables }) => tables);
  const chains = [...inTables, ...nftables.tables].flatMap((table) => [...table.chains]);
  return {
    name,
    links: links.length,
    routes: routes.length,
    rules: rules.length,
    filters: chains.reduce((sum, chain) => sum + chain.rules.length, 0),
    ipsets: ipsets.length,
    virtualServers: config.ipvs?.virtualServers.length ?? 0,
    listeners: listeners.length,
  };
}

function describe(config: NetnsConfig): string {
  const { name, ...counts } = countsOf(config);
  const words = Object.entries(counts).map(([what, count]) => `${count} ${WORDS[what] ?? what}`);
  return `${name}: ${words.join(", ")}`;
}

const WORDS: Readonly<Record<string, string>> = {
  rules: "policy rules",
  filters: "rules of iptables and nftables",
  virtualServers: "virtual servers",
};
