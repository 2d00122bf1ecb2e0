/**
 * npx tsx test/bench/policy-rules.ts [rules|packets|cluster]
 *
 * Policies as rules: 1,000 of them over 10,000 pods on 100 nodes written for every node from nothing,
 * and again after one pod's label has changed; the same through a whole cluster; and what a packet
 * costs beside policies that select other pods. Best and median of many rounds after some to warm up.
 */
import { ip4Addr } from "../../src/addr/index.js";
import { openRandom } from "../../src/base/index.js";
import { Cluster, Compiler } from "../../src/cluster/index.js";
import type { KubeObject, Pod } from "../../src/objects/index.js";
import {
  type Flow,
  IptablesCompiler,
  type Member,
  NftablesCompiler,
  type NodeMember,
  type Policy,
  PolicyIndex,
  planPolicies,
  readPolicies,
} from "../../src/policy/index.js";
import { readOne } from "../support/policy/cluster.js";
import {
  iptablesConfig,
  nftablesConfig,
  passesForward,
  startKernel,
} from "../support/policy/kernel.js";
import { makePod } from "../support/workloads.js";

const NODES = 100;
const PODS = 10_000;
const POLICIES = 1000;
const NAMESPACES = 100;
const APPS = ["web", "api", "db", "cache", "queue"];

/** Prints the best and the median of some times. */
function report(what: string, times: readonly number[], unit = "ms"): void {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? Number.NaN;
  const text = `best ${(sorted[0] ?? Number.NaN).toFixed(2)} ${unit}, median ${median.toFixed(2)}`;
  console.log(`${what}: ${text} ${unit}`);
}

/** Milliseconds of the processor, all threads: the clock on the wall tells of the neighbours too. */
function timed(run: () => unknown): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const random = openRandom("bench", "nodes");
const nodeOf = Array.from({ length: PODS }, () => `node-${random.nextBelow(NODES) + 1}`);
const appOf = (i: number) => APPS[Math.floor(i / NAMESPACES) % APPS.length] as string;

const namespaceLabels = Array.from({ length: NAMESPACES }, (_, i) => ({
  "kubernetes.io/metadata.name": `ns${i}`,
  team: `team${i % 10}`,
}));

const members: Member[] = Array.from({ length: PODS }, (_, i) => {
  const namespace = `ns${i % NAMESPACES}`;
  return {
    namespace,
    name: `pod${i}`,
    labels: { app: appOf(i), pod: `pod${i}` },
    namespaceLabels: namespaceLabels[i % NAMESPACES] ?? {},
    addrs: [ip4Addr(0x0af40000 + i + 2)],
    ports: [{ name: "http", protocol: 6, port: 8080 }],
    node: nodeOf[i] as string,
    origin: { kind: "Pod", namespace, name: `pod${i}` },
  };
});

/** Ten policies for each namespace, two for each application of it. */
function policyObject(i: number): KubeObject {
  const namespace = `ns${i % NAMESPACES}`;
  const app = (n: number) => ({ matchLabels: { app: APPS[n % APPS.length] as string } });
  const number = Math.floor(i / NAMESPACES);
  const peers = [
    { podSelector: app(number + 1) },
    { namespaceSelector: { matchLabels: { team: `team${i % 10}` } }, podSelector: app(number + 2) },
    { ipBlock: { cidr: "203.0.113.0/24", except: [`203.0.113.${i % 256}/32`] } },
  ];
  return readOne({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: `np${i}`, namespace },
    spec: {
      podSelector: app(number),
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: peers, ports: [{ port: "http" }, { port: 80 + number, endPort: 99 }] }],
      egress: [{ to: [{ namespaceSelector: {}, podSelector: app(0) }] }, { to: peers }],
    },
  });
}

const objects = Array.from({ length: POLICIES }, (_, i) => policyObject(i));
const policies: Policy[] = readPolicies(objects.map((object) => ({ object })));
const keyed = members.map((member) => [`${member.namespace}/${member.name}`, member] as const);
/** One list for all rounds: another one would be news. */
const NO_HOSTS: readonly NodeMember[] = [];
const nodeNames = Array.from({ length: NODES }, (_, i) => `node-${i + 1}`);

/** An index of everything, and a way to write all nodes. */
function open(mode: "iptables" | "nftables") {
  const index = new PolicyIndex();
  const iptables = new IptablesCompiler("ip4");
  const nftables = new NftablesCompiler(["ip4"]);
  const writeAll = () =>
    nodeNames.map((name) => {
      const plan = index.planOf(name);
      return mode === "iptables" ? iptables.compile(plan) : nftables.compile(plan);
    });
  return { index, writeAll };
}

function measureRules(mode: "iptables" | "nftables"): void {
  const fresh: number[] = [];
  let known = open(mode);
  for (let round = -2; round < 7; round++) {
    const ms = timed(() => {
      known = open(mode);
      known.index.update({ members: keyed, policies, nodes: NO_HOSTS });
      known.writeAll();
    });
    if (round >= 0) fresh.push(ms);
  }
  report(`${mode}, 1,000 policies, 10,000 pods, 100 nodes, from nothing`, fresh);
  const changes: number[] = [];
  for (let round = 0; round < 300; round++) {
    const [key, member] = keyed[(round * 37) % PODS] as (typeof keyed)[number];
    const labels = { ...member.labels, app: appOf(round) };
    const ms = timed(() => {
      known.index.update({ members: [[key, { ...member, labels }]], policies, nodes: NO_HOSTS });
      known.writeAll();
    });
    if (round >= 100) changes.push(ms);
  }
  report(`${mode}, one pod's label changed, all nodes written`, changes);
  const read = timed(() => known.writeAll().map(({ sets }) => sets.length));
  console.log(`  reading the sets of all nodes afterwards: ${read.toFixed(2)} ms`);
}

function makeClusterPods(): Pod[] {
  return members.map(({ namespace, name, labels }, i) => {
    const pod = makePod({ namespace, name, labels });
    return { ...pod, spec: { ...pod.spec, nodeName: nodeOf[i] } } as Pod;
  });
}

function measureCluster(policyAgent: "iptables" | "nftables" | "none"): void {
  const pods = makeClusterPods();
  let cluster = Cluster.create({ nodes: NODES, policyAgent }).apply([...pods, ...objects]);
  const fresh: number[] = [];
  for (let round = -1; round < 4; round++) {
    const ms = timed(() => new Compiler().compile(cluster.state));
    if (round >= 0) fresh.push(ms);
  }
  report(`whole cluster, policy agent ${policyAgent}, compiled from nothing`, fresh);
  cluster.compile();
  const [both, compiled]: [number[], number[]] = [[], []];
  for (let round = 0; round < 200; round++) {
    const pod = pods[(round * 37) % PODS] as Pod;
    const labels = { ...pod.metadata.labels, app: appOf(round) };
    const changed = { ...pod, metadata: { ...pod.metadata, labels } } as Pod;
    const applying = timed(() => {
      cluster = cluster.apply(changed);
    });
    const compiling = timed(() => cluster.compile());
    if (round < 80) continue;
    both.push(applying + compiling);
    compiled.push(compiling);
  }
  report(`  one pod's label changed: apply and compile`, both);
  report(`  of it compile`, compiled);
}

/** Packets between two pods of one namespace on a node with everybody else's policies. */
function measurePackets(count: number): void {
  const own = policies.filter(({ origin }) => origin.namespace === "ns0");
  const others = policies.filter(({ origin }) => origin.namespace !== "ns0");
  const chosen = [...own, ...others.slice(0, count - own.length)];
  const local = members.filter((_, i) => i < 1000);
  const plan = planPolicies({ members: local, policies: chosen, nodes: [] });
  for (const config of [iptablesConfig(plan), nftablesConfig(plan)]) {
    const kernel = startKernel(config);
    const [src, dst] = [local[100], local[400]].map((m) => m?.addrs[0]);
    const flow = { src, dst, protocol: 6, port: 8080 } as Flow;
    const times: number[] = [];
    for (let round = -3; round < 15; round++) {
      const ms = timed(() => {
        for (let i = 0; i < 500; i++) passesForward(kernel, flow);
      });
      if (round >= 0) times.push((ms * 1000) / 500);
    }
    const mode = config.nftables.tables.length > 0 ? "nftables" : "iptables";
    report(`packet, ${mode}, ${count} policies, 10 of its namespace`, times, "µs");
  }
}

const [only] = process.argv.slice(2);
if (only === undefined || only === "rules") {
  for (const mode of ["iptables", "nftables"] as const) measureRules(mode);
}
if (only === undefined || only === "packets") {
  for (const count of [10, 100, 1000]) measurePackets(count);
}
if (only === undefined || only === "cluster") {
  for (const agent of ["none", "iptables", "nftables"] as const) measureCluster(agent);
}
