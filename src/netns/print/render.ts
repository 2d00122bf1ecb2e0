/** A namespace's configuration as the texts that the real tools take. */
import { unreachable } from "../../base/index.js";
import { printIpvsSave } from "../../ipvs/index.js";
import { printIpsetSave, printIptablesSave, printNftRuleset } from "../../netfilter/index.js";
import type { NetnsConfig } from "../config.js";
import { printBridgeBatch } from "./bridge-batch.js";
import { type BatchOptions, printIp6RuleBatch, printIpBatch } from "./ip-batch.js";
import { printSysctls } from "./sysctl-conf.js";

/** The texts there are, by the tool that takes them. */
export const RENDERED = [
  "ip",
  "ip6rules",
  "bridge",
  "sysctl",
  "ipset",
  "iptables",
  "ip6tables",
  "nft",
  "ipvs",
] as const;

/** The name of one text. */
export type RenderedText = (typeof RENDERED)[number];

/**
 * Prints one text: `ip` for `ip -batch`, `ip6rules` for `ip -6 -batch`, `bridge` for `bridge -batch`,
 * `sysctl` for `sysctl -p`, `ipset` for `ipset restore`, `iptables` for `iptables-restore`,
 * `nft` for `nft -f`, `ipvs` for `ipvsadm -R`.
 */
export function renderNetns(
  config: NetnsConfig,
  what: RenderedText,
  options: BatchOptions = {},
): string {
  switch (what) {
    case "ip":
      return printIpBatch(config, options);
    case "ip6rules":
      return printIp6RuleBatch(config);
    case "bridge":
      return printBridgeBatch(config);
    case "sysctl":
      return printSysctls(config.sysctls);
    case "ipset":
      return printIpsetSave(config.ipsets);
    case "iptables":
      return printIptablesSave(config.iptables);
    case "ip6tables":
      return printIptablesSave(config.ip6tables);
    case "nft":
      return printNftRuleset(config.nftables);
    case "ipvs":
      return config.ipvs === undefined ? "" : printIpvsSave(config.ipvs);
    default:
      return unreachable(what);
  }
}
