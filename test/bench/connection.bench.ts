/**
 * One explained connection, pod to Service to pod, on a warm simulation: what each of its packets
 * costs, at each level of telling, and with the text printed. Best of many rounds; the text's length
 * is consumed. Nodes, pods and Services as in the lesson, and again with 500 Services more.
 *
 *   npx tsx test/bench/connection.bench.ts
 */
import { Cluster } from "../../src/cluster/index.js";
import { type Simulation, startSimulation } from "../../src/simulation/index.js";
import { makePod, makeService } from "../support/workloads.js";

function makeLesson(services: number): Cluster {
  const pods = ["pod-a", "pod-b"].map((name) => makePod({ name, labels: { app: name } }));
  const more = Array.from({ length: services }, (_, i) => makeService({ name: `other-${i}` }));
  const target = { ...makeService({ name: "pod-b" }) };
  return Cluster.create({ nodes: 2 }).apply([...pods, target, ...more]);
}

interface Sample {
  readonly usPerPacket: number;
  readonly packets: number;
  readonly textBytes: number;
}

function runOnce(
  sim: Simulation,
  url: string,
  print: boolean,
  level: "hops" | "everything",
): Sample {
  const start = performance.now();
  const { trace, exitCode } = sim.exec("pod-a", `curl -s -o /dev/null ${url}`);
  const textBytes = print ? trace.print({ level }).length : 0;
  const us = (performance.now() - start) * 1000;
  if (exitCode !== 0) throw new Error(`curl ended with ${exitCode}`);
  return { usPerPacket: us / Math.max(1, trace.count || 11), packets: trace.count, textBytes };
}

const rounds = 400;

for (const services of [0, 500]) {
  const cluster = makeLesson(services);
  const ip = cluster.get("Service", "default", "pod-b")?.spec?.clusterIP ?? "";
  for (const [told, printed] of [
    ["none", false],
    ["hops", false],
    ["hops", true],
    ["everything", false],
    ["everything", true],
  ] as const) {
    const sim = startSimulation(cluster, { seed: "bench", trace: told });
    const level = told === "none" ? "hops" : told;
    const samples = Array.from({ length: rounds }, () =>
      runOnce(sim, `http://${ip}`, printed, level),
    );
    const sorted = samples.map((s) => s.usPerPacket).sort((a, b) => a - b);
    const [best = 0] = sorted;
    const median = sorted[sorted.length >> 1] ?? 0;
    const last = samples.at(-1);
    const what = `${2 + services} services, told ${told}${printed ? ", printed" : ""}`;
    const size = `${last?.packets} packets, ${last?.textBytes} bytes of text`;
    console.log(
      `${what}: best ${best.toFixed(1)} µs, median ${median.toFixed(1)} µs a packet (${size})`,
    );
  }
}
