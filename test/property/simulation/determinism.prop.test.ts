import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cluster } from "../../../src/cluster/index.js";
import { startSimulation } from "../../../src/simulation/index.js";
import { traceToJson } from "../../../src/trace/index.js";
import { makeDeployment, makePod, makeService } from "../../support/workloads.js";

const seed = 20261123;

const command = fc.constantFrom(
  "curl -s http://web",
  "curl -s -m 2 http://web:81",
  "curl -s http://web.default.svc.cluster.local/other",
  "nslookup web",
  "nslookup -type=srv _http._tcp.web.default.svc.cluster.local",
  "curl -s http://nosuch",
  "ping -c 2 web",
  "nc -z -w 1 web 80",
);

const run = fc.record({
  seed: fc.string({ maxLength: 8 }),
  network: fc.constantFrom("vxlan", "bridge"),
  family: fc.constantFrom("ip4", "ip6"),
  replicas: fc.integer({ min: 0, max: 3 }),
  commands: fc.array(command, { minLength: 1, maxLength: 4 }),
});

type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;

/** Everything a run leaves: what commands printed, every trace, and the connections at the end. */
function tell({ seed, network, family, replicas, commands }: Run, salt = ""): string {
  const cluster = Cluster.create({ nodes: 2, network, families: [family] }).apply([
    makePod({ name: "client" }),
    makeDeployment({ name: "web", replicas }),
    makeService({ name: "web" }),
  ]);
  const sim = startSimulation(cluster, { seed: seed + salt });
  const told = commands.map((line) => {
    const { trace, ...reply } = sim.exec("client", line);
    return { ...reply, traces: trace.traces.map((t) => traceToJson(t)) };
  });
  const tables = cluster.nodes.map((node) => sim.node(node.metadata.name).sh("conntrack -L"));
  return JSON.stringify({ told, tables, nowUs: sim.nowUs });
}

describe("a simulation", () => {
  test("gives the same bytes for the same cluster, seed and commands", () => {
    const exits = new Set<string>();
    const property = fc.property(run, (input) => {
      const first = tell(input);
      for (const match of first.matchAll(/"exitCode":(\d+)/g)) exits.add(match[1] ?? "");
      return first === tell(input);
    });
    fc.assert(property, { seed, numRuns: 25 });
    expect(exits.size).toBeGreaterThanOrEqual(4);
  });

  test("depends on its seed: ports and sequence numbers are drawn from it", () => {
    const property = fc.property(run, (input) => tell(input) === tell(input, "other"));
    expect(() => fc.assert(property, { seed, numRuns: 5 })).toThrow();
  });
});
