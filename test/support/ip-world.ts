/**
 * A few namespaces set up with the commands an operator would type: `ip`, `bridge`, `sysctl`,
 * `iptables`. `[name]` before a command names its namespace; without it, it is for `node`.
 */
import {
  type Addr,
  linkLocalAddr,
  Mac,
  makeLinkAddr,
  parseAddr,
  parseLinkAddr,
  parseMac,
  parsePrefix,
  tryParseAddr,
} from "../../src/addr/index.js";
import { FibTable, makeKernelRoutes, type RouteConfig } from "../../src/fib/index.js";
import type {
  AddressConfig,
  FdbConfig,
  LinkConfig,
  LinkKind,
  NeighborConfig,
} from "../../src/link/index.js";
import { parseIptablesSave } from "../../src/netfilter/index.js";
import type { Listener, NetnsConfig } from "../../src/netns/index.js";

/** Options of a command by the word before them: `dev eth0` → `dev`, `eth0`. */
function optionsOf(words: readonly string[]): Map<string, string> {
  return new Map(words.map((word, i) => [word, words[i + 1] ?? ""]));
}

interface DraftLink {
  name: string;
  index: number;
  mac: Mac | undefined;
  mtu: number;
  up: boolean;
  kind: LinkKind;
  master: string | undefined;
  flags: Record<string, boolean>;
  promiscuous: boolean;
  addresses: AddressConfig[];
}

interface DraftNetns {
  links: Map<string, DraftLink>;
  routes: RouteConfig[];
  neighbors: NeighborConfig[];
  fdb: FdbConfig[];
  sysctls: Map<string, string>;
  iptables: string[];
  listeners: Listener[];
}

/** Namespaces that commands change, and that become configurations. */
export class IpWorld {
  readonly #netnses = new Map<string, DraftNetns>();
  #links = 0;

  constructor(commands: readonly string[] = []) {
    for (const command of commands) this.run(command);
  }

  /** Runs one command. */
  run(command: string): void {
    const [, inside, text = ""] = /^(?:\[(\w+)\] )?(.*)$/.exec(command) ?? [];
    const netns = inside ?? "node";
    const words = text.trim().split(/\s+/);
    const [tool, ...rest] = words;
    if (tool === "ip")
      this.#ip(
        netns,
        rest.filter((w) => w !== "-4" && w !== "-6"),
      );
    else if (tool === "bridge") this.#bridge(netns, rest);
    else if (tool === "sysctl") this.#sysctl(netns, rest);
    else if (tool === "iptables") this.#get(netns).iptables.push(text);
    else throw new Error(`no such tool: ${command}`);
  }

  /** Lets something listen on every address of a namespace. */
  listen(netns: string, protocol: "tcp" | "udp", port: number): void {
    this.#get(netns).listeners.push({ protocol, port });
  }

  /** The configurations of all namespaces. */
  configs(): NetnsConfig[] {
    return [...this.#netnses].map(([name, draft]) => toConfig(name, draft));
  }

  #get(name: string): DraftNetns {
    let netns = this.#netnses.get(name);
    if (netns === undefined) {
      netns = {
        links: new Map(),
        routes: [],
        neighbors: [],
        fdb: [],
        sysctls: new Map([
          ["net.ipv4.ip_forward", "1"],
          ["net.ipv4.icmp_ratelimit", "0"],
          ["net.ipv6.conf.all.forwarding", "1"],
        ]),
        iptables: [],
        listeners: [],
      };
      this.#netnses.set(name, netns);
      const lo = this.#addLink(name, "lo", { kind: "loopback" });
      lo.addresses.push(addressOf("127.0.0.1/8", "host"), addressOf("::1/128", "host"));
      Object.assign(lo, { up: true, mac: undefined, mtu: 65536 });
    }
    return netns;
  }

  #ip(netns: string, words: readonly string[]): void {
    const [object, verb, ...rest] = words;
    const options = optionsOf(rest);
    if (object === "link" && verb === "add") this.#linkAdd(netns, rest);
    else if (object === "link" && verb === "set") this.#linkSet(netns, rest);
    else if (object === "addr" && verb === "add") this.#addrAdd(netns, rest);
    else if (object === "route") this.#route(netns, verb ?? "", rest);
    else if (object === "neigh" && verb === "del") {
      const { neighbors } = this.#get(netns);
      const at = neighbors.findIndex((n) => n.addr.toString() === rest[0]);
      if (at >= 0) neighbors.splice(at, 1);
    } else if (object === "neigh") {
      const { neighbors } = this.#get(netns);
      const at = neighbors.findIndex((n) => n.addr.toString() === rest[0]);
      if (at >= 0) neighbors.splice(at, 1);
      neighbors.push({
        addr: parseAddr(rest[0] ?? ""),
        link: options.get("dev") ?? "",
        mac: parseMac(options.get("lladdr") ?? ""),
        state: "permanent",
      });
    } else throw new Error(`no such command: ip ${words.join(" ")}`);
  }

  #linkAdd(netns: string, words: readonly string[]): void {
    const typeAt = words.indexOf("type");
    const name = words[0] ?? "";
    const own = optionsOf(words.slice(1, typeAt));
    const type = words[typeAt + 1] ?? "";
    const more = words.slice(typeAt + 2);
    const options = optionsOf(more);
    const here = own.get("netns") ?? netns;
    if (type === "veth") {
      const peer = optionsOf(more.slice(more.indexOf("peer") + 1));
      const there = peer.get("netns") ?? netns;
      const far = peer.get("name") ?? "";
      this.#set(this.#addLink(here, name, vethTo(there, far)), own);
      this.#set(this.#addLink(there, far, vethTo(here, name)), peer);
    } else if (type === "bridge") {
      this.#set(this.#addLink(here, name, { kind: "bridge" }), own);
    } else if (type === "vxlan") {
      const kind: LinkKind = {
        kind: "vxlan",
        vni: Number(options.get("id")),
        port: Number(options.get("dstport")),
        learning: !more.includes("nolearning"),
        ...(options.has("local") ? { local: parseAddr(options.get("local") ?? "") } : {}),
        ...(options.has("dev") ? { dev: options.get("dev") ?? "" } : {}),
      };
      this.#set(this.#addLink(here, name, kind), own);
    } else throw new Error(`no such link type: ${type}`);
  }

  #addLink(netns: string, name: string, kind: LinkKind): DraftLink {
    const number = ++this.#links;
    const link: DraftLink = {
      name,
      index: number,
      mac: new Mac(0x020000, number),
      mtu: 1500,
      up: false,
      kind,
      master: undefined,
      flags: {},
      promiscuous: false,
      addresses: [],
    };
    this.#get(netns).links.set(name, link);
    return link;
  }

  #linkSet(netns: string, words: readonly string[]): void {
    const names = words[0] === "dev" ? words.slice(1) : words;
    this.#set(this.#link(netns, names[0] ?? ""), optionsOf(names.slice(1)));
  }

  #set(link: DraftLink, options: ReadonlyMap<string, string>): void {
    if (options.has("up")) link.up = true;
    if (options.has("down")) link.up = false;
    if (options.has("master")) link.master = options.get("master");
    if (options.has("mtu")) link.mtu = Number(options.get("mtu"));
    if (options.has("address")) link.mac = parseMac(options.get("address") ?? "");
    if (options.has("promisc")) link.promiscuous = options.get("promisc") === "on";
  }

  #addrAdd(netns: string, words: readonly string[]): void {
    this.#link(netns, optionsOf(words).get("dev") ?? "").addresses.push(addressOf(words[0] ?? ""));
  }

  #route(netns: string, verb: string, words: readonly string[]): void {
    const { routes } = this.#get(netns);
    const route = routeOf(words);
    const isSame = (r: RouteConfig) => r.dst.equals(route.dst) && r.table === route.table;
    const at = routes.findIndex(isSame);
    if (verb !== "add" && at >= 0) routes.splice(at, 1);
    if (verb !== "del") routes.push(route);
  }

  #bridge(netns: string, words: readonly string[]): void {
    const [object, , ...rest] = words;
    const options = optionsOf(rest);
    const dev = options.get("dev") ?? "";
    if (object === "fdb") {
      const dst = tryParseAddr(options.get("dst") ?? "");
      if (words[1] === "del") {
        const { fdb } = this.#get(netns);
        const at = fdb.findIndex((e) => e.mac.toString() === rest[0]);
        if (at >= 0) fdb.splice(at, 1);
        return;
      }
      this.#get(netns).fdb.push({
        mac: parseMac(rest[0] ?? ""),
        link: dev,
        self: rest.includes("self"),
        ...(dst === undefined ? {} : { dst }),
        state: "permanent",
      });
      return;
    }
    const { flags } = this.#link(netns, dev);
    for (const flag of ["hairpin", "isolated", "learning", "flood"]) {
      if (options.has(flag)) flags[flag] = options.get(flag) === "on";
    }
  }

  #sysctl(netns: string, words: readonly string[]): void {
    for (const word of words.filter((w) => w.includes("="))) {
      const [name = "", value = ""] = word.split("=");
      this.#get(netns).sysctls.set(name, value);
    }
  }

  #link(netns: string, name: string): DraftLink {
    const link = this.#get(netns).links.get(name);
    if (link === undefined) throw new Error(`no link ${name} in ${netns}`);
    return link;
  }
}

function vethTo(netns: string, link: string): LinkKind {
  return { kind: "veth", peer: { netns, link } };
}

function addressOf(text: string, scope: AddressConfig["scope"] = "global"): AddressConfig {
  return { address: text.includes("/") ? parseLinkAddr(text) : hostAddr(parseAddr(text)), scope };
}

function hostAddr(addr: Addr) {
  return makeLinkAddr(addr, addr.family === "ip4" ? 32 : 128);
}

const KINDS = ["blackhole", "unreachable", "prohibit", "throw"] as const;

function routeOf(words: readonly string[]): RouteConfig {
  const kind = KINDS.find((k) => k === words[0]) ?? "unicast";
  const rest = kind === "unicast" ? words : words.slice(1);
  const options = optionsOf(rest);
  const gateway = tryParseAddr(options.get("via") ?? "");
  const text = rest[0] ?? "";
  const isIp6 = text === "default" ? gateway?.family === "ip6" : text.includes(":");
  const whole = isIp6 ? "::/0" : "0.0.0.0/0";
  const full = text.includes("/") ? text : `${text}/${isIp6 ? 128 : 32}`;
  const src = tryParseAddr(options.get("src") ?? "");
  return {
    family: isIp6 ? "ip6" : "ip4",
    kind,
    dst: parsePrefix(text === "default" ? whole : full),
    table: FibTable.main,
    metric: Number(options.get("metric") ?? (isIp6 ? 1024 : 0)),
    nextHops:
      kind === "unicast"
        ? [
            {
              ...(options.has("dev") ? { link: options.get("dev") ?? "" } : {}),
              ...(gateway === undefined ? {} : { gateway }),
              weight: 1,
            },
          ]
        : [],
    ...(src === undefined ? {} : { src }),
    scope: gateway === undefined ? "link" : "global",
    protocol: "boot",
  };
}

function toConfig(name: string, draft: DraftNetns): NetnsConfig {
  const links = [...draft.links.values()].map(toLink);
  const made = makeKernelRoutes(links);
  const linkOf = (gateway: Addr) =>
    links.find((l) =>
      l.addresses.some(
        (a) => a.address.addr.family === gateway.family && a.address.prefix().contains(gateway),
      ),
    )?.name;
  const onLink = (gateway: Addr) =>
    linkOf(gateway) ?? draft.routes.find((r) => r.dst.contains(gateway))?.nextHops[0]?.link;
  const routes = draft.routes.map((r) => ({
    ...r,
    nextHops: r.nextHops.map((h) => {
      const link = h.link ?? (h.gateway === undefined ? undefined : onLink(h.gateway));
      return link === undefined ? h : { ...h, link };
    }),
  }));
  const rule = (family: "ip4" | "ip6", priority: number, table: number) => ({
    family,
    priority,
    action: { kind: "table", table } as const,
  });
  return {
    name,
    links,
    routes: [...routes, ...made],
    rules: [
      rule("ip4", 0, FibTable.local),
      rule("ip4", 32766, FibTable.main),
      rule("ip4", 32767, FibTable.default),
      rule("ip6", 0, FibTable.local),
      rule("ip6", 32766, FibTable.main),
    ],
    neighbors: draft.neighbors,
    fdb: draft.fdb,
    sysctls: draft.sysctls,
    iptables: parseIptablesSave(saveText(draft.iptables), { family: "ip4" }),
    ip6tables: { family: "ip6", tables: [] },
    nftables: { tables: [] },
    ipsets: [],
    listeners: draft.listeners,
    unmodelled: [],
  };
}

function toLink(link: DraftLink): LinkConfig {
  const { flags, mac, master, addresses, promiscuous, ...rest } = link;
  const hasLinkLocal = link.up && mac !== undefined && master === undefined;
  return {
    ...rest,
    ...(mac === undefined ? {} : { mac }),
    ...(master === undefined ? {} : { master }),
    ...(promiscuous ? { promiscuous } : {}),
    ...(master === undefined
      ? {}
      : { port: { hairpin: false, isolated: false, learning: true, flood: true, ...flags } }),
    addresses: hasLinkLocal
      ? [...addresses, { address: makeLinkAddr(linkLocalAddr(mac), 64), scope: "link" as const }]
      : addresses,
  };
}

const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
};

/** What `iptables-save` would print after the commands. */
function saveText(commands: readonly string[]): string {
  const tables = new Map<string, { policies: Map<string, string>; rules: string[] }>();
  for (const command of commands) {
    const [, tableName, rest = ""] = /^iptables (?:-t (\w+) )?(.*)$/.exec(command) ?? [];
    const name = tableName ?? "filter";
    const table = tables.get(name) ?? {
      policies: new Map<string, string>(),
      rules: [] as string[],
    };
    tables.set(name, table);
    const policy = /^-P (\w+) (\w+)$/.exec(rest);
    const chain = /^-N (\S+)$/.exec(rest);
    if (policy) table.policies.set(policy[1] ?? "", policy[2] ?? "");
    else if (chain) table.policies.set(chain[1] ?? "", "-");
    else table.rules.push(rest);
  }
  return [...tables]
    .map(([name, { policies, rules }]) => {
      const builtIn = (BUILT_IN[name] ?? []).map(
        (c) => `:${c} ${policies.get(c) ?? "ACCEPT"} [0:0]`,
      );
      const own = [...policies].filter(([, p]) => p === "-").map(([c]) => `:${c} - [0:0]`);
      return [`*${name}`, ...builtIn, ...own, ...rules, "COMMIT", ""].join("\n");
    })
    .join("");
}
