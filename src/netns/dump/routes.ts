/** `ip -j route show table all`, one family at a time. */
import {
  type Addr,
  addrBits,
  type Family,
  makePrefix,
  type Prefix,
  tryParseAddr,
  tryParsePrefix,
  unspecifiedAddr,
} from "../../addr/index.js";
import { FibTable, type NextHopConfig, type RouteConfig, type RouteKind } from "../../fib/index.js";
import { type DumpReport, type DumpSource, type Fields, readList } from "./fields.js";

const KINDS: ReadonlySet<string> = new Set([
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
]);

const SCOPES: ReadonlySet<string> = new Set(["global", "site", "link", "host", "nowhere"]);

/** Fields that say nothing about where packets go. */
const INCIDENTAL: ReadonlySet<string> = new Set([
  "cache",
  "expires",
  "pref",
  "used",
  "users",
  "age",
  "error",
  "mark",
  "iif",
  "uid",
]);

/**
 * Reads the routes of one family in the order of the dump, which is the kernel's. Lists that hold both
 * families (`ip -j route show table all` without `-4`) are fine: the other family's are left out.
 *
 * Follows: iproute2 6.1 ip/iproute.c `print_route`.
 */
export function parseRoutes(
  value: unknown,
  family: Family,
  at: { readonly source: DumpSource; readonly report: DumpReport },
): RouteConfig[] {
  return readList(value, at.source, at.report).flatMap((fields) => {
    if (familyOf(fields, family) !== family) return [];
    const route = parseRoute(fields, family);
    return route === undefined ? [] : [route];
  });
}

function familyOf(fields: Fields, expected: Family): Family {
  const dst = fields.text("dst") ?? "";
  if (dst.includes(":")) return "ip6";
  if (/^\d/.test(dst)) return "ip4";
  // Only IPv6 routes have a router preference.
  if (fields.has("pref")) return "ip6";
  const gateway = fields.text("gateway");
  return gateway === undefined ? expected : gateway.includes(":") ? "ip6" : "ip4";
}

function parseRoute(fields: Fields, family: Family): RouteConfig | undefined {
  const kind = fields.text("type") ?? "unicast";
  if (!KINDS.has(kind)) {
    fields.note(`ip route: type ${JSON.stringify(kind)}`, "type");
    return undefined;
  }
  const dst = parseDst(fields, "dst", family);
  if (dst === undefined) return undefined;
  const from = fields.has("from") ? parseDst(fields, "from", family) : undefined;
  const table = parseTable(fields, "table") ?? FibTable.main;
  const metric = fields.number("metric") ?? (family === "ip6" ? 1024 : 0);
  const scope = fields.text("scope") ?? "global";
  const src = fields.addr("prefsrc");
  const tos = parseTos(fields, "tos");
  const mtu = parseMetrics(fields);
  const route: RouteConfig = {
    family,
    kind: kind as RouteKind,
    dst,
    ...(from && from.bits > 0 && { from }),
    table,
    metric,
    nextHops: parseHops(fields),
    ...(src && { src }),
    scope: (SCOPES.has(scope) ? scope : "global") as RouteConfig["scope"],
    protocol: fields.text("protocol") ?? "boot",
    ...(mtu !== undefined && { mtu }),
    ...(tos !== undefined && tos !== 0 && { tos }),
  };
  fields.finish("ip route", INCIDENTAL);
  return route;
}

function parseDst(fields: Fields, key: string, family: Family): Prefix | undefined {
  const text = fields.needText(key);
  if (text === undefined) return undefined;
  if (text === "default" || text === "all" || text === "any") {
    return makePrefix(unspecifiedAddr(family), 0);
  }
  const prefix = text.includes("/") ? tryParsePrefix(text) : hostPrefix(tryParseAddr(text));
  return prefix?.family === family ? prefix : fields.wrong(key, `an ${family} prefix`);
}

function hostPrefix(addr: Addr | undefined): Prefix | undefined {
  return addr && makePrefix(addr, addrBits(addr.family));
}

/** The number of a table, which tools print by name where they know one. */
export function parseTable(fields: Fields, key: string): number | undefined {
  const value = fields.raw(key);
  if (value === undefined || value === null) return undefined;
  if (value === "local") return FibTable.local;
  if (value === "main") return FibTable.main;
  if (value === "default") return FibTable.default;
  if (value === "unspec") return 0;
  const number = Number(value);
  return Number.isInteger(number) && number >= 0 && number <= 0xffffffff
    ? number
    : fields.wrong(key, "the number of a table (names of /etc/iproute2/rt_tables are not known)");
}

/** Type of service, by number or by its name in iproute2's rt_dsfield. */
export function parseTos(fields: Fields, key: string): number | undefined {
  const value = fields.raw(key);
  if (value === undefined || value === null) return undefined;
  const named = typeof value === "string" ? DSFIELD_NAMES.get(value) : undefined;
  const number = named ?? Number(value);
  return Number.isInteger(number) && number >= 0 && number <= 0xff
    ? number
    : fields.wrong(key, "a type of service such as 0x10");
}

/** iproute2 6.1 etc/iproute2/rt_dsfield. */
const DSFIELD_NAMES: ReadonlyMap<string, number> = new Map([
  ["default", 0x00],
  ["lowdelay", 0x10],
  ["throughput", 0x08],
  ["reliability", 0x04],
  ["CS0", 0x00],
  ["CS1", 0x20],
  ["CS2", 0x40],
  ["CS3", 0x60],
  ["CS4", 0x80],
  ["CS5", 0xa0],
  ["CS6", 0xc0],
  ["CS7", 0xe0],
  ["AF11", 0x28],
  ["AF12", 0x30],
  ["AF13", 0x38],
  ["AF21", 0x48],
  ["AF22", 0x50],
  ["AF23", 0x58],
  ["AF31", 0x68],
  ["AF32", 0x70],
  ["AF33", 0x78],
  ["AF41", 0x88],
  ["AF42", 0x90],
  ["AF43", 0x98],
  ["EF", 0xb8],
]);

function parseMetrics(fields: Fields): number | undefined {
  let mtu: number | undefined;
  for (const metrics of fields.objects("metrics")) {
    mtu = metrics.number("mtu") ?? mtu;
    if (metrics.has("lock")) metrics.note("ip route: locked metrics", "lock");
    metrics.finish("ip route metrics", new Set(["advmss", "hoplimit", "initcwnd", "initrwnd"]));
  }
  return mtu;
}

function parseHops(fields: Fields): NextHopConfig[] {
  if (fields.has("nhid")) fields.note("ip route: next hop objects (nhid)", "nhid");
  if (fields.has("encap")) fields.note("ip route: encapsulation of routes", "encap");
  const several = fields.objects("nexthops");
  if (several.length > 0) {
    // The route's own flags repeat what all of its hops say.
    fields.has("flags");
    return several.map((hop) => parseHop(hop, hop.number("weight") ?? 1));
  }
  const hop = parseHop(fields, 1);
  return hop.link === undefined && hop.gateway === undefined ? [] : [hop];
}

function parseHop(fields: Fields, weight: number): NextHopConfig {
  const link = fields.text("dev");
  const gateway = fields.addr("gateway") ?? fields.object("via")?.addr("host");
  const flags = new Set(fields.words("flags"));
  for (const flag of flags) {
    if (!KNOWN_FLAGS.has(flag)) fields.note(`ip route: flag ${JSON.stringify(flag)}`, "flags");
  }
  return {
    ...(link !== undefined && { link }),
    ...(gateway && { gateway }),
    ...(flags.has("onlink") && { onlink: true }),
    weight,
    ...(flags.has("linkdown") && { linkdown: true }),
    ...(flags.has("dead") && { dead: true }),
  };
}

const KNOWN_FLAGS: ReadonlySet<string> = new Set([
  "onlink",
  "linkdown",
  "dead",
  "pervasive",
  "offload",
  "trap",
  "notify",
]);
