/**
 * npx tsx test/bench/objects.ts
 *
 * 1,000, 3,000 and 10,000 Services with an EndpointSlice of 10 endpoints each, from text to checked,
 * frozen objects: JSON in one list, YAML in one file of documents. Prints the best of five rounds, wall
 * and processor time, so that a busy machine is seen, and what that is for each Service.
 */
import { loadManifests } from "../../src/objects/index.js";

const SIZES = [1_000, 3_000, 10_000];
const ROUNDS = 5;
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

function textsOf(size: number): Readonly<Record<string, string>> {
  const objects = Array.from({ length: size }, (_, i) => [serviceJson(i), sliceJson(i)]).flat();
  return {
    json: JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }),
    yaml: objects.map((o) => yamlOf(o, "")).join("---\n"),
  };
}

function measure(file: string, text: string, size: number) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { objects: loaded } = loadManifests([{ file, text }]);
  const { system, user } = process.cpuUsage(cpu);
  if (loaded.length !== 2 * size) throw new Error(`loaded ${loaded.length} objects`);
  return { wall: performance.now() - start, cpu: (user + system) / 1000 };
}

for (const size of SIZES) {
  for (const [form, text] of Object.entries(textsOf(size))) {
    const rounds = Array.from({ length: ROUNDS }, () => measure(`bench.${form}`, text, size));
    const best = (field: "wall" | "cpu") => Math.min(...rounds.map((r) => r[field]));
    const each = Math.round((best("wall") / size) * 1000);
    const [wall, cpu] = [Math.round(best("wall")), Math.round(best("cpu"))];
    const bytes = `${text.length} characters`;
    console.log(`${size} ${form}: ${bytes}, ${wall} ms wall, ${cpu} ms cpu, ${each} us a Service`);
  }
}
