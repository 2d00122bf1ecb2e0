/** Policies on the nodes of a running cluster: what they let through, and what a trace says. */
import { describe, expect, test } from "vitest";
import { type Family, parseAddr } from "../../../src/addr/index.js";
import { Cluster, type ClusterOptions } from "../../../src/cluster/index.js";
import type { KubeObject } from "../../../src/objects/index.js";
import { type Simulation, startSimulation } from "../../../src/simulation/index.js";
import { printTrace } from "../../../src/trace/index.js";
import { udpDatagram } from "../../../src/wire/index.js";
import { readOne } from "../../support/policy/cluster.js";
import { makePod, makeService } from "../../support/workloads.js";

/** Pods on both nodes, and a Service in front of one of them. */
function makeTown(options: ClusterOptions, policies: readonly KubeObject[]): Cluster {
  const pods = ["friend", "web", "foe", "foe2"].map((name) => makePod({ name }));
  const service = makeService({ name: "web", labels: { run: "web" } });
  return Cluster.create({ nodes: 2, ...options }).apply([...pods, service, ...policies]);
}

function policy(name: string, spec: object): KubeObject {
  return readOne({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: "default" },
    spec,
  });
}

const select = (run: string) => ({ podSelector: { matchLabels: { run } } });
const FRIENDS_ONLY = policy("web", {
  ...select("web"),
  ingress: [{ from: [select("friend")], ports: [{ protocol: "TCP", port: 80 }] }],
});

function tryTcp(sim: Simulation, from: string, host: string, port = 80): number {
  return sim.exec(from, `nc -z -w 2 ${host} ${port}`).exitCode;
}

function ipsOf(cluster: Cluster, pod: string): readonly string[] {
  return (cluster.get("Pod", "default", pod)?.status?.podIPs ?? []).map(({ ip }) => ip);
}

const MODES = ["iptables", "nftables"] as const;

describe.each([
  ["iptables", "iptables", ["ip4"]],
  ["nftables", "nftables", ["ip4", "ip6"]],
  ["iptables", "nftables", ["ip6"]],
  ["nftables", "iptables", ["ip4", "ip6"]],
] as const)("proxy %s, policy agent %s, %s", (proxy, policyAgent, families) => {
  const options = { proxy, policyAgent, families: families as readonly Family[] };
  const cluster = makeTown(options, [FRIENDS_ONLY]);
  const sim = startSimulation(cluster, { seed: "town" });

  test("lets those through whom a rule names, and nobody else, in every family", () => {
    for (const ip of ipsOf(cluster, "web")) {
      const answers = ["friend", "foe", "foe2"].map((from) => tryTcp(sim, from, ip));
      expect([ip, answers]).toEqual([ip, [0, 1, 1]]);
      expect(tryTcp(sim, "friend", ip, 81)).toBe(1);
    }
  });

  test("sees the pod behind a Service", () => {
    const { exitCode, stderr, trace } = sim.exec("foe", "curl -m 2 http://web");
    expect([exitCode, stderr]).toEqual([28, expect.stringContaining("timed out")]);
    const dropped = trace.traces.find((t) => t.fate.kind === "dropped");
    const text = dropped === undefined ? "" : printTrace(dropped, { level: "everything" });
    expect(text).toContain("isolated by NetworkPolicy default/web");
    expect(text).toContain(`> ${bracket(ipsOf(cluster, "web")[0] ?? "")}:80 iif`);
    expect(sim.exec("friend", "curl -m 2 http://web").exitCode).toBe(0);
  });

  test("lets a node probe its own pods, and only those", () => {
    const [own, other] =
      cluster.get("Pod", "default", "web")?.spec?.nodeName === "node-1"
        ? ["node-1", "node-2"]
        : ["node-2", "node-1"];
    for (const ip of ipsOf(cluster, "web")) {
      expect(sim.node(own as string).exec(`nc -z -w 2 ${ip} 80`).exitCode).toBe(0);
      expect(sim.node(other as string).exec(`nc -z -w 2 ${ip} 80`).exitCode).toBe(1);
    }
  });
});

function bracket(ip: string): string {
  return ip.includes(":") ? `[${ip}]` : ip;
}

test.each(MODES)("without DNS in its egress a pod finds no name (%s)", (policyAgent) => {
  const egress = policy("closed", {
    ...select("friend"),
    policyTypes: ["Egress"],
    egress: [{ to: [select("web")] }],
  });
  const cluster = makeTown({ policyAgent }, [egress]);
  const sim = startSimulation(cluster);
  const { exitCode, stderr } = sim.exec("friend", "curl http://web");
  expect([exitCode, stderr]).toEqual([6, expect.stringContaining("Could not resolve host")]);
  const ip = cluster.get("Service", "default", "web")?.spec.clusterIP;
  expect(sim.exec("friend", `curl http://${ip}`).exitCode).toBe(0);
});

test.each([
  ["iptables", "keep", "delivered"],
  ["iptables", "recheck", "dropped"],
  ["nftables", "keep", "delivered"],
  ["nftables", "recheck", "dropped"],
] as const)("an open flow when a policy comes: %s, %s: %s", (mode, established, fate) => {
  const open = makeTown({ policyAgent: { mode, established } }, []);
  const sim = startSimulation(open);
  const [friend = "", web = ""] = ["friend", "web"].map((pod) => ipsOf(open, pod)[0]);
  const say = (from: string, ports: { sport: number; dport: number }) => {
    const [src, dst] = from === "friend" ? [friend, web] : [web, friend];
    const payload = udpDatagram(ports);
    const story = sim.send(from, { src: parseAddr(src), dst: parseAddr(dst), payload });
    return story.traces[0]?.fate;
  };
  say("friend", { sport: 4000, dport: 53 });
  say("web", { sport: 53, dport: 4000 });
  sim.update(open.apply(policy("shut", select("web"))));
  const later = say("friend", { sport: 4000, dport: 53 });
  // Nothing listens there: a datagram that arrives is told so, and that counts as arriving.
  expect(later?.kind === "dropped" ? "dropped" : "delivered").toBe(fate);
  expect(say("friend", { sport: 4001, dport: 53 })?.kind).toBe("dropped");
});

describe.each(MODES)("an agent that answers instead of being silent (%s)", (mode) => {
  const families: readonly Family[] = ["ip4", "ip6"];
  const policyAgent = { mode, denial: "reject" } as const;
  const cluster = makeTown({ families, policyAgent }, [FRIENDS_ONLY]);
  const sim = startSimulation(cluster);

  test.each(["tcp", "udp"])("port unreachable comes back at once: %s", (protocol) => {
    for (const ip of ipsOf(cluster, "web")) {
      const flag = protocol === "udp" ? "-u " : "";
      const { exitCode, trace } = sim.exec("foe", `nc ${flag}-z -w 2 ${ip} 80`);
      expect(exitCode).toBe(1);
      const denied = trace.traces.find((t) => t.fate.kind === "rejected");
      expect(denied?.fate).toMatchObject({ origin: { kind: "NetworkPolicy", name: "web" } });
      // The error travels back as a packet of its own, because of the one that was refused.
      const answer = trace.traces.find((t) => t.cause === denied?.id);
      expect(answer?.fate.kind).toBe("consumed");
    }
  });

  test("curl is refused, where it would wait for an agent that is silent", () => {
    const { exitCode } = sim.exec("foe", "curl -m 2 http://web");
    expect(exitCode).toBe(7);
    const silent = startSimulation(makeTown({ policyAgent: { mode } }, [FRIENDS_ONLY]));
    expect(silent.exec("foe", "curl -m 2 http://web").exitCode).toBe(28);
  });
});

describe.each(MODES)("domain names in rules (%s)", (mode) => {
  const admin = readOne({
    apiVersion: "policy.networking.k8s.io/v1alpha2",
    kind: "ClusterNetworkPolicy",
    metadata: { name: "names" },
    spec: {
      tier: "Admin",
      priority: 1,
      subject: { namespaces: {} },
      egress: [
        {
          name: "allow-example",
          action: "Accept",
          to: [{ domainNames: ["*.example.com"] }],
        },
        { name: "deny-others", action: "Deny", to: [{ networks: ["203.0.113.0/24"] }] },
      ],
    },
  });

  const fateOf = (resolved: Record<string, string[]>, dst: string) => {
    const sim = startSimulation(makeTown({ policyAgent: { mode, resolved } }, [admin]));
    const payload = udpDatagram({ sport: 4000, dport: 53 });
    const { traces } = sim.send("friend", { dst: parseAddr(dst), payload });
    return traces[0]?.fate.kind;
  };

  test.each([
    // Names that nobody has resolved are nobody's.
    [{}, "203.0.113.9", true],
    [{ "www.example.com": ["203.0.113.9"] }, "203.0.113.9", false],
    [{ "www.example.com": ["203.0.113.9"] }, "203.0.113.10", true],
    [{ "example.com": ["203.0.113.9"] }, "203.0.113.9", true],
    [{ "www.example.com": ["203.0.113.9"] }, "198.51.100.1", false],
  ] as const)("resolved %j: %s is dropped: %s", (resolved, dst, isDropped) => {
    expect(fateOf(resolved as never, dst) === "dropped").toBe(isDropped);
  });
});

test("a node without a selected pod has no rules of the agent, and no cluster without policies", () => {
  const cluster = makeTown({}, [FRIENDS_ONLY]);
  const bare = makeTown({}, []);
  const chains = (of: Cluster, node: string) => {
    const { iptables, ipsets } = of.compile().netns.get(node) ?? { iptables: undefined };
    const names = iptables?.tables.flatMap((table) => table.chains.map((chain) => chain.name));
    return [names?.filter((name) => name.startsWith("KW-")).length, ipsets?.length];
  };
  const home = cluster.get("Pod", "default", "web")?.spec?.nodeName ?? "";
  const other = home === "node-1" ? "node-2" : "node-1";
  expect(chains(cluster, home)).toEqual([5, 3]);
  expect(chains(cluster, other)).toEqual([0, 0]);
  expect(chains(bare, home)).toEqual([0, 0]);
});

test("where nobody enforces policies a trace says which ones it leaves out", () => {
  const cluster = makeTown({ policyAgent: "none" }, [FRIENDS_ONLY]);
  const sim = startSimulation(cluster);
  const { exitCode, trace } = sim.exec("foe", `nc -z ${ipsOf(cluster, "web")[0]} 80`);
  expect(exitCode).toBe(0);
  const [first] = trace.traces;
  expect(first === undefined ? "" : printTrace(first)).toContain(
    "not enforced here, could change its fate (Ingress): NetworkPolicy default/web",
  );
});
