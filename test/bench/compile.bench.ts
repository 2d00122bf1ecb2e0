/**
 * A cluster of 100 nodes, 3,000 pods and 500 Services: applied and compiled from nothing, then one
 * pod changed and compiled again. Best of several rounds; every configuration is looked at.
 *
 *   npx tsx test/bench/compile.bench.ts
 */
import { Cluster, Compiler } from "../../src/cluster/index.js";
import type { Pod } from "../../src/objects/index.js";
import { makeShop } from "../support/workloads.js";

const ROUNDS = 7;

function measure<T>(rounds: number, work: (round: number) => T): { ms: number; last: T } {
  let ms = Number.POSITIVE_INFINITY;
  let last: T | undefined;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    last = work(round);
    ms = Math.min(ms, performance.now() - start);
  }
  return { ms, last: last as T };
}

const objects = makeShop(500, 6);
const applied = measure(3, () => Cluster.create({ nodes: 100 }).apply(objects));
const full = applied.last;
const scratch = measure(ROUNDS, () => new Compiler().compile(full.state));
const both = measure(3, () => Cluster.create({ nodes: 100 }).apply(objects).compile());

let cluster = full;
cluster.compile();
const victims = cluster.list("Pod", "team-3");
const change = measure(30, (round) => {
  const pod = cluster.get("Pod", "team-3", (victims[round] as Pod).metadata.name) as Pod;
  const labels = { ...pod.metadata.labels, round: String(round) };
  cluster = cluster.apply({ ...pod, metadata: { ...pod.metadata, labels } });
  return cluster.compile();
});
const loss = measure(30, (round) => {
  cluster = cluster.delete("Pod", "team-3", (victims[round + 30] as Pod).metadata.name);
  return cluster.compile();
});

const rows = [
  ["apply 500 Deployments and Services (3,000 pods) on 100 nodes", applied.ms],
  ["compile from nothing", scratch.ms],
  ["create, apply and compile from nothing", both.ms],
  ["one pod's label changed: apply and compile", change.ms],
  ["one pod deleted and replaced: apply and compile", loss.ms],
] as const;
for (const [what, ms] of rows) console.log(`${what}: ${ms.toFixed(2)} ms`);
console.log(`namespaces compiled: ${loss.last.netns.size}`);
