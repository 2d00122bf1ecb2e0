/**
 * A cluster of 100 nodes, 3,000 pods and 500 Services: applied and compiled from nothing, then one
 * pod changed and compiled again. Each figure is the best and the median of many rounds after some
 * to warm up, applying and compiling told apart.
 *
 *   npx tsx test/bench/compile.bench.ts
 */
import { Cluster, type Compiled, Compiler } from "../../src/cluster/index.js";
import type { Pod } from "../../src/objects/index.js";
import { makeShop } from "../support/workloads.js";

const WARM_UP = 2;
const ROUNDS = 7;
const CHANGE_WARM_UP = 100;
const CHANGE_ROUNDS = 200;

/** Times of one figure, in milliseconds. */
class Times {
  readonly #all: number[] = [];

  add(ms: number): void {
    this.#all.push(ms);
  }

  toString(): string {
    const sorted = this.#all.toSorted((a, b) => a - b);
    const median = sorted[sorted.length >> 1] ?? Number.NaN;
    return `best ${(sorted[0] ?? Number.NaN).toFixed(2)} ms, median ${median.toFixed(2)} ms`;
  }
}

const objects = makeShop(500, 6);
const create = () => Cluster.create({ nodes: 100 }).apply(objects);
/** Reads every chain of every namespace: lists of chains are put together when they are read. */
const readAll = ({ netns }: Compiled) =>
  [...netns.values()]
    .flatMap(({ iptables, ip6tables }) => [...iptables.tables, ...ip6tables.tables])
    .reduce((sum, { chains }) => sum + chains.length, 0);

function measureFromNothing(): void {
  const [applied, compiled, read] = [new Times(), new Times(), new Times()];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const start = performance.now();
    const { state } = create();
    const middle = performance.now();
    const answer = new Compiler().compile(state);
    const end = performance.now();
    readAll(answer);
    if (round < 0) continue;
    applied.add(middle - start);
    compiled.add(end - middle);
    read.add(performance.now() - end);
  }
  console.log("from nothing (3,000 pods, 500 Services, 100 nodes)");
  console.log(`  apply: ${applied}\n  compile: ${compiled}\n  read all chains: ${read}`);
}

function measureChanges(what: string, change: (cluster: Cluster, round: number) => Cluster): void {
  const [applied, compiled, both, read] = [new Times(), new Times(), new Times(), new Times()];
  let cluster = create();
  cluster.compile();
  for (let round = 0; round < CHANGE_WARM_UP + CHANGE_ROUNDS; round++) {
    const start = performance.now();
    cluster = change(cluster, round);
    const middle = performance.now();
    const answer = cluster.compile();
    const end = performance.now();
    // Reading is a figure of its own; in half of the rounds, as it leaves much to collect.
    if (round % 2 === 1) readAll(answer);
    if (round < CHANGE_WARM_UP) continue;
    if (round % 2 === 1) read.add(performance.now() - end);
    applied.add(middle - start);
    compiled.add(end - middle);
    both.add(end - start);
  }
  console.log(`${what}\n  apply and compile: ${both}`);
  console.log(`  apply: ${applied}\n  compile: ${compiled}\n  read all chains: ${read}`);
}

const pods = create()
  .list("Pod")
  .filter((pod) => pod.metadata.namespace?.startsWith("team-"));
/** A pod of another Service and node each time. */
const pick = (round: number) => pods[(round * 7) % pods.length] as Pod;

measureFromNothing();
measureChanges("one pod's label changed", (cluster, round) => {
  const { namespace = "", name } = pick(round).metadata;
  const pod = cluster.get("Pod", namespace, name) as Pod;
  const labels = { ...pod.metadata.labels, round: String(round) };
  return cluster.apply({ ...pod, metadata: { ...pod.metadata, labels } });
});
measureChanges("one pod deleted and replaced", (cluster, round) => {
  const { namespace = "", name } = pick(round).metadata;
  return cluster.delete("Pod", namespace, name);
});
