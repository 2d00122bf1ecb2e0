/**
 * Setting a scenario up as network namespaces of our own. What a tool refuses is left out: the replay
 * reads the dumps of what is really there, so a rule that cannot be loaded only makes a case smaller.
 */
import { spawnSync } from "node:child_process";
import type { Host, Scenario } from "./scenario.js";

/** Namespaces of one scenario, by the names it gives them. */
export type RealNames = ReadonlyMap<string, string>;

/** Runs a program in a namespace; what it printed and how it ended. */
export function runIn(netns: string, command: readonly string[], input = "") {
  const args = [`--net=/run/netns/${netns}`, ...command];
  const done = spawnSync("nsenter", args, { input, encoding: "utf8", maxBuffer: 1 << 28 });
  return { ok: done.status === 0, stdout: done.stdout, stderr: done.stderr };
}

/** Makes the namespaces and configures them; returns what was refused. */
export function buildScenario(scenario: Scenario, names: RealNames): string[] {
  const nameOf = (host: string) => names.get(host) as string;
  for (const name of names.values()) ip(["netns", "add", name]);
  for (const name of names.values()) prepare(name);
  scenario.veths.forEach(([hostA, linkA, hostB, linkB], i) => {
    ip(
      `link add ${linkA} netns ${nameOf(hostA)} address ${macOf(2 * i)} type veth ` +
        `peer name ${linkB} netns ${nameOf(hostB)} address ${macOf(2 * i + 1)}`,
    );
  });
  return Object.entries(scenario.hosts).flatMap(([host, setup]) => configure(nameOf(host), setup));
}

/** Removes the namespaces, with all that is in them. */
export function removeScenario(names: RealNames): void {
  for (const name of names.values()) spawnSync("ip", ["netns", "del", name]);
}

/** Addresses are usable at once, and a namespace's loopback is up. */
function prepare(name: string): void {
  runIn(name, ["ip", "link", "set", "lo", "up"]);
  const noDad = ["all", "default"].map((c) => `net.ipv6.conf.${c}.accept_dad=0`);
  runIn(name, ["sysctl", "-qw", ...noDad, "net.ipv6.conf.default.router_solicitations=0"]);
}

function macOf(i: number): string {
  return `02:00:00:00:${hex(i >> 8)}:${hex(i & 255)}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function ip(args: string | readonly string[]): void {
  const words = typeof args === "string" ? args.split(" ") : args;
  const done = spawnSync("ip", words, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`ip ${words.join(" ")}: ${done.stderr}`);
}

function configure(name: string, host: Host): string[] {
  const refused: string[] = [];
  for (const step of host.steps) {
    const { ok, stderr } = runIn(name, step.split(" "));
    if (!ok) refused.push(`${step}: ${stderr.trim()}`);
  }
  refused.push(...load(name, ["ipset", "restore"], host.ipset, lineOfIpset));
  refused.push(...loadIptables(name, "iptables", host.iptables));
  refused.push(...loadIptables(name, "ip6tables", host.ip6tables));
  refused.push(...load(name, ["nft", "-f", "-"], host.nft, lineOfNft));
  return refused;
}

const lineOfIpset = (stderr: string) => /line (\d+)/.exec(stderr)?.[1];
const lineOfNft = (stderr: string) => /(?:stdin|-):(\d+):/.exec(stderr)?.[1];

/** Loads a text; as long as a line is refused, it is taken out. */
function load(
  name: string,
  command: readonly string[],
  text: string | undefined,
  lineOf: (stderr: string) => string | undefined,
): string[] {
  if (text === undefined) return [];
  const lines = text.split("\n");
  const refused: string[] = [];
  for (let tries = 0; tries < 30; tries++) {
    const { ok, stderr } = runIn(name, command, lines.join("\n"));
    if (ok) return refused;
    const at = Number(lineOf(stderr) ?? 0);
    refused.push(`${command[0]}: ${lines[at - 1] ?? ""}: ${stderr.split("\n")[0]}`);
    if (at === 0) return refused;
    lines[at - 1] = "";
  }
  return refused;
}

/** Loads rules at once, or, where something in them is refused, rule by rule. */
function loadIptables(name: string, tool: string, text: string | undefined): string[] {
  if (text === undefined) return [];
  if (runIn(name, [`${tool}-restore`], text).ok) return [];
  const refused: string[] = [];
  for (const [table, lines] of tablesOf(text)) {
    const feed = (line: string) => {
      const input = `*${table}\n${line}\nCOMMIT\n`;
      const { ok, stderr } = runIn(name, [`${tool}-restore`, "-n"], input);
      if (!ok) refused.push(`${tool} ${table} ${line}: ${stderr.split("\n")[0]}`);
    };
    feed(lines.filter((line) => line.startsWith(":")).join("\n"));
    for (const line of lines) if (line.startsWith("-A")) feed(line);
  }
  return refused;
}

function tablesOf(text: string): [string, string[]][] {
  const tables: [string, string[]][] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) tables.push([line.slice(1), []]);
    else tables.at(-1)?.[1].push(line);
  }
  return tables;
}
