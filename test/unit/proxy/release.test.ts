/** What each release of kube-proxy does that another does not, one fact a test. */
import { expect, test } from "vitest";
import { parseAddr } from "../../../src/addr/index.js";
import {
  buildModel,
  defaultSettings,
  endpointsOf,
  endpointsOnNode,
  findStaleEntries,
  lintProxy,
  PROXY_RELEASES,
  type ProxyNode,
  type ProxyObjects,
  type ProxyRelease,
  type ProxySettings,
  startIptables,
  startIpvs,
  startNftables,
  syncIptables,
  syncIpvs,
  syncNftables,
} from "../../../src/proxy/index.js";

const NODE: ProxyNode = {
  name: "node-a",
  zone: "",
  primaryAddr: parseAddr("192.0.2.1"),
  addrs: [parseAddr("127.0.0.1"), parseAddr("192.0.2.1")],
};

const UP = { ready: true, serving: true, terminating: false };
const DOWN = { ready: false, serving: true, terminating: true };

function service(spec: object = {}, labels: Record<string, string> = {}, name = "web") {
  const ports = [{ name: "http", port: 80, protocol: "UDP", nodePort: 30080 }];
  const all = { type: "NodePort", clusterIP: "10.96.0.1", ports, ...spec };
  return { metadata: { namespace: "shop", name, labels }, spec: all };
}

function slice(hosts: readonly object[], name = "web-1", service = "web") {
  const labels = { "kubernetes.io/service-name": service };
  return {
    metadata: { namespace: "shop", name, labels },
    addressType: "IPv4",
    endpoints: hosts as never,
    ports: [{ name: "http", port: 8080, protocol: "UDP" }],
  };
}

const at = (host: string, conditions: object = UP, nodeName = "node-a") => ({
  addresses: [host],
  conditions,
  nodeName,
});

const TWO: ProxyObjects = {
  services: [service()],
  endpointSlices: [slice([at("10.244.0.2"), at("10.244.1.2", UP, "node-b")])],
};

function settingsOf(release: ProxyRelease, more: Partial<ProxySettings> = {}): ProxySettings {
  const detector = { kind: "cidr", cidr: "10.244.0.0/16" } as const;
  return { ...defaultSettings("ip4"), detector, release, ...more };
}

function nft(release: ProxyRelease, objects: ProxyObjects, more: Partial<ProxySettings> = {}) {
  const settings = settingsOf(release, more);
  const model = buildModel(objects, settings);
  return syncNftables(startNftables(settings, NODE), model, { nowUs: 0 }).text;
}

function perRelease<T>(ask: (release: ProxyRelease) => T): readonly T[] {
  return PROXY_RELEASES.map(ask);
}

test("1.36 translates by one rule with a map, and 1.37 a single endpoint by a plain one", () => {
  const map = "dnat ip addr . port to numgen random mod 2 map { 0 : 10.244.0.2 . 8080 ,";
  expect(perRelease((r) => nft(r, TWO).includes(map))).toEqual([false, true, true]);
  const one = { ...TWO, endpointSlices: [slice([at("10.244.0.2")])] };
  const single = "meta l4proto udp dnat ip addr . port to numgen random mod 1 map {";
  expect(perRelease((r) => nft(r, one).includes(single))).toEqual([false, true, false]);
  const plain = /add rule ip kube-proxy service-\S+ meta l4proto udp dnat to 10\.244\.0\.2:8080\n/;
  expect(perRelease((r) => plain.test(nft(r, one)))).toEqual([false, false, true]);
});

test("1.36 keeps endpoint chains for session affinity only", () => {
  const sticky = { ...TWO, services: [service({ sessionAffinity: "ClientIP" })] };
  const hasChains = (objects: ProxyObjects) =>
    perRelease((r) => /add chain ip kube-proxy endpoint-/.test(nft(r, objects)));
  expect(hasChains(TWO)).toEqual([true, false, false]);
  expect(hasChains(sticky)).toEqual([true, true, true]);
});

test("1.36 marks without a chain, and knows its own endpoints by a set", () => {
  const chain = perRelease((r) => nft(r, TWO).includes("mark-for-masquerade"));
  expect(chain).toEqual([true, false, false]);
  const own =
    "add element ip kube-proxy hairpin-connections { 10.244.0.2 . 10.244.0.2 . udp . 8080 }\n";
  expect(perRelease((r) => nft(r, TWO).includes(own))).toEqual([false, true, true]);
  expect(nft("1.36", TWO)).not.toContain("10.244.1.2 . 10.244.1.2");
});

test("1.37 always masquerades with --random-fully, in iptables and ipvs mode", () => {
  const { iptables } = defaultSettings("ip4");
  const old = { iptables: { ...iptables, randomFully: false } };
  const texts = perRelease((release) => {
    const settings = settingsOf(release, old);
    const model = buildModel(TWO, settings);
    const rules = syncIptables(startIptables(settings, NODE), model, { nowUs: 0 }).text;
    const ipvs = JSON.stringify(syncIpvs(startIpvs(settings, NODE), model).text);
    return [rules, ipvs].map((text) => text.includes("--random-fully"));
  });
  expect(texts).toEqual([
    [false, false],
    [false, false],
    [true, true],
  ]);
});

test("1.37 spares large clusters the hourly full sync of iptables mode", () => {
  const hosts = Array.from({ length: 1001 }, (_, n) => at(`10.244.${n >> 8}.${n & 255}`));
  const large = { ...TWO, endpointSlices: [slice(hosts)] };
  const kindAfterTwoHours = (objects: ProxyObjects) =>
    perRelease((release) => {
      const settings = settingsOf(release);
      const model = buildModel(objects, settings);
      const first = syncIptables(startIptables(settings, NODE), model, { nowUs: 0 });
      return syncIptables(first.state, model, { nowUs: 7_200_000_000 }).kind;
    });
  expect(kindAfterTwoHours(large)).toEqual(["full", "full", "partial"]);
  expect(kindAfterTwoHours(TWO)).toEqual(["full", "full", "full"]);
});

test("1.36 prefers of two entries with one address the one that is not terminating", () => {
  const here = at("10.244.0.2", DOWN);
  const there = at("10.244.0.2", UP, "node-b");
  const slices = [slice([there], "web-1"), slice([here], "web-2")];
  const objects = { services: [service()], endpointSlices: slices };
  const chosen = perRelease((release) => {
    const [state] = buildModel(objects, { family: "ip4", release }).services.values;
    const port = state?.ports[0];
    if (state === undefined || port === undefined) throw new Error("the Service is read");
    return endpointsOnNode(endpointsOf(state, port), "node-a")[0]?.nodeName;
  });
  expect(chosen).toEqual(["node-a", "node-b", "node-b"]);
  // Whoever runs counts for sure, so nothing is left to chance.
  expect(perRelease((r) => lintProxy(objects, r).length)).toEqual([1, 0, 0]);
});

test("1.36 hides Services and slices by different labels", () => {
  const headless = { "service.kubernetes.io/headless": "" };
  const other = { "service.kubernetes.io/service-proxy-name": "else" };
  const ports = (labels: Record<string, string>) =>
    perRelease((release) => {
      const objects = { ...TWO, services: [service({}, labels)] };
      return buildModel(objects, { family: "ip4", release }).services.values[0]?.ports.length;
    });
  expect(ports(headless)).toEqual([0, 1, 1]);
  expect(ports(other)).toEqual([0, 0, 0]);
  const [plain] = TWO.endpointSlices;
  const metadata = { ...plain?.metadata, labels: { ...plain?.metadata?.labels, ...other } };
  const hidden = { ...TWO, endpointSlices: [{ ...plain, metadata } as never] };
  const counts = perRelease((release) => {
    return buildModel(hidden, { family: "ip4", release }).endpointCount;
  });
  expect(counts).toEqual([0, 2, 2]);
});

const ENTRY = (dst: string, dport: number) => ({
  original: { protocol: 17, dst: parseAddr(dst), dport },
  reply: { src: parseAddr("10.244.0.9"), sport: 8080 },
});

test("1.36 forgets a connection alone, and 1.37 those of Services that lost all endpoints", () => {
  const stale = [ENTRY("10.96.0.1", 80), ENTRY("192.0.2.1", 30080)];
  const none = { ...TWO, endpointSlices: [slice([])] };
  const filters = (objects: ProxyObjects) =>
    perRelease((release) =>
      findStaleEntries(buildModel(objects, { family: "ip4", release }), stale).map(
        ({ original }) => `${original.dst ?? "any"}:${original.dport}`,
      ),
    );
  expect(filters(TWO)).toEqual([
    ["10.96.0.1:80", "any:30080"],
    ["10.96.0.1:80", "192.0.2.1:30080"],
    ["10.96.0.1:80", "192.0.2.1:30080"],
  ]);
  expect(filters(none)).toEqual([[], [], ["10.96.0.1:80"]]);
});

test("1.37 cuts comments to what nft takes, and takes more words for node-port addresses", () => {
  const name = "x".repeat(63);
  const namespace = "n".repeat(63);
  const metadata = { namespace, name };
  const objects = { services: [{ ...service(), metadata }], endpointSlices: [] };
  const longest = perRelease((release) => {
    const comments = [...nft(release, objects).matchAll(/ comment "([^"]*)" :/g)];
    return Math.max(...comments.map(([, text = ""]) => text.length));
  });
  expect(longest).toEqual([132, 132, 128]);
  const text = nft("1.37", TWO, { nodePortAddresses: ["localhost", "primary"] });
  expect(text).toContain("nodeport-ips { 192.0.2.1 }");
  expect(text).not.toContain("nodeport-ips { 127.0.0.1 }");
});
