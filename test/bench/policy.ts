/**
 * npx tsx test/bench/policy.ts
 *
 * The judge on 1,000 pods in 20 namespaces with 200 policies, and the compilers on 10,000 pods with
 * 1,000 policies. Times are of one run after one that warms up; answers are counted and printed.
 */
import { ip4Addr } from "../../src/addr/index.js";
import { openRandom } from "../../src/base/index.js";
import {
  compileIptables,
  compileNftables,
  Judge,
  type Member,
  type Policy,
  planPolicies,
} from "../../src/policy/index.js";

const random = openRandom("bench", "policy");
const APPS = ["web", "api", "db", "cache", "queue"];
const pick = <T>(list: readonly T[]): T => list[random.nextBelow(list.length)] as T;

function makeMembers(count: number, namespaceCount: number): Member[] {
  return Array.from({ length: count }, (_, i) => {
    const namespace = `ns${i % namespaceCount}`;
    return {
      namespace,
      name: `pod${i}`,
      labels: { app: pick(APPS) },
      namespaceLabels: { "kubernetes.io/metadata.name": namespace },
      addrs: [ip4Addr(0x0af40000 + i + 2)],
      ports: [],
      node: `node${i % 100}`,
      origin: { kind: "Pod", namespace, name: `pod${i}` },
    };
  });
}

function makePolicies(count: number, namespaceCount: number): Policy[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `ns${i % namespaceCount}`;
    const origin = { kind: "NetworkPolicy", namespace: name, name: `np${i}` };
    const peer = (app: string) => ({
      kind: "pods" as const,
      group: { namespaces: { name }, pods: { matchLabels: { app } } },
    });
    const port = {
      kind: "numbers" as const,
      protocol: 6,
      first: 80,
      last: 80 + random.nextBelow(9),
    };
    const rule = { action: "accept" as const, ports: [port], origin };
    return {
      tier: "network" as const,
      priority: 0,
      subject: { namespaces: { name }, pods: { matchLabels: { app: pick(APPS) } } },
      ingress: [
        { ...rule, peers: [peer(pick(APPS)), peer(pick(APPS))] },
        {
          ...rule,
          peers: [
            {
              kind: "pods",
              group: { namespaces: { selector: {} }, pods: { matchLabels: { app: "web" } } },
            },
          ],
        },
      ],
      origin,
    };
  });
}

function time(what: string, run: () => number): void {
  run();
  const start = process.hrtime.bigint();
  const answer = run();
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  console.log(`${what}: ${ms.toFixed(1)} ms (${answer})`);
}

const members = makeMembers(1000, 20);
const policies = makePolicies(200, 20);
const judge = new Judge({ members, policies });
const ends = members.map((_, i) => judge.endOf(i));

time("all 999,000 pairs on one port", () => {
  let allowed = 0;
  for (const src of ends) {
    for (const dst of ends) {
      if (src !== dst && judge.areEndsAllowed({ src, dst, protocol: 6, port: 80 })) allowed++;
    }
  }
  return allowed;
});

const flows = Array.from({ length: 100_000 }, () => {
  const [src, dst] = [pick(members), pick(members)].map((m) => m.addrs[0] as never);
  return { src: src as never, dst: dst as never, protocol: 6, port: 80 + random.nextBelow(9) };
});
time("100,000 flows by address", () => flows.filter((flow) => judge.isAllowed(flow)).length);

const many = makeMembers(10_000, 100);
const thousand = makePolicies(1000, 100);
time("plan of one node, 10,000 pods, 1,000 policies", () => {
  const plan = planPolicies({ members: many, policies: thousand, nodes: [], node: "node0" });
  return compileIptables(plan, "ip4").chains.length;
});
time("plan of all pods at once, 10,000 pods, 1,000 policies", () => {
  const plan = planPolicies({ members: many, policies: thousand, nodes: [] });
  return compileIptables(plan, "ip4").chains.length + compileNftables(plan).chains.length;
});
