import { expect, it } from "vitest";
import { packSubsets, sortPorts } from "../../../../src/cluster/endpoints/subsets.js";
import type { EndpointPort } from "../../../../src/objects/index.js";

const NAMES = "http https dns port-1 port-2 a b 80-80 443-8443".split(" ");

function portOf(name: string, i: number): EndpointPort {
  const protocol = name === "dns" ? "UDP" : "TCP";
  const extra = name === "a" ? { appProtocol: "x.y/z" } : {};
  return { name, port: 80 + i, protocol, ...extra } as EndpointPort;
}

// The order is that of Kubernetes v1.35.4 pkg/api/v1/endpoints `SortSubsets` for these ports.
it("orders ports by the hashes of upstream", () => {
  const names = sortPorts(NAMES.map(portOf)).map(({ name }) => name);
  expect(names.join(" ")).toBe("port-1 a http 80-80 https 443-8443 dns b port-2");
});

it("puts addresses together that offer the same port, and ports that the same addresses offer", () => {
  const offer = (ip: string, ...names: readonly string[]) => ({
    address: { ip },
    isReady: true,
    ports: names.map((name) => portOf(name, NAMES.indexOf(name))),
  });
  const subsets = packSubsets([
    offer("10.0.0.2", "http", "dns"),
    offer("10.0.0.1", "https", "dns"),
  ]);
  const told = subsets.map(({ addresses = [], ports = [] }) => [
    ports.map((p) => p.name).join(),
    addresses.map((a) => a.ip).join(),
  ]);
  expect(told).toEqual([
    ["dns", "10.0.0.1,10.0.0.2"],
    ["http", "10.0.0.2"],
    ["https", "10.0.0.1"],
  ]);
});

it("keeps ready and other addresses apart in one subset", () => {
  const ports = [portOf("http", 0)];
  const [subset, ...others] = packSubsets([
    { address: { ip: "10.0.0.1" }, isReady: true, ports },
    { address: { ip: "10.0.0.2" }, isReady: false, ports },
  ]);
  expect(others).toEqual([]);
  expect(subset?.addresses).toEqual([{ ip: "10.0.0.1" }]);
  expect(subset?.notReadyAddresses).toEqual([{ ip: "10.0.0.2" }]);
});
