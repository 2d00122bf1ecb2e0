import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { makeKernelRoutes, type RouteConfig } from "../../src/fib/index.js";
import type { LinkConfig } from "../../src/link/index.js";
import {
  type NetnsConfig,
  parseNetnsDump,
  printBridgeBatch,
  printIp6RuleBatch,
  printIpBatch,
  showAddresses,
  showBridgeLinks,
  showBrief,
  showFdb,
  showLinks,
  showNeighbors,
  showRoutes,
  showRules,
} from "../../src/netns/index.js";
import { dumpRealNetns, RealNetns, whyNoKernel } from "../support/kernel/netns.js";
import { anyNetnsConfig } from "../support/netns/arbitrary-config.js";

const why = whyNoKernel();
const OPTIONS = { seed: 11, numRuns: 12 };
const open = new Set<RealNetns>();
let count = 0;

function makeReal(config: NetnsConfig): RealNetns {
  const netns = new RealNetns(`kw-test-${process.pid}-${count++}`);
  open.add(netns);
  // The second end of a pair is there as soon as the first is made.
  const isThere = (link: LinkConfig) => link.name.startsWith("w") || link.kind.kind === "loopback";
  netns.run("ip", ["-batch", "-"], printIpBatch(config, { isThere }));
  netns.run("ip", ["-6", "-batch", "-"], printIp6RuleBatch(config));
  netns.run("bridge", ["-batch", "-"], printBridgeBatch(config));
  return netns;
}

function close(netns: RealNetns): void {
  open.delete(netns);
  netns.close();
}

afterEach(() => {
  for (const netns of open) close(netns);
});

describe.skipIf(why !== undefined)(`a real kernel (${why ?? "here"})`, () => {
  test("dumps what was printed for it, and that parses back to the same configuration", () => {
    fc.assert(
      fc.property(anyNetnsConfig, (config) => {
        const netns = makeReal(config);
        const parsed = parseNetnsDump(config.name, dumpRealNetns(netns));
        close(netns);
        expect(parsed.unmodelled).toEqual([]);
        expect(linksOf(parsed)).toEqual(linksOf(config));
        expect(routesOf(parsed)).toEqual(routesOf(withKernelRoutes(config)));
        expect(parsed.rules).toEqual(sortedRules(config));
        expect(sorted(parsed.neighbors)).toEqual(sorted(config.neighbors));
        expect(parsed.fdb.filter((e) => e.dst !== undefined)).toEqual(config.fdb);
      }),
      OPTIONS,
    );
  }, 120_000);

  test("is shown by its tools as we show it", () => {
    fc.assert(
      fc.property(anyNetnsConfig, (config) => {
        const netns = makeReal(config);
        const { links, routes, rules, neighbors, fdb } = parseNetnsDump(
          "test",
          dumpRealNetns(netns),
        );
        const ip = (...args: string[]) => netns.run("ip", args);
        const bridge = (...args: string[]) => netns.run("bridge", args);
        expect(showRoutes(routes)).toBe(ip("route"));
        expect(showRoutes(routes, { family: "ip6" })).toBe(ip("-6", "route"));
        expect(showRoutes(routes, { table: "all" })).toBe(ip("route", "show", "table", "all"));
        expect(showRules(rules)).toBe(ip("rule"));
        expect(showRules(rules, "ip6")).toBe(ip("-6", "rule"));
        expect(showLinks(links)).toBe(ip("link"));
        expect(showAddresses(links)).toBe(ip("addr"));
        expect(showAddresses(links, { family: "ip4" })).toBe(ip("-4", "addr"));
        expect(showBrief(links, "addr")).toBe(ip("-br", "addr"));
        expect(showBrief(links, "link")).toBe(ip("-br", "link"));
        expect(showNeighbors(neighbors)).toBe(ip("neigh"));
        expect(showFdb(fdb)).toBe(bridge("fdb"));
        expect(showBridgeLinks(links)).toBe(bridge("link"));
        expect(showBridgeLinks(links, true)).toBe(bridge("-d", "link"));
        close(netns);
      }),
      OPTIONS,
    );
  }, 120_000);
});

/** Links by name, without link-local addresses: the kernel sets them in its own time. */
function linksOf(config: NetnsConfig) {
  const links = [...config.links].sort((a, b) => compareText(a.name, b.name));
  return links.map(({ name, mtu, up, kind, master, port, addresses, mac }) => ({
    name,
    mtu: kind.kind === "bridge" ? 0 : mtu,
    up,
    kind,
    master,
    port: port && { ...port },
    mac: kind.kind === "loopback" ? "" : String(mac),
    addresses: addresses
      .filter((a) => a.scope !== "link")
      .map((a) => `${a.address} ${a.scope} ${a.label ?? ""}`)
      .sort(compareText),
  }));
}

function withKernelRoutes(config: NetnsConfig): NetnsConfig {
  return { ...config, routes: [...config.routes, ...makeKernelRoutes(config.links)] };
}

/** Routes as text, without IPv6's link-local and multicast ones. */
function routesOf(config: NetnsConfig): string[] {
  const isOwn = (r: RouteConfig) => !/^(fe80|ff00)/.test(r.dst.toString());
  return config.routes
    .filter(isOwn)
    .map((r) =>
      JSON.stringify({ ...r, origin: undefined }, Object.keys(ROUTE_KEYS).sort(compareText)),
    )
    .sort(compareText);
}

const ROUTE_KEYS = {
  family: 0,
  kind: 0,
  dst: 0,
  table: 0,
  metric: 0,
  nextHops: 0,
  src: 0,
  scope: 0,
  protocol: 0,
  mtu: 0,
  tos: 0,
  link: 0,
  gateway: 0,
  weight: 0,
  onlink: 0,
};

function sortedRules(config: NetnsConfig) {
  const of = (family: "ip4" | "ip6") =>
    config.rules.filter((r) => r.family === family).sort((a, b) => a.priority - b.priority);
  return [...of("ip4"), ...of("ip6")];
}

function sorted<T>(list: readonly T[]): string[] {
  return list.map((item) => JSON.stringify(item)).sort(compareText);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
