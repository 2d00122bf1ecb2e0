import { expect, test } from "vitest";
import { lintProxy, type ProxyService, printFinding } from "../../../src/proxy/index.js";

function service(name: string, spec: ProxyService["spec"]): ProxyService {
  return { metadata: { namespace: "shop", name }, spec: { type: "NodePort", ...spec } };
}

function slice(name: string, service: string, ...endpoints: readonly object[]) {
  return {
    metadata: { namespace: "shop", name, labels: { "kubernetes.io/service-name": service } },
    addressType: "IPv4",
    endpoints: endpoints as never,
    ports: [{ name: "", port: 80 }],
  };
}

const WEB = service("web", { clusterIP: "10.96.0.1", ports: [{ port: 80, nodePort: 30080 }] });

function kinds(services: readonly ProxyService[], ...slices: readonly ReturnType<typeof slice>[]) {
  return lintProxy({ services, endpointSlices: slices }).map(({ kind }) => kind);
}

const HERE = { addresses: ["10.244.0.3"], nodeName: "node-a", conditions: { ready: true } };

test("an endpoint twice with one meaning is no finding", () => {
  expect(kinds([WEB], slice("web-1", "web", HERE), slice("web-2", "web", HERE))).toEqual([]);
});

test.each([
  ["condition", { ...HERE, conditions: { ready: false } }],
  ["node", { ...HERE, nodeName: "node-b" }],
  ["hint", { ...HERE, hints: { forZones: [{ name: "zone-a" }] } }],
])("an endpoint twice with another %s is one", (_, other) => {
  const found = kinds([WEB], slice("web-1", "web", HERE), slice("web-2", "web", other));
  expect(found).toEqual(["endpoint-in-two-slices"]);
});

test("a finding names the slices that hold the endpoint, and no others", () => {
  const elsewhere = { ...HERE, addresses: ["10.244.0.4"] };
  const found = lintProxy({
    services: [WEB],
    endpointSlices: [
      slice("web-3", "web", { ...HERE, nodeName: "node-b" }),
      slice("web-2", "web", elsewhere),
      slice("web-1", "web", HERE),
      slice("api-1", "api", { ...HERE, nodeName: "node-c" }),
    ],
  });
  expect(found.map(({ origins }) => origins)).toEqual([
    ["web-1", "web-3"].map((name) => ({ kind: "EndpointSlice", namespace: "shop", name })),
  ]);
  expect(found.map(printFinding)).toEqual([
    "endpoint 10.244.0.3:80 of shop/web stands in several slices: ready serving on node-a | \
ready serving on node-b; see EndpointSlice shop/web-1, EndpointSlice shop/web-3",
  ]);
});

test("an endpoint of a port that no Service has is no finding", () => {
  const other = { ...HERE, nodeName: "node-b" };
  expect(kinds([], slice("web-1", "web", HERE), slice("web-2", "web", other))).toEqual([]);
});

test("two Services at one address, port and protocol are one, at another port none", () => {
  const claim = (name: string, port: number, clusterIP: string) =>
    service(name, { clusterIP, externalIPs: ["203.0.113.9"], ports: [{ port }] });
  const same = lintProxy({
    services: [claim("b", 80, "10.96.0.2"), claim("a", 80, "10.96.0.3")],
    endpointSlices: [],
  });
  expect(same).toMatchObject([
    { kind: "address-of-two-services", at: "203.0.113.9:80/tcp", services: ["shop/a", "shop/b"] },
  ]);
  expect(same.map(printFinding)).toEqual([
    "address 203.0.113.9:80/tcp is claimed by Service shop/a, Service shop/b",
  ]);
  expect(kinds([claim("a", 80, "10.96.0.2"), claim("b", 81, "10.96.0.3")])).toEqual([]);
});

test("two Services at one node port are one", () => {
  const other = service("api", { clusterIP: "10.96.0.2", ports: [{ port: 81, nodePort: 30080 }] });
  expect(kinds([WEB, other])).toEqual(["node-port-of-two-services"]);
});
