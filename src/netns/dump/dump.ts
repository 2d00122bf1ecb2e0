/**
 * A whole dump of one namespace becomes a `NetnsConfig`. Where the pieces come from (a folder, a
 * recording) is not asked here; `folder.ts` knows the files.
 */
import { InputError } from "../../base/index.js";
import type { VethPeer } from "../../link/index.js";
import type { Listener, NetnsConfig } from "../config.js";
import { DumpReport, type DumpSource } from "./fields.js";
import { parseIpvs, withIpvsSysctls } from "./ipvs.js";
import { parseLinks } from "./links.js";
import { parseListeners } from "./listeners.js";
import { parseFdb, parseNeighbors } from "./neighbors.js";
import { parseNetfilter } from "./netfilter.js";
import type { NetnsDump } from "./netns-dump.js";
import { parseRoutes } from "./routes.js";
import { parseRules } from "./rules.js";

/** What a dump of one namespace does not hold. */
export interface DumpContext {
  /** Far ends of veth pairs in other namespaces, by the near end's name. */
  readonly peers?: ReadonlyMap<string, VethPeer>;
  readonly listeners?: readonly Listener[];
  /** The files the pieces came from, with their text; default: the pieces' own names. */
  readonly sources?: ReadonlyMap<keyof NetnsDump, DumpSource>;
}

/**
 * Reads what an operator collected on one node.
 *
 * Returns: the configuration; what was understood but is not modelled is in `unmodelled`.
 * Errors: `InputError` with every fault, each with file and path, and the line where the text is
 * known.
 * Laws: printing the configuration as `ip -j` does and reading that again gives the same
 * configuration (test/kernel/print.test.ts, on a real kernel).
 * Follows: iproute2 6.1, iptables 1.8.9, ipset 7.17, nftables 1.0.6 as of Debian 12.
 */
export function parseNetnsDump(
  name: string,
  dump: NetnsDump,
  context: DumpContext = {},
): NetnsConfig {
  const report = new DumpReport();
  const at = (piece: keyof NetnsDump) => ({
    report,
    source: context.sources?.get(piece) ?? { file: `${name}/${piece}` },
  });
  const piece = (key: keyof NetnsDump) => ({ value: dump[key], source: at(key).source });
  const list = (key: keyof NetnsDump) => dump[key] ?? [];
  const links = parseLinks(
    {
      link: piece("ip_link"),
      addr: { ...piece("ip_addr"), value: list("ip_addr") },
      bridgeLink: piece("bridge_link"),
      peers: context.peers ?? new Map(),
    },
    report,
  );
  const ipvs = parseIpvs(dump.ipvs, at("ipvs"));
  const config: NetnsConfig = {
    name,
    links,
    routes: [
      ...parseRoutes(list("ip_route"), "ip4", at("ip_route")),
      ...parseRoutes(dump.ip6_route ?? list("ip_route"), "ip6", at("ip6_route")),
    ],
    rules: [
      ...parseRules(list("ip_rule"), "ip4", at("ip_rule")),
      ...parseRules(list("ip6_rule"), "ip6", at("ip6_rule")),
    ],
    neighbors: parseNeighbors(list("ip_neigh"), at("ip_neigh")),
    fdb: parseFdb(list("bridge_fdb"), at("bridge_fdb")),
    sysctls: withIpvsSysctls(parseSysctls(dump.sysctl ?? {}, at("sysctl")), links),
    ...parseNetfilter(dump, (key) => at(key).source, report),
    ...(ipvs === undefined ? {} : { ipvs }),
    listeners: context.listeners ?? parseListeners(dump.ss ?? "", at("ss")),
    unmodelled: report.unmodelled,
  };
  if (report.faults.length > 0) throw new InputError(report.faults);
  return config;
}

function parseSysctls(
  values: Readonly<Record<string, string | number>>,
  at: { readonly source: DumpSource; readonly report: DumpReport },
): ReadonlyMap<string, string> {
  const sysctls = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "string" || typeof value === "number") {
      sysctls.set(name, String(value).trim());
    } else {
      at.report.fault(at.source, {
        code: "bad-dump",
        path: name,
        value,
        message: "is no value of a sysctl",
        expected: "a text or a number",
      });
    }
  }
  return sysctls;
}
