/**
 * What NAT writes into the connection table. Each experiment is repeated from what was observed: the
 * original tuples say who sent what to whom; ports that the kernel drew are examples.
 */
import { IpWorld } from "../../../support/ip-world.js";
import { readJson } from "../../files.js";
import type { Report } from "../../suite.js";
import { RunningWorld } from "./run-world.js";

interface Experiment {
  readonly name: string;
  readonly rules: readonly string[];
  readonly observed: Readonly<Record<string, unknown>>;
}

interface NatFile {
  readonly setup: readonly string[];
  readonly experiments: readonly Experiment[];
}

interface Line {
  readonly proto: string;
  readonly tuple: readonly [string, string, string, string];
  readonly reply: readonly [string, string, string, string];
}

/** Reads one file and reports each of its experiments. */
export function checkNat(file: string, report: Report): void {
  const { setup, experiments } = readJson<NatFile>(file);
  for (const experiment of experiments) {
    report.check(`nat/${experiment.name}`, () => checkExperiment(setup, experiment));
  }
}

function checkExperiment(setup: readonly string[], experiment: Experiment): string | undefined {
  const lists = Object.entries(experiment.observed).filter(
    ([key, value]) => Array.isArray(value) && (key === "conntrack" || /^[\d.]+$/.test(key)),
  );
  for (const [, lines] of lists) {
    const expected = (lines as string[]).map(parseLine);
    const difference = compare(expected, repeat(setup, experiment, expected));
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function repeat(setup: readonly string[], experiment: Experiment, expected: readonly Line[]) {
  const { name, rules } = experiment;
  const world = new IpWorld([...setup, ...changesOf(name), ...rules]);
  for (const pod of ["p1", "p2", "p3"]) for (const port of [53, 80]) world.listen(pod, "tcp", port);
  world.listen("ext", "tcp", 53);
  const running = new RunningWorld(world);
  // Of two that clash, the one that kept its port came first.
  const inOrder = [...expected].sort((a, b) => Number(isDrawn(a)) - Number(isDrawn(b)));
  for (const { proto, tuple } of inOrder) {
    const [src, dst, sport, dport] = tuple;
    const ports = { sport: Number(sport), dport: Number(dport) };
    const from = senderOf(src);
    if (proto === "udp") running.sendUdp(from, dst, ports);
    else running.connect(from, dst, ports);
  }
  return running.conntrack("node").map(parseLine);
}

/** What an experiment changes besides the rules stands in its name. */
function changesOf(name: string): string[] {
  const route = /default (?:route )?via (\S+)(?: src (\S+))?/.exec(name);
  const changes: string[] = [];
  if (route) {
    const src = route[2] === undefined ? "" : ` src ${route[2]}`;
    changes.push(`ip route replace default via ${route[1]?.replace(/[^\d.]/g, "")}${src}`);
  }
  // Pods answer for their gateway's address through the node's proxy.
  changes.push(...["vp1", "vp2", "vp3"].map((vp) => `sysctl -qw net.ipv4.conf.${vp}.proxy_arp=1`));
  if (name.includes("route_localnet=1")) {
    changes.push("sysctl -qw net.ipv4.conf.vp1.route_localnet=1");
  }
  return changes;
}

function senderOf(src: string): string {
  const pod = /^10\.2\.0\.(\d)$/.exec(src);
  return pod ? `p${pod[1]}` : "node";
}

function parseLine(line: string): Line {
  const all = (key: string) =>
    [...line.matchAll(new RegExp(`\\b${key}=(\\S+)`, "g"))].map((m) => m[1] ?? "");
  const [src, dst, sport, dport] = [all("src"), all("dst"), all("sport"), all("dport")];
  const side = (i: number) => [src[i] ?? "", dst[i] ?? "", sport[i] ?? "", dport[i] ?? ""] as const;
  return { proto: line.split(/\s+/)[0] ?? "", tuple: side(0), reply: side(1) };
}

/** The answer goes to another port than the one it was sent from: the kernel drew it. */
function isDrawn({ tuple, reply }: Line): boolean {
  return tuple[2] !== reply[3];
}

/** Ports are kept in their class: below 512, below 1024, or above (`nf_nat_l4proto_unique_tuple`). */
function classOf(port: string): string {
  const number = Number(port);
  return number < 512 ? "1-511" : number < 1024 ? "512-1023" : "1024-65535";
}

function canonical(line: Line): string {
  const { proto, tuple, reply } = line;
  const drawn = isDrawn(line);
  const port = drawn ? `drawn from ${classOf(reply[3])}` : reply[3];
  return [proto, ...tuple, "reply", ...reply.slice(0, 3), port].join(" ");
}

function compare(expected: readonly Line[], ours: readonly Line[]): string | undefined {
  const [a, b] = [expected, ours].map((list) => list.map(canonical).sort(byText).join("\n"));
  if (a !== b) return `kernel:\n${a}\nours:\n${b}`;
  const keys = ours.map((l) => `${l.proto} ${l.reply.join(" ")}`);
  return new Set(keys).size === keys.length ? undefined : "two entries share a reply tuple";
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
