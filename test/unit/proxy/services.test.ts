import { describe, expect, test } from "vitest";
import { parseAddr } from "../../../src/addr/index.js";
import { nodePortAddrs, readNodePortAddresses } from "../../../src/proxy/node-port-addresses.js";
import { releaseFacts } from "../../../src/proxy/release.js";
import { servicePortsOf } from "../../../src/proxy/services/service-port.js";
import { trySloppyAddr, trySloppyPrefix } from "../../../src/proxy/services/sloppy-addr.js";

const METADATA = { namespace: "shop", name: "web" };
const PORTS = [{ name: "http", port: 80, protocol: "TCP" }];

function portsOf(spec: object, extra: object = {}) {
  const service = { metadata: METADATA, spec: { ports: PORTS, ...spec }, ...extra };
  return servicePortsOf(service, "ip4", releaseFacts("1.35"));
}

describe("servicePortsOf", () => {
  test.each([
    ["a plain Service", { clusterIP: "10.96.0.1" }, 1],
    ["headless", { clusterIP: "None" }, 0],
    ["without an address", {}, 0],
    ["ExternalName, even with an address", { clusterIP: "10.96.0.1", type: "ExternalName" }, 0],
    ["of the other family", { clusterIP: "2001:db8::1" }, 0],
    [
      "of both families",
      {
        clusterIP: "2001:db8::1",
        clusterIPs: ["2001:db8::1", "10.96.0.1"],
        ipFamilies: ["IPv6", "IPv4"],
      },
      1,
    ],
  ])("%s", (_, spec, count) => {
    expect(portsOf(spec)).toHaveLength(count);
  });

  test("leaves Services of another proxy alone", () => {
    const labels = { "service.kubernetes.io/service-proxy-name": "other" };
    const metadata = { ...METADATA, labels };
    expect(portsOf({ clusterIP: "10.96.0.1" }, { metadata })).toEqual([]);
  });

  test("reads addresses as the API let them in", () => {
    const [port] = portsOf({
      clusterIP: "172.030.0.041",
      type: "LoadBalancer",
      externalIPs: ["", "nonsense", "2001:db8::1", "198.51.100.1"],
      loadBalancerSourceRanges: [" 203.0.113.000/025 ", "2001:db8::/32"],
    });
    expect(port?.clusterIP.toString()).toBe("172.30.0.41");
    expect(port?.externalIPs.join()).toBe("198.51.100.1");
    expect(port?.sourceRanges.join()).toBe("203.0.113.0/25");
  });

  test("a range of no bits lets everybody in", () => {
    const ranges = ["203.0.113.0/24", "0.0.0.0/0"];
    const [port] = portsOf({ clusterIP: "10.96.0.1", loadBalancerSourceRanges: ranges });
    expect(port?.sourceRanges).toEqual([]);
  });

  test("policy Local needs a way in from outside", () => {
    const local = { clusterIP: "10.96.0.1", externalTrafficPolicy: "Local" };
    expect(portsOf(local)[0]?.externalPolicyLocal).toBe(false);
    expect(portsOf({ ...local, type: "NodePort" })[0]?.externalPolicyLocal).toBe(true);
    expect(portsOf({ ...local, externalIPs: ["192.0.2.9"] })[0]?.externalPolicyLocal).toBe(true);
  });
});

test.each([
  ["10.0.0.1", "10.0.0.1"],
  ["010.000.0.01", "10.0.0.1"],
  ["::ffff:10.0.0.1", "10.0.0.1"],
  ["::1.2.3.04", "::102:304"],
  ["10.0.0", undefined],
  ["10.0.0.1/8", undefined],
])("trySloppyAddr(%j) is %j", (text, expected) => {
  expect(trySloppyAddr(text)?.toString()).toBe(expected);
});

test.each([
  ["203.0.113.000/025", "203.0.113.0/25"],
  ["10.1.2.3/8", "10.0.0.0/8"],
  ["10.0.0.0/33", undefined],
  ["10.0.0.0", undefined],
])("trySloppyPrefix(%j) is %j", (text, expected) => {
  expect(trySloppyPrefix(text)?.toString()).toBe(expected);
});

describe("node-port addresses", () => {
  const addrs = ["127.0.0.1", "192.0.2.1", "2001:db8::1"].map(parseAddr);

  test.each([
    ["nothing set: all", [], "ip4", true, ""],
    ["only the other family: all", ["2001:db8::/32"], "ip4", true, ""],
    ["a block", ["192.0.2.0/24"], "ip4", false, "192.0.2.1"],
    ["a block of no bits among others: all", ["192.0.2.0/24", "0.0.0.0/0"], "ip4", true, ""],
    ["IPv6", ["2001:db8::/32"], "ip6", false, "2001:db8::1"],
  ] as const)("%s", (_, cidrs, family, matchAll, found) => {
    const read = readNodePortAddresses(cidrs, family);
    expect(read.matchAll).toBe(matchAll);
    if (!matchAll) expect(nodePortAddrs(read, addrs).join()).toBe(found);
  });

  test.each([
    [["127.0.0.0/8"], true],
    [["0.0.0.0/0"], true],
    [["192.0.2.0/24"], false],
    [["127.0.0.1/32"], true],
  ])("%j contains loopback: %s", (cidrs, expected) => {
    expect(readNodePortAddresses(cidrs, "ip4").containsIp4Loopback).toBe(expected);
  });
});
