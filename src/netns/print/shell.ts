/** The tools that show what a running namespace is configured with, by their command lines. */

import type { NeighborConfig } from "../../link/index.js";
import { printIpsetSave, printIptablesSave } from "../../netfilter/index.js";
import type { Netns } from "../netns.js";
import { runIp, type ShownText } from "./ip-command.js";
import { showBridgeLinks, showFdb } from "./show-bridge.js";

/**
 * Prints what a tool would show of a namespace.
 *
 * Shape: reads; changes nothing. `words` begin with the program's name.
 * Returns: undefined for a program that is not known here.
 * Follows: iproute2 6.1, iptables 1.8.9, ipset 7.17, procps 4 (`sysctl`).
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
      return runIpset(netns, rest);
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

function runIpset({ stack }: Netns, words: readonly string[]): ShownText {
  const { ipsets } = stack.config;
  const [verb = "list", name] = words;
  const sets = ipsets.filter((s) => name === undefined || s.name === name);
  if (name !== undefined && sets.length === 0) {
    return fail("ipset v7.17: The set with the given name does not exist\n", 1);
  }
  if (verb === "save") return ok(printIpsetSave(sets));
  if (verb !== "list" && verb !== "-L") return fail(`ipset: unknown command ${verb}\n`, 1);
  return ok(sets.map((set) => listSet(set)).join("\n"));
}

function listSet(set: Netns["stack"]["config"]["ipsets"][number]): string {
  const family =
    set.family === undefined ? "" : `family ${set.family === "ip4" ? "inet" : "inet6"} `;
  const elements = set.entries.map((e) => `${e.text}${e.nomatch ? " nomatch" : ""}\n`);
  return (
    `Name: ${set.name}\nType: ${set.type}\nRevision: 0\n` +
    `Header: ${family}${set.options.join(" ")}\n` +
    `Number of entries: ${elements.length}\nMembers:\n${elements.join("")}`
  );
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
