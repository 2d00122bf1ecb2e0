/** Services over a bridge, hairpins, isolated ports, br_netfilter, and proxy ARP. */
import { IpWorld } from "../../../support/ip-world.js";
import { readJson } from "../../files.js";
import type { Report } from "../../suite.js";
import { RunningWorld } from "./run-world.js";

interface Experiment {
  readonly name: string;
  readonly rules: readonly string[];
  readonly observed: Readonly<Record<string, unknown>>;
}

interface BridgeFile {
  readonly setup: readonly string[];
  readonly experiments: readonly Experiment[];
}

/** Reads one file and reports each experiment, or each part of one. */
export function checkBridgeArp(file: string, report: Report): void {
  const { setup, experiments } = readJson<BridgeFile>(file);
  for (const experiment of experiments) {
    const id = `bridge-arp/${experiment.name}`;
    const { name } = experiment;
    if (name.includes("-> VIP ->")) report.check(id, () => checkService(setup, experiment));
    else if (name.startsWith("physdev")) checkPings(report, id, setup, experiment, policyChanges);
    else if (name.startsWith("isolated")) checkPings(report, id, setup, experiment, isolation);
    else if (name.startsWith("Calico-style proxy ARP")) checkProxy(report, id, experiment);
    else report.skip(id, "nobody knows how it was done");
  }
}

/** A pod's connection to a Service, on one bridge: who answered, whom it saw, what was tracked. */
function checkService(setup: readonly string[], { name, rules, observed }: Experiment) {
  const calls = /bridge-nf-call-iptables=(\d)/.exec(name)?.[1] ?? "1";
  const changes = [`sysctl -qw net.bridge.bridge-nf-call-iptables=${calls}`];
  const hairpin = /hairpin=(on|off)/.exec(name)?.[1];
  if (hairpin !== undefined) changes.push(`bridge link set dev va hairpin ${hairpin}`);
  const world = new IpWorld([...setup, ...changes, ...rules]);
  for (const pod of ["a", "b"]) world.listen(pod, "tcp", 80);
  const running = new RunningWorld(world);
  const open = running.connect("a", "10.96.0.1", { sport: 5000, dport: 80 });
  // The recorded server had heard the client's end when the table was looked at.
  open?.close();
  running.fabric.advance(10_000);
  const client = open === undefined ? "TimeoutError: timed out" : connected(open);
  const ours = {
    client: [client],
    server: running.accepted,
    conntrack: running.conntrack("node").filter((l) => l.startsWith("tcp")),
  };
  const kernel = {
    client: observed.client,
    server: observed.server,
    conntrack: observed.conntrack,
  };
  const [a, b] = [JSON.stringify(kernel), JSON.stringify(ours)];
  return a === b ? undefined : `kernel ${a} | ours ${b}`;
}

function connected({ local, peer }: { local: End; peer: End }): string {
  return `('${local.addr}', ${local.port}) ('${peer.addr}', ${peer.port})`;
}

interface End {
  readonly addr: { toString(): string };
  readonly port: number;
}

/** A ping between pods for each key of what was observed: the exit codes of `ping`. */
function checkPings(
  report: Report,
  id: string,
  setup: readonly string[],
  { rules, observed }: Experiment,
  prepare: (key: string) => { readonly changes: readonly string[]; readonly to: string },
): void {
  for (const [key, exit] of Object.entries(observed)) {
    report.check(`${id}/${key}`, () => {
      const { changes, to } = prepare(key);
      const running = new RunningWorld(new IpWorld([...setup, ...changes, ...rules]));
      return compareExit(exit, running.ping("a", to));
    });
  }
}

function policyChanges(key: string) {
  const on = key.replace("br=", "");
  return { changes: [`sysctl -qw net.bridge.bridge-nf-call-iptables=${on}`], to: "10.1.0.3" };
}

function isolation(key: string) {
  const changes = ["va", "vb"].map((port) => `bridge link set dev ${port} isolated on`);
  return { changes, to: key === "a->b" ? "10.1.0.3" : "10.1.0.1" };
}

/** A pod whose gateway is an address that nobody has, as Calico sets it up. */
const PROXY = [
  "ip link add up0 type veth peer name eth0 netns ext",
  "ip addr add 10.50.0.1/24 dev up0",
  "ip link set up0 up",
  "[ext] ip addr add 10.50.0.2/24 dev eth0",
  "[ext] ip link set eth0 up",
  "ip link add cali0 address ee:ee:ee:ee:ee:ee type veth peer name eth0 netns p",
  "ip link set cali0 up",
  "ip route add 10.65.0.5/32 dev cali0",
  "[p] ip addr add 10.65.0.5/32 dev eth0",
  "[p] ip link set eth0 up",
  "[p] ip route add 169.254.1.1 dev eth0",
  "[p] ip route add default via 169.254.1.1 dev eth0",
];
const DEFAULT_ROUTE = "ip route add default via 10.50.0.2";

function checkProxy(report: Report, id: string, { observed }: Experiment): void {
  for (const [key, seen] of Object.entries(observed)) {
    const exit = (seen as { pingExit: number }).pingExit;
    report.check(`${id}/${key}`, () => {
      const running = new RunningWorld(new IpWorld([...PROXY, ...proxyChanges(key)]));
      return compareExit(exit, running.ping("p", "10.50.0.1"));
    });
  }
}

function proxyChanges(key: string): string[] {
  const changes = [`sysctl -qw net.ipv4.conf.cali0.proxy_arp=${/proxy_arp=(\d)/.exec(key)?.[1]}`];
  if (key.includes("ip_forward=0")) changes.push("sysctl -qw net.ipv4.ip_forward=0");
  if (key.includes("owns 169.254.1.1 on lo")) changes.push("ip addr add 169.254.1.1/32 dev lo");
  if (key.includes("points back")) changes.push("ip route add 169.254.0.0/16 dev cali0");
  else if (!key.includes("no route")) changes.push(DEFAULT_ROUTE);
  return changes;
}

function compareExit(exit: unknown, seen: string): string | undefined {
  const ours = seen.startsWith("reply") ? 0 : 1;
  return ours === exit ? undefined : `kernel exit ${exit} | ours ${ours}: ${seen}`;
}
