/** What the tools tell of a real namespace: the dump that recordings hold and `parseNetnsDump` reads. */
import type { NetnsDump } from "../../netns/index.js";
import { inNetns, startProgram } from "./run.js";

/** Sysctls that a dump holds: those that decide about packets. */
const SYSCTL_PATTERN =
  "^net[.](ipv4[.](ip_|icmp_|conf|fib_)|ipv6[.](conf|icmp)|bridge[.]|netfilter[.]nf_conntrack_)";

/** Dumps a namespace; the tools run side by side. */
export async function dumpNetns(realName: string): Promise<NetnsDump> {
  const run = (...command: string[]) => startProgram(inNetns(realName, command));
  const json = async (...command: string[]) => readJson(await run(...command));
  const [ip_link, ip_addr, ip_route, ip6_route, ip_rule, ip6_rule, ip_neigh] = await Promise.all([
    json("ip", "-d", "-j", "link"),
    json("ip", "-j", "addr"),
    json("ip", "-j", "-4", "route", "show", "table", "all"),
    json("ip", "-j", "-6", "route", "show", "table", "all"),
    json("ip", "-j", "-4", "rule"),
    json("ip", "-j", "-6", "rule"),
    json("ip", "-j", "neigh"),
  ]);
  const [bridge_fdb, bridge_link, nft_json] = await Promise.all([
    json("bridge", "-j", "fdb"),
    json("bridge", "-d", "-j", "link"),
    json("nft", "-j", "list", "ruleset"),
  ]);
  const [iptables_save, ip6tables_save, ipset_save, nft, sysctls] = await Promise.all([
    run("iptables-save"),
    run("ip6tables-save"),
    run("ipset", "save"),
    run("nft", "list", "ruleset"),
    run("sysctl", "-a", "-r", SYSCTL_PATTERN),
  ]);
  return {
    ip_link,
    ip_addr,
    ip_route,
    ip6_route,
    ip_rule,
    ip6_rule,
    ip_neigh,
    bridge_fdb,
    bridge_link,
    iptables_save,
    ip6tables_save,
    ipset_save,
    nft,
    nft_json,
    sysctl: readSysctls(sysctls),
  };
}

function readJson(text: string): unknown {
  return text.trim() === "" ? [] : JSON.parse(text);
}

function readSysctls(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const at = line.indexOf(" = ");
    if (at > 0) values[line.slice(0, at)] = line.slice(at + 3);
  }
  return values;
}
