/**
 * Links that go up and down, addresses that come and go: each command's exit code, error text, and what
 * it changed on both sides of a veth pair.
 */
import { parseAddr } from "../../../../src/addr/index.js";
import { Fabric } from "../../../../src/fabric/index.js";
import { FibTable } from "../../../../src/fib/index.js";
import { type NetnsConfig, showRoute } from "../../../../src/netns/index.js";
import { IpWorld } from "../../../support/ip-world.js";
import { readJson } from "../../files.js";
import type { Report } from "../../suite.js";

type View = "links" | "addr" | "r4" | "r6" | "local4" | "neigh" | "fdb";
type Delta = Readonly<Record<string, Readonly<Partial<Record<View, Change>>>>>;

interface Change {
  readonly gone: readonly unknown[];
  readonly new: readonly unknown[];
}

interface Step {
  readonly cmd: string;
  readonly rc: number;
  readonly err: string;
  readonly delta: Delta;
}

interface LifeFile {
  readonly promote_secondaries?: string;
  readonly experiments: readonly { readonly name: string; readonly steps: readonly Step[] }[];
}

/** What the file's `setup` says in words. */
const SETUP = [
  "ip link add br0 type bridge",
  "ip link add v1 type veth peer name eth0 netns p1",
  "ip link set v1 master br0",
  "ip link set v1 up",
  "ip link set br0 up",
  "ip addr add 10.1.0.1/24 dev br0",
  "[p1] ip link set eth0 up",
  "[p1] ip addr add 10.1.0.2/24 dev eth0",
  "[p1] ip addr add fd00:1::2/64 dev eth0",
  "[p1] ip route add default via 10.1.0.1",
  "[p1] ip route add 10.9.0.0/16 via 10.1.0.1 src 10.1.0.2",
  "[p1] ip -6 route add default via fd00:1::1",
  "[p1] ip neigh add 10.1.0.77 lladdr 02:00:00:00:00:77 dev eth0",
  "[p1] sysctl -qw net.ipv6.conf.all.forwarding=0",
  "sysctl -qw net.ipv6.conf.all.forwarding=0",
];

/** Reads one file and reports each command. */
export function checkLinkLife(file: string, report: Report): void {
  const { experiments, promote_secondaries = "0" } = readJson<LifeFile>(file);
  for (const { name, steps } of experiments) {
    const fabric = start(promote_secondaries);
    steps.forEach((step, i) => {
      report.check(`link-lifecycle/${name}#${i}`, () => runStep(fabric, step));
    });
  }
}

/** The two namespaces, after the pod has spoken to the node. */
function start(promotes: string): Fabric {
  const sysctl = `sysctl -qw net.ipv4.conf.all.promote_secondaries=${promotes}`;
  const world = new IpWorld([...SETUP, sysctl, `[p1] ${sysctl}`]);
  const fabric = new Fabric(world.configs(), { seed: "life", startUs: 1_000_000_000 });
  const to = { addr: parseAddr("10.1.0.1"), port: 80 };
  fabric.netns("p1").connectTcp({ to, handlers: {} });
  fabric.advance(500_000);
  return fabric;
}

function runStep(fabric: Fabric, { cmd, rc, err, delta }: Step): string | undefined {
  const [, netns = "node", text = ""] = /^(?:\[(\w+)\] )?ip (.*)$/.exec(cmd) ?? [];
  const before = views(fabric);
  const done = fabric.ip(netns, text.split(" "));
  fabric.advance(100_000);
  const after = views(fabric);
  const faults: string[] = [];
  if (done.exitCode !== rc) faults.push(`${cmd}: exit code ${rc} | ours ${done.exitCode}`);
  if (done.error !== err) faults.push(`${cmd}: kernel "${err}" | ours "${done.error}"`);
  // Nobody can look into a namespace that is gone.
  const isThere = (line: string) => fabric.findNetns(line.split(" ")[0] ?? "") !== undefined;
  const [kernel, ours] = [toldOf(delta), deltaLines(before.filter(isThere), after)];
  for (const line of kernel) if (!ours.includes(line)) faults.push(`${cmd}: kernel ${line}`);
  for (const line of ours) if (!kernel.includes(line)) faults.push(`${cmd}: ours ${line}`);
  return faults.length === 0 ? undefined : faults.join("; ");
}

/** Lines of one view of one namespace: `node r4 10.1.0.0/24 dev br0 …`. */
function views(fabric: Fabric): string[] {
  return [...fabric.netnses()].flatMap((netns) => {
    const config = netns.configNow;
    const bridges = [...netns.stack.bridges.values()];
    const learnt = bridges.flatMap((b) =>
      [...b.entries(fabric.clock.nowUs)]
        .filter((e) => !e.fixed)
        .map((e) => `* dev ${e.port} master ${b.link.name}`),
    );
    const own = config.links
      .filter((l) => l.port !== undefined || config.links.some((b) => b.name === l.master))
      .map((l) => `* dev ${l.name} master ${l.master} permanent`);
    const lines: readonly (readonly [View, readonly string[]])[] = [
      ["links", linkLines(config)],
      ["addr", addrLines(config)],
      ["r4", routeLines(config, "ip4", FibTable.main)],
      ["r6", routeLines(config, "ip6", FibTable.main)],
      ["local4", routeLines(config, "ip4", FibTable.local)],
      ["neigh", config.neighbors.map((n) => `${n.addr} dev ${n.link} ${lasting(n.state)}`)],
      ["fdb", [...learnt, ...own]],
    ];
    return lines.flatMap(([view, all]) => all.map((l) => `${netns.name} ${view} ${l}`.trim()));
  });
}

function lasting(state: string): string {
  return state === "permanent" ? "PERMANENT" : "";
}

function linkLines({ links }: NetnsConfig): string[] {
  return links
    .filter(({ kind }) => kind.kind !== "loopback")
    .map(({ name, mtu, up, carrier = up, master = "-" }) => {
      const flags = [up ? "UP" : "", up && carrier ? "LOWER_UP" : ""].filter((f) => f !== "");
      return `${name} mtu ${mtu} master ${master} ${flags.join(",")}`;
    });
}

function addrLines({ links }: NetnsConfig): string[] {
  return links.flatMap(({ name, addresses }) =>
    addresses.filter((a) => a.scope === "global").map(({ address }) => `${name} ${address}`),
  );
}

function routeLines({ routes }: NetnsConfig, family: "ip4" | "ip6", table: number): string[] {
  return routes
    .filter((r) => r.family === family && r.table === table && !isIncidental(r.dst.toString()))
    .map((r) => plainRoute(showRoute(r, table)));
}

/** Link-local routes and groups come with every link; the recorder left them out. */
function isIncidental(dst: string): boolean {
  return dst.startsWith("fe80:") || dst.startsWith("ff00:");
}

/** `linkdown` comes when the kernel gets round to telling of a carrier, within a second. */
function plainRoute(text: string): string {
  return text.replace(/ (linkdown|dead|pref medium)\b/g, "").trim();
}

/** A recorded delta in the same words; what only looks different is left out. */
function toldOf(delta: Delta): string[] {
  const gone: string[] = [];
  const made: string[] = [];
  for (const [netns, byView] of Object.entries(delta)) {
    for (const [view, change] of Object.entries(byView) as [View, Change][]) {
      const line = (one: unknown) => `${netns} ${view} ${wordsOf(view, one)}`.trim();
      gone.push(...change.gone.map(line));
      made.push(...change.new.map(line));
    }
  }
  return deltaLines(gone, made);
}

function wordsOf(view: View, one: unknown): string {
  if (view === "links") {
    const link = one as { ifname: string; mtu: number; master?: string; flags: string[] };
    const flags = ["UP", "LOWER_UP"].filter((f) => link.flags.includes(f));
    return `${link.ifname} mtu ${link.mtu} master ${link.master ?? "-"} ${flags.join(",")}`;
  }
  const text = String(one);
  if (view === "fdb") return text.replace(/^\S+/, "*");
  if (view !== "neigh") return plainRoute(text);
  return text.replace(/ lladdr \S+/, "").replace(/ (REACHABLE|STALE|DELAY|PROBE)$/, "");
}

function deltaLines(before: readonly string[], after: readonly string[]): string[] {
  const [was, is] = [new Set(before), new Set(after)];
  return [
    ...[...was].filter((line) => !is.has(line)).map((line) => `- ${line}`),
    ...[...is].filter((line) => !was.has(line)).map((line) => `+ ${line}`),
  ].sort((a, b) => (a < b ? -1 : 1));
}
