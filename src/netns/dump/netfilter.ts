/**
 * The rules and sets of a dump: `iptables-save`, `ip6tables-save`, `ipset save`, `nft list ruleset`.
 * Netfilter reads the texts; here they are put beside each other. iptables prints all built-in chains
 * of a table, while the kernel holds only those that were touched: nft's list tells which.
 */
import { InputError } from "../../base/index.js";
import {
  type IpsetConfig,
  IpsetStore,
  type IptablesChain,
  type IptablesRuleset,
  isIptablesTable,
  listUnmodelledIptables,
  listUnmodelledNft,
  type NftRuleset,
  parseIpsetSave,
  parseIptablesSave,
  parseNftJson,
  parseNftRuleset,
} from "../../netfilter/index.js";
import type { DumpReport, DumpSource } from "./fields.js";
import type { NetnsDump } from "./netns-dump.js";

/** The netfilter part of a configuration. */
export interface NetfilterParts {
  readonly iptables: IptablesRuleset;
  readonly ip6tables: IptablesRuleset;
  readonly ipsets: readonly IpsetConfig[];
  readonly nftables: NftRuleset;
}

/** Reads the rules and sets; faults of the texts are kept with their lines. */
export function parseNetfilter(
  dump: NetnsDump,
  sourceOf: (piece: keyof NetnsDump) => DumpSource,
  report: DumpReport,
): NetfilterParts {
  const chains = chainsInKernel(dump);
  const attempt = <T>(fallback: T, parse: () => T) => attemptParse(report, fallback, parse);
  const readTables = (family: "ip4" | "ip6", piece: "iptables_save" | "ip6tables_save") => {
    const empty: IptablesRuleset = { family, tables: [] };
    const { file } = sourceOf(piece);
    const ruleset = attempt(empty, () => parseIptablesSave(dump[piece] ?? "", { family, file }));
    return chains === undefined ? ruleset : withoutUnheld(ruleset, chains);
  };
  const iptables = readTables("ip4", "iptables_save");
  const ip6tables = readTables("ip6", "ip6tables_save");
  const nft = attempt<NftRuleset>({ tables: [] }, () => readNft(dump, sourceOf));
  noteUnknown(iptables, sourceOf("iptables_save"), report);
  noteUnknown(ip6tables, sourceOf("ip6tables_save"), report);
  const nftables = withoutIptables(nft, [iptables, ip6tables]);
  const nftSource = sourceOf(dump.nft === undefined ? "nft_json" : "nft");
  for (const { feature, origin } of listUnmodelledNft(nftables)) {
    report.noteAt(nftSource, `nft: ${feature}`, origin?.line);
  }
  const setSource = sourceOf("ipset_save");
  const ipsets = attempt([], () => parseIpsetSave(dump.ipset_save ?? "", setSource.file));
  for (const feature of new IpsetStore(ipsets, () => 0).unmodelled()) {
    report.noteAt(setSource, feature, undefined);
  }
  return { iptables, ip6tables, ipsets, nftables };
}

/** The text tells more than the JSON of nft 1.0.6 does, so it is read where there are both. */
function readNft(dump: NetnsDump, sourceOf: (piece: keyof NetnsDump) => DumpSource): NftRuleset {
  const isEmpty = Array.isArray(dump.nft_json) && dump.nft_json.length === 0;
  if (dump.nft === undefined && dump.nft_json !== undefined && !isEmpty) {
    return parseNftJson(dump.nft_json, sourceOf("nft_json").file);
  }
  return parseNftRuleset(dump.nft ?? "", sourceOf("nft").file);
}

/** nft lists the tables of iptables, too; they were read from iptables-save already. */
function withoutIptables(nft: NftRuleset, rulesets: readonly IptablesRuleset[]): NftRuleset {
  const told = new Set(
    rulesets.flatMap(({ family, tables }) =>
      tables.map((table) => `${family === "ip4" ? "ip" : "ip6"} ${table.name}`),
    ),
  );
  const tables = nft.tables.filter(
    (table) => !(isIptablesTable(table) && told.has(`${table.family} ${table.name}`)),
  );
  return { ...nft, tables };
}

/** Names the matches, targets and sets that no engine evaluates. */
function noteUnknown(ruleset: IptablesRuleset, source: DumpSource, report: DumpReport): void {
  for (const { feature, origin } of listUnmodelledIptables(ruleset)) {
    report.noteAt(source, `iptables: ${feature}`, origin?.line);
  }
}

function attemptParse<T>(report: DumpReport, fallback: T, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    report.faults.push(...error.faults);
    return fallback;
  }
}

/** `ip nat PREROUTING` for every chain that nft lists; undefined if nft was not asked. */
function chainsInKernel(dump: NetnsDump): ReadonlySet<string> | undefined {
  if (dump.nft_json !== undefined) return chainsOfJson(dump.nft_json);
  return dump.nft === undefined ? undefined : chainsOfText(dump.nft);
}

function chainsOfJson(value: unknown): ReadonlySet<string> {
  const chains = new Set<string>();
  const items = (value as { nftables?: unknown } | null)?.nftables;
  for (const item of Array.isArray(items) ? items : []) {
    const chain = (item as { chain?: { family?: string; table?: string; name?: string } }).chain;
    if (chain !== undefined) chains.add(`${chain.family} ${chain.table} ${chain.name}`);
  }
  return chains;
}

function chainsOfText(text: string): ReadonlySet<string> {
  const chains = new Set<string>();
  let table = "";
  for (const line of text.split("\n")) {
    const opened = /^table (\S+) (\S+) \{/.exec(line);
    if (opened !== null) table = `${opened[1]} ${opened[2]}`;
    const chain = /^\tchain (\S+) \{/.exec(line);
    if (chain !== null) chains.add(`${table} ${chain[1]}`);
  }
  return chains;
}

function withoutUnheld(ruleset: IptablesRuleset, chains: ReadonlySet<string>): IptablesRuleset {
  const family = ruleset.family === "ip4" ? "ip" : "ip6";
  const isListed = (table: string, { name }: IptablesChain) =>
    chains.has(`${family} ${table} ${name}`);
  return {
    ...ruleset,
    tables: ruleset.tables.map((table) => {
      const { name } = table;
      // The rules of iptables-legacy are in no table of nft, and their chains are all there.
      const isLegacy = table.chains.some((c) => c.rules.length > 0 && !isListed(name, c));
      if (isLegacy) return table;
      const held = table.chains.map((chain) =>
        isListed(name, chain) ? chain : { ...chain, inKernel: false },
      );
      return { ...table, chains: held };
    }),
  };
}
