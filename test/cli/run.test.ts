import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli/run.js";

/** Runs a command line; gives its exit status and what it wrote. */
async function type(...words: string[]) {
  let [out, err] = ["", ""];
  const status = await run(words, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    colour: false,
  });
  return { status, out, err };
}

let folder: string;
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kubewire-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const SHOP = `apiVersion: v1
kind: Pod
metadata: { name: client }
spec: { containers: [{ name: client, image: curlimages/curl }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: nginx, ports: [{ containerPort: 80 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: web }
`;

describe("kubewire connections", () => {
  const POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 80 }] }]
`;

  it("lists what policies allow", async () => {
    const path = file("allowed.yaml", `${SHOP}---\n${POLICY}`);
    const words = ["connections", "-f", path, "--workload", "web", "--direction", "ingress"];
    const { status, out, err } = await type(...words);
    expect([status, err]).toEqual([0, ""]);
    expect(out).toBe("default/client[Pod] => default/web[Deployment] : TCP 80\n");
    const json = JSON.parse((await type(...words, "--json")).out);
    expect(json.connections).toEqual([
      {
        src: { kind: "workload", namespace: "default", name: "client", owner: "Pod" },
        dst: { kind: "workload", namespace: "default", name: "web", owner: "Deployment" },
        ports: [{ protocol: "TCP", ranges: [{ first: 80, last: 80 }] }],
        varies: false,
      },
    ]);
    expect((await type(...words, "--port", "tcp/81")).out).toBe("");
  });

  it("gives notice of what is odd, and refuses bad input with status 2", async () => {
    const path = file("odd.yaml", SHOP);
    expect((await type("connections", "-f", path)).err).toBe(
      "notice no-policies: there are no policies\n",
    );
    for (const flags of [
      ["--port", "80"],
      ["--port", "TCP/70000"],
      ["--direction", "up"],
    ]) {
      const { status, err } = await type("connections", "-f", path, ...flags);
      expect([status, err.includes("    at ")]).toEqual([2, false]);
    }
  });
});

describe("kubewire trace", () => {
  it("explains a connection that works: exit status 0", async () => {
    const path = file("shop.yaml", SHOP);
    const { status, out } = await type(
      "trace",
      "-f",
      path,
      "--from",
      "client",
      "--to",
      "http://web",
    );
    expect(status).toBe(0);
    expect(out).toContain("without meaning for the network: ServiceAccount 1");
    expect(out).toContain("Welcome to nginx!");
    expect(out).toMatch(/dnat dst .*:80 → .*:80 for Service default\/web \(.*shop\.yaml:\d+\)/);
  });

  it("explains one that does not: exit status 1, with the rule that decided", async () => {
    const text = SHOP.replace("selector: { app: web }, ports", "selector: { app: wbe }, ports");
    const path = file("broken.yaml", text);
    const words = ["trace", "-f", path, "--from", "client", "--to", "http://web"];
    const { status, out } = await type(...words, "--level", "summary");
    expect(status).toBe(1);
    expect(out).toContain('has no endpoints" -m tcp --dport 80 -j REJECT');
  });

  it("starts from the pods of a workload, and over TCP, UDP and ICMP", async () => {
    const path = file("shop.yaml", SHOP);
    const common = ["trace", "-f", path, "--from", "default/web", "--level", "summary"];
    expect((await type(...common, "--to", "tcp://web:80")).status).toBe(0);
    expect((await type(...common, "--to", "ping:client.default")).status).toBe(1);
    const dns = await type(...common, "--to", "udp://kube-dns.kube-system:53");
    expect(dns.out).toContain("kube-system/coredns");
  });

  it("gives JSON with every packet", async () => {
    const path = file("shop.yaml", SHOP);
    const { out } = await type(
      "trace",
      "-f",
      path,
      "--from",
      "client",
      "--to",
      "http://web",
      "--json",
    );
    const answer = JSON.parse(out) as { exitCode: number; packets: unknown[] };
    expect(answer.exitCode).toBe(0);
    expect(answer.packets.length).toBeGreaterThan(8);
  });

  it("says that a policy could change the answer", async () => {
    const policy = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny-all }
spec: { podSelector: {} }
`;
    const path = file("policy.yaml", SHOP + policy);
    const { out } = await type("trace", "-f", path, "--from", "client", "--to", "http://web");
    expect(out).toContain("NetworkPolicy default/deny-all");
  });
});

describe("bad input gives exit status 2, every fault with its place, and no stack trace", () => {
  const ofFile = async (name: string, text: string) => {
    const path = file(name, text);
    const answer = await type("trace", "-f", path, "--from", "client", "--to", "http://web");
    expect(answer.status).toBe(2);
    expect(answer.out).toBe("");
    expect(answer.err).not.toMatch(/\n\s+at /);
    return answer.err.replaceAll(`${folder}/`, "");
  };

  it.each([
    ["bad YAML", "a: [1\n", /x\.yaml:\d+:\d+: /],
    [
      "a wrong type",
      SHOP.replace("replicas: 2", "replicas: two"),
      /Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec\.spec\.replicas of type int32 \(x\.yaml:10\)/,
    ],
    [
      "an unknown field",
      SHOP.replace("replicas: 2", "replicaz: 2"),
      /strict decoding error: unknown field "spec\.replicaz", did you mean "replicas"\? \(x\.yaml:10\)/,
    ],
    [
      "a port out of range",
      SHOP.replace("{ port: 80 }", "{ port: 80000 }"),
      /The Service "web" is invalid: spec\.ports\[0\]\.port: Invalid value: 80000: must be between 1 and 65535, inclusive \(x\.yaml:\d+\)/,
    ],
    [
      "a name twice",
      `${SHOP}---\n${SHOP.split("---\n")[0]}`,
      /metadata\.name: "client": Pod of this name is already at x\.yaml:1/,
    ],
    [
      "a missing node",
      SHOP.replace(
        "spec: { containers: [{ name: client",
        "spec: { nodeName: node-9, containers: [{ name: client",
      ),
      /x\.yaml:1: spec\.nodeName: "node-9": .*expected a node of the cluster: node-1, node-2/,
    ],
  ])("%s", async (_, text, expected) => {
    expect(await ofFile("x.yaml", text)).toMatch(expected);
  });

  it("all faults of all files at once", async () => {
    const text = SHOP.replace("replicas: 2", "replicaz: 2").replace("{ port: 80 }", "{ port: 0 }");
    const err = await ofFile("many.yaml", text);
    expect(err.trim().split("\n").length).toBeGreaterThanOrEqual(2);
  });

  it("paths that are of no use", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kubewire-empty-"));
    writeFileSync(join(folder, "readme.txt"), "no manifest");
    const empty = await type("validate", "-f", folder);
    expect([empty.status, empty.err]).toEqual([
      2,
      `kubewire: "${folder}": no file in it ends in .yaml, .yml, .json (expected manifests, or a folder of them)\n`,
    ]);
    rmSync(folder, { recursive: true });
    const endless = await type("validate", "-f", "/dev/zero", "--json");
    expect(endless.status).toBe(2);
    expect(JSON.parse(endless.out)).toMatchObject({
      faults: [{ code: "too-big", value: "/dev/zero", message: "is larger than 256 MiB" }],
    });
    const binary = await ofFile("binary.yaml", "\u0000\u0001\u0002");
    expect(binary).toContain("binary.yaml:1: control characters are not allowed");
  });

  it("faults as JSON", async () => {
    const path = file("json.yaml", SHOP.replace("{ port: 80 }", "{ port: 0 }"));
    const { status, out } = await type("validate", "-f", path, "--json");
    expect(status).toBe(2);
    const { faults } = JSON.parse(out) as { faults: Record<string, unknown>[] };
    const fault = faults.find((one) => one.path === "spec.ports[0].port");
    expect(fault).toMatchObject({ value: 0, code: expect.any(String), line: expect.any(Number) });
  });

  it.each([
    [
      ["trace", "-f", "/nowhere.yaml", "--from", "a", "--to", "http://b"],
      "there is no such file or folder",
    ],
    [["frobnicate"], "unknown command 'frobnicate'"],
    [["demo", "--nonsense"], "unknown option '--nonsense'"],
    [["demo", "--families", "ip5"], "expected ip4, ip6"],
    [["demo", "--level", "loud"], "expected summary, hops or everything"],
  ])("%j", async (words, expected) => {
    const { status, err } = await type(...words);
    expect(status).toBe(2);
    expect(err).toContain(expected);
  });
});

describe("kubewire render", () => {
  it.each([
    ["iptables", "*nat"],
    ["ip", "link add"],
    ["bridge", "fdb"],
    ["sysctl", "net.ipv4.ip_forward = 1"],
    ["ipset", ""],
  ])("%s", async (what, expected) => {
    const path = file("shop.yaml", SHOP);
    const { status, out } = await type("render", "-f", path, "--node", "node-1", "--what", what);
    expect(status).toBe(0);
    expect(out).toContain(expected);
  });
});

it("the rules of the release that is named", async () => {
  const path = file("shop.yaml", SHOP);
  const rules = (...words: string[]) =>
    type(
      "render",
      "-f",
      path,
      "--node",
      "node-1",
      "--what",
      "nft",
      "--proxy",
      "nftables",
      ...words,
    );
  expect((await rules()).out).toContain("mark-for-masquerade");
  expect((await rules("--proxy-release", "1.36")).out).toContain("hairpin-connections");
  expect((await rules("--proxy-release", "1.12")).status).toBe(2);
});

it("the version", async () => {
  expect(await type("--version")).toMatchObject({ status: 0, out: "0.1.0\n" });
});

const TWICE = `apiVersion: v1
kind: Service
metadata: { name: outer }
spec: { ports: [{ port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: outer-1, labels: { kubernetes.io/service-name: outer } }
addressType: IPv4
endpoints: [{ addresses: [203.0.113.7], conditions: { ready: true } }]
ports: [{ name: "", port: 80, protocol: TCP }]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: outer-2, labels: { kubernetes.io/service-name: outer } }
addressType: IPv4
endpoints: [{ addresses: [203.0.113.7], conditions: { ready: false, serving: false } }]
ports: [{ name: "", port: 80, protocol: TCP }]
`;

describe("lint", () => {
  it("exits 1 and names an endpoint that stands in two slices", async () => {
    const path = file("twice.yaml", TWICE);
    const { status, out } = await type("lint", "-f", path);
    expect(status).toBe(1);
    expect(out).toContain(
      `endpoint 203.0.113.7:80 of default/outer stands in several slices: ready serving | not ready; \
see EndpointSlice default/outer-1 (${path}:6), EndpointSlice default/outer-2 (${path}:13)\n`,
    );
    const json = await type("lint", "-f", path, "--json");
    const origin = { kind: "EndpointSlice", namespace: "default", file: path };
    expect(JSON.parse(json.out).findings).toMatchObject([
      {
        kind: "endpoint-in-two-slices",
        origins: [
          { ...origin, name: "outer-1", line: 6 },
          { ...origin, name: "outer-2", line: 13 },
        ],
      },
    ]);
  });

  it("exits 0 where nothing contradicts", async () => {
    const once = TWICE.split("---").slice(0, 2).join("---");
    expect((await type("lint", "-f", file("once.yaml", once))).status).toBe(0);
  });
});
