import { describe, expect, it } from "vitest";
import { freeNodePorts, freeServiceAddrs, usableCount } from "../../../src/ipam/index.js";
import {
  checkUpdate,
  createService,
  type KubeObject,
  readObject,
  releaseService,
  type Service,
  updateService,
} from "../../../src/objects/index.js";
import { makeAllocator } from "../../support/service-allocator.js";

function object(kind: string, apiVersion: string, spec: Record<string, unknown>): KubeObject {
  const metadata = { name: "web", namespace: "shop" };
  const read = readObject({ apiVersion, kind, metadata, spec });
  if (read.kind !== "object") throw new Error("an object was read");
  return read.object;
}

const service = (spec: Record<string, unknown>) =>
  object("Service", "v1", { ports: [{ port: 80 }], ...spec }) as Service;
const IP = { clusterIP: "10.96.0.5", clusterIPs: ["10.96.0.5"], ipFamilies: ["IPv4"] };
const deployment = (app: string) =>
  object("Deployment", "apps/v1", {
    selector: { matchLabels: { app } },
    template: { metadata: { labels: { app } }, spec: { containers: [{ name: "c", image: "i" }] } },
  });

describe("an update", () => {
  it.each([
    [service(IP), service({}), []],
    [service(IP), service({ ...IP, ports: [{ port: 81 }] }), []],
    [service(IP), service({ clusterIP: "10.96.0.6" }), ["spec.clusterIPs[0]"]],
    [service(IP), service({ ...IP, ipFamilies: ["IPv6"] }), ["spec.clusterIPs[0]"]],
    [service(IP), service({ type: "ExternalName", externalName: "a.b" }), []],
    [service(IP), service({ ports: [{ port: 0 }] }), ["spec.ports[0].port"]],
    [deployment("a"), deployment("a"), []],
    [deployment("a"), deployment("b"), ["spec.selector"]],
  ] as const)("case %#", (before, after, paths) => {
    const found = checkUpdate(before, after).map((f) => f.path);
    expect(found.filter((path) => !path.endsWith("targetPort"))).toEqual(paths);
  });
});

/** A Service goes through these versions; then the allocator holds what the last one names. */
const LIVES: readonly (readonly [string, readonly Record<string, unknown>[], number, number])[] = [
  ["stays", [{}, {}], 1, 0],
  ["gets node ports", [{}, { type: "NodePort" }], 1, 1],
  ["loses node ports", [{ type: "NodePort" }, { type: "ClusterIP" }], 1, 0],
  ["loses its address", [{}, { type: "ExternalName", externalName: "a.b" }], 0, 0],
  ["gets a second family", [{}, { ipFamilyPolicy: "RequireDualStack" }], 2, 0],
  [
    "loses the second family",
    [{ ipFamilyPolicy: "RequireDualStack" }, { ipFamilyPolicy: "SingleStack" }],
    1,
    0,
  ],
  [
    "gets a health-check port and loses it",
    [
      { type: "LoadBalancer" },
      { type: "LoadBalancer", externalTrafficPolicy: "Local" },
      { type: "NodePort" },
    ],
    1,
    1,
  ],
];

describe("what a Service holds", () => {
  it.each(LIVES)("%s", (_, versions, ips, ports) => {
    const serviceCIDRs = ["10.96.0.0/16", "2001:db8::/112"];
    const { allocator, book } = makeAllocator({ serviceCIDRs, nodePorts: [30000, 30099] });
    const [first, ...others] = versions.map(service);
    let now = createService(first as Service, allocator).service;
    for (const wanted of others) {
      const { faults, service: next } = updateService(wanted, now, allocator);
      expect(faults).toEqual([]);
      now = next;
    }
    const held = () => {
      const { services, nodePorts } = book.finish();
      const free = services.map((s) => usableCount(s.range) - freeServiceAddrs(s));
      return [Number(free.reduce((sum, n) => sum + n, 0n)), 100 - freeNodePorts(nodePorts)];
    };
    expect(held()).toEqual([ips, ports]);
    expect(now.spec.clusterIPs ?? []).toHaveLength(ips);
    releaseService(now, allocator);
    expect(held()).toEqual([0, 0]);
  });

  it("takes nothing and gives nothing back when it is refused", () => {
    const { allocator } = makeAllocator({
      serviceCIDRs: ["10.96.0.0/16"],
      nodePorts: [30000, 30099],
    });
    const before = createService(service({ type: "NodePort" }), allocator).service;
    const wanted = service({ type: "NodePort", ports: [{ port: 0, nodePort: 30001 }] });
    expect(updateService(wanted, before, allocator).faults).not.toEqual([]);
    const other = service({ type: "NodePort", ports: [{ port: 80, nodePort: 30001 }] });
    expect(createService(other, allocator).faults).toEqual([]);
  });
});

const kept = (kind: string, apiVersion: string, fields: Readonly<Record<string, unknown>>) => {
  const isGlobal = ["Node", "ServiceCIDR", "IPAddress"].includes(kind);
  const name = kind === "IPAddress" ? "10.96.0.9" : "web";
  const metadata = isGlobal ? { name } : { name, namespace: "shop" };
  const read = readObject({ apiVersion, kind, metadata, ...fields });
  if (read.kind !== "object" || read.faults.length > 0) throw new Error("an object was read");
  return read.object;
};
const slice = (addressType: string) =>
  kept("EndpointSlice", "discovery.k8s.io/v1", { addressType, endpoints: [], ports: [] });
const range = (...cidrs: string[]) =>
  kept("ServiceCIDR", "networking.k8s.io/v1", { spec: { cidrs } });
const used = (name: string) =>
  kept("IPAddress", "networking.k8s.io/v1", {
    spec: { parentRef: { resource: "services", namespace: "shop", name } },
  });
const config = (text: string, immutable: boolean) =>
  kept("ConfigMap", "v1", { data: { text }, immutable });
const node = (podCIDR: string, providerID = "a://1") =>
  kept("Node", "v1", { spec: { podCIDR, podCIDRs: [podCIDR], providerID } });
const job = (spec: Readonly<Record<string, unknown>>, image = "i") =>
  kept("Job", "batch/v1", {
    spec: {
      template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image }] } },
      ...spec,
    },
  });
const set = (spec: Readonly<Record<string, unknown>>) =>
  kept("StatefulSet", "apps/v1", {
    spec: {
      selector: { matchLabels: { app: "a" } },
      template: {
        metadata: { labels: { app: "a" } },
        spec: { containers: [{ name: "c", image: "i" }] },
      },
      ...spec,
    },
  });

describe("what an object keeps", () => {
  it.each([
    ["addresses of a slice", slice("IPv4"), slice("IPv6"), "FieldValueInvalid addressType"],
    ["its range", range("10.0.0.0/16"), range("10.1.0.0/16"), "FieldValueInvalid spec.cidrs[0]"],
    ["not one range", range("10.0.0.0/16"), range("10.0.0.0/16", "fd00::/112"), undefined],
    ["who an address is for", used("a"), used("b"), "FieldValueInvalid spec.parentRef"],
    ["immutable data", config("a", true), config("b", true), "FieldValueForbidden data"],
    ["not other data", config("a", false), config("b", true), undefined],
    [
      "a node's range",
      node("10.0.0.0/24"),
      node("10.0.1.0/24"),
      "FieldValueForbidden spec.podCIDRs",
    ],
    [
      "a node's machine",
      node("10.0.0.0/24"),
      node("10.0.0.0/24", "a://2"),
      "FieldValueForbidden spec.providerID",
    ],
    [
      "a job's count",
      job({ completions: 1 }),
      job({ completions: 2 }),
      "FieldValueInvalid spec.completions",
    ],
    ["a job's pods", job({}), job({}, "j"), "FieldValueInvalid spec.template"],
    ["not how many run", job({ parallelism: 1 }), job({ parallelism: 2 }), undefined],
    [
      "a set's Service",
      set({ serviceName: "a" }),
      set({ serviceName: "b" }),
      "FieldValueForbidden spec",
    ],
    ["not a set's size", set({ replicas: 1 }), set({ replicas: 2 }), undefined],
  ])("%s", (_, before, after, fault) => {
    expect(checkUpdate(before, before)).toEqual([]);
    const found = checkUpdate(before, after).map(({ code, path }) => `${code} ${path}`);
    expect(found).toEqual(fault === undefined ? [] : [fault]);
  });
});
