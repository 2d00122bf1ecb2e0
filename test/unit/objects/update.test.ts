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
