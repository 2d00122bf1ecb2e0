/**
 * npx tsx test/bench/judge.ts
 *
 * The judge at three sizes: the table that answers (`isAllowed`, `areEndsAllowed`) and the reference
 * that explains (`judge`); and the list of everything that is allowed, each pod for itself. Each number is the best of several rounds after one that warms up; the slow
 * and the quick form take turns within a round, and their answers are compared.
 */
import { ip4Addr } from "../../src/addr/index.js";
import { openRandom, type Random } from "../../src/base/index.js";
import {
  type Flow,
  Judge,
  listConnections,
  type Member,
  type Peer,
  type Policy,
} from "../../src/policy/index.js";

const APPS = ["web", "api", "db", "cache", "queue"];
const TIERS = ["front", "back"];
const ORIGIN = { kind: "NetworkPolicy" };

function pickFrom<T>(random: Random, list: readonly T[]): T {
  return list[random.nextBelow(list.length)] as T;
}

/** Every pod has a label of its own too, as a StatefulSet's pods have. */
function makeMembers(random: Random, count: number, namespaceCount: number): Member[] {
  return Array.from({ length: count }, (_, i) => {
    const namespace = `ns${i % namespaceCount}`;
    const port = { name: "http", protocol: 6, port: pickFrom(random, [80, 8080]) };
    return {
      namespace,
      name: `pod${i}`,
      labels: { app: pickFrom(random, APPS), tier: pickFrom(random, TIERS), pod: `pod${i}` },
      namespaceLabels: { "kubernetes.io/metadata.name": namespace },
      addrs: [ip4Addr(0x0af40000 + i + 2)],
      ports: [port],
      node: `node${i % 100}`,
      origin: { kind: "Pod", namespace, name: `pod${i}` },
    };
  });
}

function makePolicies(random: Random, count: number, namespaceCount: number): Policy[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `ns${i % namespaceCount}`;
    const labels = () =>
      random.nextBelow(3) === 0
        ? { tier: pickFrom(random, TIERS) }
        : { app: pickFrom(random, APPS) };
    const peer = (): Peer => ({
      kind: "pods",
      group: {
        namespaces: random.nextBelow(2) === 0 ? { name } : { selector: {} },
        pods: { matchLabels: labels() },
      },
    });
    const first = 80 + random.nextBelow(9);
    const numbers = { kind: "numbers", protocol: 6, first: 80, last: first } as const;
    const rule = { action: "accept", ports: [numbers], peers: [peer(), peer()], origin: ORIGIN };
    const named = { kind: "named", protocol: 6, name: "http" } as const;
    return {
      tier: "network",
      priority: 0,
      subject: { namespaces: { name }, pods: { matchLabels: labels() } },
      ingress: [rule, { ...rule, ports: [named], peers: [peer()] }],
      ...(i % 4 === 0
        ? { egress: [{ action: "accept", peers: [peer(), peer()], origin: ORIGIN }] }
        : {}),
      origin: { ...ORIGIN, namespace: name, name: `p${i}` },
    } as Policy;
  });
}

/** Nanoseconds that a run takes. */
function timeOf(run: () => unknown): number {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start);
}

function best(rounds: number, runs: readonly (() => unknown)[]): number[] {
  for (const run of runs) run();
  const times = runs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    runs.forEach((run, i) => {
      times[i] = Math.min(times[i] as number, timeOf(run));
    });
  }
  return times;
}

function countPairs(judge: Judge): number {
  const ends = judge.members.map((_, i) => judge.endOf(i));
  let allowed = 0;
  for (const src of ends) {
    for (const dst of ends) {
      if (src !== dst && judge.areEndsAllowed({ src, dst, protocol: 6, port: 80 })) allowed++;
    }
  }
  return allowed;
}

function measure(pods: number, namespaces: number, policyCount: number): void {
  const random = openRandom("bench", `judge-${pods}`);
  const members = makeMembers(random, pods, namespaces);
  const policies = makePolicies(random, policyCount, namespaces);
  const flows: Flow[] = Array.from({ length: 20_000 }, () => {
    const [src, dst] = [pickFrom(random, members), pickFrom(random, members)];
    const port = 80 + random.nextBelow(9);
    return { src: src.addrs[0] as never, dst: dst.addrs[0] as never, protocol: 6, port };
  });
  const judge = new Judge({ members, policies });
  let answers: [number, number] = [0, 0];
  const [quick = 0, slow = 0] = best(7, [
    () => (answers = [flows.filter((flow) => judge.isAllowed(flow)).length, answers[1]]),
    () => (answers = [answers[0], flows.filter((flow) => judge.judge(flow).allowed).length]),
  ]);
  if (answers[0] !== answers[1]) throw new Error(`quick and slow differ: ${answers}`);
  let pairs = 0;
  const [cold = 0, warm = 0] = best(3, [
    () => (pairs = countPairs(new Judge({ members, policies }))),
    () => (pairs = countPairs(judge)),
  ]);
  const workloads = members.map((member) => ({
    ...{ namespace: member.namespace, name: member.name, kind: "Pod" },
    members: [member],
    origin: member.origin,
  }));
  let rows = 0;
  const [listed = 0] = best(2, [() => (rows = listConnections({ workloads, policies }).length)]);
  const perFlow = (ns: number) => `${Math.round(ns / flows.length)} ns`;
  console.log(
    `${pods} pods, ${namespaces} namespaces, ${policyCount} policies (${judge.matrix.endClassCount} classes): ` +
      `a flow ${perFlow(quick)}, explained ${perFlow(slow)} (${answers[0]} of ${flows.length} allowed); ` +
      `all ${pods * (pods - 1)} pairs on one port ${Math.round(cold / 1e6)} ms with a new judge, ` +
      `${Math.round(warm / 1e6)} ms warm (${pairs} allowed); ` +
      `a list of everything allowed ${Math.round(listed / 1e6)} ms (${rows} rows)`,
  );
}

measure(100, 5, 20);
measure(1000, 20, 200);
measure(2000, 40, 400);
