/** Laws of compiling clusters, and of applying objects to them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Cluster, Compiler, type PolicyMode, type ProxyMode } from "../../../src/cluster/index.js";
import type { NetnsConfig } from "../../../src/netns/index.js";
import { StaleCompiler } from "../../support/broken/stale-compiler.js";
import { anyEdit, applyEdit, type Edit } from "../../support/cluster-edits.js";
import { makeShop } from "../../support/workloads.js";

const SEED = 20260701;

const anyMode = fc.constantFrom<ProxyMode>("iptables", "nftables", "ipvs");
const anyAgent = fc.constantFrom<PolicyMode>("iptables", "nftables", "none");

function printConfig(config: NetnsConfig): string {
  return JSON.stringify(config, (_key, value) =>
    value instanceof Map ? [...(value as Map<string, unknown>)] : value,
  );
}

function printAll(compiled: ReturnType<Compiler["compile"]>): string {
  return [...compiled.netns.values()].map(printConfig).join("\n");
}

/** Says after which edit a compiler that goes along differs from one that starts anew. */
function findDifference(
  edits: readonly Edit[],
  along: Compiler,
  proxy: ProxyMode = "iptables",
  policyAgent: PolicyMode = "iptables",
): number {
  let cluster = Cluster.create({ nodes: 3, zones: 2, proxy, policyAgent });
  for (const [at, edit] of edits.entries()) {
    cluster = applyEdit(cluster, edit);
    const fresh = new Compiler().compile(cluster.state);
    if (printAll(along.compile(cluster.state)) !== printAll(fresh)) return at;
  }
  return -1;
}

test("a compiler that goes along gives what one that starts anew gives", () => {
  const kinds = new Map<string, number>();
  const edits = fc.array(anyEdit, { minLength: 1, maxLength: 12 });
  let enforced = 0;
  fc.assert(
    fc.property(edits, anyMode, anyAgent, (list, mode, agent) => {
      for (const { kind } of list) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      kinds.set(mode, 1).set(`agent ${agent}`, 1);
      expect(findDifference(list, new Compiler(), mode, agent)).toBe(-1);
      if (agent !== "none" && list.filter(({ kind }) => kind === "policy").length > 1) enforced++;
    }),
    { seed: SEED, numRuns: 60 },
  );
  expect(kinds.size).toBe(10 + 3 + 3);
  expect(enforced).toBeGreaterThan(10);
});

test("the law notices a compiler that misses changes", () => {
  const run = () =>
    fc.assert(
      fc.property(fc.array(anyEdit, { minLength: 1, maxLength: 12 }), (edits) => {
        expect(findDifference(edits, new StaleCompiler())).toBe(-1);
      }),
      { seed: SEED, numRuns: 60, endOnFailure: true },
    );
  expect(run).toThrow();
});

test("objects applied together compile to equal bytes in any order", () => {
  const objects = makeShop(8, 3);
  const expected = printAll(Cluster.create({ nodes: 3 }).apply(objects).compile());
  const indexes = objects.map((_, i) => i);
  fc.assert(
    fc.property(fc.shuffledSubarray(indexes, { minLength: indexes.length }), (order) => {
      const shuffled = order.map((i) => objects[i] as (typeof objects)[number]);
      const compiled = Cluster.create({ nodes: 3 }).apply(shuffled).compile();
      expect(printAll(compiled)).toBe(expected);
    }),
    { seed: SEED, numRuns: 15 },
  );
});

test("no address is held twice, and every running pod has one of its node's", () => {
  fc.assert(
    fc.property(fc.array(anyEdit, { minLength: 1, maxLength: 20 }), (edits) => {
      let cluster = Cluster.create({ nodes: 2 });
      for (const edit of edits) cluster = applyEdit(cluster, edit);
      const seen = new Set<string>();
      for (const config of cluster.compile().netns.values()) {
        for (const link of config.links) {
          for (const { address, scope } of link.addresses) {
            if (scope !== "global") continue;
            expect(seen.has(String(address.addr))).toBe(false);
            seen.add(String(address.addr));
          }
        }
      }
      const running = cluster.list("Pod").filter((p) => p.status?.phase === "Running");
      for (const pod of running) expect(seen.has(pod.status?.podIP ?? "")).toBe(true);
    }),
    { seed: SEED, numRuns: 40 },
  );
});
