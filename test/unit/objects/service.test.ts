import { describe, expect, it } from "vitest";
import {
  type Allocator,
  createService,
  readObject,
  type Service,
} from "../../../src/objects/index.js";
import { makeAllocator } from "../../support/service-allocator.js";

const RANGES = {
  serviceCIDRs: ["10.96.0.0/16", "2001:db8::/112"],
  nodePorts: [30000, 30003],
} as const;

function service(spec: Record<string, unknown>): Service {
  const metadata = { name: "web", namespace: "shop" };
  const all = { ports: [{ port: 80 }], ...spec };
  const read = readObject({ apiVersion: "v1", kind: "Service", metadata, spec: all });
  if (read.kind !== "object" || read.object.kind !== "Service") throw new Error("a Service");
  return read.object;
}

const create = (spec: Record<string, unknown>, allocator = makeAllocator(RANGES).allocator) =>
  createService(service(spec), allocator);
const faults = (spec: Record<string, unknown>, allocator?: Allocator) =>
  create(spec, allocator).faults.map((f) => `${f.code} ${f.path}`);

describe("creating a Service", () => {
  it("chooses an address of the primary family, above the part kept for requests", () => {
    const { spec } = create({}).service;
    const [, , third, last] = (spec.clusterIP ?? "").split(".").map(Number);
    expect((third ?? 0) * 256 + (last ?? 0)).toBeGreaterThan(256);
    expect(spec.ipFamilies).toEqual(["IPv4"]);
    expect(spec.ipFamilyPolicy).toBe("SingleStack");
  });

  it("gives both families where both are wanted", () => {
    const { spec } = create({ ipFamilyPolicy: "PreferDualStack" }).service;
    expect(spec.ipFamilies).toEqual(["IPv4", "IPv6"]);
    expect(spec.clusterIPs).toHaveLength(2);
  });

  it("shares a node port between protocols of one port", () => {
    const ports = [
      { name: "a", port: 53, protocol: "UDP" },
      { name: "b", port: 53, protocol: "TCP" },
    ];
    const { spec } = create({ type: "NodePort", ports }).service;
    expect(spec.ports?.[0]?.nodePort).toBe(spec.ports?.[1]?.nodePort);
  });

  it.each([
    [{ clusterIP: "192.0.2.1" }, ["FieldValueInvalid spec.clusterIPs"]],
    [{ clusterIP: "10.96.0.0" }, ["FieldValueInvalid spec.clusterIPs"]],
    [{ clusterIPs: ["10.96.0.5"] }, ["FieldValueInvalid spec.clusterIPs"]],
    [{ clusterIP: "2001:db8::5", ipFamilies: ["IPv4"] }, ["FieldValueInvalid spec.clusterIPs[0]"]],
    [{ ipFamilies: ["IPv4", "IPv6"] }, ["FieldValueInvalid spec.ipFamilyPolicy"]],
    [{ ports: [] }, ["FieldValueRequired spec.ports"]],
    [{ type: "ExternalName", externalName: "" }, ["FieldValueRequired spec.externalName"]],
    [
      { type: "NodePort", ports: [{ port: 80, nodePort: 80 }] },
      ["FieldValueInvalid spec.ports[0].nodePort"],
    ],
    [
      {
        ports: [
          { name: "a", port: 80 },
          { name: "a", port: 80 },
        ],
      },
      ["FieldValueDuplicate spec.ports[1].name", "FieldValueDuplicate spec.ports[1]"],
    ],
    [
      { loadBalancerSourceRanges: ["10.0.0.0/8"] },
      ["FieldValueForbidden spec.LoadBalancerSourceRanges"],
    ],
  ])("refuses %j", (spec, expected) => {
    expect(faults(spec)).toEqual(expected);
  });

  it("refuses what is taken, and gives back what a refused Service took", () => {
    const allocator = makeAllocator(RANGES).allocator;
    expect(faults({ clusterIP: "10.96.0.7" }, allocator)).toEqual([]);
    expect(faults({ clusterIP: "10.96.0.7" }, allocator)).toEqual([
      "FieldValueInvalid spec.clusterIPs",
    ]);
    expect(faults({ clusterIP: "10.96.0.8", ports: [{ port: 0 }] }, allocator)).toHaveLength(2);
    expect(faults({ clusterIP: "10.96.0.8" }, allocator)).toEqual([]);
  });

  it("says when node ports run out", () => {
    const allocator = makeAllocator(RANGES).allocator;
    const type = "NodePort";
    for (let i = 0; i < 4; i++) expect(faults({ type }, allocator)).toEqual([]);
    expect(faults({ type }, allocator)).toEqual(["InternalError "]);
  });
});
