/**
 * Random `ip` commands on two real namespaces and on the model of them: exit codes, error texts, and
 * what links, addresses and routes are like afterwards.
 */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { openRandom } from "../../src/base/index.js";
import {
  type NetnsConfig,
  parseNetnsDump,
  runIpCommand,
  showRoute,
} from "../../src/netns/index.js";
import { RealNetns, whyNoKernel } from "../support/kernel/netns.js";

const why = whyNoKernel();
const SEQUENCES = Number(process.env.KUBEWIRE_LINK_LIFE ?? 2);
const FIRST = Number(process.env.KUBEWIRE_LINK_LIFE_FIRST ?? 0);
const COMMANDS = 10;

const SETUP = [
  ["n", "link add br0 type bridge"],
  ["n", "link set br0 address 02:00:00:00:00:01"],
  ["n", "link set v1 master br0"],
  ["n", "link set v1 up"],
  ["n", "link set br0 up"],
  ["n", "addr add 10.1.0.1/24 dev br0"],
  ["p", "link set eth0 up"],
  ["p", "addr add 10.1.0.2/24 dev eth0"],
  ["p", "-6 addr add fd00:1::2/64 dev eth0 nodad"],
  ["p", "route add default via 10.1.0.1"],
  ["p", "-6 route add default via fd00:1::1"],
] as const;

const POOL = [
  "p link set eth0 down",
  "p link set eth0 up",
  "p link set eth0 up",
  "n link set v1 down",
  "n link set v1 up",
  "n link set br0 down",
  "n link set br0 up",
  "n link set v1 nomaster",
  "n link set v1 master br0",
  "p link set eth0 mtu 1400",
  "p link set eth0 mtu 1000",
  "p link set eth0 mtu 1500",
  "p link set eth0 mtu 67",
  "p link set eth0 mtu 65536",
  "p link set eth1 up",
  "p link set eth0 name averyveryverylongname",
  "p link set eth0 name lo",
  "n link add br0 type bridge",
  "p addr add 10.1.0.2/24 dev eth0",
  "p addr add 10.1.0.5/24 dev eth0",
  "p addr add 10.1.0.6/16 dev eth0",
  "p addr add 10.7.0.1/32 dev lo",
  "p addr del 10.1.0.2/24 dev eth0",
  "p addr del 10.1.0.5/24 dev eth0",
  "p addr del 10.7.0.1/32 dev lo",
  "p addr del 1.1.1.1/32 dev eth0",
  "p addr add fd00:1::3/64 dev eth0 nodad",
  "p addr add fd00:1::3/64 dev eth0 nodad",
  "p addr del fd00:1::3/64 dev eth0",
  "p addr del fd00:1::2/64 dev eth0",
  "p addr del fd00:9::2/64 dev eth0",
  "p addr add 10.1.0.2/24 dev eth7",
  "n addr add 10.1.0.1/24 dev br0",
  "n addr del 10.1.0.1/24 dev br0",
  "p route add default via 10.1.0.1",
  "p route add default via 10.1.0.1 metric 10",
  "p route add 10.9.0.0/16 via 10.1.0.1 src 10.1.0.2",
  "p route add 10.9.0.0/16 via 10.1.0.1 src 10.1.0.99",
  "p route add 10.8.0.0/16 dev eth0",
  "p route add 10.8.0.0/16 via 192.0.2.1",
  "p route add 10.8.0.0/16 via 192.0.2.1 dev eth0",
  "p route add 10.8.0.0/16 via 192.0.2.1 dev eth0 onlink",
  "p route add blackhole 10.6.0.0/16",
  "p route del blackhole 10.6.0.0/16",
  "p route del 10.9.0.0/16",
  "p route del default",
  "p route replace default via 10.1.0.7",
  "p -6 route add fd00:9::/64 via fd00:1::1",
  "p -6 route add fd00:9::/64 via fd00:1::1",
  "p -6 route add fd00:9::/64 via fd00:5::1",
  "p -6 route del fd00:9::/64",
] as const;

describe.skipIf(why !== undefined)(`links on a real kernel (${why ?? "here"})`, () => {
  test.each(Array.from({ length: SEQUENCES }, (_, i) => `life-${FIRST + i}`))(
    "%s: after every command the model is as the kernel is",
    (seed) => expect(runSequence(seed)).toEqual([]),
    120_000,
  );
});

/** Runs a sequence on both; tells where they differ, and stops there. */
function runSequence(seed: string): string[] {
  const random = openRandom(seed, "life");
  const real = new Map(["n", "p"].map((n) => [n, new RealNetns(`kwl${process.pid}-${n}`)]));
  const nameOf = (n: string) => real.get(n)?.name as string;
  const ip = (n: string, words: readonly string[]) =>
    spawnSync("ip", ["netns", "exec", nameOf(n), "ip", ...words], { encoding: "utf8" });
  try {
    for (const [n, netns] of real) {
      netns.run("sysctl", [
        "-qw",
        "net.ipv6.conf.all.accept_dad=0",
        "net.ipv6.conf.default.accept_dad=0",
      ]);
      if (n === "n") netns.run("ip", ["link", "set", "lo", "up"]);
    }
    const veth = `link add v1 netns ${nameOf("n")} type veth peer name eth0 netns ${nameOf("p")}`;
    spawnSync("ip", veth.split(" "));
    for (const [n, line] of SETUP) ip(n, line.split(" "));
    let configs = dumpAll(real);
    const faults: string[] = [];
    const told: string[] = [];
    for (let i = 0; i < COMMANDS && faults.length === 0; i++) {
      const line = POOL[random.nextBelow(POOL.length)] as string;
      const [n = "", ...words] = line.split(" ");
      told.push(line);
      const done = ip(n, words);
      const ours = runIpCommand(configs.values(), n, words);
      for (const config of ours.changed) configs.set(config.name, config);
      spawnSync("sleep", ["0.05"]);
      const kernel = dumpAll(real);
      const error = done.stderr.trim().split("\n")[0] ?? "";
      if (done.status !== ours.exitCode || error !== ours.error) {
        faults.push(`kernel ${done.status} ${error} | ours ${ours.exitCode} ${ours.error}`);
      }
      faults.push(...differences(viewsOf(kernel), viewsOf(configs)));
      if (faults.length > 0) faults.unshift(told.join("; "));
      configs = new Map(configs);
    }
    return faults;
  } finally {
    for (const netns of real.values()) netns.close();
  }
}

function dumpAll(real: ReadonlyMap<string, RealNetns>): Map<string, NetnsConfig> {
  const peers = {
    n: ["v1", { netns: "p", link: "eth0" }],
    p: ["eth0", { netns: "n", link: "v1" }],
  };
  return new Map(
    [...real].map(([name, netns]) => {
      const own = new Map([peers[name as "n" | "p"] as [string, { netns: string; link: string }]]);
      const sysctl = { "net.ipv6.conf.all.forwarding": "0" };
      return [name, parseNetnsDump(name, { ...dump(netns), sysctl }, { peers: own })];
    }),
  );
}

/** Only what is compared: each look takes a program. */
function dump(netns: RealNetns) {
  return {
    ip_link: netns.json("ip", ["-d", "-j", "link"]),
    ip_addr: netns.json("ip", ["-j", "addr"]),
    ip_route: netns.json("ip", ["-j", "-4", "route", "show", "table", "all"]),
    ip6_route: netns.json("ip", ["-j", "-6", "route", "show", "table", "all"]),
    ip_rule: netns.json("ip", ["-j", "-4", "rule"]),
    ip6_rule: netns.json("ip", ["-j", "-6", "rule"]),
    ip_neigh: [],
  };
}

/** Link-local addresses come when the kernel gets round to it: they are left out. */
function viewsOf(configs: ReadonlyMap<string, NetnsConfig>): string[] {
  return linesOf(configs).filter((line) => !/\bfe80:/.test(line));
}

function linesOf(configs: ReadonlyMap<string, NetnsConfig>): string[] {
  return [...configs].flatMap(([name, { links, routes }]) => [
    ...links.map((l) => {
      const carrier = l.up && (l.carrier ?? l.up) && l.kind.kind !== "bridge";
      return `${name} link ${l.name} ${l.mtu} ${l.up} ${carrier} ${l.master ?? ""}`;
    }),
    ...links.flatMap((l) => l.addresses.map((a) => `${name} addr ${l.name} ${a.address}`)),
    ...routes
      .filter((r) => !r.dst.toString().startsWith("ff00:"))
      .map((r) =>
        `${name} ${r.family} ${r.table} ${showRoute(r).replace(/ (linkdown|dead)\b/g, "")}`.trim(),
      ),
  ]);
}

function differences(kernel: readonly string[], ours: readonly string[]): string[] {
  const [a, b] = [new Set(kernel), new Set(ours)];
  return [
    ...[...a].filter((line) => !b.has(line)).map((line) => `kernel ${line}`),
    ...[...b].filter((line) => !a.has(line)).map((line) => `ours ${line}`),
  ];
}
