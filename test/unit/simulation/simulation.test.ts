import { describe, expect, test } from "vitest";
import { type Family, parseAddr } from "../../../src/addr/index.js";
import { Cluster, type ClusterOptions } from "../../../src/cluster/index.js";
import type { KubeObject } from "../../../src/objects/index.js";
import { startSimulation } from "../../../src/simulation/index.js";
import { makeDeployment, makePod, makeService } from "../../support/workloads.js";

function makeLesson(options: ClusterOptions = {}, more: readonly KubeObject[] = []): Cluster {
  const pods = ["pod-a", "pod-b"].map((name) => makePod({ name, labels: { app: name } }));
  return Cluster.create({ nodes: 2, ...options }).apply([
    ...pods,
    makeService({ name: "pod-b" }),
    ...more,
  ]);
}

function headless(name: string): KubeObject {
  return makeService({ name }, { clusterIP: "None" } as never);
}

function external(name: string, externalName: string): KubeObject {
  const spec = { type: "ExternalName", externalName, ports: [], selector: undefined };
  return makeService({ name }, spec as never);
}

const welcome = /^<!DOCTYPE html>\n[\s\S]*Welcome to nginx!/;

describe.each([
  ["vxlan", ["ip4"]],
  ["bridge", ["ip4"]],
  ["vxlan", ["ip6"]],
  ["bridge", ["ip4", "ip6"]],
] as const)("the lesson over %s, %s", (network, families) => {
  const cluster = makeLesson({ network, families: families as readonly Family[] });
  const sim = startSimulation(cluster, { seed: "lesson-1" });
  const ip = cluster.get("Pod", "default", "pod-b")?.status?.podIP ?? "";
  const host = ip.includes(":") ? `[${ip}]` : ip;

  test("the pods stand on different nodes", () => {
    const nodes = ["pod-a", "pod-b"].map((n) => cluster.get("Pod", "default", n)?.spec?.nodeName);
    expect(new Set(nodes).size).toBe(2);
  });

  test("curl reaches a pod by its address, and a Service by its name", () => {
    for (const target of [host, "pod-b", "pod-b.default.svc.cluster.local"]) {
      const reply = sim.exec("pod-a", `curl http://${target}`);
      expect([target, reply.stderr, reply.exitCode, reply.status]).toEqual([target, "", 0, 200]);
      expect(reply.stdout).toMatch(welcome);
      for (const trace of reply.trace) expect(trace.fate.kind).toMatch(/delivered|consumed/);
    }
  });

  test("wget gets the same page", () => {
    expect(sim.exec("pod-a", "wget -qO- http://pod-b").stdout).toMatch(welcome);
  });

  test("ping is answered after two routers", () => {
    const reply = sim.exec("pod-a", `ping -c 2 ${ip}`);
    expect(reply.exitCode).toBe(0);
    expect(reply.stdout).toContain(`64 bytes from ${ip}: icmp_seq=2 ttl=62 time=`);
    expect(reply.stdout).toContain("2 packets transmitted, 2 received, 0% packet loss");
  });

  test("the node knows the connection, translated", () => {
    sim.exec("pod-a", "curl -s http://pod-b");
    const node = cluster.get("Pod", "default", "pod-a")?.spec?.nodeName ?? "";
    const family = ip.includes(":") ? "-f ipv6 " : "";
    const clusterIp = cluster.get("Service", "default", "pod-b")?.spec?.clusterIP;
    const shown = sim.node(node).sh(`conntrack -L ${family}-p tcp -d ${clusterIp}`);
    expect(shown.trim().split("\n").at(-1)).toMatch(/^tcp {6}6 \d+ TIME_WAIT .*\[ASSURED\]/);
    expect(shown).toContain(`src=${ip} dst=`);
  });
});

describe("what goes wrong", () => {
  const sim = startSimulation(makeLesson(), { seed: "wrong" });
  test.each([
    // A name nobody has: three searches, then as it is.
    ["curl http://nosuch", 6, "curl: (6) Could not resolve host: nosuch\n"],
    // Nobody listens: the pod answers with a reset.
    ["curl http://POD:81", 7, /^curl: \(7\) Failed to connect to \S+ port 81 after 0 ms: Couldn't/],
    // An address of no pod: nobody answers the node's ARP.
    [
      "curl -m 2 http://10.244.1.99",
      28,
      "curl: (28) Connection timed out after 2000 milliseconds\n",
    ],
    ["curl ftp://pod-b/", 3, "curl: (3) URL using bad/illegal format\n"],
    ["curl", 2, "curl: (2) no URL specified\n"],
    ["wget -qO- http://nosuch", 1, "wget: bad address 'nosuch'\n"],
    ["wget -qO- -T 2 http://10.96.250.250", 1, "wget: download timed out\n"],
    [
      "wget -qO- http://POD:81",
      1,
      /^wget: can't connect to remote host \(\S+\): Connection refused/,
    ],
    ["wget -qO- pod-b/nope", 1, "wget: server returned error: HTTP/1.1 404 Not Found\n"],
    ["ping -c 1 nosuch", 2, "ping: nosuch: Name or service not known\n"],
    [
      "nc -vz pod-b 80",
      0,
      /^Connection to pod-b \(10\.96\.\d+\.\d+\) 80 port \[tcp\/\*\] succeeded!/,
    ],
    ["nosuchtool -x", 127, "sh: 1: nosuchtool: not found\n"],
    ["echo 'open", 2, "sh: 1: Syntax error: Unterminated quoted string\n"],
  ] as const)("%s", (command, exitCode, stderr) => {
    const ip = sim.cluster.get("Pod", "default", "pod-b")?.status?.podIP ?? "";
    const reply = sim.exec("pod-a", command.replace("POD", ip));
    expect(reply.exitCode).toBe(exitCode);
    if (typeof stderr === "string") expect(reply.stderr).toBe(stderr);
    else expect(reply.stderr).toMatch(stderr);
  });

  test("a pod that is not there is refused by name", () => {
    expect(() => sim.exec("pod-z", "true")).toThrow(/there is no pod "pod-z"/);
    expect(() => sim.node("node-9")).toThrow(/there is no node "node-9"/);
  });
});

describe("nslookup", () => {
  const cluster = makeLesson({}, [
    makeDeployment({ name: "web", replicas: 2 }),
    headless("web"),
    external("outside", "db.example.com"),
  ]);
  const sim = startSimulation(cluster, { seed: "names" });
  const ask = (words: string) => {
    const { stdout, exitCode } = sim.exec("pod-a", `nslookup ${words}`);
    const [, , , ...lines] = stdout.trimEnd().split("\n");
    return [exitCode, lines.sort()] as const;
  };
  const ipsOf = (app: string) =>
    cluster
      .list("Pod", "default")
      .filter((pod) => pod.metadata.labels?.app === app)
      .map((pod) => pod.status?.podIP ?? "");

  test("gives all pods of a headless Service, and one that is asked by its name", () => {
    const [code, lines] = ask("web");
    const [first = "", second = ""] = ipsOf("web");
    expect(code).toBe(0);
    expect(lines.filter((l) => l.startsWith("Address"))).toEqual(
      [first, second].map((ip) => `Address: ${ip}`).sort(),
    );
    expect(ask(`${first.replaceAll(".", "-")}.web`)[1]).toContain(`Address: ${first}`);
    expect(ask(`${first.replaceAll(".", "-")}.default.pod.cluster.local`)[1]).toContain(
      `Address: ${first}`,
    );
  });

  test("gives services, names of addresses, aliases, and says what is not there", () => {
    const service = cluster.get("Service", "default", "pod-b");
    const ip = service?.spec?.clusterIP ?? "";
    const port = service?.spec?.ports?.[0]?.name ?? "";
    const reverse = `${ip.split(".").reverse().join(".")}.in-addr.arpa`;
    expect(ask(ip)).toEqual([0, [`${reverse}\tname = pod-b.default.svc.cluster.local.`]]);
    expect(ask("outside")[1]).toContain(
      "outside.default.svc.cluster.local\tcanonical name = db.example.com.",
    );
    expect(ask("nosuch")).toEqual([1, ["** server can't find nosuch: NXDOMAIN"]]);
    const srv = ask(`-type=srv _${port}._tcp.pod-b.default.svc.cluster.local`);
    expect(srv[1]).toEqual([
      `_${port}._tcp.pod-b.default.svc.cluster.local\tservice = 0 100 80 pod-b.default.svc.cluster.local.`,
    ]);
  });
});

describe("a simulation", () => {
  test("goes on with a changed cluster: connections stay, names change", () => {
    const before = makeLesson();
    const sim = startSimulation(before, { seed: "change" });
    sim.exec("pod-a", "curl -s http://pod-b");
    const node = before.get("Pod", "default", "pod-a")?.spec?.nodeName ?? "";
    const count = Number(sim.node(node).sh("conntrack -C"));
    expect(count).toBeGreaterThan(0);
    sim.update(before.apply([makeService({ name: "late" })]));
    expect(Number(sim.node(node).sh("conntrack -C"))).toBe(count);
    expect(sim.exec("pod-a", "nslookup late").exitCode).toBe(0);
    sim.update(before.delete("Pod", "default", "pod-b"));
    expect(sim.exec("pod-a", "curl -m 5 http://pod-b").exitCode).toBe(7);
  });

  test("sends a single packet and tells its journey", () => {
    const cluster = makeLesson();
    const sim = startSimulation(cluster, { seed: "one" });
    const ip = cluster.get("Pod", "default", "pod-b")?.status?.podIP ?? "";
    const payload = { kind: "filler", lengthBytes: 5 } as const;
    const udp = { kind: "udp", sport: 4000, dport: 4001, payload } as const;
    const story = sim.send("pod-a", { dst: parseAddr(ip), payload: udp });
    expect(story.traces.map((trace) => trace.fate.kind)).toEqual(["no-listener", "consumed"]);
    expect(story.print({ level: "summary" })).toContain("default/pod-a → ");
  });

  test("tells nothing when it is asked to", () => {
    const sim = startSimulation(makeLesson(), { trace: "none" });
    const reply = sim.exec("pod-a", "curl -s http://pod-b");
    expect([reply.exitCode, reply.trace.count]).toEqual([0, 0]);
  });
});
