import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../../src/agents/index.js";
import { run } from "../../src/cli/run.js";
import { Cluster } from "../../src/cluster/index.js";
import { printCollectScript } from "../../src/netns/index.js";
import { loadManifests, type Service } from "../../src/objects/index.js";
import { whyNoKernel } from "../support/kernel/netns.js";

const why = whyNoKernel();

const SHOP = `apiVersion: v1
kind: Pod
metadata: { name: client }
spec: { nodeName: node-1, containers: [{ name: client, image: nginx }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { nodeName: node-2, containers: [{ name: web, image: nginx }] }
---
apiVersion: v1
kind: Pod
metadata: { name: shut, labels: { app: shut } }
spec: { nodeName: node-2, containers: [{ name: shut, image: nginx }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: nobody }
spec: { selector: { app: nobody }, ports: [{ port: 80 }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: shut }
spec: { podSelector: { matchLabels: { app: shut } }, policyTypes: [Ingress] }
`;

async function type(...words: string[]) {
  let out = "";
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      out += text;
    },
    colour: false,
  };
  return { status: await run(words, terminal), out };
}

describe.skipIf(why !== undefined)(`dumps of real kernels (${why ?? "here"})`, () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "kubewire-dump-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    { proxy: "iptables", network: "vxlan", families: ["ip4"] },
    { proxy: "nftables", network: "bridge", families: ["ip6"] },
  ] as const)(
    "what the script collects in $proxy mode answers as the kernels do",
    async ({ proxy, network, families }) => {
      const { objects } = loadManifests([{ file: "shop.yaml", text: SHOP }]);
      const cluster = Cluster.create({
        nodes: 2,
        proxy,
        network,
        families,
        dns: false,
      }).apply(objects.map(({ object }) => object));
      const dump = join(folder, proxy);
      const lab = await Lab.open(cluster.compile(), { name: `dump-${process.pid}` });
      try {
        for (const { name } of lab.plan.configs) collectInto(dump, name, lab.realName(name));
        const check = await type("import", "--check", dump);
        expect(check.out).not.toContain("not ");
        expect(check.status).toBe(0);
        const targets = targetsOf(cluster, lab);
        expect(targets.length).toBeGreaterThan(5);
        const results = new Set<string>();
        for (const [from, to, dst, dport] of targets) {
          const real = await lab.probe(from, { proto: "tcp", dst, dport, sport: 0 });
          const traced = await type("trace", "--dump", dump, "--from", from, "--to", to, "--json");
          const ours = JSON.parse(traced.out);
          const answer = [ours.result, ours.answered_by, ours.src];
          expect(answer, `${from} ${to}`).toEqual([real.result, real.answeredBy, real.src]);
          expect(traced.status).toBe(real.result === "ok" ? 0 : 1);
          expect(ours.assumptions.join("\n")).toContain("eth0 of node-1");
          results.add(real.result);
        }
        expect([...results].sort()).toEqual(["ECONNREFUSED", "ok", "timeout"]);
      } finally {
        lab.close();
      }
    },
    120_000,
  );

  test("the script finds every namespace of a node, and tells no keys", () => {
    const script = join(folder, "collect.sh");
    writeFileSync(script, printCollectScript());
    const node = [
      "hostname node-x",
      "sysctl -q -w net.ipv6.conf.lo.stable_secret=2001:db8::1",
      'unshare --net --uts sh -c "hostname pod-x; sleep 60" &',
      "sleep 1",
      `sh ${script} > ${join(folder, "node-x.tar")}`,
    ];
    const own = ["--pid", "--fork", "--mount-proc", "--net", "--uts", "--kill-child"];
    execFileSync("unshare", [...own, "sh", "-c", node.join("\n")], { stdio: "pipe" });
    execFileSync("tar", ["-C", folder, "-xf", join(folder, "node-x.tar")]);
    const files = execFileSync("find", [join(folder, "node-x"), "-type", "f"], {
      encoding: "utf8",
    });
    expect(files).toContain("node-x/ip-link.json");
    expect(files).toContain("node-x/pod-x/ip-link.json");
    const secrets = execFileSync("sh", [
      "-c",
      `grep -rl 2001:db8::1 ${join(folder, "node-x")} || true`,
    ]);
    expect(String(secrets)).toBe("");
  }, 30_000);
});

function collectInto(dump: string, name: string, realName: string): void {
  mkdirSync(dump, { recursive: true });
  const enter = ["netns", "exec", realName, "sh", "-s", "--", "--own", name];
  const tar = execFileSync("ip", enter, { input: printCollectScript(), maxBuffer: 2 ** 26 });
  execFileSync("tar", ["-C", dump, "-xf", "-"], { input: tar });
}

/** Client, target as it is typed, address, port. */
function targetsOf(cluster: Cluster, lab: Lab): [string, string, string, number][] {
  const addressOf = (netns: string) =>
    (lab.plan.configs.find((c) => c.name === netns)?.links ?? [])
      .filter((l) => l.name === "eth0")
      .flatMap((l) => l.addresses)
      .find((a) => a.scope === "global")
      ?.address.addr.toString() as string;
  const service = (name: string) => cluster.get("Service", "default", name) as Service;
  const written = (dst: string, port: number) =>
    dst.includes(":") ? `tcp://[${dst}]:${port}` : `tcp://${dst}:${port}`;
  const to = (from: string, dst: string, port: number): [string, string, string, number] => {
    return [from, written(dst, port), dst, port];
  };
  const web = service("web").spec;
  const nodePort = web?.ports?.[0]?.nodePort as number;
  const ip = (name: string) => service(name).spec?.clusterIP as string;
  return [
    to("default/client", addressOf("default/web"), 80),
    to("default/client", addressOf("default/web"), 81),
    to("default/client", ip("web"), 80),
    to("default/client", ip("nobody"), 80),
    to("default/client", addressOf("default/shut"), 80),
    to("node-1", ip("web"), 80),
    to("external", addressOf("node-1"), nodePort),
    to("default/web", ip("web"), 80),
  ];
}
