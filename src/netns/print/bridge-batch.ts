/** The commands for bridge ports and forwarding databases: lines for `bridge -batch`. */
import type { Mac } from "../../addr/index.js";
import type { BridgePort, LinkConfig } from "../../link/index.js";
import type { NetnsConfig } from "../config.js";

/**
 * Prints what `bridge -batch FILE` takes. Learnt entries, the ports' own addresses and multicast
 * filters are the kernel's and not among them.
 *
 * Follows: iproute2 6.1 bridge/link.c, bridge/fdb.c.
 */
export function printBridgeBatch(config: NetnsConfig): string {
  const byName = new Map(config.links.map((l) => [l.name, l]));
  const lines = [
    ...config.links.flatMap((link) => (link.port === undefined ? [] : printPort(link, link.port))),
    ...config.fdb.flatMap((entry) => {
      const link = byName.get(entry.link);
      if (entry.state === "reachable" || entry.state === "stale") return [];
      if (link === undefined || entry.mac.isMulticast() || isOwnMac(link, entry.mac)) return [];
      const head = `${entry.mac} dev ${entry.link}`;
      if (!entry.self) return [`fdb add ${head} master ${entry.state}`];
      const to = entry.dst === undefined ? "" : ` dst ${entry.dst}`;
      const port = entry.port === undefined ? "" : ` port ${entry.port}`;
      const vni = entry.vni === undefined ? "" : ` vni ${entry.vni}`;
      const via = entry.via === undefined ? "" : ` via ${entry.via}`;
      return [`fdb append ${head}${to}${port}${vni}${via} self ${entry.state}`];
    }),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function isOwnMac(link: LinkConfig, mac: Mac): boolean {
  return link.mac !== undefined && mac.equals(link.mac);
}

const PORT_DEFAULTS: BridgePort = {
  hairpin: false,
  isolated: false,
  learning: true,
  flood: true,
  neighSuppress: false,
};

function printPort(link: LinkConfig, port: BridgePort): string[] {
  const flags: readonly (readonly [string, keyof BridgePort])[] = [
    ["hairpin", "hairpin"],
    ["isolated", "isolated"],
    ["learning", "learning"],
    ["flood", "flood"],
    ["neigh_suppress", "neighSuppress"],
  ];
  const changed = flags.flatMap(([word, key]) => {
    const value = port[key] ?? false;
    return value === PORT_DEFAULTS[key] ? [] : [`${word} ${value ? "on" : "off"}`];
  });
  return changed.length === 0 ? [] : [`link set dev ${link.name} ${changed.join(" ")}`];
}
