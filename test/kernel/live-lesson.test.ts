import { describe, expect, test } from "vitest";
import { inNetns, Lab, runProgram } from "../../src/agents/index.js";
import { Cluster } from "../../src/cluster/index.js";
import { parseNetnsDump } from "../../src/netns/index.js";
import { loadManifests } from "../../src/objects/index.js";
import { type Simulation, startSimulation } from "../../src/simulation/index.js";
import type { Packet } from "../../src/wire/index.js";
import { whyNoKernel } from "../support/kernel/netns.js";

const why = whyNoKernel();

const LESSON = `
apiVersion: v1
kind: Pod
metadata: { name: pod-a, labels: { run: pod-a } }
spec: { containers: [{ name: pod-a, image: nginx }] }
---
apiVersion: v1
kind: Pod
metadata: { name: pod-b, labels: { run: pod-b } }
spec: { containers: [{ name: pod-b, image: nginx }] }
---
apiVersion: v1
kind: Service
metadata: { name: pod-b-service }
spec: { selector: { run: pod-b }, ports: [{ port: 80, targetPort: 80 }] }
`;

function lesson(network: "vxlan" | "bridge"): Cluster {
  const { objects } = loadManifests([{ file: "lesson.yaml", text: LESSON }]);
  return Cluster.create({ nodes: 2, network }).apply(objects.map((o) => o.object));
}

/** The first packet of a connection: as pod-a sent it, and as pod-b got it. */
function firstPacket(sim: Simulation, command: string, port: number) {
  for (const { hops } of sim.exec("pod-a", command).trace) {
    const packets = (netns: string, kind: "transmit" | "receive") =>
      hops
        .filter((hop) => hop.netns === netns)
        .flatMap((hop) => hop.steps)
        .flatMap((step) => (step.kind === kind ? [step.frame.payload] : []));
    const sent = packets("default/pod-a", "transmit")[0] as Packet | undefined;
    const got = packets("default/pod-b", "receive")[0] as Packet | undefined;
    if (sent?.payload.kind !== "tcp" || got?.payload.kind !== "tcp") continue;
    if (sent.payload.dport === port) return { sent: endsOf(sent), got: endsOf(got) };
  }
  throw new Error("no connection arrived at pod-b");
}

function endsOf({ src, dst, payload }: Packet) {
  if (payload.kind !== "tcp") throw new Error("not TCP");
  const { sport, dport } = payload;
  return { src: src.toString(), sport, dst: dst.toString(), dport };
}

describe.skipIf(why !== undefined)(`the lesson on a real kernel (${why ?? "here"})`, () => {
  test.each(["vxlan", "bridge"] as const)(
    "over %s: pod-b answers with the addresses and ports of the simulation",
    async (network) => {
      const cluster = lesson(network);
      const sim = startSimulation(cluster, { seed: "lesson-1" });
      const simulated = firstPacket(sim, "curl http://pod-b-service", 80);
      const lab = await Lab.open(cluster.compile(), { name: `test-${process.pid}` });
      try {
        const { sent, got } = simulated;
        const answer = await lab.probe("default/pod-a", { proto: "tcp", ...sent });
        expect(answer).toMatchObject({
          result: "ok",
          answeredBy: "default/pod-b",
          src: sent.src,
          sport: sent.sport,
        });
        expect(answer.saw).toEqual([
          {
            netns: "default/pod-b",
            proto: "tcp",
            local: got.dst,
            lport: got.dport,
            peer: got.src,
            pport: got.sport,
          },
        ]);
      } finally {
        lab.close();
      }
      expect(runProgram(["ip", "netns", "list"])).not.toContain(`kw-test-${process.pid}`);
    },
    60_000,
  );

  test("every kernel dumps the routes and rules that it was rendered", async () => {
    const compiled = lesson("vxlan").compile();
    const lab = await Lab.open(compiled, { name: `dump-${process.pid}` });
    try {
      for (const config of lab.plan.configs) {
        const run = (...command: string[]) =>
          runProgram(inNetns(lab.realName(config.name), command));
        const dumped = parseNetnsDump(config.name, {
          ip_link: JSON.parse(run("ip", "-d", "-j", "link")),
          ip_addr: JSON.parse(run("ip", "-j", "addr")),
          ip_route: JSON.parse(run("ip", "-j", "-4", "route", "show", "table", "all")),
          iptables_save: run("iptables-save"),
        });
        const routes = (all: typeof config.routes) =>
          all
            .filter((r) => r.family === "ip4")
            .map(({ kind, dst, table, metric, nextHops, src, scope, protocol }) =>
              JSON.stringify({ kind, dst, table, metric, nextHops, src, scope, protocol }),
            )
            .sort((a, b) => (a < b ? -1 : 1));
        expect(routes(dumped.routes), config.name).toEqual(routes(config.routes));
        const count = (rulesets: typeof config.iptables) =>
          rulesets.tables
            .flatMap((t) => t.chains.map((c) => `${t.name} ${c.name} ${c.rules.length}`))
            .sort((a, b) => (a < b ? -1 : 1));
        const wanted = new Set(count(dumped.iptables));
        expect(count(config.iptables).filter((line) => !wanted.has(line))).toEqual([]);
      }
    } finally {
      lab.close();
    }
  }, 60_000);
});
