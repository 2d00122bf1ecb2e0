/** Flannel's VXLAN between nodes: hop limits, sizes, errors, and what one missing piece does. */
import { IpWorld } from "../../../support/ip-world.js";
import { readJson } from "../../files.js";
import type { Report } from "../../suite.js";
import { checkFlow, type SeenFlow } from "./overlay-masquerade.js";
import { RunningWorld } from "./run-world.js";

/** What `ping` printed, and how it ended. */
interface Ping {
  readonly exit: number;
  readonly out: readonly string[];
}

interface Experiment {
  readonly name: string;
  readonly observed: unknown;
}

interface OverlayFile {
  readonly setup: readonly string[];
  readonly experiments: readonly Experiment[];
}

/** One ping of an experiment: what changes before it, who sends it where, and how. */
interface Trial {
  readonly id: string;
  readonly expected: Ping;
  readonly changes?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly options?: {
    readonly ttl?: number;
    readonly lengthBytes?: number;
    readonly df?: boolean;
  };
}

/** Reads one file and reports each ping of each experiment. */
export function checkOverlay(file: string, report: Report): void {
  const { setup, experiments } = readJson<OverlayFile>(file);
  for (const experiment of experiments) {
    const id = `overlay/${experiment.name}`;
    if (experiment.name.startsWith("flannel masquerade")) {
      const flows = Object.entries(experiment.observed as Record<string, SeenFlow>);
      for (const [flow, seen] of flows) {
        report.check(`${id}/${flow}`, () => checkFlow(setup, flow, seen));
      }
      continue;
    }
    const trials = trialsOf(experiment);
    if (trials === undefined) report.skip(id, "nobody knows how it was done");
    for (const trial of trials ?? []) {
      report.check(`${id}/${trial.id}`, () => checkTrial(setup, trial));
    }
  }
}

function checkTrial(setup: readonly string[], trial: Trial): string | undefined {
  const { from = "p1", to = "10.244.2.2", changes = [], options = {} } = trial;
  const running = new RunningWorld(new IpWorld([...setup, ...changes]));
  const seen = running.ping(from, to, options);
  const expected = expectedWords(trial.expected);
  return expected === seen ? undefined : `kernel ${expected} | ours ${seen}`;
}

/** The words `RunningWorld.ping` would use for what `ping` printed. */
function expectedWords({ exit, out }: Ping): string {
  const line = out[0] ?? "";
  const reply = /bytes from (\S+): icmp_seq=1 ttl=(\d+)/.exec(line);
  if (exit === 0 && reply) return `reply from ${reply[1]} ttl=${reply[2]}`;
  const error = /^From (\S+) icmp_seq=1 (.*)$/.exec(line);
  if (error === null) return line.includes("local error") ? "EMSGSIZE" : "nothing";
  const mtu = /mtu = (\d+)/.exec(error[2] ?? "")?.[1] ?? "0";
  const numbers = ERRORS.find(([words]) => (error[2] ?? "").startsWith(words))?.[1];
  return `error ${numbers} from ${error[1]} info ${mtu}`;
}

const ERRORS: readonly (readonly [string, string])[] = [
  ["Time to live exceeded", "11/0"],
  ["Frag needed", "3/4"],
  ["Destination Net Unreachable", "3/0"],
  ["Destination Host Unreachable", "3/1"],
];

type Words = Readonly<Record<string, unknown>>;

function trialsOf({ name, observed }: Experiment): Trial[] | undefined {
  if (name.startsWith("TTL expiry")) return ttlTrials(observed as Record<string, Ping>);
  if (name.startsWith("failure modes")) return failureTrials(observed as Record<string, Ping>);
  if (name.startsWith("vxlan same subnet")) {
    return [{ id: "ping", expected: (observed as readonly [Ping])[0] }];
  }
  if (name.startsWith("inner source")) {
    const [expected] = (observed as { cap: readonly [Ping] }).cap;
    return [{ id: "ping", expected, from: "n1" }];
  }
  if (name.startsWith("pod MTU 1500")) return sizeTrials(observed as Words);
  if (name.startsWith("underlay MTU below")) return underlayTrials(observed as Words);
  return undefined;
}

function ttlTrials(observed: Readonly<Record<string, Ping>>): Trial[] {
  return Object.entries(observed).map(([id, expected]) => {
    const ttl = Number(id.replace("ttl=", ""));
    return { id, expected, to: "10.244.4.2", options: { ttl } };
  });
}

/** Pods and their bridges take more than the tunnel. */
const BIG_PODS = [
  "[p1] ip link set eth0 mtu 1500",
  "[n1] ip link set vp1 mtu 1500",
  "[n1] ip link set cni0 mtu 1500",
  "[p2] ip link set eth0 mtu 1500",
  "[n2] ip link set vp2 mtu 1500",
  "[n2] ip link set cni0 mtu 1500",
];

function sizeTrials(observed: Words): Trial[] {
  return Object.entries(observed).flatMap(([id, value]) => {
    const size = /(\d+)$/.exec(id.replace(/ bytes.*$/, ""))?.[1];
    if (!Array.isArray(value) || size === undefined) return [];
    const options = { lengthBytes: 1472, df: !id.startsWith("no DF") };
    return [{ id, expected: value[0] as Ping, changes: BIG_PODS, options }];
  });
}

function underlayTrials(observed: Words): Trial[] {
  return Object.entries(observed).flatMap(([id, value]) => {
    const mtu = /underlay MTU lowered to (\d+), inner (\d+)/.exec(id);
    if (mtu === null) return [];
    const changes = [`[n1] ip link set eth0 mtu ${mtu[1]}`];
    const options = { lengthBytes: Number(mtu[2]) - 28, df: true };
    return [{ id, expected: (value as readonly [Ping])[0], changes, options }];
  });
}

/** An earlier step of the recording gave the router between the nodes a route to the first's pods. */
const ROUTER_KNOWS = "[fab] ip route add 10.244.1.0/24 via 192.168.0.11";

/** What is taken away before each ping; all else is as set up. */
const FAILURES: readonly (readonly [string, readonly string[]])[] = [
  ["route removed on n1", ["[n1] ip route del 10.244.2.0/24", ROUTER_KNOWS]],
  ["neigh removed on n1", ["[n1] ip neigh del 10.244.2.0 dev flannel.1"]],
  ["fdb removed on n1", ["[n1] bridge fdb del 7a:00:00:00:00:02 dev flannel.1"]],
  [
    "wrong vtep MAC on n1",
    [
      "[n1] ip neigh replace 10.244.2.0 lladdr 7a:00:00:00:00:99 dev flannel.1",
      "[n1] bridge fdb append 7a:00:00:00:00:99 dev flannel.1 dst 192.168.0.12 self",
    ],
  ],
  ["VNI/port mismatch", ["[n2] iptables -A INPUT -p udp -m udp --dport 8472 -j DROP"]],
  ["ip_forward=0 on n2", ["[n2] sysctl -qw net.ipv4.ip_forward=0"]],
  ["return route missing on n2", ["[n2] ip route del 10.244.1.0/24", ROUTER_KNOWS]],
  ["healthy again", []],
];

function failureTrials(observed: Readonly<Record<string, Ping>>): Trial[] {
  return Object.entries(observed).flatMap(([id, expected]) => {
    const changes = FAILURES.find(([words]) => id.startsWith(words))?.[1];
    return changes === undefined ? [] : [{ id, expected, changes }];
  });
}
