/** Endpoints objects mirrored to slices, as a person would check them by hand. */
import { expect, test } from "vitest";
import { Cluster } from "../../../../src/cluster/index.js";
import type {
  EndpointSlice,
  Endpoints,
  KubeObject,
  Service,
} from "../../../../src/objects/index.js";
import { makeService } from "../../../support/workloads.js";

function makeEndpoints(ips: readonly string[], notReady: readonly string[] = []): Endpoints {
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name: "db", namespace: "default", labels: { team: "red" } },
    subsets: [
      {
        addresses: ips.map((ip) => ({ ip })),
        notReadyAddresses: notReady.map((ip) => ({ ip })),
        ports: [{ name: "sql", port: 5432, protocol: "TCP" }],
      },
    ],
  } as unknown as Endpoints;
}

const { selector: _none, ...spec } = makeService({ name: "db" }).spec;
const service = { ...makeService({ name: "db" }), spec } as Service;

function slicesOf(cluster: Cluster): readonly EndpointSlice[] {
  const all = cluster.list("EndpointSlice", "default");
  return all.filter((s) => s.metadata.labels?.["kubernetes.io/service-name"] === "db");
}

test("addresses of both families stand in a slice each, with their readiness", () => {
  const endpoints = makeEndpoints(["198.51.100.7", "2001:db8::7"], ["198.51.100.8"]);
  const slices = slicesOf(Cluster.create().apply([service, endpoints]));
  const rows = slices.map((s) => [
    s.addressType,
    (s.endpoints ?? []).map((e) => [e.addresses[0], e.conditions?.ready]),
  ]);
  expect(rows).toContainEqual([
    "IPv4",
    [
      ["198.51.100.7", true],
      ["198.51.100.8", false],
    ],
  ]);
  expect(rows).toContainEqual(["IPv6", [["2001:db8::7", true]]]);
  expect(slices[0]?.metadata.labels).toEqual({
    team: "red",
    "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
    "kubernetes.io/service-name": "db",
  });
});

test("a changed Endpoints object changes the slice it has, and a deleted one takes it along", () => {
  const first = Cluster.create().apply([service, makeEndpoints(["198.51.100.7"])]);
  const [before] = slicesOf(first) as [EndpointSlice];
  const second = first.apply(makeEndpoints(["198.51.100.9"]));
  const [after] = slicesOf(second) as [EndpointSlice];
  expect(after.metadata.name).toBe(before.metadata.name);
  expect(after.endpoints?.map((e) => e.addresses[0])).toEqual(["198.51.100.9"]);
  expect(slicesOf(second.delete("Endpoints", "default", "db"))).toEqual([]);
});

test("nothing is mirrored for a Service with a selector, without one, or when told so", () => {
  const endpoints = makeEndpoints(["198.51.100.7"]);
  expect(slicesOf(Cluster.create().apply(endpoints))).toEqual([]);
  const skip = { "endpointslice.kubernetes.io/skip-mirror": "true" };
  const metadata = { ...endpoints.metadata, labels: skip };
  const skipped = { ...endpoints, metadata } as KubeObject;
  expect(slicesOf(Cluster.create().apply([service, skipped]))).toEqual([]);
  const own = slicesOf(Cluster.create().apply([makeService({ name: "db" }), endpoints]));
  expect(own.flatMap((s) => s.endpoints ?? [])).toEqual([]);
});
