/**
 * Random clusters with policies of every kind in real network namespaces: every pod tries every other
 * pod, and its own node each of its pods; the kernel must let through what the judge allows, and
 * nothing else. Run by tests for a few clusters, and for many by
 *
 *   npx tsx test/kernel/policies/lab.ts 100
 */
import * as fc from "fast-check";
import { parseAddr } from "../../../src/addr/index.js";
import { Lab } from "../../../src/agents/index.js";
import type { Cluster } from "../../../src/cluster/index.js";
import type { KubeObject } from "../../../src/objects/index.js";
import { policyProtocol } from "../../../src/policy/index.js";
import { judgeOf } from "../../../src/simulation/index.js";
import { anyPolicyObjects } from "../../support/policy/policy-objects.js";
import { anyTown, MODES, makeTown, type TownSpec } from "../../support/policy/town.js";

/** What came of some clusters. */
export interface PolicyLabReport {
  readonly clusters: number;
  allowed: number;
  denied: number;
  /** Probes that the kernel answered otherwise than the judge, in words. */
  readonly differences: string[];
}

interface Attempt {
  readonly from: string;
  readonly dst: string;
  readonly proto: "tcp" | "udp";
  readonly dport: number;
  readonly isAllowed: boolean;
}

/** Tries clusters, each with either form of the rules. */
export async function tryPolicies(
  name: string,
  { count, seed, forget = 0 }: { count: number; seed: number; forget?: number },
): Promise<PolicyLabReport> {
  const worlds = fc.sample(fc.tuple(anyTown, anyPolicyObjects), { seed, numRuns: count });
  const report: PolicyLabReport = { clusters: count, allowed: 0, denied: 0, differences: [] };
  for (const [at, [spec, policies]] of worlds.entries()) {
    for (const mode of MODES) {
      await tryOne(`${name}-${at}`, { spec, policies, mode, forget }, report);
    }
  }
  return report;
}

interface Case {
  readonly spec: TownSpec;
  readonly policies: readonly KubeObject[];
  readonly mode: (typeof MODES)[number];
  /** How many policies the kernel is not told of: to see that it matters. */
  readonly forget: number;
}

async function tryOne(name: string, of: Case, report: PolicyLabReport): Promise<void> {
  const { policies, mode, forget } = of;
  const spec = { ...of.spec, proxy: mode === "nftables" ? mode : "iptables" } as const;
  const cluster = makeTown(spec, mode).apply(policies);
  const built = forget === 0 ? cluster : makeTown(spec, mode).apply(policies.slice(forget));
  const lab = await Lab.open(built.compile(), { name, withoutChance: true });
  try {
    const attempts = attemptsIn(cluster);
    const clients = [...new Set(attempts.map(({ from }) => from))].map(async (from) => {
      const own = attempts.filter((attempt) => attempt.from === from);
      for (const [at, { dst, proto, dport, isAllowed }] of own.entries()) {
        const { result } = await lab.probe(from, { proto, dst, dport, sport: 21_000 + at });
        if (isAllowed) report.allowed++;
        else report.denied++;
        if ((result === "ok") === isAllowed) continue;
        const words = isAllowed ? "allowed" : "denied";
        report.differences.push(
          `${name} ${mode}: ${from} > ${dst} ${proto} ${dport} is ${words}: ${result}`,
        );
      }
    });
    await Promise.all(clients);
  } finally {
    lab.close();
  }
}

function attemptsIn(cluster: Cluster): Attempt[] {
  const judge = judgeOf(cluster);
  const pods = cluster.list("Pod").map((pod) => ({
    netns: `${pod.metadata.namespace}/${pod.metadata.name}`,
    node: pod.spec?.nodeName ?? "",
    ips: (pod.status?.podIPs ?? []).map(({ ip }) => ip),
  }));
  const ports = [
    { proto: "tcp", dport: 80 },
    { proto: "udp", dport: 53 },
  ] as const;
  const between = pods.flatMap((from) =>
    pods.flatMap((to) =>
      from === to
        ? []
        : to.ips.flatMap((dst, family) =>
            ports.map(({ proto, dport }): Attempt => {
              const protocol = policyProtocol(proto.toUpperCase());
              const src = parseAddr(from.ips[family] ?? "");
              const flow = { src, dst: parseAddr(dst), protocol, port: dport };
              return { from: from.netns, dst, proto, dport, isAllowed: judge.isAllowed(flow) };
            }),
          ),
    ),
  );
  const probes = pods.flatMap(({ node, ips }) =>
    ips.map((dst): Attempt => ({ from: node, dst, proto: "tcp", dport: 80, isAllowed: true })),
  );
  return [...between, ...probes];
}

if (process.argv[1]?.endsWith("policies/lab.ts")) {
  const count = Number(process.argv[2] ?? 100);
  const seed = Number(process.argv[3] ?? 1);
  const report = await tryPolicies(`pol${process.pid}`, { count, seed });
  console.log(JSON.stringify(report));
  process.exitCode = report.differences.length === 0 ? 0 : 1;
}
