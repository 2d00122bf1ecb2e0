/** Random configurations of one namespace that a real kernel takes. */
import * as fc from "fast-check";
import {
  makeLinkAddr,
  parseAddr,
  parseLinkAddr,
  parseMac,
  parsePrefix,
} from "../../../src/addr/index.js";
import type { FibRuleConfig, RouteConfig } from "../../../src/fib/index.js";
import type { LinkConfig, NeighborConfig } from "../../../src/link/index.js";
import type { NetnsConfig } from "../../../src/netns/index.js";

/** Devices: loopback, a bridge, two veth pairs of which some ends are ports, a VXLAN device. */
const links = fc
  .record({
    hairpin: fc.boolean(),
    isolated: fc.boolean(),
    learning: fc.boolean(),
    ports: fc.subarray(["v0", "v1", "v2"]),
    learns: fc.boolean(),
    second: fc.boolean(),
    mtu: fc.constantFrom(1280, 1450, 1500, 9000),
  })
  .map((pick): LinkConfig[] => {
    const port = {
      hairpin: pick.hairpin,
      isolated: pick.isolated,
      learning: pick.learning,
      flood: true,
    };
    const veth = (index: number, name: string, peer: string): LinkConfig => ({
      index,
      name,
      mac: parseMac(`02:00:00:00:01:0${index}`),
      mtu: pick.mtu,
      up: true,
      carrier: true,
      kind: { kind: "veth", peer: { link: peer } },
      ...(pick.ports.includes(name) && { master: "br0", port }),
      addresses: [],
    });
    const addresses = [
      { address: parseLinkAddr("10.0.0.1/24"), scope: "global" as const, label: "br0" },
      ...(pick.second
        ? [{ address: parseLinkAddr("10.0.0.9/24"), scope: "global" as const, label: "br0" }]
        : []),
      { address: parseLinkAddr("2001:db8::1/64"), scope: "global" as const, nodad: true },
    ];
    return [
      LOOPBACK,
      {
        index: 2,
        name: "br0",
        mac: parseMac("02:00:00:00:00:02"),
        mtu: 1500,
        up: true,
        carrier: true,
        kind: { kind: "bridge", ageingUs: 300_000_000 },
        addresses,
      },
      veth(3, "v0", "w0"),
      veth(4, "w0", "v0"),
      veth(5, "v1", "w1"),
      veth(6, "w1", "v1"),
      {
        index: 7,
        name: "vx0",
        mac: parseMac("02:00:00:00:00:07"),
        mtu: 1400,
        up: true,
        carrier: true,
        kind: {
          kind: "vxlan",
          vni: 7,
          local: parseAddr("10.0.0.1"),
          port: 4789,
          learning: pick.learns,
          udpChecksum: true,
        },
        addresses: [
          { address: makeLinkAddr(parseAddr("10.9.0.0"), 32), scope: "global", label: "vx0" },
        ],
      },
    ];
  });

const LOOPBACK: LinkConfig = {
  index: 1,
  name: "lo",
  mtu: 65536,
  up: true,
  carrier: true,
  kind: { kind: "loopback" },
  addresses: [
    { address: parseLinkAddr("127.0.0.1/8"), scope: "host", label: "lo" },
    { address: parseLinkAddr("::1/128"), scope: "host" },
  ],
};

const table = fc.constantFrom(254, 100, 4000);
const metric = fc.constantFrom(0, 10, 100);

const route4 = fc
  .record({
    dst: fc.constantFrom("0.0.0.0/0", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32"),
    kind: fc.constantFrom(
      "via",
      "via",
      "onlink",
      "dev",
      "several",
      "blackhole",
      "prohibit",
      "throw",
    ),
    table,
    metric,
    src: fc.boolean(),
    mtu: fc.boolean(),
    tos: fc.boolean(),
  })
  .map((pick): RouteConfig => {
    const isRefusing = ["blackhole", "prohibit", "throw"].includes(pick.kind);
    const hops = {
      via: [{ link: "br0", gateway: parseAddr("10.0.0.254"), weight: 1 }],
      onlink: [{ link: "vx0", gateway: parseAddr("10.77.0.1"), onlink: true, weight: 1 }],
      dev: [{ link: "vx0", weight: 1 }],
      several: [
        { link: "br0", gateway: parseAddr("10.0.0.253"), weight: 1 },
        { link: "br0", gateway: parseAddr("10.0.0.252"), weight: 3 },
      ],
    };
    return {
      family: "ip4",
      kind: isRefusing ? (pick.kind as "blackhole") : "unicast",
      dst: parsePrefix(pick.dst),
      table: pick.table,
      metric: pick.metric,
      nextHops: isRefusing ? [] : hops[pick.kind as "via"],
      ...(pick.src && !isRefusing && { src: parseAddr("10.0.0.1") }),
      scope: pick.kind === "dev" ? "link" : "global",
      protocol: "static",
      ...(pick.mtu && !isRefusing && { mtu: 1300 }),
      ...(pick.tos && { tos: 0x10 }),
    };
  });

const route6 = fc
  .record({
    dst: fc.constantFrom("::/0", "2001:db8:1::/48", "2001:db8:1:2::/64"),
    kind: fc.constantFrom("via", "dev", "unreachable", "blackhole"),
    table,
    metric: fc.constantFrom(10, 100, 1024),
  })
  .map((pick): RouteConfig => {
    const hops = {
      via: { link: "br0", gateway: parseAddr("2001:db8::fe"), weight: 1 },
      dev: { link: "vx0", weight: 1 },
    };
    const isRefusing = pick.kind === "unreachable" || pick.kind === "blackhole";
    return {
      family: "ip6",
      kind: isRefusing ? (pick.kind as "blackhole") : "unicast",
      dst: parsePrefix(pick.dst),
      table: pick.table,
      metric: pick.metric,
      nextHops: isRefusing ? [{ link: "lo", weight: 1 }] : [hops[pick.kind as "via"]],
      scope: "global",
      protocol: "static",
    };
  });

const rule = fc
  .record(
    {
      family: fc.constantFrom("ip4" as const, "ip6" as const),
      priority: fc.integer({ min: 1, max: 30000 }),
      action: fc.constantFrom<FibRuleConfig["action"]>(
        { kind: "table", table: 100 },
        { kind: "table", table: 254 },
        { kind: "prohibit" },
        { kind: "blackhole" },
        { kind: "nop" },
        { kind: "goto", priority: 32766 },
      ),
      not: fc.constant(true),
      iif: fc.constantFrom("br0", "lo"),
      oif: fc.constant("vx0"),
      mark: fc.constantFrom({ fwmark: 1, fwmask: 0xff }, { fwmark: 0x4000 }),
      ports: fc.constantFrom({ first: 80, last: 80 }, { first: 1, last: 1024 }),
      prefixes: fc.boolean(),
      suppress: fc.constantFrom(0, 8),
    },
    { requiredKeys: ["family", "priority", "action"] },
  )
  .map(({ mark, ports, prefixes, suppress, ...rest }): FibRuleConfig => {
    const from = rest.family === "ip4" ? "10.1.0.0/16" : "2001:db8:1::/48";
    const hasTable = rest.action.kind === "table";
    return {
      ...rest,
      ...mark,
      ...(ports && { protocol: 6, dport: ports }),
      ...(prefixes && { from: parsePrefix(from), to: parsePrefix(from) }),
      ...(suppress !== undefined && hasTable && { suppressPrefixLength: suppress }),
    };
  });

const NEIGHBORS: readonly NeighborConfig[] = [
  {
    addr: parseAddr("10.0.0.7"),
    link: "br0",
    mac: parseMac("02:00:00:00:00:aa"),
    state: "permanent",
  },
  {
    addr: parseAddr("2001:db8::7"),
    link: "br0",
    mac: parseMac("02:00:00:00:00:ab"),
    state: "permanent",
  },
];

/** A whole configuration, without netfilter. */
export const anyNetnsConfig: fc.Arbitrary<NetnsConfig> = fc
  .record({
    links,
    routes: fc.uniqueArray(fc.oneof(route4, route4, route6), {
      maxLength: 12,
      // The kernel refuses a second route of the same prefix, metric and type of service.
      selector: (r) => [r.dst, r.table, r.metric, r.tos].join(" "),
    }),
    rules: fc.uniqueArray(rule, { maxLength: 6, selector: (r) => r.priority }),
    fdb: fc.boolean(),
  })
  .map(({ links, routes, rules, fdb }) => ({
    name: "test",
    links,
    routes,
    rules: [...DEFAULT_RULES, ...rules],
    neighbors: NEIGHBORS,
    fdb: fdb
      ? [
          {
            mac: parseMac("02:00:00:00:00:bb"),
            link: "vx0",
            self: true,
            dst: parseAddr("10.0.0.77"),
            state: "permanent" as const,
          },
        ]
      : [],
    sysctls: new Map(),
    iptables: { family: "ip4", tables: [] },
    ip6tables: { family: "ip6", tables: [] },
    nftables: { tables: [] },
    ipsets: [],
    listeners: [],
    unmodelled: [],
  }));

const DEFAULT_RULES: readonly FibRuleConfig[] = [
  { family: "ip4", priority: 0, action: { kind: "table", table: 255 } },
  { family: "ip4", priority: 32766, action: { kind: "table", table: 254 } },
  { family: "ip4", priority: 32767, action: { kind: "table", table: 253 } },
  { family: "ip6", priority: 0, action: { kind: "table", table: 255 } },
  { family: "ip6", priority: 32766, action: { kind: "table", table: 254 } },
];
