/** `kubewire policy explain`: answers, reasons and exit statuses. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { run } from "../../src/cli/run.js";

const folder = mkdtempSync(join(tmpdir(), "kubewire-policy-"));
const file = join(folder, "shop.yaml");
afterAll(() => rmSync(folder, { recursive: true }));

const pod = (name: string) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name} } }
spec: { containers: [{ name: c, image: nginx, ports: [{ name: http, containerPort: 80 }] }] }
---
`;
writeFileSync(
  file,
  `${["web", "friend", "foe"].map(pod).join("")}apiVersion: v1
kind: Service
metadata: { name: shop }
spec:
  type: NodePort
  selector: { app: web }
  ports: [{ name: http, port: 8080, targetPort: http, nodePort: 30080 }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: friends-only }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress:
    - from: [{ podSelector: { matchLabels: { app: friend } } }]
      ports: [{ port: http }]
`,
);

async function explain(words: string) {
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
  const status = await run(
    ["policy", "explain", "-f", file, ...words.split(" ")],
    terminal as never,
  );
  return { status, out, err };
}

test("a Service's endpoint is asked about, with the rule and its place: exit status 0", async () => {
  const { status, out } = await explain("--from friend --to shop --port 8080");
  expect(status).toBe(0);
  expect(out).toContain("default/friend > default/web tcp 80: allowed");
  expect(out).toContain(`ingress allowed: NetworkPolicy default/friends-only:ingress[0] (${file}:`);
  for (const mode of ["iptables", "nftables"]) expect(out).toContain(`rules of ${mode}: allowed`);
});

test("a denial by default names the policies that isolate: exit status 1", async () => {
  const { status, out } = await explain("--from foe --to web --port http");
  expect(status).toBe(1);
  expect(out).toContain("no rule matches, isolated by NetworkPolicy default/friends-only");
  for (const mode of ["iptables", "nftables"]) expect(out).toContain(`rules of ${mode}: denied`);
});

test("judge and both forms of the rules agree in JSON, for every protocol", async () => {
  for (const protocol of ["tcp", "udp", "sctp", "icmp"]) {
    for (const from of ["friend", "foe", "node-1", "node-2"]) {
      const words = `--from ${from} --to web --port 80 --protocol ${protocol} --json`;
      const { status, out } = await explain(words);
      const { allowed, flows } = JSON.parse(out);
      expect(status).toBe(allowed ? 0 : 1);
      const outcomes = flows.flatMap((flow: { rules: { outcome: string }[] }) =>
        flow.rules.map(({ outcome }) => outcome),
      );
      expect([words, outcomes]).toEqual([words, Array(2).fill(allowed ? "allowed" : "denied")]);
    }
  }
});

test("a packet that ends elsewhere asked no rule", async () => {
  const { status, out } = await explain("--from 203.0.113.9 --to web --port 80");
  expect(status).toBe(1);
  expect(out).toContain("rules of iptables: not asked");
});

test.each([
  ["--from foe --to nobody --port 1", "there is no such pod, workload, Service or node"],
  ["--from nobody --to web --port 1", "there is no such pod, workload or node"],
  ["--from foe --to shop --port 81", "is no tcp port of Service default/shop"],
  ["--from foe --to web --port https", "is no port of web"],
  ["--from foe --to node-1 --port 30080", "is a node port of Service default/shop"],
  ["--from foe --to web", "is needed for tcp, udp and sctp"],
  ["--from foe --to fd00::1 --port 1", "has no address of a family in common"],
])("bad input is refused: %s", async (words, message) => {
  const { status, err } = await explain(words);
  expect([status, err]).toEqual([2, expect.stringContaining(message)]);
});
