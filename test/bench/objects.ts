/**
 * npx tsx test/bench/objects.ts
 *
 * 10,000 Services with an EndpointSlice of 10 endpoints each, from text to checked, frozen objects:
 * JSON in one list, YAML in one file of documents. Prints the best of five rounds, wall and
 * processor time, so that a busy machine is seen.
 */
import { loadManifests } from "../../src/objects/index.js";

const SERVICES = 10_000;
const ENDPOINTS = 10;

function serviceJson(i: number) {
  const name = `svc-${i}`;
  const metadata = { name, namespace: `ns-${i % 50}`, labels: { app: name } };
  const ports = [{ name: "http", port: 80, protocol: "TCP", targetPort: 8080 }];
  return { apiVersion: "v1", kind: "Service", metadata, spec: { selector: { app: name }, ports } };
}

function sliceJson(i: number) {
  const name = `svc-${i}`;
  const endpoints = Array.from({ length: ENDPOINTS }, (_, k) => ({
    addresses: [`10.${(i >> 8) & 255}.${i & 255}.${k + 1}`],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: `node-${k}`,
    targetRef: { kind: "Pod", name: `${name}-${k}`, namespace: `ns-${i % 50}` },
    zone: "zone-a",
  }));
  const labels = { "kubernetes.io/service-name": name };
  const metadata = { name: `${name}-abcde`, namespace: `ns-${i % 50}`, labels };
  const ports = [{ name: "http", port: 8080, protocol: "TCP" }];
  const head = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata };
  return { ...head, addressType: "IPv4", endpoints, ports };
}

function yamlOf(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    return value
      .map((item) => `${indent}- ${yamlOf(item, `${indent}  `).slice(indent.length + 2)}`)
      .join("");
  }
  if (typeof value !== "object" || value === null) return `${indent}${value}\n`;
  return Object.entries(value)
    .map(([key, v]) => {
      if (typeof v !== "object") return `${indent}${key}: ${v}\n`;
      return `${indent}${key}:\n${yamlOf(v, Array.isArray(v) ? indent : `${indent}  `)}`;
    })
    .join("");
}

const objects = Array.from({ length: SERVICES }, (_, i) => [serviceJson(i), sliceJson(i)]).flat();
const texts = {
  json: JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }),
  yaml: objects.map((o) => yamlOf(o, "")).join("---\n"),
};

for (const [form, text] of Object.entries(texts)) {
  const rounds = Array.from({ length: 5 }, () => {
    const cpu = process.cpuUsage();
    const start = performance.now();
    const { objects: loaded } = loadManifests([{ file: `bench.${form}`, text }]);
    const { system, user } = process.cpuUsage(cpu);
    if (loaded.length !== 2 * SERVICES) throw new Error(`loaded ${loaded.length} objects`);
    return { wall: performance.now() - start, cpu: (user + system) / 1000 };
  });
  const best = (field: "wall" | "cpu") => Math.round(Math.min(...rounds.map((r) => r[field])));
  console.log(`${form}: ${text.length} characters, ${best("wall")} ms wall, ${best("cpu")} ms cpu`);
}
