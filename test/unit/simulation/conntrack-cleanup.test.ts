/** What kube-proxy makes the kernels forget when endpoints change, seen in `conntrack -L`. */
import { describe, expect, test } from "vitest";
import { parseAddr } from "../../../src/addr/index.js";
import {
  Cluster,
  EXTERNAL,
  LISTEN_ANNOTATION,
  type ProxyMode,
} from "../../../src/cluster/index.js";
import type { Pod } from "../../../src/objects/index.js";
import { type Simulation, startSimulation } from "../../../src/simulation/index.js";
import { makePod, makeService } from "../../support/workloads.js";

const VIP = "10.96.0.53";
const EXTERNAL_IP = "198.51.100.53";
const NODE_PORT = 30053;
const SPORT = 4000;

function makeEcho(name: string, labels = { app: "echo" }): Pod {
  const pod = makePod({ name, labels });
  const annotations = { [LISTEN_ANNOTATION]: "53/udp,80/tcp" };
  const metadata = { ...pod.metadata, annotations };
  return { ...pod, metadata, spec: { ...pod.spec, nodeName: "node-2" } };
}

/** A client on node-1, and a UDP and a TCP port that the pods of `names` serve on node-2. */
function makeCluster(proxy: ProxyMode, names: readonly string[]): Cluster {
  const client = makePod({ name: "client" });
  const service = makeService(
    { name: "echo" },
    {
      type: "NodePort",
      clusterIP: VIP,
      externalIPs: [EXTERNAL_IP],
      ports: [
        { name: "dns", port: 53, targetPort: 53, nodePort: NODE_PORT, protocol: "UDP" },
        { name: "web", port: 80, targetPort: 80, nodePort: 30080, protocol: "TCP" },
      ],
    },
  );
  const here: Pod = { ...client, spec: { ...client.spec, nodeName: "node-1" } };
  return Cluster.create({ proxy, dns: false }).apply([
    here,
    service,
    ...names.map((n) => makeEcho(n)),
  ]);
}

/** One datagram from the same socket; the pod that got it, or what became of it. */
function ask(sim: Simulation, from = "client", dst = VIP, dport = 53): string {
  const payload = { kind: "bytes", bytes: new Uint8Array(4) } as const;
  const udp = { kind: "udp", sport: SPORT, dport, payload } as const;
  const [first] = sim.send(from, { dst: parseAddr(dst), payload: udp });
  return first?.fate.kind === "delivered" ? first.fate.netns : (first?.fate.kind ?? "nothing");
}

/** Entries of the client's datagrams on node-1. */
function entries(sim: Simulation, proto = "udp"): string[] {
  const shown = sim.node("node-1").sh(`conntrack -L -p ${proto}`).trim();
  return shown.split("\n").filter((line) => /dport=(53|80|30053) /.test(line));
}

const MODES: readonly ProxyMode[] = ["iptables", "nftables", "ipvs"];

describe.each(MODES)("in %s mode", (proxy) => {
  test("a connection to an endpoint that is gone is forgotten, and the next one takes its place", () => {
    const sim = startSimulation(makeCluster(proxy, ["echo-a", "echo-b"]), { seed: "stale" });
    const first = ask(sim);
    expect(first).toMatch(/^default\/echo-[ab]$/);
    expect(entries(sim)).toHaveLength(1);
    // Without a change the connection stays with its endpoint.
    expect([1, 2, 3, 4, 5].map(() => ask(sim))).toEqual([1, 2, 3, 4, 5].map(() => first));
    sim.update(sim.cluster.delete("Pod", "default", first.slice("default/".length)));
    expect(entries(sim)).toEqual([]);
    const second = ask(sim);
    expect(second).toMatch(/^default\/echo-[ab]$/);
    expect(second).not.toBe(first);
  });

  test("a connection whose endpoint still serves stays, and so does TCP", () => {
    const sim = startSimulation(makeCluster(proxy, ["echo-a"]), { seed: "kept" });
    ask(sim);
    sim.exec("client", `curl -m 2 http://${VIP}`);
    expect([entries(sim).length, entries(sim, "tcp").length]).toEqual([1, 1]);
    sim.update(sim.cluster.apply(makeEcho("echo-b")));
    expect([entries(sim).length, entries(sim, "tcp").length]).toEqual([1, 1]);
    expect(ask(sim)).toBe("default/echo-a");
    sim.update(sim.cluster.delete("Pod", "default", "echo-a"));
    expect([entries(sim).length, entries(sim, "tcp").length]).toEqual([0, 1]);
  });

  test("what led to nobody leads to the first endpoint that comes", () => {
    const served = makeCluster(proxy, ["echo-a"]);
    const sim = startSimulation(served.delete("Service", "default", "echo"), { seed: "first" });
    // The address is nobody's yet: the datagram leaves the cluster, and its node remembers it.
    expect(ask(sim, "client", EXTERNAL_IP)).not.toMatch(/echo/);
    expect(entries(sim)).toHaveLength(1);
    sim.update(makeCluster(proxy, []));
    expect(entries(sim)).toHaveLength(1);
    sim.update(served);
    expect(entries(sim)).toEqual([]);
    expect(ask(sim, "client", EXTERNAL_IP)).toBe("default/echo-a");
  });

  test("a node port's connections are forgotten too", () => {
    const sim = startSimulation(makeCluster(proxy, ["echo-a"]), { seed: "node-port" });
    expect(ask(sim, EXTERNAL, "192.168.0.11", NODE_PORT)).toBe("default/echo-a");
    expect(entries(sim)).toHaveLength(1);
    const after = sim.cluster.apply(makeEcho("echo-b")).delete("Pod", "default", "echo-a");
    sim.update(after);
    expect(entries(sim)).toEqual([]);
    expect(ask(sim, EXTERNAL, "192.168.0.11", NODE_PORT)).toBe("default/echo-b");
  });

  test("without any endpoint left kube-proxy forgets nothing; IPVS does with its real server", () => {
    const sim = startSimulation(makeCluster(proxy, ["echo-a"]), { seed: "last" });
    ask(sim);
    sim.update(sim.cluster.delete("Pod", "default", "echo-a"));
    expect(entries(sim)).toHaveLength(proxy === "ipvs" ? 0 : 1);
  });
});

/** What node-1 lists of the UDP or TCP port of the Service's address. */
function ipvsLines(sim: Simulation, command: string, line: RegExp): string[] {
  return sim
    .node("node-1")
    .sh(command)
    .split("\n")
    .filter((text) => line.test(text));
}

describe("in ipvs mode", () => {
  test("a real server of UDP goes at once, and its connections with it; one of TCP is waited for", () => {
    const sim = startSimulation(makeCluster("ipvs", ["echo-a", "echo-b"]), { seed: "ipvs" });
    for (let n = 0; n < 2; n++) sim.exec("client", `curl -m 2 http://${VIP}`);
    const first = ask(sim);
    const name = first.slice("default/".length);
    const addr = sim.cluster.get("Pod", "default", name)?.status?.podIP;
    const realUdp = new RegExp(`-> ${addr}:53 `);
    const realTcp = new RegExp(`-> ${addr}:80 .* Masq +0 +0 +1 `);
    const udp = new RegExp(`^UDP .* ${VIP}:53 +${addr}:53$`);
    const tcp = new RegExp(`^TCP .* ${VIP}:80 +${addr}:80$`);
    expect(ipvsLines(sim, "ipvsadm -Lnc", udp)).toHaveLength(1);
    expect(ipvsLines(sim, "ipvsadm -Lnc", tcp)).toHaveLength(1);
    expect(ipvsLines(sim, "ipvsadm -Ln", realUdp)).not.toEqual([]);
    sim.update(sim.cluster.delete("Pod", "default", name));
    expect(ipvsLines(sim, "ipvsadm -Lnc", udp)).toEqual([]);
    expect(ipvsLines(sim, "ipvsadm -Lnc", tcp)).toHaveLength(1);
    expect(ipvsLines(sim, "ipvsadm -Ln", realUdp)).toEqual([]);
    expect(ipvsLines(sim, "ipvsadm -Ln", realTcp)).toHaveLength(1);
    expect(entries(sim)).toEqual([]);
    // The same socket gets the other one, and stays with it.
    const second = ask(sim);
    expect(second).toMatch(/^default\/echo-[ab]$/);
    expect(second).not.toBe(first);
    expect(ask(sim)).toBe(second);
    expect(entries(sim)).toHaveLength(1);
  });
});
