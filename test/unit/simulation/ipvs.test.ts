/** kube-proxy's ipvs mode through a running cluster, from objects to what a client and `ipvsadm` see. */
import { expect, test } from "vitest";
import { Cluster, EXTERNAL } from "../../../src/cluster/index.js";
import type { Pod } from "../../../src/objects/index.js";
import { type Simulation, startSimulation } from "../../../src/simulation/index.js";
import { makePod, makeService } from "../../support/workloads.js";

const VIP = "10.96.0.80";
const EXTERNAL_IP = "198.51.100.80";

function start(spec: Parameters<typeof makeService>[1] = {}): Simulation {
  const pods = [0, 1].map((n): Pod => {
    const pod = makePod({ name: `web-${n}`, labels: { app: "web" } });
    return { ...pod, spec: { ...pod.spec, nodeName: `node-${n + 1}` } };
  });
  const client = makePod({ name: "client" });
  const here: Pod = { ...client, spec: { ...client.spec, nodeName: "node-1" } };
  const ports = [
    { name: "http", port: 80, targetPort: 80, nodePort: 30080, protocol: "TCP" } as const,
  ];
  const own = { type: "NodePort", clusterIP: VIP, externalIPs: [EXTERNAL_IP], ports } as const;
  const service = makeService({ name: "web" }, { ...own, ...spec });
  const cluster = Cluster.create({ proxy: "ipvs", dns: false }).apply([...pods, here, service]);
  return startSimulation(cluster, { seed: "ipvs" });
}

/** The pod that a connection's first packet came to. */
function reached(sim: Simulation, host: string, url: string): string | undefined {
  const from = host === "client" ? sim.pod(host) : sim.host(host);
  const { trace } = from.exec(`curl -s -m 2 ${url}`);
  return trace.traces.find(({ fate }) => fate.netns.startsWith("default/web-"))?.fate.netns;
}

test("cluster IP, node port and external IP take turns, from a pod, a node and outside", () => {
  const sim = start();
  for (const [from, url] of [
    ["client", `http://${VIP}`],
    ["node-1", `http://${VIP}`],
    ["client", `http://192.168.0.12:30080`],
    [EXTERNAL, "http://192.168.0.11:30080"],
    [EXTERNAL, `http://${EXTERNAL_IP}`],
  ] as const) {
    const seen = new Set([1, 2, 3, 4, 5, 6].map(() => reached(sim, from, url)));
    expect([from, url, [...seen].sort()]).toEqual([from, url, ["default/web-0", "default/web-1"]]);
  }
});

test("with affinity a client stays with its pod", () => {
  const sim = start({ sessionAffinity: "ClientIP" });
  const seen = new Set([1, 2, 3, 4].map(() => reached(sim, "client", `http://${VIP}`)));
  expect(seen.size).toBe(1);
  expect(sim.node("node-1").sh("ipvsadm -Ln")).toContain(`TCP  ${VIP}:80 rr persistent 10800\n`);
});

test("an address of a Service is the node's own, and KUBE-IPVS-FILTER refuses pings to it", () => {
  const { exitCode, stdout, trace } = start().exec("client", `ping -c 1 ${VIP}`);
  expect([exitCode, stdout.split("\n")[1]]).toEqual([
    1,
    `From ${VIP} icmp_seq=1 Destination Port Unreachable`,
  ]);
  expect(trace.traces[0]?.fate).toMatchObject({ kind: "rejected", chain: "KUBE-IPVS-FILTER" });
});

test("a pod that goes while connections lead to it stays with weight 0 until they have ended", () => {
  const sim = start();
  for (let n = 0; n < 4; n++) reached(sim, "client", `http://${VIP}`);
  const node = sim.node("node-1");
  const gone = sim.cluster.get("Pod", "default", "web-1")?.status?.podIP ?? "";
  const rowOf = () =>
    sim
      .node("node-1")
      .sh("ipvsadm -Ln")
      .split(`TCP  ${VIP}:80`)[1]
      ?.split(/\n(?!\s)/)[0]
      ?.split("\n")
      .find((line) => line.includes(`${gone}:80`));
  expect(node.sh("ipvsadm -Lnc")).toContain(`${gone}:80`);
  expect(rowOf()).toMatch(/Masq +1 +0 +\d/);
  sim.update(sim.cluster.delete("Pod", "default", "web-1"));
  expect(rowOf()).toMatch(/Masq +0 +0 +[1-9]/);
  const seen = new Set([1, 2, 3, 4].map(() => reached(sim, "client", `http://${VIP}`)));
  expect([...seen]).toEqual(["default/web-0"]);
  // Closed connections are remembered for two minutes; the proxy looks once a minute.
  sim.advance(240_000_000);
  expect(rowOf()).toBeUndefined();
});

test("ipvsadm shows what went through a Service: connections, packets, bytes, and how fast", () => {
  const sim = start();
  for (let n = 0; n < 3; n++) reached(sim, "client", `http://${VIP}`);
  const tableOf = (command: string) =>
    sim
      .node("node-1")
      .sh(command)
      .split(/\n(?=\S)/)
      .find((lines) => lines.startsWith(`TCP  ${VIP}:80 `));
  // A request has 6 packets: SYN of 60 bytes, 74 bytes to say, 52 for headers; its answer has 5.
  expect(tableOf("ipvsadm -Ln --stats")).toBe(`\
TCP  ${VIP}:80                       3       18       15     1182     1428
  -> 10.244.0.3:80                       2       12       10      788      952
  -> 10.244.1.2:80                       1        6        5      394      476`);
  sim.advance(2_000_000);
  // A quarter of what two seconds saw: 9 packets and 591 bytes a second, 7.5 and 714.
  expect(tableOf("ipvsadm -Ln --rate")).toMatch(/:80 +0 +2 +2 +148 +178\n/);
  const { exitCode, stderr } = sim.node("node-1").exec("ipvsadm -Lnc --stats");
  expect([exitCode, stderr]).toEqual([2, "options conflicts in the list command\n"]);
});
