/** Random routing states over a small world, so that prefixes, rules and flows often meet. */
import * as fc from "fast-check";
import {
  type Addr,
  addrFromBigInt,
  type Family,
  makeLinkAddr,
  makePrefix,
  type Prefix,
} from "../../../src/addr/index.js";
import type {
  FibLink,
  FibRuleConfig,
  FibState,
  Flow,
  NextHopConfig,
  RouteConfig,
} from "../../../src/fib/index.js";

/** The links of the small world. */
export const LINK_NAMES = ["eth0", "eth1", "eth2"] as const;

/** A base that all addresses share; only four low bits differ. */
const BASE: Readonly<Record<Family, bigint>> = {
  ip4: 0x0a00_0000n,
  ip6: 0x2001_0db8_0000_0000_0000_0000_0000_0000n,
};

const WIDTH: Readonly<Record<Family, number>> = { ip4: 32, ip6: 128 };

const family = fc.constantFrom<Family>("ip4", "ip6");
const linkName = fc.constantFrom(...LINK_NAMES);

function addr(family: Family): fc.Arbitrary<Addr> {
  return fc.nat(15).map((low) => addrFromBigInt(family, BASE[family] + BigInt(low)));
}

function prefix(family: Family): fc.Arbitrary<Prefix> {
  const bits = fc.constantFrom(0, ...[4, 3, 2, 1, 0].map((n) => WIDTH[family] - n));
  return fc.tuple(addr(family), bits).map(([a, b]) => makePrefix(a, b));
}

function hop(family: Family): fc.Arbitrary<NextHopConfig> {
  return fc.record(
    {
      link: linkName,
      gateway: addr(family),
      weight: fc.nat(2).map((n) => n + 1),
      linkdown: fc.boolean(),
    },
    { requiredKeys: ["link", "weight"] },
  );
}

const KINDS = [
  "unicast",
  "unicast",
  "unicast",
  "local",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
] as const;

function route(family: Family): fc.Arbitrary<RouteConfig> {
  return fc
    .record({
      kind: fc.constantFrom(...KINDS),
      dst: prefix(family),
      from: fc.option(prefix(family), { nil: undefined, freq: 4 }),
      table: fc.constantFrom(254, 255, 100, 253),
      metric: fc.constantFrom(0, 10, 100),
      hops: fc.array(hop(family), { minLength: 1, maxLength: 3 }),
      tos: fc.constantFrom(0, 0, 0x10),
    })
    .map(({ kind, from, hops, tos, ...rest }) => ({
      family,
      kind,
      ...rest,
      ...(family === "ip6" && from !== undefined && { from }),
      nextHops: kind === "unicast" ? hops : kind === "local" ? hops.slice(0, 1) : [],
      ...(family === "ip4" && tos !== 0 && { tos }),
      scope: "global" as const,
      protocol: "static",
    }));
}

const ACTIONS = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(254, 255, 100, 253, 7)
      .map((table) => ({ kind: "table" as const, table })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(30, 32000).map((priority) => ({ kind: "goto" as const, priority })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("nop", "blackhole", "unreachable", "prohibit").map((kind) => ({
      kind: kind as "nop",
    })),
  },
);

function rule(family: Family): fc.Arbitrary<FibRuleConfig> {
  return fc.record(
    {
      family: fc.constant(family),
      priority: fc.constantFrom(0, 10, 20, 30, 32000, 32766),
      action: ACTIONS,
      not: fc.constant(true),
      from: prefix(family),
      to: prefix(family),
      iif: fc.constantFrom("lo", ...LINK_NAMES),
      oif: linkName,
      fwmark: fc.nat(3),
      tos: fc.constant(0x10),
      suppressPrefixLength: fc.constantFrom(0, WIDTH[family] - 2),
    },
    { requiredKeys: ["family", "priority", "action"] },
  );
}

function link(name: string, i: number): fc.Arbitrary<FibLink> {
  return fc
    .record({ up: fc.nat(9), carrier: fc.boolean(), own: fc.array(addr("ip4"), { maxLength: 2 }) })
    .map(({ up, carrier, own }) => ({
      index: i + 2,
      name,
      up: up > 0,
      carrier,
      kind: { kind: "veth" },
      addresses: own.map((a) => ({ address: makeLinkAddr(a, 30), scope: "global" as const })),
    }));
}

const LOOPBACK: FibLink = {
  index: 1,
  name: "lo",
  up: true,
  kind: { kind: "loopback" },
  addresses: [],
};

/** Rules that the kernel makes; IPv4 then asks local and main as one table. */
const DEFAULT_RULES: readonly FibRuleConfig[] = [
  { family: "ip4", priority: 0, action: { kind: "table", table: 255 } },
  { family: "ip4", priority: 32766, action: { kind: "table", table: 254 } },
  { family: "ip4", priority: 32767, action: { kind: "table", table: 253 } },
  { family: "ip6", priority: 0, action: { kind: "table", table: 255 } },
  { family: "ip6", priority: 32766, action: { kind: "table", table: 254 } },
];

/** A whole routing state. */
export const anyFibState: fc.Arbitrary<FibState> = fc
  .record({
    routes: fc.array(family.chain(route), { maxLength: 25 }),
    rules: fc.array(family.chain(rule), { maxLength: 4 }),
    links: fc.tuple(...LINK_NAMES.map(link)),
    ignore: fc.boolean(),
  })
  .map(({ routes, rules, links, ignore }) => ({
    routes,
    rules: [...DEFAULT_RULES, ...rules],
    links: [LOOPBACK, ...links],
    sysctls: new Map([["net.ipv4.conf.all.ignore_routes_with_linkdown", ignore ? "1" : "0"]]),
  }));

/** A question to such a state. */
export const anyFlow: fc.Arbitrary<Flow> = family.chain((family) =>
  fc.record(
    {
      dst: addr(family),
      src: addr(family),
      iif: linkName,
      oif: linkName,
      mark: fc.nat(3),
      tos: fc.constantFrom(0, 0x10),
    },
    { requiredKeys: ["dst"] },
  ),
);
