/** The tools that show what a running namespace is configured with, by their command lines. */

import type { NeighborConfig } from "../../link/index.js";
import { printIptablesSave, printNftRuleset } from "../../netfilter/index.js";
import type { Netns } from "../netns.js";
import { runIp, type ShownText } from "./ip-command.js";
import { runIpset } from "./ipset-command.js";
import { runIpvsadm } from "./ipvs-command.js";
import { showBridgeLinks, showFdb } from "./show-bridge.js";

/**
 * Prints what a tool would show of a namespace.
 *
 * Shape: reads; changes nothing. `words` begin with the program's name.
 * Returns: undefined for a program that is not known here.
 * Follows: iproute2 6.1, iptables 1.8.9, nftables 1.0.6, ipset 7.17, ipvsadm 1.31, procps 4
 * (`sysctl`).
 *
 * @example
 * showCommand(netns, ["ip", "route"])?.stdout
 */
export function showCommand(netns: Netns, words: readonly string[]): ShownText | undefined {
  const [program = "", ...rest] = words;
  const { config, fib } = netns.stack;
  switch (program.slice(program.lastIndexOf("/") + 1)) {
    case "ip":
      return runIp({ config, fib, neighbors: neighborsOf(netns) }, rest);
    case "bridge":
      return runBridge(netns, rest);
    case "iptables-save":
      return runSave(netns, "ip4", rest);
    case "ip6tables-save":
      return runSave(netns, "ip6", rest);
    case "ipset":
      return runIpset(netns.stack, rest);
    case "ipvsadm":
      return runIpvsadm(netns.stack, rest);
    case "nft":
      return runNft(netns, rest);
    case "sysctl":
      return runSysctl(netns, rest);
    default:
      return undefined;
  }
}

function neighborsOf({ stack }: Netns): NeighborConfig[] {
  const live = [...stack.neighbors.entries()].map(
    ({ addr, link, mac, state }): NeighborConfig => ({ addr, link, ...(mac && { mac }), state }),
  );
  return [...live, ...stack.config.neighbors.filter((n) => n.proxy)];
}

function runBridge({ stack }: Netns, words: readonly string[]): ShownText {
  const { config } = stack;
  const [object = "", , ...rest] = words.filter((w) => !w.startsWith("-"));
  const value = (word: string) => (rest.includes(word) ? rest[rest.indexOf(word) + 1] : undefined);
  if (object !== "" && "fdb".startsWith(object)) {
    const link = value("dev");
    const bridge = value("br");
    return ok(
      showFdb(config.fdb, {
        ...(link !== undefined && { link }),
        ...(bridge !== undefined && { bridge }),
      }),
    );
  }
  if (object !== "" && "link".startsWith(object)) {
    const hasDetails = words.some((w) => w === "-d" || w === "-details");
    return ok(showBridgeLinks(config.links, hasDetails));
  }
  return fail(`Object "${object}" is unknown, try "bridge help".\n`, 255);
}

function runSave({ stack }: Netns, family: "ip4" | "ip6", words: readonly string[]): ShownText {
  const ruleset = family === "ip4" ? stack.config.iptables : stack.config.ip6tables;
  const at = words.findIndex((w) => w === "-t" || w === "--table");
  const table = at < 0 ? undefined : words[at + 1];
  const tables = ruleset.tables.filter((t) => table === undefined || t.name === table);
  return ok(printIptablesSave({ ...ruleset, tables }));
}

/** Tables of nftables; those that iptables keeps are told by iptables-save. */
function runNft({ stack }: Netns, words: readonly string[]): ShownText {
  const [verb, what, ...names] = words.filter((w) => !w.startsWith("-"));
  const { tables } = stack.config.nftables;
  if (verb !== "list") return fail("Error: only 'list' is understood here\n", 1);
  switch (what) {
    case "ruleset":
      return ok(printNftRuleset({ tables }));
    case "tables":
      return ok(tables.map((t) => `table ${t.family} ${t.name}\n`).join(""));
    case "table": {
      const [first = "", second] = names;
      const [family, name] = second === undefined ? ["ip", first] : [first, second];
      const table = tables.find((t) => t.family === family && t.name === name);
      if (table !== undefined) return ok(printNftRuleset({ tables: [table] }));
      return fail("Error: No such file or directory\n", 1);
    }
    default:
      return fail(`Error: list ${what ?? ""} is not understood here\n`, 1);
  }
}

function runSysctl({ stack }: Netns, words: readonly string[]): ShownText {
  const { sysctls } = stack.config;
  if (words.includes("-a")) {
    const lines = [...sysctls].map(([name, value]) => `${name} = ${value}\n`);
    return ok(lines.sort((a, b) => (a < b ? -1 : 1)).join(""));
  }
  const onlyValue = words.includes("-n");
  const names = words.filter((w) => !w.startsWith("-")).map((w) => w.replaceAll("/", "."));
  const unset = names.find((name) => !sysctls.has(name));
  if (unset !== undefined) {
    return fail(`sysctl: ${unset} is not set here: it has the kernel's default\n`, 255);
  }
  const shown = names.map((n) => `${onlyValue ? "" : `${n} = `}${sysctls.get(n)}\n`);
  return ok(shown.join(""));
}

function ok(stdout: string): ShownText {
  return { stdout, stderr: "", exitCode: 0 };
}

function fail(stderr: string, exitCode: number): ShownText {
  return { stdout: "", stderr, exitCode };
}
