/**
 * One fact about Linux: what a namespace is configured with, what is sent, and so what a real kernel was
 * asked. What it answered is in test/golden/facts, made by `record.ts`.
 *
 * Texts are written once for both families: `{c}` is the client's address, `{s}` the server's, `{vip}`
 * one that nobody has; see `NAMES`.
 */
import type { Probe } from "../../../src/fabric/index.js";
import type { Host, Scenario } from "../differential/scenario.js";
import { ROUTER, type Topology } from "./topology.js";

/** The families a fact is asked in. */
export type FactFamily = "ip4" | "ip6";

/** One row of a table of facts. */
export interface Fact {
  readonly title: string;
  /** Absent: both. */
  readonly only?: FactFamily;
  /** Absent: a router between three hosts. */
  readonly on?: Topology;
  /** Commands; those of a host other than the middle one begin with its name: `c: ip route …`. */
  readonly steps?: readonly string[];
  readonly ipset?: readonly string[];
  /** Rules of iptables' tables, in the middle. */
  readonly raw?: readonly string[];
  readonly mangle?: readonly string[];
  readonly nat?: readonly string[];
  readonly filter?: readonly string[];
  readonly nft?: string;
  /** `c udp s:53`, `c tcp vip:80 ttl=1 src=…`. */
  readonly probes: readonly string[];
}

const TABLES = ["raw", "mangle", "nat", "filter"] as const;

type Names = Readonly<Record<string, string>>;

/** What stands in braces in the texts of a fact. */
const NAMES: Readonly<Record<FactFamily, Names>> = {
  ip4: {
    c: "10.0.1.2",
    s: "10.0.2.2",
    t: "10.0.3.2",
    r: "10.0.1.1",
    r1: "10.0.2.1",
    r2: "10.0.3.1",
    cnet: "10.0.1.0/24",
    snet: "10.0.2.0/24",
    vip: "10.96.0.10",
    vip2: "10.96.0.11",
    server: "10.0.2.2",
    far: "203.0.113.9",
    far2: "203.0.113.2",
    farnet: "203.0.113.0/24",
    all: "0.0.0.0/0",
    max: "32",
    ip: "ip",
    route: "ip route",
    rule: "ip rule",
    addr: "ipv4_addr",
    inet: "inet",
    icmp: "icmp",
    lo: "127.0.0.1",
  },
  ip6: {
    c: "fd00:1::2",
    s: "fd00:2::2",
    t: "fd00:3::2",
    r: "fd00:1::1",
    r1: "fd00:2::1",
    r2: "fd00:3::1",
    cnet: "fd00:1::/64",
    snet: "fd00:2::/64",
    vip: "fd00:96::a",
    vip2: "fd00:96::b",
    server: "[fd00:2::2]",
    far: "2001:db8:9::9",
    far2: "2001:db8:9::2",
    farnet: "2001:db8:9::/64",
    all: "::/0",
    max: "128",
    ip: "ip6",
    route: "ip -6 route",
    rule: "ip -6 rule",
    addr: "ipv6_addr",
    inet: "inet6",
    icmp: "icmpv6",
    lo: "::1",
  },
};

/** The families of a fact. */
export function familiesOf({ only }: Fact): readonly FactFamily[] {
  return only === undefined ? ["ip4", "ip6"] : [only];
}

/** A fact's name in one family, which nothing else has. */
export function nameOf(fact: Fact, family: FactFamily): string {
  return `${fact.title} (${family})`;
}

/** The scenario in which a fact is asked. */
export function scenarioOf(fact: Fact, family: FactFamily): Scenario {
  const { on = ROUTER } = fact;
  const names = { ...NAMES[family], ...on.names?.[family] };
  const fill = (text: string) => fillIn(text, names, fact.title);
  const hosts = Object.entries(on.hosts).map(([name, steps]): [string, Host] => {
    const own = (fact.steps ?? []).flatMap((step) => {
      const [, host = on.middle, command = step] = /^(\w+): (.*)$/.exec(step) ?? [];
      return host === name ? [fill(command)] : [];
    });
    const rules = name === on.middle ? rulesOf(fact, family, fill) : {};
    return [name, { steps: [...steps, ...own], ...rules }];
  });
  return {
    name: nameOf(fact, family),
    family: "fact",
    hosts: Object.fromEntries(hosts),
    veths: on.veths,
    listeners: on.listeners,
    probes: fact.probes.map((text, at) => readProbe(fill(text), names, 40_000 + at)),
  };
}

function fillIn(text: string, names: Names, title: string): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = names[name];
    if (value === undefined) throw new Error(`${title}: nothing is called {${name}}`);
    return value;
  });
}

function rulesOf(fact: Fact, family: FactFamily, fill: (text: string) => string): Partial<Host> {
  const tables = TABLES.filter((table) => fact[table] !== undefined);
  const texts = tables.map((table) => {
    const rules = (fact[table] ?? []).map(fill);
    const chains = new Set(rules.map((rule) => rule.split(" ")[1] ?? ""));
    const own = [...chains].filter((chain) => chain !== chain.toUpperCase());
    return [`*${table}`, ...own.map((chain) => `:${chain} - [0:0]`), ...rules, "COMMIT"].join("\n");
  });
  const key = family === "ip4" ? "iptables" : "ip6tables";
  return {
    ...(texts.length > 0 ? { [key]: `${texts.join("\n")}\n` } : {}),
    ...(fact.ipset === undefined ? {} : { ipset: `${fact.ipset.map(fill).join("\n")}\n` }),
    ...(fact.nft === undefined ? {} : { nft: `${fill(fact.nft)}\n` }),
  };
}

/** `c udp s:53 ttl=1`. */
function readProbe(text: string, names: Names, sport: number): Probe {
  const [from = "", proto = "", target = "", ...options] = text.split(" ");
  const at = target.lastIndexOf(":");
  const host = target.slice(0, at);
  const more = Object.fromEntries(
    options.map((option) => {
      const [key = "", value = "true"] = option.split("=");
      if (key === "src") return [key, names[value] ?? value];
      return [key, key === "df" ? value === "true" : Number(value)];
    }),
  );
  return {
    from,
    proto: proto as Probe["proto"],
    dst: names[host] ?? host,
    dport: Number(target.slice(at + 1)),
    sport,
    ...more,
  };
}
