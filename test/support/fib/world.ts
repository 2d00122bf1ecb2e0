/** Routing states written as an operator would: `ip route` and `ip rule` lines. */
import {
  addrBits,
  type Family,
  makePrefix,
  type Prefix,
  parseAddr,
  parseLinkAddr,
  parsePrefix,
  unspecifiedAddr,
} from "../../../src/addr/index.js";
import {
  type Fib,
  type FibLink,
  type FibRuleConfig,
  makeKernelRoutes,
  openFib,
  type PathAnswer,
  type RouteConfig,
  type RouteKind,
} from "../../../src/fib/index.js";

/** A state in words. */
export interface FibWorld {
  /** `eth0 192.0.2.1/24 2001:db8::1/64`. */
  readonly links: readonly string[];
  /** `[TYPE] PREFIX [via A] [dev D] [src A] [metric N] [table N] [tos N]`. */
  readonly routes?: readonly string[];
  /** `PRIORITY [not] [from P] [to P] [iif D] [fwmark M/MASK] (lookup N | blackhole | goto N)`. */
  readonly rules?: readonly string[];
  readonly sysctls?: Readonly<Record<string, string>>;
}

/** Builds the state; the kernel's own routes and rules are there already. */
export function fibOf(world: FibWorld): Fib {
  const links = [
    linkOf("lo 127.0.0.1/8 ::1/128", 0),
    ...world.links.map((l, i) => linkOf(l, i + 1)),
  ];
  return openFib({
    routes: [...makeKernelRoutes(links), ...(world.routes ?? []).map(routeOf)],
    rules: [...DEFAULT_RULES, ...(world.rules ?? []).flatMap(ruleOf)],
    links,
    sysctls: new Map(Object.entries(world.sysctls ?? {})),
  });
}

const DEFAULT_RULES = ["0 lookup 255", "32766 lookup 254", "32767 lookup 253"].flatMap(ruleOf);

function linkOf(line: string, i: number): FibLink {
  const [name, ...addresses] = line.split(" ") as [string, ...string[]];
  return {
    index: i + 1,
    name,
    up: true,
    kind: { kind: name === "lo" ? "loopback" : "veth" },
    addresses: addresses.map((text) => ({
      address: parseLinkAddr(text),
      scope: name === "lo" ? "host" : text.startsWith("fe80") ? "link" : "global",
    })),
  };
}

const KINDS = ["local", "blackhole", "unreachable", "prohibit", "throw"];

function routeOf(line: string): RouteConfig {
  const words = line.split(" ");
  const kind = KINDS.includes(words[0] as string) ? (words.shift() as RouteKind) : "unicast";
  const text = words.shift() as string;
  const after = (word: string) =>
    words.includes(word) ? words[words.indexOf(word) + 1] : undefined;
  const via = after("via");
  const src = after("src");
  const link = after("dev");
  const family: Family = `${text}${via ?? ""}${src ?? ""}`.includes(":") ? "ip6" : "ip4";
  return {
    family,
    kind,
    dst: prefixOf(text, family),
    table: Number(after("table") ?? 254),
    metric: Number(after("metric") ?? (family === "ip6" ? 1024 : 0)),
    nextHops:
      link === undefined
        ? []
        : [{ link, weight: 1, ...(via !== undefined && { gateway: parseAddr(via) }) }],
    ...(src !== undefined && { src: parseAddr(src) }),
    ...(words.includes("tos") && { tos: Number(after("tos")) }),
    scope: via === undefined ? "link" : "global",
    protocol: "static",
  };
}

function prefixOf(text: string, family: Family): Prefix {
  if (text === "default") return makePrefix(unspecifiedAddr(family), 0);
  return text.includes("/") ? parsePrefix(text) : makePrefix(parseAddr(text), addrBits(family));
}

/** One line is a rule of both families, unless it names an address. */
function ruleOf(line: string): FibRuleConfig[] {
  const words = line.split(" ");
  const after = (word: string) =>
    words.includes(word) ? words[words.indexOf(word) + 1] : undefined;
  const text = after("from") ?? after("to");
  const families: Family[] =
    text === undefined ? ["ip4", "ip6"] : [text.includes(":") ? "ip6" : "ip4"];
  return families.map((family) => {
    const from = after("from");
    const to = after("to");
    const iif = after("iif");
    const mark = after("fwmark")?.split("/");
    const shortest = after("suppress_prefixlength");
    return {
      family,
      priority: Number(words[0]),
      ...(words.includes("not") && { not: true }),
      ...(from !== undefined && { from: prefixOf(from, family) }),
      ...(to !== undefined && { to: prefixOf(to, family) }),
      ...(iif !== undefined && { iif }),
      ...(mark !== undefined && { fwmark: Number(mark[0]), fwmask: Number(mark[1] ?? 0xffffffff) }),
      ...(shortest !== undefined && { suppressPrefixLength: Number(shortest) }),
      action: actionOf(words, after),
    };
  });
}

function actionOf(words: readonly string[], after: (word: string) => string | undefined) {
  const table = after("lookup");
  if (table !== undefined) return { kind: "table" as const, table: Number(table) };
  const target = after("goto");
  if (target !== undefined) return { kind: "goto" as const, priority: Number(target) };
  return { kind: words.at(-1) as "blackhole" };
}

/** An answer in few words: `forward eth0 via 192.0.2.254 src 192.0.2.1`, `refuse EACCES`. */
export function say(answer: PathAnswer): string {
  if (!("link" in answer)) return `${answer.kind} ${answer.errno}`;
  const via = answer.gateway === undefined ? "" : ` via ${answer.gateway}`;
  const src = answer.src === undefined ? "" : ` src ${answer.src}`;
  return `${answer.kind} ${answer.link}${via}${src}`;
}
