/** Services of type LoadBalancer, called from outside over simulated packets. */
import { expect, test } from "vitest";
import { Cluster, type ClusterOptions, EXTERNAL } from "../../../src/cluster/index.js";
import type { Pod } from "../../../src/objects/index.js";
import { startSimulation } from "../../../src/simulation/index.js";
import { makePod, makeService } from "../../support/workloads.js";

/** One pod on node-1, three on node-2. */
function makeShop(policy: "Cluster" | "Local", options: ClusterOptions): Cluster {
  const pods = [0, 1, 2, 3].map((n): Pod => {
    const pod = makePod({ name: `web-${n}`, labels: { app: "web" } });
    return { ...pod, spec: { ...pod.spec, nodeName: n === 0 ? "node-1" : "node-2" } };
  });
  const spec = { type: "LoadBalancer", externalTrafficPolicy: policy } as const;
  return Cluster.create(options).apply([...pods, makeService({ name: "web" }, spec)]);
}

function ingressOf(cluster: Cluster) {
  return cluster.get("Service", "default", "web")?.status?.loadBalancer?.ingress ?? [];
}

/** Calls so many times from outside; counts the pods that answered, and the clients they saw. */
function call(cluster: Cluster, times: number) {
  const sim = startSimulation(cluster, { seed: "skew" });
  const answered = new Map<string, number>();
  const clients = new Set<string>();
  const ip = ingressOf(cluster)[0]?.ip ?? "";
  for (let n = 0; n < times; n++) {
    const { exitCode, trace } = sim.host(EXTERNAL).exec(`curl http://${ip}`);
    expect(exitCode).toBe(0);
    const first = trace.traces.find((t) => t.fate.netns.startsWith("default/web-"));
    const name = first?.fate.netns ?? "";
    answered.set(name, (answered.get(name) ?? 0) + 1);
    for (const step of first?.hops.at(-1)?.steps ?? []) {
      if (step.kind === "receive" && !("kind" in step.frame.payload)) {
        clients.add(String(step.frame.payload.src));
      }
    }
  }
  return { answered, clients };
}

test("without a load balancer a Service stays pending", () => {
  expect(ingressOf(makeShop("Cluster", {}))).toEqual([]);
});

test("addresses are given in order, kept, and given back", () => {
  const cluster = makeShop("Cluster", { loadBalancer: {}, families: ["ip4", "ip6"] });
  expect(ingressOf(cluster)).toEqual([{ ip: "203.0.113.1", ipMode: "VIP" }]);
  const other = makeService(
    { name: "other" },
    {
      type: "LoadBalancer",
      ipFamilyPolicy: "RequireDualStack",
    },
  );
  const two = cluster.apply(other).get("Service", "default", "other")?.status?.loadBalancer;
  expect(two?.ingress?.map((i) => i.ip)).toEqual(["203.0.113.2", "2001:db8:1b::1"]);
  const changed = cluster.apply(makeService({ name: "web" }, { type: "NodePort" }));
  expect(ingressOf(changed)).toEqual([]);
});

test("policy Local keeps the client's address and shares by node, not by pod", () => {
  const { answered, clients } = call(makeShop("Local", { loadBalancer: {} }), 60);
  expect([...clients]).toEqual(["192.168.0.1"]);
  const alone = answered.get("default/web-0") ?? 0;
  expect(alone).toBeGreaterThan(18);
  expect(alone).toBeLessThan(42);
});

test("policy Cluster shares by pod and hides the client behind a node", () => {
  const { answered, clients } = call(makeShop("Cluster", { loadBalancer: {} }), 60);
  expect(answered.size).toBe(4);
  expect(answered.get("default/web-0") ?? 0).toBeLessThan(28);
  expect(clients.has("192.168.0.1")).toBe(false);
});

test("a proxying load balancer comes through node ports", () => {
  const options: ClusterOptions = { loadBalancer: { ipMode: "Proxy" } };
  const cluster = makeShop("Local", options);
  expect(ingressOf(cluster)).toEqual([{ ip: "203.0.113.1", ipMode: "Proxy" }]);
  const { answered } = call(cluster, 20);
  expect(answered.get("default/web-0") ?? 0).toBeGreaterThan(4);
  const inside = startSimulation(cluster, { seed: "x" }).exec("web-0", "curl http://203.0.113.1");
  expect(inside.exitCode).toBe(0);
});

test("an address whose pods are all unready leads nowhere", () => {
  const cluster = makeShop("Local", { loadBalancer: {} });
  const unready = cluster.list("Pod", "default").map((pod): Pod => {
    const conditions = pod.status?.conditions?.map((c) =>
      c.type === "Ready" ? { ...c, status: "False" } : c,
    );
    return { ...pod, status: { ...pod.status, conditions } } as Pod;
  });
  const routes = cluster.apply(unready).compile().netns.get(EXTERNAL)?.routes ?? [];
  expect(routes.find((r) => String(r.dst.addr) === "203.0.113.1")?.kind).toBe("blackhole");
});
