/** Which flows flannel's rules translate, as the connection tables of two nodes show it. */
import { IpWorld } from "../../../support/ip-world.js";
import { RunningWorld } from "./run-world.js";

/** What was seen of one flow: how the ping ended, and the tables. */
export interface SeenFlow {
  readonly exit: number;
  readonly n1: readonly string[];
  readonly n2: readonly string[];
}

/** Who pings whom, by the recorded name of the flow. */
const FLOWS: Readonly<Record<string, readonly [string, string]>> = {
  "pod->remote pod": ["p1", "10.244.2.2"],
  "pod->external": ["p1", "192.168.0.1"],
  "node->remote pod": ["n1", "10.244.2.2"],
  "node->local pod": ["n1", "10.244.1.2"],
  "pod->own node": ["p1", "192.168.0.11"],
  "pod->other node": ["p1", "192.168.0.12"],
  "external->pod": ["fab", "10.244.1.2"],
};

/** flannel v0.26 pkg/trafficmngr/iptables `masqRules`, for a node with these pods. */
function masqueradeRules(node: string, pods: string): string[] {
  const chain = `[${node}] iptables -t nat -A FLANNEL-POSTRTG`;
  return [
    `[${node}] iptables -t nat -N FLANNEL-POSTRTG`,
    `[${node}] iptables -t nat -A POSTROUTING -j FLANNEL-POSTRTG`,
    `${chain} -s ${pods} -d 10.244.0.0/16 -j RETURN`,
    `${chain} -s 10.244.0.0/16 -d ${pods} -j RETURN`,
    `${chain} ! -s 10.244.0.0/16 -d ${pods} -j RETURN`,
    `${chain} -s 10.244.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE --random-fully`,
    `${chain} ! -s 10.244.0.0/16 -d 10.244.0.0/16 -j MASQUERADE --random-fully`,
  ];
}

/** Repeats one flow. Returns a sentence about the difference, if there is one. */
export function checkFlow(
  setup: readonly string[],
  name: string,
  seen: SeenFlow,
): string | undefined {
  const flow = FLOWS[name];
  if (flow === undefined) return `nobody knows who sends in ${name}`;
  const world = new IpWorld([
    ...setup,
    "[fab] ip route add 10.244.1.0/24 via 192.168.0.11",
    ...masqueradeRules("n1", "10.244.1.0/24"),
    ...masqueradeRules("n2", "10.244.2.0/24"),
  ]);
  const running = new RunningWorld(world);
  const reply = running.ping(...flow);
  const ours = {
    exit: reply.startsWith("reply") ? 0 : 1,
    n1: running.conntrack("n1").map(canonical).sort(byText),
    n2: running.conntrack("n2").map(canonical).sort(byText),
  };
  const kernel = {
    exit: seen.exit,
    n1: seen.n1.map(canonical).sort(byText),
    n2: seen.n2.map(canonical).sort(byText),
  };
  const [a, b] = [JSON.stringify(kernel), JSON.stringify(ours)];
  return a === b ? undefined : `kernel ${a} | ours ${b}`;
}

/** Identifiers of echo and outer source ports are drawn: what counts is whether they change. */
function canonical(line: string): string {
  const ids = [...line.matchAll(/\bid=(\d+)/g)].map((m) => m[1]);
  const isSame = ids[0] === ids[1];
  return line
    .replace(/^udp (.*)$/, (l) => l.replace(/port=(?!8472\b)\d+/g, "port=*"))
    .replace(/\bid=\d+/g, isSame ? "id=same" : "id=drawn")
    .replace(/ use=\d+$/, "");
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
