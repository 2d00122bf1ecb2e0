/** kube-proxy's health checks, asked over simulated packets by a client outside. */
import { describe, expect, test } from "vitest";
import {
  Cluster,
  type ClusterOptions,
  EXTERNAL,
  type ProxyMode,
} from "../../../src/cluster/index.js";
import type { Node, Pod } from "../../../src/objects/index.js";
import { type Simulation, startSimulation } from "../../../src/simulation/index.js";
import { makePod, makeService } from "../../support/workloads.js";

const MODES: readonly ProxyMode[] = ["iptables", "nftables", "ipvs"];
const PORT = 32100;

/** Two pods on node-1, none on node-2. */
function makeShop(options: ClusterOptions): Cluster {
  const pods = [0, 1].map((n): Pod => {
    const pod = makePod({ name: `web-${n}`, labels: { app: "web" } });
    return { ...pod, spec: { ...pod.spec, nodeName: "node-1" } };
  });
  const service = makeService(
    { name: "web" },
    {
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      healthCheckNodePort: PORT,
      ipFamilyPolicy: "PreferDualStack",
    },
  );
  return Cluster.create({ loadBalancer: {}, ...options }).apply([...pods, service]);
}

function ask(sim: Simulation, url: string) {
  return sim.host(EXTERNAL).exec(`curl -s -i -m 3 ${url}`);
}

const ANSWER = [
  "HTTP/1.1 200 OK",
  "Content-Type: application/json",
  "X-Content-Type-Options: nosniff",
  "X-Load-Balancing-Endpoint-Weight: 2",
  "Date: Thu, 01 Jan 2026 00:00:00 GMT",
  "Content-Length: 114",
  "",
  "{",
  '\t"service": {',
  '\t\t"namespace": "default",',
  '\t\t"name": "web"',
  "\t},",
  '\t"localEndpoints": 2,',
  '\t"serviceProxyHealthy": true',
  "}",
];

describe.each(MODES)("health-check node ports in %s mode", (proxy) => {
  test("answer 200 where endpoints are and 503 elsewhere, byte for byte", () => {
    const sim = startSimulation(makeShop({ proxy }));
    expect(
      ask(sim, `http://192.168.0.11:${PORT}`).stdout.split("\r\n").join("\n").split("\n"),
    ).toEqual(ANSWER);
    const { stdout } = ask(sim, `http://192.168.0.12:${PORT}/any/path`);
    expect(stdout).toContain("HTTP/1.1 503 Service Unavailable\r\n");
    expect(stdout).toContain("X-Load-Balancing-Endpoint-Weight: 0\r\n");
    expect(stdout).toContain('"localEndpoints": 0');
  });

  test("follow the endpoints", () => {
    const cluster = makeShop({ proxy });
    const sim = startSimulation(cluster);
    sim.update(cluster.delete("Pod", "default", "web-0"));
    expect(ask(sim, `http://192.168.0.11:${PORT}`).stdout).toContain("Endpoint-Weight: 1\r\n");
    sim.update(sim.cluster.delete("Pod", "default", "web-1"));
    expect(ask(sim, `http://192.168.0.11:${PORT}`).stdout).toContain("HTTP/1.1 503 ");
    sim.update(sim.cluster.delete("Service", "default", "web"));
    expect(ask(sim, `http://192.168.0.11:${PORT}`).exitCode).toBe(7);
  });

  test("listen on both families, or where node ports are taken", () => {
    const both: ClusterOptions = { proxy, families: ["ip4", "ip6"] };
    const six = `http://[fd00:192:168::b]:${PORT}`;
    expect(ask(startSimulation(makeShop(both)), six).stdout).toContain("200 OK");
    const narrow = startSimulation(makeShop({ ...both, nodePortAddresses: ["192.168.0.0/16"] }));
    expect(ask(narrow, `http://192.168.0.11:${PORT}`).stdout).toContain("200 OK");
    // The IPv6 proxy has no prefix of its own family and would listen everywhere, where IPv4 is.
    expect(ask(narrow, six).exitCode).toBe(7);
    const other = startSimulation(makeShop({ proxy, nodePortAddresses: ["127.0.0.0/8"] }));
    expect(ask(other, `http://192.168.0.11:${PORT}`).exitCode).toBe(7);
    const own = other.node("node-1").exec(`curl -s http://127.0.0.1:${PORT}`);
    expect(own.stdout).toContain('"localEndpoints": 2');
  });
});

test("by default nftables mode answers on the primary address alone", () => {
  for (const proxy of MODES) {
    const sim = startSimulation(makeShop({ proxy }));
    const { exitCode } = sim.node("node-1").exec(`curl -s http://127.0.0.1:${PORT}`);
    expect(exitCode).toBe(proxy === "nftables" ? 7 : 0);
  }
});

describe("kube-proxy's own health", () => {
  test("is told to everybody, also that the node is about to go", () => {
    const cluster = makeShop({ families: ["ip4", "ip6"] });
    const sim = startSimulation(cluster);
    sim.advance(1_500_000);
    const healthy = ask(sim, "http://192.168.0.12:10256/healthz");
    expect(healthy.stdout).toContain("HTTP/1.1 200 OK\r\n");
    const body = JSON.parse(healthy.stdout.split("\r\n\r\n")[1] ?? "");
    expect(Object.keys(body)).toEqual([
      "lastUpdated",
      "currentTime",
      "nodeEligible",
      "healthy",
      "status",
    ]);
    expect(body.currentTime).toMatch(/^2026-01-01T00:00:01\.5\d*Z$/);
    expect(body.lastUpdated).toBe(body.currentTime);
    const first = { lastUpdated: "2026-01-01T00:00:00Z", healthy: true };
    expect(body.status).toEqual({ IPv4: first, IPv6: first });
    const node = cluster.get("Node", "", "node-2") as Node;
    const taint = { key: "ToBeDeletedByClusterAutoscaler", effect: "NoSchedule" } as const;
    sim.update(cluster.apply({ ...node, spec: { ...node.spec, taints: [taint] } }));
    const leaving = ask(sim, "http://192.168.0.12:10256/healthz").stdout;
    expect(leaving).toContain("HTTP/1.1 503 Service Unavailable\r\n");
    expect(leaving).toContain('"nodeEligible":false,"healthy":true');
    const live = ask(sim, "http://192.168.0.12:10256/livez").stdout;
    expect(live).toContain("HTTP/1.1 200 OK\r\n");
    expect(live).not.toContain("nodeEligible");
  });

  test("has no other pages", () => {
    const { stdout } = ask(startSimulation(makeShop({})), "http://192.168.0.12:10256/");
    expect(stdout).toContain(
      "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n",
    );
    expect(stdout.endsWith("\r\n\r\n404 page not found\n")).toBe(true);
  });
});

test("an unreadable list of addresses is refused", () => {
  const make = () => Cluster.create({ nodePortAddresses: ["192.168.0.0/16", "primary"] });
  expect(make).toThrow(
    expect.objectContaining({
      faults: [expect.objectContaining({ code: "bad-node-port-address" })],
    }),
  );
});
