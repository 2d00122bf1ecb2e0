/**
 * The rules and sets of a dump: `iptables-save`, `ip6tables-save`, `ipset save`, `nft list ruleset`.
 * Netfilter reads the texts; here they are put beside each other. iptables prints all built-in chains
 * of a table, while the kernel holds only those that were touched: nft's list tells which.
 */
import { InputError } from "../../base/index.js";
import {
  type IpsetConfig,
  type IptablesRuleset,
  isIptablesTable,
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
  return {
    iptables,
    ip6tables,
    ipsets: attempt([], () => parseIpsetSave(dump.ipset_save ?? "", sourceOf("ipset_save").file)),
    nftables,
  };
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

/** Names the matches and targets that no engine evaluates. */
function noteUnknown(ruleset: IptablesRuleset, source: DumpSource, report: DumpReport): void {
  for (const rule of ruleset.tables.flatMap((t) => t.chains.flatMap((c) => c.rules))) {
    const line = rule.origin?.line;
    const note = (feature: string) => report.noteAt(source, feature, line);
    for (const match of rule.matches) {
      if (match.kind === "unknown") note(`iptables: match ${JSON.stringify(match.module)}`);
    }
    if (rule.target?.kind === "unknown")
      note(`iptables: target ${JSON.stringify(rule.target.module)}`);
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
  return {
    ...ruleset,
    tables: ruleset.tables.map((table) => ({
      ...table,
      chains: table.chains.map((chain) =>
        chains.has(`${family} ${table.name} ${chain.name}`) ? chain : { ...chain, inKernel: false },
      ),
    })),
  };
}
