/** The three modes of kube-proxy on the nodes of one cluster. */
import { expect, test } from "vitest";
import { Cluster, Compiler, type ProxyMode } from "../../../src/cluster/index.js";
import { printNftRuleset } from "../../../src/netfilter/index.js";
import type { NetnsConfig } from "../../../src/netns/index.js";
import { startSimulation } from "../../../src/simulation/index.js";
import { makePod, makeService } from "../../support/workloads.js";

function compileNode(proxy: ProxyMode) {
  const cluster = Cluster.create({ proxy, families: ["ip4", "ip6"] }).apply([
    makePod({ name: "web-0", labels: { app: "web" } }),
    makePod({ name: "web-1", labels: { app: "web" } }),
    makeService({ name: "web" }, { type: "NodePort", ipFamilyPolicy: "PreferDualStack" }),
    makeService(
      { name: "local", labels: { app: "web" } },
      {
        type: "LoadBalancer",
        externalTrafficPolicy: "Local",
        sessionAffinity: "ClientIP",
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } },
      },
    ),
  ]);
  const config = cluster.compile().netns.get("node-1");
  if (config === undefined) throw new Error("node-1 is compiled");
  return { cluster, config };
}

test("nftables mode leaves a table of each family, read without anything unknown", () => {
  const { config } = compileNode("nftables");
  expect(config.nftables.tables.map((t) => `${t.family} ${t.name}`)).toEqual([
    "ip kube-proxy",
    "ip6 kube-proxy",
  ]);
  const [table] = config.nftables.tables;
  const service = table?.chains.find((c) => /^service-.*-default\/web\/tcp\/http$/.test(c.name));
  expect(service?.rules.length).toBe(2);
  expect(service?.rules[0]?.origin).toEqual({
    kind: "Service",
    namespace: "default",
    name: "web",
    part: "http",
  });
  const map = table?.sets.find((s) => s.name === "service-ips");
  expect(map?.elements?.length).toBeGreaterThan(4);
  expect(JSON.stringify(config.nftables)).not.toContain('"kind":"unknown"');
  expect(printNftRuleset(config.nftables)).toContain("type nat hook prerouting priority dstnat");
  const names = config.iptables.tables.flatMap((t) => t.chains.map((c) => c.name));
  expect(names).not.toContain("KUBE-SERVICES");
  expect(names).toContain("FLANNEL-POSTRTG");
});

test("ipvs mode makes Service addresses local and gives them virtual servers", () => {
  const { cluster, config } = compileNode("ipvs");
  const clusterIP = cluster.get("Service", "default", "web")?.spec.clusterIP ?? "";
  const dummy = config.links.find((l) => l.name === "kube-ipvs0");
  expect(dummy?.up).toBe(false);
  expect(dummy?.addresses.map((a) => String(a.address.addr))).toContain(clusterIP);
  const local = config.routes.find((r) => String(r.dst.addr) === clusterIP);
  expect([local?.kind, local?.nextHops[0]?.link]).toEqual(["local", "kube-ipvs0"]);
  const server = config.ipvs?.virtualServers.find((s) => String(s.addr) === clusterIP);
  expect(server?.realServers.length).toBe(2);
  expect(config.ipsets.map((s) => s.name)).toContain("KUBE-CLUSTER-IP");
  expect(config.sysctls.get("net.ipv4.vs.conntrack")).toBe("1");
});

test("iptables mode keeps the kubelet's, kube-proxy's and flannel's rules in their places", () => {
  const { config } = compileNode("iptables");
  const nat = config.iptables.tables.find((t) => t.name === "nat");
  const jumps = nat?.chains
    .find((c) => c.name === "POSTROUTING")
    ?.rules.map((r) => (r.target?.kind === "jump" ? r.target.chain : ""));
  expect(jumps).toEqual(["KUBE-POSTROUTING", "FLANNEL-POSTRTG"]);
  const filter = config.iptables.tables.find((t) => t.name === "filter");
  const input = filter?.chains
    .find((c) => c.name === "INPUT")
    ?.rules.map((r) => (r.target?.kind === "jump" ? r.target.chain : ""));
  expect(input?.at(-1)).toBe("KUBE-FIREWALL");
  const names = filter?.chains.map((c) => c.name) ?? [];
  expect(new Set(names).size).toBe(names.length);
  expect(config.nftables.tables).toEqual([]);
  expect(config.ipvs).toBeUndefined();
});

test("nodes that share rules get what they would get alone", () => {
  for (const proxy of ["iptables", "nftables"] as const) {
    const zones = Cluster.create({ proxy, nodes: 5, zones: 2 }).apply([
      makePod({ name: "web-0", labels: { app: "web" } }),
      makePod({ name: "web-1", labels: { app: "web" } }),
      makeService({ name: "web" }, { type: "NodePort", externalTrafficPolicy: "Local" }),
      makeService({ name: "near", labels: { app: "web" } }, { trafficDistribution: "PreferClose" }),
      makeService(
        { name: "own", labels: { app: "web" } },
        { trafficDistribution: "PreferSameNode" },
      ),
    ]);
    const together = zones.compile().netns;
    for (const node of zones.nodes) {
      const nodes = new Map([[node.metadata.name, node]]);
      const alone = new Compiler().compile({ ...zones.state, nodes }).netns;
      const own = alone.get(node.metadata.name);
      const shared = together.get(node.metadata.name);
      const rulesOf = (c: typeof own) => JSON.stringify([c?.iptables, c?.nftables]);
      expect(rulesOf(shared), `${proxy} ${node.metadata.name}`).toBe(rulesOf(own));
    }
    const texts = zones.nodes.map((n) => printNode(together.get(n.metadata.name)));
    expect(new Set(texts).size).toBeGreaterThan(2);
  }
});

function printNode(config: NetnsConfig | undefined): string {
  const nat = config?.iptables.tables.find((t) => t.name === "nat");
  return JSON.stringify([nat?.chains.filter((c) => c.name.startsWith("KUBE-")), config?.nftables]);
}

test("nodes that share rules of release 1.36 know their own endpoints", () => {
  const proxy = { mode: "nftables", release: "1.36" } as const;
  const cluster = Cluster.create({ proxy, nodes: 3 }).apply([
    makePod({ name: "web-0", labels: { app: "web" } }),
    makePod({ name: "web-1", labels: { app: "web" } }),
    makeService({ name: "web" }),
    makeService({ name: "again", labels: { app: "web" } }),
  ]);
  const { netns } = cluster.compile();
  const hairpins = cluster.nodes.map((node) => {
    const alone = new Compiler().compile({
      ...cluster.state,
      nodes: new Map([[node.metadata.name, node]]),
    });
    const { nftables } = netns.get(node.metadata.name) as NetnsConfig;
    expect(nftables).toEqual(alone.netns.get(node.metadata.name)?.nftables);
    const set = nftables.tables[0]?.sets.find((s) => s.name === "hairpin-connections");
    return set?.elements.length ?? -1;
  });
  expect(hairpins.filter((count) => count > 0).length).toBeGreaterThan(1);
});

test("a pod that reaches itself through a Service is masqueraded in every release", () => {
  for (const release of ["1.35", "1.36", "1.37"] as const) {
    const cluster = Cluster.create({ proxy: { mode: "nftables", release }, nodes: 1 }).apply([
      makePod({ name: "web-0", labels: { app: "web" } }),
      makeService({ name: "web" }),
    ]);
    const sim = startSimulation(cluster, { seed: "self" });
    const reply = sim.exec("web-0", "curl http://web");
    expect(reply.status, release).toBe(200);
    expect(reply.trace.toString(), release).toMatch(/10\.244\.0\.1:\d+ > 10\.244\.0\.\d+:80 tcp/);
  }
});

test("a release that is not known is refused with those that are", () => {
  const proxy = { release: "1.34" as "1.35" };
  expect(() => Cluster.create({ proxy })).toThrow(/1\.34.*1\.35, 1\.36, 1\.37/);
});
