/**
 * A dump as files: one folder for each namespace, one file for each tool.
 *
 *   DIR/node-1/ip-link.json …         a node's own namespace
 *   DIR/node-1/web-0/ip-link.json …   a namespace on it, any name
 *
 * `collect.ts` prints the script that makes such a folder; README.md tells what is in which file.
 */
import { type Fault, InputError } from "../../base/index.js";
import type { VethPeer } from "../../link/index.js";
import type { NetnsConfig } from "../config.js";
import { parseNetnsDump } from "./dump.js";
import type { DumpSource } from "./fields.js";
import { type JoinableLink, type JoinableNetns, joinVeths } from "./join.js";
import type { NetnsDump } from "./netns-dump.js";

/** How a file's text is read. */
type Reading = "json" | "text" | "sysctl";

/** One file of a namespace's folder. */
export interface DumpFile {
  readonly name: string;
  readonly piece: keyof NetnsDump;
  readonly reading: Reading;
  /** The program whose output it holds. */
  readonly command: readonly string[];
}

const IP_ROUTE = ["route", "show", "table", "all"] as const;

/** The files of a namespace's folder. All may be missing but `ip-link.json`. */
export const DUMP_FILES: readonly DumpFile[] = [
  file("ip-link.json", "ip_link", "json", ["ip", "-d", "-j", "link"]),
  file("ip-addr.json", "ip_addr", "json", ["ip", "-j", "addr"]),
  file("ip-route.json", "ip_route", "json", ["ip", "-j", "-4", ...IP_ROUTE]),
  file("ip6-route.json", "ip6_route", "json", ["ip", "-j", "-6", ...IP_ROUTE]),
  file("ip-rule.json", "ip_rule", "json", ["ip", "-j", "-4", "rule"]),
  file("ip6-rule.json", "ip6_rule", "json", ["ip", "-j", "-6", "rule"]),
  file("ip-neigh.json", "ip_neigh", "json", ["ip", "-j", "neigh"]),
  file("bridge-fdb.json", "bridge_fdb", "json", ["bridge", "-j", "fdb"]),
  file("bridge-link.json", "bridge_link", "json", ["bridge", "-d", "-j", "link"]),
  file("iptables-save.txt", "iptables_save", "text", ["iptables-save"]),
  file("ip6tables-save.txt", "ip6tables_save", "text", ["ip6tables-save"]),
  file("ipset-save.txt", "ipset_save", "text", ["ipset", "save"]),
  file("nft-ruleset.txt", "nft", "text", ["nft", "list", "ruleset"]),
  file("nft-ruleset.json", "nft_json", "json", ["nft", "-j", "list", "ruleset"]),
  file("ipvsadm-save.txt", "ipvs", "text", ["ipvsadm", "-Sn"]),
  file("ss.txt", "ss", "text", ["ss", "-Hlntu"]),
  file("netns-ids.json", "netns_ids", "json", ["ip", "-j", "netns", "list-id"]),
  file("netns-name.txt", "netns_name", "text", ["ip", "netns", "identify"]),
  file("sysctl.txt", "sysctl", "sysctl", ["sysctl", "-a"]),
];

function file(
  name: string,
  piece: keyof NetnsDump,
  reading: Reading,
  command: readonly string[],
): DumpFile {
  return { name, piece, reading, command };
}

/** What a folder gave: namespaces, and everything that is wrong with the files. */
export interface DumpFolder {
  /** Those without a fault. */
  readonly configs: readonly NetnsConfig[];
  readonly faults: readonly Fault[];
  /** Files that no tool of the list wrote. */
  readonly strangers: readonly string[];
}

/**
 * Reads the files of a dump.
 *
 * Shape: `files` maps paths below the dump's folder (`node-1/ip-link.json`) to their text.
 * Returns: one configuration for each folder that has `ip-link.json`, by the folder's name; veth pairs
 * between folders are joined.
 * Errors: `InputError` with every fault of every file, each with file, line and path.
 */
export function parseDumpFolder(files: ReadonlyMap<string, string>): NetnsConfig[] {
  const { configs, faults } = tryParseDumpFolder(files);
  if (faults.length > 0) throw new InputError(faults);
  return [...configs];
}

/** Reads the files of a dump as far as they can be read, and tells all that is wrong with them. */
export function tryParseDumpFolder(files: ReadonlyMap<string, string>): DumpFolder {
  const faults: Fault[] = [];
  const attempt = <T>(run: () => T): T | undefined => {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      faults.push(...error.faults);
      return undefined;
    }
  };
  const known = new Set<string>();
  const folders = foldersOf(files).map((name) => {
    const sources = new Map<keyof NetnsDump, DumpSource>();
    const pieces = DUMP_FILES.flatMap(({ name: base, piece, reading }) => {
      const path = `${name}/${base}`;
      const text = files.get(path);
      if (text === undefined) return [];
      known.add(path);
      sources.set(piece, reading === "json" ? { file: path, text } : { file: path });
      return [[piece, attempt(() => readPiece(path, text, reading))] as const];
    });
    return { name, sources, dump: Object.fromEntries(pieces) as unknown as NetnsDump };
  });
  const peers = joinVeths(new Map(folders.map((f) => [f.name, joinableOf(f.dump)])));
  const configs = folders.flatMap(({ name, dump, sources }) => {
    const own: ReadonlyMap<string, VethPeer> = peers.get(name) ?? new Map();
    return attempt(() => parseNetnsDump(name, dump, { sources, peers: own })) ?? [];
  });
  const strangers = [...files.keys()].filter((path) => !known.has(path));
  return { configs, faults, strangers: strangers.sort((a, b) => (a < b ? -1 : 1)) };
}

function foldersOf(files: ReadonlyMap<string, string>): string[] {
  const suffix = "/ip-link.json";
  return [...files.keys()]
    .filter((path) => path.endsWith(suffix))
    .map((path) => path.slice(0, -suffix.length))
    .sort((a, b) => (a < b ? -1 : 1));
}

function readPiece(path: string, text: string, reading: Reading): unknown {
  if (reading === "text") return text;
  if (reading === "sysctl") return readSysctlText(text);
  // Tools print nothing at all where there is nothing to tell.
  if (text.trim() === "") return [];
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InputError({
      code: "bad-json",
      path: "",
      file: path,
      ...lineOfSyntaxError(error, text),
      message: `is no JSON: ${error instanceof Error ? error.message : String(error)}`,
      expected: "what the tool prints with -j",
    });
  }
}

/** Engines tell the position of a syntax error in words only. */
function lineOfSyntaxError(error: unknown, text: string): { line?: number } {
  const found = error instanceof Error ? /position (\d+)/.exec(error.message) : null;
  if (found === null) return {};
  return { line: text.slice(0, Number(found[1])).split("\n").length };
}

/** Lines of `name = value`, as `sysctl -a` prints them; others are left out. */
function readSysctlText(text: string): Record<string, string> {
  const entries = text.split("\n").flatMap((line): [string, string][] => {
    const at = line.indexOf("=");
    return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()]];
  });
  return Object.fromEntries(entries.filter(([name]) => name.startsWith("net.")));
}

function joinableOf(dump: NetnsDump): JoinableNetns {
  const links = Array.isArray(dump.ip_link) ? (dump.ip_link as JoinableLink[]) : [];
  const name = dump.netns_name?.trim();
  return { links, ids: dump.netns_ids, ...(name !== undefined && { name }) };
}
