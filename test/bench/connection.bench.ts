/**
 * One explained connection, pod to Service to pod, on a warm simulation: what each of its packets
 * costs, at each level of telling, and with the text printed. A packet's cost is that of its whole
 * journey from one pod to the other: through its pod, both nodes, the tunnel between them and the
 * other pod. A connection is eleven such packets; with its DNS question and answer, where the Service
 * is called by name, there are more. The command that makes the connection is counted too.
 *
 * The first rounds are not counted, so that the code is compiled and every neighbour known. Then best,
 * median and mean of many rounds; collecting garbage shows in the mean. The text's length is consumed.
 * Nodes, pods and Services as in the lesson, and again with 500 Services more.
 *
 *   npx tsx test/bench/connection.bench.ts
 */
import { Cluster } from "../../src/cluster/index.js";
import { type Simulation, startSimulation } from "../../src/simulation/index.js";
import type { TraceLevel } from "../../src/trace/index.js";
import { makePod, makeService } from "../support/workloads.js";

function makeLesson(services: number): Cluster {
  const pods = ["pod-a", "pod-b"].map((name) => makePod({ name, labels: { app: name } }));
  const more = Array.from({ length: services }, (_, i) => makeService({ name: `other-${i}` }));
  const target = { ...makeService({ name: "pod-b" }) };
  return Cluster.create({ nodes: 2 }).apply([...pods, target, ...more]);
}

/** One way to make a connection and to tell of it. */
interface Way {
  readonly told: TraceLevel | "none";
  readonly printed: boolean;
  readonly byName: boolean;
}

interface Sample {
  readonly us: number;
  readonly packets: number;
  readonly textBytes: number;
}

function connectOnce(sim: Simulation, url: string, { told, printed }: Way): Sample {
  const start = performance.now();
  const { trace, exitCode } = sim.exec("pod-a", `curl -s -o /dev/null ${url}`);
  const textBytes = printed && told !== "none" ? trace.print({ level: told }).length : 0;
  const us = (performance.now() - start) * 1000;
  if (exitCode !== 0) throw new Error(`curl ended with ${exitCode}`);
  return { us, packets: trace.count, textBytes };
}

/** Packets of a connection that nobody tells of, as the same connection told has them. */
function countPackets(cluster: Cluster, url: string): number {
  const sim = startSimulation(cluster, { seed: "bench", trace: "hops" });
  connectOnce(sim, url, { told: "hops", printed: false, byName: false });
  return connectOnce(sim, url, { told: "hops", printed: false, byName: false }).packets;
}

const WARMING_ROUNDS = 1500;
const ROUNDS = 1500;

function measure(cluster: Cluster, services: number, way: Way): string {
  const ip = cluster.get("Service", "default", "pod-b")?.spec?.clusterIP ?? "";
  const url = way.byName ? "http://pod-b" : `http://${ip}`;
  const packets = countPackets(cluster, url);
  const sim = startSimulation(cluster, { seed: "bench", trace: way.told });
  for (let i = 0; i < WARMING_ROUNDS; i++) connectOnce(sim, url, way);
  const samples = Array.from({ length: ROUNDS }, () => connectOnce(sim, url, way));
  const times = samples.map(({ us }) => us / packets).sort((a, b) => a - b);
  const best = times[0] ?? 0;
  const median = times[times.length >> 1] ?? 0;
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const what = `${services} services, told ${way.told}${way.printed ? ", printed" : ""}`;
  const size = `${packets} packets, ${samples.at(-1)?.textBytes ?? 0} bytes of text`;
  const numbers = `best ${best.toFixed(1)}, median ${median.toFixed(1)}, mean ${mean.toFixed(1)}`;
  return `${what}${way.byName ? ", with DNS" : ""}: ${numbers} µs a packet (${size})`;
}

const WAYS: readonly Way[] = [
  { told: "none", printed: false, byName: false },
  { told: "hops", printed: false, byName: false },
  { told: "hops", printed: false, byName: true },
  { told: "hops", printed: true, byName: false },
  { told: "everything", printed: false, byName: false },
  { told: "everything", printed: true, byName: false },
];

for (const services of [0, 500]) {
  const cluster = makeLesson(services);
  for (const way of WAYS) console.log(measure(cluster, 2 + services, way));
}
