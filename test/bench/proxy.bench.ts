/**
 * What kube-proxy's work costs: 10,000 Services of 10 endpoints each, written in full and after one
 * endpoint is gone, per mode; and whether a Service costs the same among 1,000, 3,000 and 10,000.
 *
 * Run: npx tsx --expose-gc test/bench/proxy.bench.ts [iptables|nftables|ipvs] [--cpu]
 * Method: every full run starts from parsed objects (`JSON.parse` results) without any memo; best of
 * five. Incremental runs take one endpoint away from one of the slices, another each time; median of
 * fifty. The clock is `process.hrtime`.
 */

import { parseAddr } from "../../src/addr/index.js";
import {
  buildModel,
  defaultSettings,
  type ProxyEndpointSlice,
  type ProxyModel,
  type ProxyNode,
  type ProxyObjects,
  type ProxyService,
  type ProxySettings,
  startIptables,
  startIpvs,
  startNftables,
  syncIptables,
  syncIpvs,
  syncNftables,
} from "../../src/proxy/index.js";

const SETTINGS: ProxySettings = {
  ...defaultSettings("ip4"),
  detector: { kind: "cidr", cidr: "10.128.0.0/9" },
};

const NODE: ProxyNode = {
  name: "node-a",
  zone: "zone-a",
  primaryAddr: parseAddr("192.0.2.1"),
  addrs: [parseAddr("127.0.0.1"), parseAddr("192.0.2.1")],
};

function makeObjects(count: number, endpoints: number): ProxyObjects {
  const services: ProxyService[] = [];
  const endpointSlices: ProxyEndpointSlice[] = [];
  for (let i = 0; i < count; i++) {
    const metadata = { namespace: `ns-${i % 50}`, name: `service-${i}` };
    services.push({
      metadata,
      spec: {
        type: "ClusterIP",
        clusterIP: `10.${96 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`,
        ports: [{ name: "http", protocol: "TCP", port: 80 }],
      },
    });
    endpointSlices.push({
      metadata: {
        namespace: metadata.namespace,
        name: `${metadata.name}-a`,
        labels: { "kubernetes.io/service-name": metadata.name },
      },
      addressType: "IPv4",
      endpoints: Array.from({ length: endpoints }, (_, j) => {
        const n = i * endpoints + j;
        return {
          addresses: [`10.${128 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: `node-${n % 100}`,
        };
      }),
      ports: [{ name: "http", protocol: "TCP", port: 8080 }],
    });
  }
  return JSON.parse(JSON.stringify({ services, endpointSlices })) as ProxyObjects;
}

function without(objects: ProxyObjects, at: number): ProxyObjects {
  const endpointSlices = [...objects.endpointSlices];
  const slice = endpointSlices[at] as ProxyEndpointSlice;
  endpointSlices[at] = { ...slice, endpoints: (slice.endpoints ?? []).slice(1) };
  return { services: objects.services, endpointSlices };
}

/** Milliseconds of the clock, or with `--cpu` of this process's processors, for busy machines. */
function timeMs(run: () => void): number {
  const start = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  run();
  if (!process.argv.includes("--cpu")) return Number(process.hrtime.bigint() - start) / 1e6;
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1e3;
}

interface Mode {
  readonly name: string;
  full(model: ProxyModel): { readonly text: string; next(model: ProxyModel): string };
}

const MODES: readonly Mode[] = [
  {
    name: "iptables",
    full(model) {
      let sync = syncIptables(startIptables(SETTINGS, NODE), model, { nowUs: 0 });
      return {
        text: sync.text,
        next(after) {
          sync = syncIptables(sync.state, after, { nowUs: 2_000_000 });
          return sync.text;
        },
      };
    },
  },
  {
    name: "nftables",
    full(model) {
      let sync = syncNftables(startNftables(SETTINGS, NODE), model, { nowUs: 0 });
      return {
        text: sync.text,
        next(after) {
          sync = syncNftables(sync.state, after, { nowUs: 2_000_000 });
          return sync.text;
        },
      };
    },
  },
  {
    name: "ipvs",
    full(model) {
      let sync = syncIpvs(startIpvs(SETTINGS, NODE), model);
      return {
        text: sync.text,
        next(after) {
          sync = syncIpvs(sync.state, after);
          return sync.text;
        },
      };
    },
  },
];

function measure(mode: Mode, count: number): void {
  const objects = makeObjects(count, 10);
  const full: number[] = [];
  let bytes = 0;
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.();
    full.push(
      timeMs(() => {
        bytes = Buffer.byteLength(mode.full(buildModel(objects, { family: "ip4" })).text);
      }),
    );
  }
  let model = buildModel(objects, { family: "ip4" });
  const run = mode.full(model);
  const incremental: number[] = [];
  for (let round = 0; round < 50; round++) {
    const changed = without(objects, (round * 37) % count);
    incremental.push(
      timeMs(() => {
        model = buildModel(changed, { family: "ip4" }, model);
        bytes += run.next(model).length * 0;
      }),
    );
  }
  incremental.sort((a, b) => a - b);
  const best = Math.min(...full);
  console.log(
    `${mode.name} ${count} services: full ${best.toFixed(0)} ms ` +
      `(${((best * 1000) / count).toFixed(1)} µs per Service, ${(bytes / 1e6).toFixed(1)} MB), ` +
      `one endpoint less ${(incremental[25] as number).toFixed(2)} ms ` +
      `(worst ${(incremental[49] as number).toFixed(2)}), ` +
      `rss ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`,
  );
}

const only = process.argv.slice(2).find((word) => !word.startsWith("--"));
for (const mode of MODES.filter((m) => only === undefined || m.name === only)) {
  for (const count of [1000, 3000, 10_000]) measure(mode, count);
}
