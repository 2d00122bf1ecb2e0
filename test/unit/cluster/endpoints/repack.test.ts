/** Endpoints objects in their canonical form, and the limits of mirroring. */
import { expect, test } from "vitest";
import { repackSubsets } from "../../../../src/cluster/endpoints/repack.js";
import { mirrorEndpoints } from "../../../../src/cluster/index.js";
import type { EndpointSlice, EndpointSubset, Endpoints } from "../../../../src/objects/index.js";

const HTTP = { name: "http", port: 80, protocol: "TCP" } as const;
const DNS = { name: "dns", port: 53, protocol: "UDP" } as const;

function subset(ready: readonly string[], notReady: readonly string[], ports: readonly object[]) {
  const addresses = (ips: readonly string[]) => ips.map((ip) => ({ ip }));
  return {
    addresses: addresses(ready),
    notReadyAddresses: addresses(notReady),
    ports,
  } as EndpointSubset;
}

function rows(subsets: readonly EndpointSubset[]) {
  return repackSubsets(subsets).map(({ addresses = [], notReadyAddresses = [], ports = [] }) => [
    addresses.map((a) => a.ip).join(" "),
    notReadyAddresses.map((a) => a.ip).join(" "),
    ports.map((p) => p.port).join(" "),
  ]);
}

test("subsets with the same ports become one, sorted by the text of addresses", () => {
  expect(
    rows([subset(["10.0.0.9", "10.0.0.10"], [], [HTTP]), subset(["10.0.0.1"], [], [HTTP])]),
  ).toEqual([["10.0.0.1 10.0.0.10 10.0.0.9", "", "80"]]);
});

test("ports with the same addresses come together, others apart", () => {
  expect(
    rows([
      subset(["10.0.0.1"], [], [HTTP]),
      subset(["10.0.0.1"], [], [DNS]),
      subset(["10.0.0.2"], [], [{ ...HTTP, port: 81 }]),
    ]),
  ).toEqual([
    ["10.0.0.1", "", "80 53"],
    ["10.0.0.2", "", "81"],
  ]);
});

test("an address that is ready and not ready is not ready", () => {
  expect(rows([subset(["10.0.0.1"], [], [HTTP]), subset([], ["10.0.0.1"], [HTTP])])).toEqual([
    ["", "10.0.0.1", "80"],
  ]);
});

test("addresses without ports stay; ports without addresses go", () => {
  expect(rows([subset(["10.0.0.1"], [], []), subset([], [], [DNS])])).toEqual([
    ["10.0.0.1", "", ""],
  ]);
});

test("ports with an application protocol are never one", () => {
  const h2c = { ...HTTP, appProtocol: "kubernetes.io/h2c" };
  expect(rows([subset(["10.0.0.1"], [], [h2c]), subset(["10.0.0.2"], [], [h2c])])).toEqual([
    ["10.0.0.1", "", "80"],
    ["10.0.0.2", "", "80"],
  ]);
});

function mirror(endpoints: Partial<Endpoints>, existing: readonly EndpointSlice[] = []) {
  const metadata = { name: "db", namespace: "default", uid: "uid-1", ...endpoints.metadata };
  let made = 0;
  return mirrorEndpoints({
    endpoints: { ...endpoints, metadata } as Endpoints,
    existing,
    nameSlice: (prefix) => `${prefix}${made++}`,
  });
}

test("a thousand addresses are mirrored, ready ones first, by their text", () => {
  const ips = Array.from(
    { length: 1300 },
    (_, n) => `10.1.${Math.floor(n / 250)}.${(n % 250) + 1}`,
  );
  const subsets = [subset(ips.slice(0, 900), ips.slice(900), [HTTP])];
  const [slice, ...others] = mirror({ subsets }).create;
  expect(others).toEqual([]);
  const endpoints = slice?.endpoints ?? [];
  expect(endpoints).toHaveLength(1000);
  expect(endpoints.filter((e) => e.conditions?.ready === true)).toHaveLength(900);
  expect(endpoints.at(-1)?.addresses).toEqual(["10.1.3.250"]);
});

test("addresses are read as Go reads them; what is none is left out", () => {
  const [slice] = mirror({
    subsets: [subset(["010.001.000.007", "::ffff:10.1.0.8", "10.1.0.300"], [], [HTTP])],
  }).create;
  expect(slice?.addressType).toBe("IPv4");
  expect(slice?.endpoints.map((e) => e.addresses[0])).toEqual(["10.1.0.7", "10.1.0.8"]);
});

test("another Endpoints object of the same name takes the slice over; a version alone writes nothing", () => {
  const target = { kind: "Pod", namespace: "default", name: "db-0", resourceVersion: "1" };
  const of = (targetRef: object) =>
    [{ addresses: [{ ip: "10.1.0.7", targetRef }], ports: [HTTP] }] as unknown as EndpointSubset[];
  const { create } = mirror({ subsets: of(target) });
  const again = { ...target, resourceVersion: "2" };
  const count = ({ create: c, update: u, delete: d }: ReturnType<typeof mirror>) =>
    [c, u, d].map((list) => list.length);
  expect(count(mirror({ subsets: of(again) }, create))).toEqual([0, 0, 0]);
  const metadata = { name: "db", namespace: "default", uid: "uid-2" } as Endpoints["metadata"];
  const taken = mirror({ subsets: of(target), metadata }, create);
  expect(count(taken)).toEqual([0, 1, 0]);
  expect(taken.update[0]?.metadata.ownerReferences?.[0]?.uid).toBe("uid-2");
});
