import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../../src/agents/index.js";
import { run } from "../../src/cli/run.js";
import { Cluster, type Compiled } from "../../src/cluster/index.js";
import type { NetnsConfig } from "../../src/netns/index.js";
import { whyNoKernel } from "../support/kernel/netns.js";

const why = whyNoKernel();

const SHOP = `apiVersion: v1
kind: Pod
metadata: { name: client }
spec: { containers: [{ name: client, image: nginx }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { containers: [{ name: web, image: nginx }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80 }] }
`;

/** Everything about this process' own namespace that a lab could disturb. */
function ownNamespace(): Record<string, string> {
  const tell = (program: string, ...args: string[]) =>
    spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 26 }).stdout ?? "";
  const withoutCounters = (text: string) =>
    text.replaceAll(/\[\d+:\d+\]/g, "").replaceAll(/^#.*\n/gm, "");
  return {
    links: tell("ip", "-d", "link"),
    addresses: tell("ip", "addr").replaceAll(/(valid|preferred)_lft \d+sec/g, ""),
    routes: tell("ip", "-4", "route", "show", "table", "all"),
    routes6: tell("ip", "-6", "route", "show", "table", "all").replaceAll(/expires \d+sec/g, ""),
    rules: tell("ip", "rule") + tell("ip", "-6", "rule"),
    iptables: withoutCounters(tell("iptables-save") + tell("ip6tables-save")),
    nft: tell("nft", "-s", "list", "ruleset"),
    ipsets: tell("ipset", "list", "-n"),
    sysctls: tell("sysctl", "-a", "-r", "^net[.](ipv4|ipv6|bridge)[.](ip_|icmp|conf|bridge-|vs)"),
  };
}

async function type(...words: string[]) {
  let [out, err] = ["", ""];
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    colour: false,
  };
  return { status: await run(words, terminal), out, err };
}

const namespacesOf = (lab: string) =>
  spawnSync("ip", ["netns", "list"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line.startsWith(`kw-${lab}-`));

/** Processes whose command line names a namespace of a lab. */
const processesOf = (lab: string) =>
  spawnSync("ps", ["-eo", "args"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line.includes(`kw-${lab}-`));

const until = async (holds: () => boolean, patienceMs = 30_000) => {
  for (let waited = 0; !holds() && waited < patienceMs; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(holds()).toBe(true);
};

describe.skipIf(why !== undefined)(`a lab's life (${why ?? "here"})`, () => {
  let folder = "";
  let shop = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "kubewire-lab-"));
    shop = join(folder, "shop.yaml");
    writeFileSync(shop, SHOP);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(["iptables", "nftables"])(
    "up, probe, down in %s mode: the host's own namespace is as before",
    async (proxy) => {
      const name = `l${process.pid}-${proxy}`;
      const before = ownNamespace();
      expect(before.links).toContain("lo");
      const up = await type("lab", "up", "-f", shop, "--name", name, "--proxy", proxy);
      expect(up).toMatchObject({ status: 0, err: "" });
      try {
        const args = ["--name", name, "--from", "client", "--to", "tcp://web:80", "--json"];
        const ok = await type("lab", "probe", ...args);
        expect(ok.status).toBe(0);
        expect(JSON.parse(ok.out)).toMatchObject({ result: "ok", answeredBy: "default/web" });
        const off = await type("lab", "probe", ...args.slice(0, 4), "--to", "tcp://client:9");
        expect(off.status).toBe(1);
        expect(off.out).toContain("ECONNREFUSED");
        const again = await type("lab", "up", "-f", shop, "--name", name, "--json");
        expect(again.status).toBe(2);
        expect(JSON.parse(again.out)).toMatchObject({ code: "EEXIST" });
        const nobody = await type(
          "lab",
          "probe",
          "--name",
          name,
          "--from",
          "x",
          "--to",
          "tcp://web:80",
        );
        expect(nobody).toMatchObject({ status: 2, out: "" });
      } finally {
        expect((await type("lab", "down", "--name", name)).status).toBe(0);
      }
      expect(namespacesOf(name)).toEqual([]);
      expect(existsSync(`/run/kubewire/${name}`)).toBe(false);
      expect(ownNamespace()).toEqual(before);
    },
    60_000,
  );

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s in the middle of building leaves nothing behind",
    async (signal) => {
      const name = `s${process.pid}-${signal.toLowerCase()}`;
      const words = ["lab", "up", "-f", shop, "--name", name, "--nodes", "4"];
      const child = spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", ...words]);
      const ended = new Promise<NodeJS.Signals | null>((resolve) => {
        child.once("exit", (_code, by) => resolve(by));
      });
      await until(() => namespacesOf(name).length > 3);
      // A terminal sends it to every process, and a parent passes it on.
      child.kill(signal);
      setTimeout(() => child.kill(signal), 5);
      expect(await ended).toBe(signal);
      expect(namespacesOf(name)).toEqual([]);
      expect(existsSync(`/run/kubewire/${name}`)).toBe(false);
    },
    60_000,
  );

  test.each([1, 8])(
    "SIGKILL when %d namespaces are there: lab down takes away what is left",
    async (count) => {
      const name = `k${process.pid}-${count}`;
      const words = ["lab", "up", "-f", shop, "--name", name, "--nodes", "5"];
      const child = spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", ...words]);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      await until(() => namespacesOf(name).length >= count);
      child.kill("SIGKILL");
      await ended;
      // A program that it had started may still be at work.
      await new Promise((resolve) => setTimeout(resolve, 500));
      const left = namespacesOf(name).map((line) => line.split(" ")[0] as string);
      expect(left.length).toBeGreaterThan(0);
      expect((await type("lab", "down", "--name", name)).status).toBe(0);
      expect(namespacesOf(name)).toEqual([]);
      expect(existsSync(`/run/kubewire/${name}`)).toBe(false);
      expect(processesOf(name)).toEqual([]);
    },
    60_000,
  );

  test("a mode that this kernel has not is refused, and leaves nothing behind", async () => {
    const name = `i${process.pid}`;
    const hasIpvs = spawnSync("modprobe", ["-n", "ip_vs"]).status === 0;
    const up = await type("lab", "up", "-f", shop, "--name", name, "--proxy", "ipvs", "--json");
    if (hasIpvs) expect((await type("lab", "down", "--name", name)).status).toBe(up.status);
    else expect(JSON.parse(up.out)).toMatchObject({ code: "program-failed" });
    expect(namespacesOf(name)).toEqual([]);
  }, 60_000);

  test("a signal in the middle of a campaign takes down all of its labs", async () => {
    const name = `c${process.pid}`;
    const words = ["lab", "diff", "--lanes", "3", "--cases", "9", "--name", name];
    const child = spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", ...words]);
    const ended = new Promise((resolve) => {
      child.once("exit", (_code, by) => resolve(by));
    });
    await until(() => [0, 1, 2].every((lane) => namespacesOf(`${name}-${lane}`).length > 2));
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGTERM"), 5);
    expect(await ended).toBe("SIGTERM");
    expect(namespacesOf(name)).toEqual([]);
    expect([0, 1, 2].flatMap((lane) => namespacesOf(`${name}-${lane}`))).toEqual([]);
  }, 60_000);

  test("a text that a tool refuses leaves nothing behind, and is told", async () => {
    const compiled = Cluster.create({ nodes: 1, dns: false }).compile();
    const name = `t${process.pid}`;
    const spoilt = spoil(compiled, "node-1");
    await expect(Lab.open(spoilt, { name })).rejects.toMatchObject({ code: "program-failed" });
    expect(namespacesOf(name)).toEqual([]);
  });

  test("what was left by a process that was killed is taken down", async () => {
    const compiled = Cluster.create({ nodes: 1, dns: false }).compile();
    const name = `k${process.pid}`;
    const lab = await Lab.open(compiled, { name });
    lab.release();
    expect(namespacesOf(name).length).toBeGreaterThan(2);
    expect((await type("lab", "down", "--name", name)).status).toBe(0);
    expect(namespacesOf(name)).toEqual([]);
  });

  test("names that cannot be names are refused", async () => {
    const answer = await type("lab", "down", "--name", "../etc", "--json");
    expect(answer.status).toBe(2);
    expect(JSON.parse(answer.out).faults[0]).toMatchObject({ code: "bad-lab-name" });
  });
});

/** A node whose routes lead through a link that is not there. */
function spoil(compiled: Compiled, name: string): Compiled {
  const config = compiled.netns.get(name) as NetnsConfig;
  const routes = config.routes.map((route) => ({
    ...route,
    nextHops: route.nextHops.map((hop) => ({ ...hop, link: "nowhere" })),
  }));
  return { ...compiled, netns: new Map([...compiled.netns, [name, { ...config, routes }]]) };
}
